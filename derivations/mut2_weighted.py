"""MUT2 with a learned weight in the reset gate, as RecurrentLayers.jl has it: a GRU."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "MUT2, learned input weight"
year = 2015
reference = (
    "R. Jozefowicz, W. Zaremba, I. Sutskever: An empirical exploration of recurrent network architectures. ICML 2015"
    " (with W_r x for x, as in RecurrentLayers.jl)"
)
purpose = "What becomes of MUT2 when the bare x in its reset gate is given a weight: the GRU, unchanged."
family = "gru"
readings = "RecurrentLayers.jl's MUT2; the paper has x itself: mut2."

variant = Variant("gru")

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases); the paper has no such cell.",
)
sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/mut_cell.jl, MUT2Cell", "code"),)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MUT2Cell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 1.1e-15",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="r = σ(x + W_hh h + b): the input has no weight",
        does="r = σ(W_ih x + W_hh h + b), which makes the cell a GRU; a comment says why",
        place="src/cells/mut_cell.jl, MUT2Cell",
    ),
    Contradiction(
        "torchrecurrent 0.2.5",
        says="MUT2 of the paper",
        does="docstring and code have a weight on x in the reset gate, which makes the cell a GRU",
        place="torchrecurrent/cells/mut_cell.py, MUT2Cell",
    ),
)

claims = [
    Equivalence("MUT2 with a learned weight in the reset gate is the GRU", other="gru"),
    Claim(
        "along the highway the gradient is multiplied by 1 - z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - z)",
    ),
]
