"""IndRNN (Li et al. 2018): each unit sees itself alone through time; ReLU."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Uniform

title = "IndRNN"
year = 2018
reference = (
    "S. Li, W. Li, C. Cook, C. Zhu, Y. Gao: Independently recurrent neural network (IndRNN): building a longer and"
    " deeper RNN. CVPR 2018 (arXiv:1803.04831)"
)
purpose = "A recurrent weight per unit: its powers are the whole gradient, so keeping |u| near 1 keeps the gradient."
family = "ungated"
readings = (
    "ReLU, as in the paper and the authors' code; haste has tanh: indrnn_tanh. RecurrentLayers.jl documents tanh and"
    " has ReLU as default."
)

equations = """
x in R^m;  h in R^n
W in R^(n,m);  u, b in R^n

h' = relu(W @ x + u * h + b)
"""

initialisation = Initialisation(
    {"u": Uniform(0, 1)},
    source=(
        "The authors' code (IndRNN_onlyrecurrent.py): u from U(0, 1); the paper also bounds |u| by the"
        " (T - t)-th root of the largest gradient that is allowed."
    ),
)

sources = (
    Source("S. Li et al. 2018 (arXiv:1803.04831), section 3", "paper"),
    Source("Sunnydreamrain/IndRNN_pytorch: IndRNN_onlyrecurrent.py", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, IndRNNCell",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-16",
    ),
    Comparison(
        "Sunnydreamrain/IndRNN_pytorch, IndRNNCell_onlyrecurrent (the authors') with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring: the default activation is tanh",
        does="the constructor's default is relu",
        place="src/cells/indrnn_cell.jl",
    ),
)

claims = [
    Claim(
        "the step Jacobian is diagonal: u where the unit is active, 0 elsewhere",
        of="h'",
        wrt="h",
        equals="diag(u * step(W @ x + u * h + b))",
    ),
    Equivalence(
        "it is the simple recurrent network with ReLU and a diagonal recurrent matrix",
        other="rnn_relu",
        declarations="u in R^n",
        other_parameters={"U": "diag(u)"},
    ),
]
