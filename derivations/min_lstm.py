"""minLSTM (Feng et al. 2024): gates of the input alone, normalised to sum to one."""

from gatedsym.library.claims import Claim, Equivalence, Identity
from gatedsym.library.records import Initialisation, Source

title = "minLSTM"
year = 2024
reference = "L. Feng et al.: Were RNNs all we needed? arXiv:2410.01201, 2024"
purpose = "The least of an LSTM that can be trained by a parallel scan; its state is an average of candidates."
family = "linear"
readings = (
    "The paper normalises the gates so that their sum is 1 at every length; without: min_lstm_unnormalised. Its"
    " log-space form makes the candidate positive: min_lstm_log. lucidrains' minGRU-pytorch has the log-space form,"
    " without biases."
)

equations = """
x in R^m;  h in R^n
W_{f,i,g} in R^(n,m);  b_{f,i,g} in R^n

f  = sigmoid(W_f @ x + b_f)                   # forget gate
i  = sigmoid(W_i @ x + b_i)                   # input gate
g  = W_g @ x + b_g                            # candidate, linear
h' = f / (f + i) * h + i / (f + i) * g
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("L. Feng et al. 2024 (arXiv:2410.01201)", "paper", read=False),
    Source("YecanLee/min-LSTM-torch: minLSTMcell.py", "code"),
    Source("lucidrains/minGRU-pytorch: minGRU_pytorch/minLSTM.py (with g in place of the linear candidate)", "code"),
)

claims = [
    Claim("the state Jacobian is the forget gate's share", of="h'", wrt="h", equals="diag(f / (f + i))"),
    Claim("input gate and forget gate alike: half stays", of="h'", wrt="h", where={"i": "f"}, equals="eye(n) / 2"),
    Identity(
        "the share that stays is one logistic function of the difference of logarithms",
        "sigmoid(a) / (sigmoid(a) + sigmoid(b))",
        "sigmoid(softplus(-b) - softplus(-a))",
        declarations="a, b in R",
    ),
    Equivalence(
        "only the ratio of its gates matters: the T-RNN whose gate is the logistic function of log f - log i",
        other="trnn",
        other_where={"f": "sigmoid(log_sigmoid(W_f @ x + b_f) - log_sigmoid(W_i @ x + b_i))"},
        declarations="W_i in R^(n,m);  b_i in R^n",
        parameters={"W_g": "W_z", "b_g": "b_z"},
    ),
    Equivalence(
        "with i = 1 - f it is the minGRU, where the signs of f's parameters change",
        other="min_gru",
        where={"i": "1 - f"},
        parameters={"W_f": "-W_z", "b_f": "-b_z", "W_g": "W_h", "b_g": "b_h"},
    ),
]
