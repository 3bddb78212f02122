"""minGRU (Feng et al. 2024): a GRU whose gate and candidate see the input alone, so that time becomes a scan."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source

title = "minGRU"
year = 2024
reference = "L. Feng et al.: Were RNNs all we needed? arXiv:2410.01201, 2024"
purpose = "The least that is left of a GRU: a learned average over time that a parallel scan computes."
family = "linear"
readings = (
    "The linear form. In log space the candidate is made positive by a function g: the cell min_gru_log, which is"
    " another function of the same parameters, and what the authors' code runs. Biases as there; lucidrains has none."
)

equations = """
x in R^m;  h in R^n
W_{z,h} in R^(n,m);  b_{z,h} in R^n

z  = sigmoid(W_z @ x + b_z)     # update gate: the share of h that is replaced
c  = W_h @ x + b_h              # candidate: linear
h' = (1 - z) * h + z * c
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("L. Feng et al., arXiv:2410.01201, section 3.1", "paper", read=False),
    Source("lucidrains/minGRU-pytorch: minGRU_pytorch/minGRU.py (gate and mixture)", "code"),
    Source("Edifice 0.2.0 (hexdocs.pm): Edifice.Recurrent.MinGRU, equations", "documentation"),
    Source(
        "BorealisAI/minRNNs: models/minRNNs.py (the authors; gate, mixture and biases; candidate through g)", "code"
    ),
)

claims = [
    Claim("the whole step Jacobian is 1 - z: the recurrence is linear", of="h'", wrt="h", equals="diag(1 - z)"),
    Claim("z = 0 passes the gradient unchanged", of="h'", wrt="h", where={"z": "0"}, equals="eye(n)"),
    Equivalence(
        "the strongly-typed RNN with the other sign of the gate",
        other="trnn",
        parameters={"W_z": "-W_f", "b_z": "-b_f", "W_h": "W_z", "b_h": "b_z"},
    ),
    Equivalence(
        "the GILR with a linear impulse and the other sign of the gate",
        other="gilr",
        parameters={"W_z": "-U", "b_z": "-b_g", "W_h": "V", "b_h": "b_z"},
        other_where={"i": "V @ x + b_z"},
    ),
    Equivalence(
        "the GRU whose gate and candidate lose h, the reset gate with it, and the candidate its tanh",
        other="gru",
        parameters={"W_h": "W_g", "b_h": "b_g"},
        other_where={"z": "sigmoid(W_z @ x + b_z)", "g": "W_g @ x + b_g"},
    ),
]
