"""Mogrifier LSTM (Melis, Kočiský, Blunsom 2020): input and state gate each other by turns before the LSTM sees them."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Contradiction, Initialisation, Source

title = "Mogrifier LSTM"
year = 2020
reference = "G. Melis, T. Kočiský, P. Blunsom: Mogrifier LSTM. ICLR 2020"
purpose = "Five rounds in which x scales h and h scales x, entry by entry: each sees the other in its context."
family = "lstm"
readings = (
    "Five rounds, the paper's best, without biases, each with a full matrix (the paper also writes them as products of"
    " two thin ones). Code that goes by the cell's name adds a bias to each round."
)

equations = """
x in R^m;  h, c in R^n
Q_{1,3,5} in R^(m,n);  R_{2,4} in R^(n,m)
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

x_1 = 2 * sigmoid(Q_1 @ h) * x      # a gate of 1 on average
h_2 = 2 * sigmoid(R_2 @ x_1) * h
x_3 = 2 * sigmoid(Q_3 @ h_2) * x_1
h_4 = 2 * sigmoid(R_4 @ x_3) * h_2
x_5 = 2 * sigmoid(Q_5 @ h_4) * x_3
i  = sigmoid(W_i @ x_5 + U_i @ h_4 + b_i)
f  = sigmoid(W_f @ x_5 + U_f @ h_4 + b_f)
g  = tanh(W_g @ x_5 + U_g @ h_4 + b_g)
o  = sigmoid(W_o @ x_5 + U_o @ h_4 + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("fawazsammani/mogrifier-lstm-pytorch: README.md and mog_lstm.py", "code"),
    Source("G. Melis, T. Kočiský, P. Blunsom 2020, equations 1 and 2", "paper", read=False),
)

contradictions = (
    Contradiction(
        "fawazsammani/mogrifier-lstm-pytorch",
        says="this follows the implementation of the Mogrifier LSTM of the paper",
        does="each round has a bias (nn.Linear), which the paper's rounds do not have",
        place="README.md, MogrifierLSTMCell.__init__, mogrifier_list",
    ),
)

claims = [
    Claim("the highway is the LSTM's", of="c'", wrt="c", equals="diag(f)"),
    Equivalence(
        "without its rounds it is the LSTM",
        other="lstm",
        where={"x_1": "x", "h_2": "h", "x_3": "x", "h_4": "h", "x_5": "x"},
    ),
]
