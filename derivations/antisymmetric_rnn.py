"""Antisymmetric RNN (Chang et al. 2019): forward Euler for an equation whose Jacobian has imaginary eigenvalues."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Normal

title = "Antisymmetric RNN"
year = 2019
reference = (
    "B. Chang, M. Chen, E. Haber, E. H. Chi: AntisymmetricRNN: a dynamical system view on recurrent neural networks."
    " ICLR 2019 (arXiv:1902.09689)"
)
purpose = (
    "W - Wᵀ turns states without stretching them; ε is the step of time, γ a little damping against Euler's growth."
)
family = "physical"
readings = (
    "ε and γ are chosen, not learned; RecurrentLayers.jl lets them default to 1 and 0. With a gate:"
    " gated_antisymmetric_rnn."
)

equations = """
x in R^m;  h in R^n
V in R^(n,m);  W in R^(n,n);  b in R^n
epsilon = 0.01;  gamma = 0.01

g  = tanh(W @ h - W.T @ h - gamma * h + V @ x + b)
h' = h + epsilon * g
"""

initialisation = Initialisation(
    {"V": Normal(1, over_root="m"), "W": Normal(1, over_root="n"), "b": Constant(0)},
    source=(
        "Implementations that follow the paper: V from N(0, 1/m), W from N(0, σ²/n) with σ = 1, b = 0; the paper"
        " itself was not read."
    ),
)

sources = (
    Source("B. Chang et al. 2019 (arXiv:1902.09689), section 3", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/antisymmetricrnn_cell.jl", "code"),
    Source("rnn-jax 0.0.2: rnn_jax/cells/antisymmetric.py (γ for γ h)", "code"),
)

contradictions = (
    Contradiction(
        "rnn-jax 0.0.2",
        says="diffusion is a diagonal term, for stability",
        does="subtracts the number γ from every pre-activation, where the paper has γ h",
        place="rnn_jax/cells/antisymmetric.py, AntiSymmetricRNNCell and GatedAntiSymmetricRNNCell",
    ),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, AntisymmetricRNNCell(epsilon=0.01, gamma=0.01)",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 3e-16",
    ),
)

claims = [
    Claim(
        "the step Jacobian is the identity and a small turn",
        of="h'",
        wrt="h",
        equals="eye(n) + epsilon * diag(1 - g * g) @ (W - W.T - gamma * eye(n))",
    ),
    Equivalence(
        "it is the residual RNN whose recurrent matrix is W - Wᵀ - γ I, where ε = 1 (γ = 1/100)",
        other="residual_rnn_outside",
        where={"epsilon": "1"},
        declarations="A in R^(n,n)",
        parameters={"W": "A", "V": "W"},
        other_parameters={"U": "A - A.T - eye(n) / 100"},
    ),
]
