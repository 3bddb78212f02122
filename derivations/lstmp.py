"""LSTM with a projection (LSTMP; Sak, Senior, Beaufays 2014): what recurs is a smaller image of the output."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "LSTM with projection (LSTMP)"
year = 2014
reference = (
    "H. Sak, A. Senior, F. Beaufays: Long short-term memory based recurrent neural network architectures for large"
    " vocabulary speech recognition. arXiv:1402.1128, 2014 (here without peepholes)"
)
purpose = "Many cells at the cost of few recurrent weights: h has r < n entries, P times the gated cell."
family = "lstm"
readings = (
    "Without peepholes, as torch.nn.LSTM(proj_size=r) and TensorFlow's LSTMCell(num_proj=r); the paper's cell has"
    " peepholes, and beside the recurrent projection one that is not fed back."
)

equations = """
r = n/2                                  # the projection's size, unless given
x in R^m;  h in R^r;  c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,r);  b_{i,f,g,o} in R^n
P in R^(r,n)

i  = sigmoid(W_i @ x + U_i @ h + b_i)    # input gate
f  = sigmoid(W_f @ x + U_f @ h + b_f)    # forget gate: the share of c that stays
g  = tanh(W_g @ x + U_g @ h + b_g)       # candidate
o  = sigmoid(W_o @ x + U_o @ h + b_o)    # output gate
c' = f * c + i * g
h' = P @ (o * tanh(c'))                  # the projection
"""

initialisation = Initialisation(
    {},
    source="Not known: the paper was not read; torch.nn.LSTM draws everything U(-1/√n, 1/√n).",
)

sources = (
    Source("torch/nn/modules/rnn.py, LSTM with proj_size (2.13)", "code"),
    Source(
        "tensorflow/tensorflow (1.15): tensorflow/contrib/rnn/python/ops/rnn_cell.py, num_proj (coupled gates)", "code"
    ),
    Source("H. Sak et al. 2014, eqs. 7-13", "paper", read=False),
)

comparisons = (
    Comparison(
        "torch 2.13.0, nn.LSTM(proj_size=2)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "what the cell state gives to h passes the projection",
        of="h'",
        wrt="c",
        equals="P @ diag(o * f * (1 - tanh(c') * tanh(c')))",
    ),
    Equivalence(
        "a projection that is the identity leaves the LSTM",
        other="lstm",
        parameters={"P": "eye(n)"},
        dimensions={"r": "n"},
    ),
    Equivalence(
        "with a projection that changes nothing it is the LSTM",
        other="lstm",
        parameters={"P": "eye(n)"},
        dimensions={"r": "n"},
    ),
]
