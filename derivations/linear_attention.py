"""Linear attention (Katharopoulos et al. 2020) as the recurrent network that it is: a sum of outer products."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Linear attention as a recurrence"
year = 2020
reference = (
    "A. Katharopoulos, A. Vyas, N. Pappas, F. Fleuret: Transformers are RNNs: fast autoregressive transformers with"
    " linear attention. ICML 2020 (arXiv:2006.16236)"
)
purpose = "Attention without softmax needs no past but a matrix: keys write values into S, queries read them."
family = "linear"
readings = "One head; φ = elu + 1; without the 1e-6 that code adds to the denominator."

equations = """
d = n
x in R^m;  S in R^(n,d);  z in R^d
W_{q,k} in R^(d,m);  W_v in R^(n,m)
output h

q  = elu(W_q @ x) + 1          # query, positive
k  = elu(W_k @ x) + 1          # key, positive
v  = W_v @ x                   # value
S' = S + outer(v, k)
z' = z + k                     # normaliser: the sum of the keys
h  = (S' @ q) / dot(z', q)
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("A. Katharopoulos et al., arXiv:2006.16236, equations 16-20", "paper", read=False),
    Source("idiap/fast-transformers: fast_transformers/recurrent/attention/self_attention/linear_attention.py", "code"),
    Source("fla-org/flash-linear-attention: fla/ops/linear_attn/naive.py", "code"),
)

comparisons = (
    Comparison(
        "fla-org/flash-linear-attention bc3b101d, naive_recurrent_linear_attn in float64",
        agrees=True,
        text=(
            "output and all gradients, T = 20: largest relative difference 3e-10, that of its 1e-10 in the denominator"
        ),
    ),
)

claims = [
    Claim(
        "nothing is ever forgotten: the gradient of the normaliser passes unchanged", of="z'", wrt="z", equals="eye(d)"
    ),
    Claim("the matrix that a reader sees of the values", of="h", wrt="v", equals="(dot(k, q) / dot(z', q)) * eye(n)"),
]
