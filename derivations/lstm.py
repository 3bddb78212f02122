"""LSTM with a forget gate (Gers, Schmidhuber, Cummins 2000), without peepholes: what texts call the LSTM."""

from gatedsym.claims import Claim, Identity

title = "LSTM with a forget gate"
year = 2000
reference = (
    "F. A. Gers, J. Schmidhuber, F. Cummins: Learning to forget: continual prediction with LSTM."
    " Neural Computation 12(10), 2000"
)
purpose = "Keeps a cell state c apart from the output h; the forget gate f decides how much of c stays."
family = "lstm"

equations = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + b_i)    # input gate
f  = sigmoid(W_f @ x + U_f @ h + b_f)    # forget gate: the share of c that stays
g  = tanh(W_g @ x + U_g @ h + b_g)       # candidate
o  = sigmoid(W_o @ x + U_o @ h + b_o)    # output gate
c' = f * c + i * g
h' = o * tanh(c')
"""

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim("f = 1 passes the gradient unchanged", of="c'", wrt="c", holding="direct", where={"f": "1"}, equals="eye(n)"),
    Claim("f = 0 passes none of it", of="c'", wrt="c", holding="direct", where={"f": "0"}, equals="0 * eye(n)"),
    Claim(
        "the whole of ∂h'/∂c runs through the output gate and tanh",
        of="h'",
        wrt="c",
        equals="diag(o * f * (1 - tanh(c') * tanh(c')))",
    ),
    Identity("the logistic function is a shifted tanh", "sigmoid(a)", "(1 + tanh(a / 2)) / 2", declarations="a in R"),
]
