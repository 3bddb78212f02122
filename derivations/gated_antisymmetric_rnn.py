"""Gated antisymmetric RNN (Chang et al. 2019): a gate with the same recurrent matrix scales each step of time."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Normal

title = "Gated antisymmetric RNN"
year = 2019
reference = (
    "B. Chang, M. Chen, E. Haber, E. H. Chi: AntisymmetricRNN: a dynamical system view on recurrent neural networks."
    " ICLR 2019 (arXiv:1902.09689)"
)
purpose = "As the antisymmetric RNN; z lets a unit stand still, at the price of an input matrix more."
family = "physical"
readings = (
    "Gate and candidate share W; torchrecurrent adds its recurrent bias to the candidate only, RecurrentLayers.jl"
    " to both."
)

equations = """
x in R^m;  h in R^n
V_{z,g} in R^(n,m);  W in R^(n,n);  b_{z,g} in R^n
epsilon = 0.01;  gamma = 0.01

a  = W @ h - W.T @ h - gamma * h         # shared by gate and candidate
z  = sigmoid(a + V_z @ x + b_z)          # gate: the share of the step that is made
g  = tanh(a + V_g @ x + b_g)
h' = h + epsilon * z * g
"""

initialisation = Initialisation(
    {"V_*": Normal(1, over_root="m"), "W": Normal(1, over_root="n"), "b_*": Constant(0)},
    source="As antisymmetric_rnn: implementations that follow the paper; the paper itself was not read.",
)

sources = (
    Source("B. Chang et al. 2019 (arXiv:1902.09689), section 3.3", "paper", read=False),
    Source(
        "MartinuzziFrancesco/RecurrentLayers.jl: src/cells/antisymmetricrnn_cell.jl, GatedAntisymmetricRNNCell", "code"
    ),
    Source("rnn-jax 0.0.2: rnn_jax/cells/antisymmetric.py (γ for γ h, see antisymmetric_rnn)", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, GatedAntisymmetricRNNCell(epsilon=0.01, gamma=0.01), recurrent bias 0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 6e-16",
    ),
)

claims = [
    Claim(
        "the step Jacobian is the identity and a small, gated turn",
        of="h'",
        wrt="h",
        equals="eye(n) + epsilon * diag(z * (1 - g * g) + g * z * (1 - z)) @ (W - W.T - gamma * eye(n))",
    ),
    Claim("a closed gate keeps the state", of="h'", wrt="h", where={"z": "0"}, equals="eye(n)"),
    Equivalence(
        "the gate forced open gives the antisymmetric RNN",
        other="antisymmetric_rnn",
        where={"z": "1"},
        parameters={"V_g": "V", "b_g": "b"},
    ),
]
