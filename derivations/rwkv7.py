"""RWKV-7, Goose (Peng et al. 2025): a delta rule whose rate and decay differ from channel to channel."""

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Initialisation, Source

title = "RWKV-7 (Goose), time mixing"
year = 2025
reference = "B. Peng et al.: RWKV-7 Goose with expressive dynamic state evolution. arXiv:2503.14456, 2025"
purpose = (
    "The state unlearns what it holds for a key, each channel at a rate of its own, and decays channel by channel."
)
family = "linear"
readings = (
    "One head of the first layer, without the interpolation with the previous input, group norm, output gate and output"
    " matrix. Decay and rate come of networks of rank r, m by default; only the decay's has a tanh. The key is divided"
    " by its Euclidean norm, without the code's lower limit of 1e-12."
)

equations = """
d = n
r = m
x in R^m;  S in R^(n,d)
W_{q,k} in R^(d,m);  W_v in R^(n,m);  A_{w,a} in R^(r,m);  D_{w,a} in R^(d,r)
b_{w,a}, kappa, alpha, u in R^d
output h

q  = W_q @ x                                                   # receptance: what is read
k  = W_k @ x                                                   # key
v  = W_v @ x                                                   # value
w  = exp(-exp(-0.5) * sigmoid(b_w + D_w @ tanh(A_w @ x)))      # gate: the share of each channel that stays
a  = sigmoid(b_a + D_a @ (A_a @ x))                            # rate at which the state learns, channel by channel
e  = kappa * k
g  = e / sqrt(dot(e, e))                                       # the key that is unlearnt, of length 1
c  = k * (1 + alpha * (a - 1))                                 # the key that is written
S'[i,j] = w[j] * S[i,j] - (sum[l] S[i,l] * g[l]) * g[j] * a[j] + v[i] * c[j]
h  = S' @ q + dot(u * c, q) * v
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("B. Peng et al., arXiv:2503.14456, section 4", "paper", read=False),
    Source("BlinkDL/RWKV-LM: RWKV-v7/rwkv_v7_numpy.py, time_mixing (the authors)", "code"),
    Source("fla-org/flash-linear-attention: fla/ops/rwkv7/recurrent_naive.py", "code"),
)

claims = [
    Claim("receptance sees the new state and the present pair", of="h", wrt="q", equals="S' + outer(v, u * c)"),
    Claim(
        "the present is read through the state and with the bonus",
        of="h",
        wrt="v",
        equals="(dot(c, q) + dot(u * c, q)) * eye(n)",
    ),
    Limit(
        "no channel keeps less than exp(-exp(-½)) of itself",
        of="w",
        parameter="b_w",
        to="oo",
        equals="exp(-exp(-0.5)) + 0*b_w",
    ),
    Limit("a rate of 0 unlearns nothing", of="a", parameter="b_a", to="-oo", equals="0*b_a"),
]
