"""GRU-D (Che, Purushotham, Cho, Sontag, Liu 2018): a GRU for series with gaps; what is old decays."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Contradiction, Initialisation, Source

title = "GRU-D, for missing values"
year = 2018
reference = (
    "Z. Che, S. Purushotham, K. Cho, D. Sontag, Y. Liu: Recurrent neural networks for multivariate time series with"
    " missing values. Scientific Reports 8, 6085, 2018"
)
purpose = "A variable that was not measured decays from its last value to its mean, and the state decays with the gap."
family = "gru"
readings = (
    "mask is 1 where x was measured, gap the time since the variable was last measured, average the variable's mean"
    " over the training data (no trained parameter: set it, and do not update it); last is a state here, x' there."
    " An author's code differs from the paper, which is followed here: it takes the average as 0, feeds 1 - mask,"
    " carries the state of before the decay, and calls z what is 1 - z here."
)

equations = """
x in R^m;  mask in {0,1}^m;  gap in R^m;  gap >= 0
h in R^n;  last in R^m
average, w_x, b_x in R^m;  W_h in R^(n,m);  b_h in R^n
W_{z,r,c} in R^(n,m);  U_{z,r,c} in R^(n,n);  V_{z,r,c} in R^(n,m);  b_{z,r,c} in R^n

last' = mask * x + (1 - mask) * last
fade_x = exp(-max(0, w_x * gap + b_x))
fade_h = exp(-max(0, W_h @ gap + b_h))
u  = mask * x + (1 - mask) * (fade_x * last + (1 - fade_x) * average)
s  = fade_h * h
z  = sigmoid(W_z @ u + U_z @ s + V_z @ mask + b_z)
r  = sigmoid(W_r @ u + U_r @ s + V_r @ mask + b_r)
c  = tanh(W_c @ u + U_c @ (r * s) + V_c @ mask + b_c)
h' = (1 - z) * s + z * c
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("PeterChe1990/GRU-D: nn_utils/grud_layers.py (an author)", "code"),
    Source("Z. Che et al. 2018, equations 1 to 13", "paper", read=False),
)

contradictions = (
    Contradiction(
        "PeterChe1990/GRU-D",
        says="the paper keeps a share of the decayed state: (1 - z) times the state after decay",
        does="h_t = z_t * h_tm1 + (1 - z_t) * hh_t: the state before decay is kept, and z keeps",
        place="nn_utils/grud_layers.py, GRUDCell.call",
    ),
    Contradiction(
        "PeterChe1990/GRU-D",
        says="the paper feeds the mask, 1 where a value was measured",
        does="feeds 1 - mask, and imputes by the last value decayed to 0, not to the mean",
        place="nn_utils/grud_layers.py, GRUDCell.call: input_1m, gamma_di * x_keep_t",
    ),
)

claims = [
    Claim(
        "along the highway the gradient fades with the gap and by the gate",
        of="h'",
        wrt="h",
        holding=("r", "z", "c"),
        equals="diag((1 - z) * fade_h)",
    ),
    Claim("what was measured replaces what was remembered", of="last'", wrt="last", equals="diag(1 - mask)"),
]
