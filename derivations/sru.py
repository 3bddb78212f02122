"""SRU (Lei et al. 2018): gates that see one cell of the past each, so that all products precede the loop."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Uniform

title = "Simple recurrent unit (SRU)"
year = 2018
reference = (
    "T. Lei, Y. Zhang, S. I. Wang, H. Dai, Y. Artzi: Simple recurrent units for highly parallelizable recurrence."
    " EMNLP 2018 (arXiv:1709.02755)"
)
purpose = "Recurrence without a matrix: light and parallel in the units; a highway carries the input past it."
family = "linear"
readings = (
    "The published form; both gates see c_{t-1}. α = √3 scales the highway for a highway bias of 0, as the authors'"
    " code does by default (√(1 + 2 exp b)); α = 1 without rescaling. The form of 2017 has no v: sru_v1."
)

equations = """
m = n
x in R^m;  c in R^n
W_{c,f,r} in R^(n,m);  v_{f,r}, b_{f,r} in R^n
alpha = 1.7320508075688772
output h

f  = sigmoid(W_f @ x + v_f * c + b_f)     # forget gate: the share of c that stays
r  = sigmoid(W_r @ x + v_r * c + b_r)     # reset gate: the share of the output that comes from c
c' = f * c + (1 - f) * (W_c @ x)
h  = r * c' + (1 - r) * (alpha * x)
"""

initialisation = Initialisation(
    {
        "W_c": Uniform(-(3**0.5), 3**0.5, over_root="n"),
        "W_*": Uniform(-(1.5**0.5), 1.5**0.5, over_root="n"),
        "v_*": Uniform(-(1.5**0.5), 1.5**0.5),
        "b_*": Constant(0),
    },
    source="Section 3.2 by way of the authors' code, asappresearch/sru: sru/modules.py, reset_parameters",
)

sources = (
    Source("T. Lei et al., arXiv:1709.02755v5, equations 1-4", "paper", read=False),
    Source("asappresearch/sru: sru/ops.py, elementwise_recurrence_naive", "code"),
    Source("tensorflow/tensorflow v1: tensorflow/contrib/rnn/python/ops/rnn_cell.py, SRUCell (without v)", "code"),
)

comparisons = (
    Comparison(
        "asappresearch/sru 9ddc8da, elementwise_recurrence_naive",
        agrees=True,
        text="output and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "no unit sees another: the step Jacobian is diagonal",
        of="c'",
        wrt="c",
        equals="diag(f + (c - W_c @ x) * f * (1 - f) * v_f)",
    ),
    Claim("a closed reset gate passes the scaled input on", of="h", wrt="x", where={"r": "0"}, equals="alpha * eye(n)"),
    Equivalence(
        "where its gates do not see c, its state is that of the T-RNN",
        other="trnn",
        parameters={"v_f": "0", "v_r": "0", "W_r": "0", "b_r": "0", "W_c": "W_z"},
        other_parameters={"b_z": "0"},
        states={"c": "h"},
        ignoring=("h",),
        dimensions={"m": "n"},
    ),
]
