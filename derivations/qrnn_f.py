"""QRNN with f-pooling (Bradbury et al. 2016): dynamic average pooling with a forget gate alone."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Quasi-recurrent network, f-pooling"
year = 2016
reference = (
    "J. Bradbury, S. Merity, C. Xiong, R. Socher: Quasi-recurrent neural networks. ICLR 2017 (arXiv:1611.01576, 2016)"
)
purpose = "The smallest QRNN: the averaged candidate itself is the state and the output."
family = "linear"
readings = "Window of two steps, V for the earlier one. Its authors' code swaps f and 1 - f, as in qrnn_salesforce."

equations = """
x in R^m;  h in R^n
V_{z,f} in R^(n,m);  W_{z,f} in R^(n,m)

z  = tanh(V_z @ x[-1] + W_z @ x)         # candidate
f  = sigmoid(V_f @ x[-1] + W_f @ x)      # forget gate: the share of h that stays
h' = f * h + (1 - f) * z
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("J. Bradbury et al., arXiv:1611.01576, equation 3", "paper", read=False),
    Source("salesforce/pytorch-qrnn: torchqrnn/qrnn.py, output_gate = False", "code"),
    Source("E. Martin, C. Cundy, arXiv:1709.04057, section 3.2", "paper"),
)

comparisons = (
    Comparison(
        "salesforce/pytorch-qrnn 1634991, QRNNLayer without output gate",
        agrees=False,
        text=(
            "equal (4e-16) under negated weights of f and zero biases; with the weights as they are, f keeps"
            " where the code's f replaces"
        ),
    ),
)

claims = [
    Claim("the whole step Jacobian is f: the recurrence is linear", of="h'", wrt="h", equals="diag(f)"),
    Equivalence(
        "with an open output gate fo-pooling is f-pooling",
        other="qrnn",
        states={"h": "c"},
        other_where={"o": "1"},
        ignoring=("h",),
    ),
]
