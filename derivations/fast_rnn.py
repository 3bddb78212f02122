"""FastRNN (Kusupati et al. 2018): a weighted residual connection with two learned numbers."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Normal

title = "FastRNN"
year = 2018
reference = (
    "A. Kusupati, M. Singh, K. Bhatia, A. Kumar, P. Jain, M. Varma: FastGRNN: a fast, accurate, stable and tiny"
    " kilobyte sized gated recurrent neural network. NeurIPS 2018 (arXiv:1901.02358)"
)
purpose = (
    "The candidate enters with weight α, the state stays with weight β: gradients that are held at the"
    " price of two numbers."
)
family = "ungated"
readings = (
    "The two weights are σ(a) and σ(e), as the paper says in words and the authors' code computes; with the weights as"
    " parameters, as the paper's equation prints them: fast_rnn_plain."
)

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n;  a, e in R

alpha = sigmoid(a)                       # weight of the candidate
beta  = sigmoid(e)                       # weight of the state
g     = tanh(W @ x + U @ h + b)          # candidate
h'    = alpha * g + beta * h
"""

initialisation = Initialisation(
    {"W": Normal(0.1), "U": Normal(0.1), "b": Constant(1), "a": Constant(-3), "e": Constant(3)},
    source="The authors' code (EdgeML, FastRNNCell): matrices N(0, 0.1²), bias 1, alphaInit -3, betaInit 3.",
)

sources = (
    Source("A. Kusupati et al. 2018, section 3.1, eq. 2", "paper"),
    Source("microsoft/EdgeML: pytorch/edgeml_pytorch/graph/rnn.py, FastRNNCell (the authors' code)", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/fastrnn_cell.jl", "code"),
)

comparisons = (
    Comparison(
        "microsoft/EdgeML 81025fc, FastRNNCell (the authors') with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 7e-16",
    ),
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, FastRNNCell",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 6e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="FastRNN of Kusupati et al. 2018, where the candidate's weight is small and the state's near one",
        does=(
            "init_alpha = 3 and init_beta = -3 by default: the candidate's weight starts at 0.95, the state's at"
            " 0.05, the other way round than in the authors' code"
        ),
        place="src/cells/fastrnn_cell.jl",
    ),
)

claims = [
    Claim("with the candidate held, β of the gradient stays", of="h'", wrt="h", holding=("g",), equals="beta * eye(n)"),
    Claim(
        "the step Jacobian is β I and α times the simple network's",
        of="h'",
        wrt="h",
        equals="beta * eye(n) + alpha * diag(1 - g * g) @ U",
    ),
    Equivalence(
        "only the parametrisation differs from the plain form",
        other="fast_rnn_plain",
        declarations="a, e in R",
        parameters={"a": "a", "e": "e"},
        other_parameters={"alpha": "sigmoid(a)", "beta": "sigmoid(e)"},
    ),
]
