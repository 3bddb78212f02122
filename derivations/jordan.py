"""Jordan network (1986), simple form: the output, not the hidden layer, is what is fed back."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source

title = "Jordan network"
year = 1986
reference = (
    "M. I. Jordan: Serial order: a parallel distributed processing approach. Technical report 8604, Institute for"
    " Cognitive Science, University of California, San Diego, 1986"
)
purpose = "Memory is what the network has just answered, so that teacher forcing can put the right answer in its place."
family = "ungated"
readings = (
    "Without a self-connection of the state units, as most implementations have it; with one: jordan_leaky. Hidden"
    " units are tanh and outputs linear here, as in PyTorch implementations; Jordan's were logistic."
)

equations = """
q = n/2                            # the output's size, unless given
x in R^m;  y in R^q
W in R^(n,m);  U in R^(n,q);  b in R^n;  V in R^(q,n);  d in R^q

h  = tanh(W @ x + U @ y + b)       # hidden layer: sees the last output
y' = V @ h + d
"""

initialisation = Initialisation({}, source="Not known: the report was not read.")

sources = (
    Source("M. I. Jordan 1986", "paper", read=False),
    Source("skedbooks.com, Recurrent perceptron-like networks: Jordan networks", "documentation"),
    Source("PyTorch classes JordanRNN on GitHub: tanh of input and last output, linear readout", "code"),
)

claims = [
    Claim(
        "the step Jacobian has at most the rank of the output: every gradient passes V and U",
        of="y'",
        wrt="y",
        equals="V @ diag(1 - h * h) @ U",
    ),
    Equivalence(
        "Elman's network whose recurrent matrix is a product U V, so of the output's rank; y is read from its h",
        other="rnn",
        declarations="A in R^(n,q);  B in R^(q,n);  a in R^n;  e in R^q",
        parameters={"U": "A", "V": "B", "b": "a", "d": "e"},
        states={"y": "B @ h + e"},
        other_parameters={"U": "A @ B", "b": "a + A @ e"},
    ),
]
