"""RWKV-6, Finch (Peng et al. 2024): a matrix state with a decay for each key channel and a bonus for the present."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source

title = "RWKV-6 (Finch), time mixing"
year = 2024
reference = (
    "B. Peng et al.: Eagle and Finch: RWKV with matrix-valued states and dynamic recurrence. arXiv:2404.05892, 2024"
)
purpose = "Receptance reads the old state and, with a bonus u, the present pair of key and value; the decay is a gate."
family = "linear"
readings = (
    "One head, without the interpolation with the previous input, group norm and output gate. The decay is"
    " exp(-exp(·)) of a two-layer network of rank r, m by default."
)

equations = """
d = n
r = m
x in R^m;  S in R^(n,d)
W_{q,k} in R^(d,m);  W_v in R^(n,m);  A in R^(r,m);  D in R^(d,r);  b, u in R^d
output h

q  = W_q @ x                                     # receptance: what is read
k  = W_k @ x                                     # key
v  = W_v @ x                                     # value
w  = exp(-exp(b + D @ tanh(A @ x)))              # gate: the share of each key channel that stays
h  = S @ q + dot(u * k, q) * v
S'[i,j] = w[j] * S[i,j] + v[i] * k[j]
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("B. Peng et al., arXiv:2404.05892, section 4.2", "paper", read=False),
    Source("BlinkDL/ChatRWKV: RWKV_v6_demo.py, time_mixing (the authors)", "code"),
    Source("fla-org/flash-linear-attention: fla/ops/rwkv6/recurrent_naive.py", "code"),
)

comparisons = (
    Comparison(
        "fla-org/flash-linear-attention bc3b101d, naive_recurrent_rwkv6 in float64",
        agrees=True,
        text="with its scale 1: output and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

claims = [
    Claim(
        "the present is read with the bonus, not through the state", of="h", wrt="v", equals="dot(u * k, q) * eye(n)"
    ),
    Claim("receptance sees the old state and the present pair", of="h", wrt="q", equals="S + outer(v, u * k)"),
]
