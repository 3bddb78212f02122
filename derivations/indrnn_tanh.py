"""IndRNN with tanh, as haste has it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot, Uniform

title = "IndRNN with tanh"
year = 2018
reference = "S. Li et al.: Independently recurrent neural network (IndRNN). CVPR 2018; haste"
purpose = "As IndRNN with a bounded unit: the slope of tanh comes on top of the recurrent weight."
readings = "haste; the paper and its code have ReLU: indrnn."

variant = Variant("indrnn", {"h'": "tanh(W @ x + u * h + b)"})

initialisation = Initialisation(
    {"W": Glorot(), "u": Uniform(-0.5, 0.5), "b": Constant(0)},
    source="haste (frameworks/pytorch/indrnn.py), which says that it differs from the authors'.",
)

sources = (
    Source("lmnt-com/haste: frameworks/pytorch/indrnn.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/indrnn_cell.jl, docstring", "documentation"),
)

comparisons = (
    Comparison(
        "haste ceba32e, IndRNNScript with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 3e-16",
    ),
)

claims = [
    Claim("the step Jacobian is diagonal", of="h'", wrt="h", equals="diag((1 - h' * h') * u)"),
    Equivalence(
        "it is the simple recurrent network with a diagonal recurrent matrix",
        other="rnn",
        declarations="u in R^n",
        other_parameters={"U": "diag(u)"},
    ),
]
