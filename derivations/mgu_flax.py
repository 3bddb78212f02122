"""Minimal gated unit as Flax has it: the gate acts after the product, on a bias too, and keeps the state."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Normal, Orthogonal

title = "Minimal gated unit of Flax"
year = 2023
reference = "flax.linen.MGUCell (Flax 0.12.8); after Zhou et al. 2016 (arXiv:1603.09420)"
purpose = "One gate and one recurrent product, cheap as torch's GRU is; a forget bias of 1 retains."
family = "gru"
readings = "Flax's; the paper resets before the product, and its gate replaces (mgu)."

equations = """
x in R^m;  h in R^n
W_{f,g} in R^(n,m);  U_{f,g} in R^(n,n);  b_{f,g} in R^n;  v_g in R^n

f  = sigmoid(W_f @ x + U_f @ h + b_f)             # the gate: the share of h that stays, and that the candidate sees
g  = tanh(W_g @ x + b_g + f * (U_g @ h + v_g))    # candidate; v_g is the recurrent bias
h' = (1 - f) * g + f * h
"""

initialisation = Initialisation(
    {"W_*": Normal(1, over_root="m"), "U_*": Orthogonal(), "b_f": Constant(1), "b_g": Constant(0), "v_g": Constant(0)},
    source="Flax's defaults: LeCun normal (there truncated at two deviations), orthogonal, forget bias 1, others 0",
)

sources = (
    Source("flax/linen/recurrent.py, MGUCell (0.12.8), docstring and code", "code"),
    Source("G.-B. Zhou et al. 2016, eqs. 4-6 (another reading)", "paper", read=False),
)

comparisons = (
    Comparison(
        "flax 0.12.8, linen.MGUCell (jax 0.10.2)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 5e-16",
    ),
)

contradictions = (
    Contradiction(
        "Flax 0.12.8, linen.MGUCell",
        says="the docstring: the cell of arXiv:1603.09420",
        does="the gate acts after the product, on a bias too, and keeps the state where the paper's replaces it",
        place="flax/linen/recurrent.py",
    ),
)

claims = [
    Claim("along the highway the gradient is multiplied by f", of="h'", wrt="h", holding="direct", equals="diag(f)"),
    Equivalence(
        "the GRU of PyTorch whose reset gate is its update gate",
        other="gru_torch",
        parameters={"W_f": "W_z", "U_f": "U_z", "b_f": "b_z"},
        other_where={"r": "z"},
    ),
]
