"""FastRNN with its two weights as parameters, as the equation is printed."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Constant, Normal

title = "FastRNN, plain weights"
year = 2018
reference = "A. Kusupati et al.: FastGRNN. NeurIPS 2018 (arXiv:1901.02358), eq. 2"
purpose = "As FastRNN; nothing keeps α and β between 0 and 1."
family = "ungated"
readings = "The paper's equation without the sentence after it; its code and the sentence: fast_rnn."

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n;  alpha, beta in R

g  = tanh(W @ x + U @ h + b)          # candidate
h' = alpha * g + beta * h
"""

initialisation = Initialisation(
    {"W": Normal(0.1), "U": Normal(0.1), "b": Constant(1), "alpha": Constant(0.0474), "beta": Constant(0.9526)},
    source="The authors' code (EdgeML, FastRNNCell), with σ(-3) and σ(3) for the two weights.",
)

sources = (Source("A. Kusupati et al. 2018, section 3.1, eq. 2", "paper"),)

claims = [
    Claim("with the candidate held, β of the gradient stays", of="h'", wrt="h", holding=("g",), equals="beta * eye(n)"),
    Equivalence(
        "α = 1 and β = 0 give the simple recurrent network",
        other="rnn",
        parameters={"alpha": "1", "beta": "0"},
    ),
]
