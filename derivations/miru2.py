"""Minion recurrent unit, second form (Zyarah, Kudithipudi 2025): both gates of the GRU are constants."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "MiRU-2, minion recurrent unit"
year = 2025
reference = (
    "A. M. Zyarah, D. Kudithipudi: Minion gated recurrent unit for continual learning. arXiv:2503.06175, 2025;"
    " Neurocomputing 673, 2026"
)
purpose = "Coefficients λ and β stand where the GRU has its gates: a leaky simple recurrent network with a smaller U."
family = "gru"
readings = "The reset coefficient is β in the paper's abstract and θ in RecurrentLayers.jl."

variant = Variant("miru1", {"r": "β"}, lines="β = 1/2    # reset coefficient")

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases); the paper's could not be read.",
)
sources = (
    Source("A. M. Zyarah, D. Kudithipudi 2025", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/miru_cell.jl, MiRU2Cell", "code"),
)

leaky = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n
h' = h / 2 + tanh(W @ x + U @ h + b) / 2
"""
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MiRU2Cell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 3e-16",
    ),
)

claims = [
    Claim(
        "the step Jacobian is λ on the diagonal and a damped U",
        of="h'",
        wrt="h",
        equals="λ * eye(n) + ((1 - λ) * β) * diag(1 - g * g) @ U_g",
    ),
    Equivalence(
        "β is no degree of freedom: with U_g -> U / β the cell is a leaky simple recurrent network",
        other=leaky,
        parameters={"W_g": "W", "U_g": "2 * U", "b_g": "b"},
    ),
]
