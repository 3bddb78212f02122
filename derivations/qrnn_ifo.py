"""QRNN with ifo-pooling (Bradbury et al. 2016): an input gate of its own beside the forget gate."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant

title = "Quasi-recurrent network, ifo-pooling"
year = 2016
reference = (
    "J. Bradbury, S. Merity, C. Xiong, R. Socher: Quasi-recurrent neural networks. ICLR 2017 (arXiv:1611.01576, 2016)"
)
purpose = "An LSTM whose gates see a window of inputs in place of h: what is written is gated apart from what stays."
family = "linear"

variant = Variant(
    "qrnn",
    {"c'": "f * c + i * z"},
    lines="V_i in R^(n,m);  W_i in R^(n,m)\ni  = sigmoid(V_i @ x[-1] + W_i @ x)      # input gate",
)

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (Source("J. Bradbury et al., arXiv:1611.01576, equation 5", "paper", read=False),)

claims = [
    Claim("the whole step Jacobian of the cell is f: the recurrence is linear", of="c'", wrt="c", equals="diag(f)"),
    Equivalence("i = 1 - f gives fo-pooling", other="qrnn", where={"i": "1 - f"}),
]
