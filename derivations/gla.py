"""Gated linear attention (Yang et al. 2023): the matrix state with a forget gate for each key channel."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Drawn

title = "Gated linear attention (GLA)"
year = 2023
reference = (
    "S. Yang, B. Wang, Y. Shen, R. Panda, Y. Kim: Gated linear attention transformers with hardware-efficient training."
    " ICML 2024 (arXiv:2312.06635, 2023)"
)
purpose = "Retention whose decay is a gate of the input, one for each column of the state."
family = "linear"
readings = (
    "One head, without group norm and output gate; the gate's matrix is full, where the code has rank 16. Keys are"
    " scaled by 1/√d."
)

equations = """
d = n
x in R^m;  S in R^(n,d)
W_{q,k,a} in R^(d,m);  b_a in R^d;  W_v in R^(n,m)
tau = 16
output h

q  = W_q @ x                                  # query
k  = W_k @ x / sqrt(d)                        # key
v  = W_v @ x                                  # value
a  = exp(log_sigmoid(W_a @ x + b_a) / tau)    # forget gate of each key channel, drawn towards 1
S'[i,j] = a[j] * S[i,j] + v[i] * k[j]
h  = S' @ q
"""


def _small_xavier(generator, shape, sizes):  # type: ignore[no-untyped-def]
    limit = 2**-2.5 * (6 / sum(shape)) ** 0.5
    return generator.uniform(-limit, limit, shape)


initialisation = Initialisation(
    {"W_[qka]": Drawn("Glorot uniform times 2^-2.5", _small_xavier)},
    source="The authors' code, berlino/gated_linear_attention: gla.py, post_init",
)

sources = (
    Source("S. Yang et al., arXiv:2312.06635, equation 3 and section 4.4", "paper", read=False),
    Source("berlino/gated_linear_attention: gla.py", "code"),
    Source("fla-org/flash-linear-attention: fla/ops/gla/naive.py, fla/layers/gla.py", "code"),
)

comparisons = (
    Comparison(
        "fla-org/flash-linear-attention bc3b101d, naive_recurrent_gla in float64",
        agrees=True,
        text="output and all gradients, T = 20: largest relative difference 4e-16",
    ),
)

claims = [
    Claim("what is written is read with the product of key and query", of="h", wrt="v", equals="dot(k, q) * eye(n)"),
    Claim(
        "a gate is worth what it lets through: its column of the state, as the query reads it",
        of="h",
        wrt="a",
        equals="S @ diag(q)",
    ),
    Equivalence("with every gate at retention's γ it is retention", other="retention", where={"a": "0.96875 + 0 * k"}),
]
