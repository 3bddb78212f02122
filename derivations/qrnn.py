"""QRNN with fo-pooling (Bradbury et al. 2016): a convolution over two steps, then an average gated per unit."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Quasi-recurrent network, fo-pooling"
year = 2016
reference = (
    "J. Bradbury, S. Merity, C. Xiong, R. Socher: Quasi-recurrent neural networks. ICLR 2017 (arXiv:1611.01576, 2016)"
)
purpose = "Convolutions make the gates for all times at once; the loop is left with elementwise work."
family = "linear"
readings = (
    "Window of two steps, V for the earlier one; no biases, as in the paper's equations. With f in the other role, and"
    " biases, it is the authors' code: qrnn_salesforce. Without output gate qrnn_f, with its own input gate qrnn_ifo."
)

equations = """
x in R^m;  c in R^n
V_{z,f,o} in R^(n,m);  W_{z,f,o} in R^(n,m)
output h

z  = tanh(V_z @ x[-1] + W_z @ x)         # candidate
f  = sigmoid(V_f @ x[-1] + W_f @ x)      # forget gate: the share of c that stays
o  = sigmoid(V_o @ x[-1] + W_o @ x)      # output gate
c' = f * c + (1 - f) * z
h  = o * c'
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("J. Bradbury et al., arXiv:1611.01576, equations 2-4", "paper", read=False),
    Source("salesforce/pytorch-qrnn: torchqrnn/qrnn.py (convolution, activations, output gate)", "code"),
    Source("jpeg729/pytorch_bits: nn/qrnn.py (window of one step; f keeps, as in the paper)", "code"),
    Source("E. Martin, C. Cundy, arXiv:1709.04057, section 3.2 (window of inputs in place of h)", "paper"),
)

comparisons = (
    Comparison(
        "salesforce/pytorch-qrnn 1634991, QRNNLayer",
        agrees=False,
        text=(
            "equal (5e-16) under negated weights of f and zero biases; with the weights as they are, f keeps"
            " where the code's f replaces"
        ),
    ),
)

claims = [
    Claim("the whole step Jacobian of the cell is f: the recurrence is linear", of="c'", wrt="c", equals="diag(f)"),
    Claim("what leaves is gated: ∂h/∂c", of="h", wrt="c", equals="diag(o * f)"),
    Claim("f = 1 passes the gradient unchanged", of="c'", wrt="c", where={"f": "1"}, equals="eye(n)"),
    Equivalence(
        "with a linear candidate and a signed output gate it is the strongly-typed LSTM, without biases",
        other="tlstm",
        where={"z": "V_z @ x[-1] + W_z @ x", "o": "tanh(V_o @ x[-1] + W_o @ x)"},
        other_parameters={"b_z": "0 * c", "b_f": "0 * c", "b_o": "0 * c"},
    ),
]
