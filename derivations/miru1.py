"""Minion recurrent unit, first form (Zyarah, Kudithipudi 2025): a GRU whose update gate is a constant."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Glorot

title = "MiRU-1, minion recurrent unit"
year = 2025
reference = (
    "A. M. Zyarah, D. Kudithipudi: Minion gated recurrent unit for continual learning. arXiv:2503.06175, 2025;"
    " Neurocomputing 673, 2026"
)
purpose = "Continual learning on small devices: a coefficient λ stands where the GRU has its update gate."
family = "gru"
readings = "RecurrentLayers.jl's code has tanh for the reset gate's σ (its docstring and torchrecurrent have σ)."

equations = """
x in R^m;  h in R^n
W_{r,g} in R^(n,m);  U_{r,g} in R^(n,n);  b_{r,g} in R^n
λ = 1/2                                        # update coefficient: the share of h that stays

r  = sigmoid(W_r @ x + U_r @ h + b_r)          # reset gate
g  = tanh(W_g @ x + U_g @ (r * h) + b_g)       # candidate
h' = λ * h + (1 - λ) * g
"""

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases); the paper's could not be read.",
)
sources = (
    Source("A. M. Zyarah, D. Kudithipudi 2025", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/miru_cell.jl, MiRU1Cell", "documentation"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MiRU1Cell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="r = σ(W_r x + b_r + U_r h)",
        does="the reset gate goes through `activation`, tanh by default",
        place="src/cells/miru_cell.jl, MiRU1Cell",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by the constant λ at every step",
        of="h'",
        wrt="h",
        holding="direct",
        equals="λ * eye(n)",
    ),
    Claim(
        "what else there is goes through the candidate and its reset gate",
        of="h'",
        wrt="h",
        equals="λ * eye(n) + (1 - λ) * diag(1 - g * g) @ U_g @ (diag(r) + diag(h * r * (1 - r)) @ U_r)",
    ),
    Equivalence(
        "the GRU whose update gate is the constant 1 - λ",
        other="gru",
        where={"λ": "u"},
        other_where={"z": "1 - u"},
        declarations="u in R",
    ),
]
