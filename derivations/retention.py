"""Retention (Sun et al. 2023, RetNet): linear attention with a fixed decay for each head."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Drawn

title = "Retention (RetNet)"
year = 2023
reference = (
    "Y. Sun et al.: Retentive network: a successor to transformer for large language models. arXiv:2307.08621, 2023"
)
purpose = "The matrix state of linear attention, with a forgetting factor γ that nobody learns."
family = "linear"
readings = (
    "One head, γ = 1 - 2^-5, without the rotation of queries and keys, group norm and output gate; keys are scaled by"
    " 1/√d, as in the authors' code."
)

equations = """
d = n
x in R^m;  S in R^(n,d)
W_{q,k} in R^(d,m);  W_v in R^(n,m)
gamma = 0.96875
output h

q  = W_q @ x                   # query
k  = W_k @ x / sqrt(d)         # key
v  = W_v @ x                   # value
S' = gamma * S + outer(v, k)
h  = S' @ q
"""


def _small_xavier(generator, shape, sizes):  # type: ignore[no-untyped-def]
    limit = 2**-2.5 * (6 / sum(shape)) ** 0.5
    return generator.uniform(-limit, limit, shape)


initialisation = Initialisation(
    {"W_*": Drawn("Glorot uniform times 2^-2.5", _small_xavier)},
    source="The authors' code, microsoft/torchscale: torchscale/component/multiscale_retention.py",
)

sources = (
    Source("Y. Sun et al., arXiv:2307.08621, equations 2 and 6", "paper", read=False),
    Source("fla-org/flash-linear-attention: fla/ops/retention/naive.py (parallel form)", "code"),
    Source("microsoft/torchscale: torchscale/component/multiscale_retention.py", "code"),
)

comparisons = (
    Comparison(
        "fla-org/flash-linear-attention bc3b101d, naive_retention (parallel form) in float64",
        agrees=True,
        text="output and all gradients, T = 20: largest relative difference 4e-16",
    ),
)

contradictions = (
    Contradiction(
        "torchscale, the authors' code",
        says="S_n = γ S_{n-1} + K^T V (the paper, and a line left as a comment)",
        does="the recurrent form keeps S divided by the square root of the sum of decays; the parallel form divides"
        " scores by their absolute sum: equal only after the group norm that follows",
        place="torchscale/component/multiscale_retention.py, recurrent_forward and parallel_forward",
    ),
)

claims = [
    Claim("what is written is read with the product of key and query", of="h", wrt="v", equals="dot(k, q) * eye(n)"),
    Claim("the query sees the new state", of="h", wrt="q", equals="S'"),
    Equivalence(
        "without decay it is linear attention, without its feature map and its normaliser",
        other="linear_attention",
        where={"gamma": "1"},
        other_where={"q": "W_q @ x", "k": "W_k @ x / sqrt(d)", "h": "S' @ q"},
        ignoring=("z",),
    ),
]
