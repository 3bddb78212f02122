"""minLSTM in its log-space form: a positive candidate, so that the scan can run on logarithms."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Source, Variant

title = "minLSTM, log-space form"
year = 2024
reference = "L. Feng et al.: Were RNNs all we needed? arXiv:2410.01201, 2024, appendix B"
purpose = "As minLSTM with a candidate that is positive: v + 1/2 above zero, the logistic function below."
readings = "lucidrains' minGRU-pytorch has this form (without biases); the sequential form of the paper is min_lstm."

variant = Variant(
    "min_lstm",
    {"g": "relu(W_g @ x + b_g) + sigmoid(min(W_g @ x + b_g, 0))"},
)

sources = (
    Source("L. Feng et al. 2024 (arXiv:2410.01201), appendix B", "paper", read=False),
    Source("lucidrains/minGRU-pytorch: minGRU_pytorch/minLSTM.py and minGRU.py (g)", "code"),
    Source("a PyTorch file on GitHub with g and log_g of the paper's appendix B.3: class minLSTM", "code"),
)

claims = [
    Claim("the state Jacobian is the forget gate's share", of="h'", wrt="h", equals="diag(f / (f + i))"),
]
