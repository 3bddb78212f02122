"""GRU (Cho et al. 2014, third version): the reset gate acts before the recurrent product."""

from gatedsym.library.claims import Claim, Equivalence, Limit
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Normal, Orthogonal

title = "GRU, reset before the product"
year = 2014
reference = (
    "K. Cho et al.: Learning phrase representations using RNN encoder-decoder for statistical machine translation."
    " EMNLP 2014 (arXiv:1406.1078v3)"
)
purpose = "One state; the update gate z decides how much of it is replaced, so 1 - z is what stays."
family = "gru"
readings = (
    "z replaces, as in Chung et al. 2014 and the authors' own code (GroundHog); it keeps in the paper (gru_cho_sign). r"
    " acts before the product, as in version 3 of the paper; in version 1, cuDNN and PyTorch after it (gru_reset_after,"
    " gru_torch)."
)

equations = """
x in R^m;  h in R^n
W_{z,r,g} in R^(n,m);  U_{z,r,g} in R^(n,n);  b_{z,r,g} in R^n

z  = sigmoid(W_z @ x + U_z @ h + b_z)          # update gate: the share of h that is replaced
r  = sigmoid(W_r @ x + U_r @ h + b_r)          # reset gate
g  = tanh(W_g @ x + U_g @ (r * h) + b_g)       # candidate
h' = (1 - z) * h + z * g
"""

comparisons = (
    Comparison(
        "kyunghyuncho/GroundHog, RecurrentLayer.step_fprop, run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 9e-16",
    ),
    Comparison("onnx 1.23.2, GRU by ReferenceEvaluator", agrees=True, text="values, T = 20, float64: 3e-16"),
    Comparison("onnxruntime 1.31.1, GRU", agrees=True, text="values, T = 20, float32: 3e-7"),
    Comparison(
        "keras 3.15.1, GRU(reset_after=False) (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, to 1.1e-6, the precision of float32: float64 is not to be had there",
    ),
)

initialisation = Initialisation(
    {"W_*": Normal(0.01), "U_*": Orthogonal(), "b_*": Constant(0)},
    source="Cho et al. 2014, appendix, as kyunghyuncho/GroundHog has it: experiments/nmt/state.py",
)

sources = (
    Source("kyunghyuncho/GroundHog: groundhog/layers/rec_layers.py, RecurrentLayer.step_fprop", "code"),
    Source(
        "onnx/onnx: docs/Operators.md, GRU with linear_before_reset = 0 (opset 22; the other sign of z)",
        "documentation",
    ),
    Source("keras/src/layers/rnn/gru.py, reset_after=False (3.15; the other sign of z)", "code"),
    Source("K. Cho et al. 2014, eqs. 5-8 (the other sign of z)", "paper", read=False),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - z)",
    ),
    Claim(
        "the step Jacobian has the highway, the update gate's path, and the candidate's through the reset gate",
        of="h'",
        wrt="h",
        equals="diag(1 - z) + diag((g - h) * z * (1 - z)) @ U_z"
        " + diag(z * (1 - g * g)) @ U_g @ (diag(r) + diag(h * r * (1 - r)) @ U_r)",
    ),
    Equivalence(
        "the two conventions for the update gate are one cell under W_z, U_z, b_z -> -W_z, -U_z, -b_z",
        other="gru_cho_sign",
        parameters={"W_z": "-W_z", "U_z": "-U_z", "b_z": "-b_z"},
    ),
    Equivalence(
        "with both gates held open it is the simple recurrent network",
        other="rnn",
        where={"z": "1", "r": "1"},
        parameters={"W_g": "W", "U_g": "U", "b_g": "b"},
    ),
    Limit("as the update gate's bias falls the state is copied", of="h'", parameter="b_z", to="-oo", equals="h"),
]
