"""minGRU in log space (Feng et al. 2024, appendix B): the candidate is made positive."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "minGRU, log-space form"
year = 2024
reference = "L. Feng et al.: Were RNNs all we needed? arXiv:2410.01201, appendix B.3, 2024"
purpose = "The minGRU as it is trained: positive candidates, so that products over time are sums of logarithms."
family = "linear"
readings = "g(v) = v + 1/2 where v >= 0, else σ(v); written as max(v, 0) + σ(min(v, 0)), which is the same number."

variant = Variant(
    "min_gru",
    {"c": "relu(v) + sigmoid(min(v, 0))"},
    lines="v  = W_h @ x + b_h              # before g",
)

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("L. Feng et al., arXiv:2410.01201, appendix B.3", "paper", read=False),
    Source("BorealisAI/minRNNs: models/minRNNs.py (the authors)", "code"),
    Source("lucidrains/minGRU-pytorch: minGRU_pytorch/minGRU.py, functions g and log_g", "code"),
)

comparisons = (
    Comparison(
        "lucidrains/minGRU-pytorch 38b26e1, minGRU (its parallel scan)",
        agrees=True,
        text="with zero biases: values and all gradients, T = 20: largest relative difference 7e-15",
    ),
)

claims = [
    Claim("the whole step Jacobian is 1 - z: the recurrence is linear", of="h'", wrt="h", equals="diag(1 - z)"),
    Claim("z = 0 passes the gradient unchanged", of="h'", wrt="h", where={"z": "0"}, equals="eye(n)"),
    Equivalence("without g it is the linear minGRU", other="min_gru", where={"c": "v"}),
]
