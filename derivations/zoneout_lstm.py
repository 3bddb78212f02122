"""LSTM with zoneout (Krueger et al. 2017): at each step some units keep what they had, by masks that are inputs."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source

title = "LSTM with zoneout"
year = 2017
reference = (
    "D. Krueger, T. Maharaj, J. Kramár, M. Pezeshki, N. Ballas, N. R. Ke, A. Goyal, Y. Bengio, A. Courville, C. Pal:"
    " Zoneout: regularizing RNNs by randomly preserving hidden activations. ICLR 2017"
)
purpose = "Where dropout sets units to 0, zoneout keeps them: noise for training that leaves the gradient a way back."
family = "lstm"
readings = (
    "keep_c and keep_h are 1 where a unit keeps its old value, drawn anew at each step; in testing the paper takes"
    " their means. h' sees the cell before zoneout."
)

equations = """
x in R^m;  h, c in R^n;  keep_c, keep_h in {0,1}^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + b_i)
f  = sigmoid(W_f @ x + U_f @ h + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
d  = f * c + i * g
c' = keep_c * c + (1 - keep_c) * d
h' = keep_h * h + (1 - keep_h) * (o * tanh(d))
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("teganmaharaj/zoneout: zoneout_tensorflow.py (the authors)", "code"),
    Source("D. Krueger et al. 2017, equations 7 and 8", "paper", read=False),
)

claims = [
    Claim(
        "the highway is f, and 1 where a unit keeps",
        of="c'",
        wrt="c",
        equals="diag(keep_c + (1 - keep_c) * f)",
    ),
    Equivalence("where nothing is kept it is the LSTM", other="lstm", where={"c'": "d", "h'": "o * tanh(d)"}),
]
