"""HGRN in the real form of flash-linear-attention."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Hierarchically gated recurrent unit, real form"
year = 2024
reference = "S. Yang, Y. Zhang: flash-linear-attention, fla/layers/hgrn.py"
purpose = "The HGRN without phases: a strongly-typed RNN whose forget gate has a floor."
family = "linear"
readings = "The paper's recurrence is complex: the cell hgrn, which this is for θ = 0 (its real part)."

equations = """
x in R^m;  h in R^n
W_{c,f} in R^(n,m)
gamma = 0.5

f  = gamma + (1 - gamma) * sigmoid(W_f @ x)     # forget gate, in (γ, 1)
c  = silu(W_c @ x)                              # candidate
h' = f * h + (1 - f) * c
"""

initialisation = Initialisation({}, source="The code prescribes torch's default for linear layers.")

sources = (
    Source("fla-org/flash-linear-attention: fla/layers/hgrn.py, fla/ops/hgrn/naive.py", "code"),
    Source("OpenNLPLab/HGRN: README.md, section Algorithm (complex form)", "documentation"),
)

comparisons = (
    Comparison(
        "fla-org/flash-linear-attention bc3b101d, naive_recurrent_hgrn in float64",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 5e-16",
    ),
)

claims = [
    Claim("the whole step Jacobian is the forget gate", of="h'", wrt="h", equals="diag(f)"),
    Equivalence(
        "with γ = 0 it is the strongly-typed RNN with silu on its features, without biases",
        other="trnn",
        parameters={"W_c": "W_z"},
        where={"gamma": "0"},
        other_where={"z": "silu(W_z @ x)", "f": "sigmoid(W_f @ x)"},
    ),
    Equivalence(
        "the complex form without phase: its real part, without biases",
        other="hgrn",
        states={"h": "p"},
        parameters={"W_c": "W_p"},
        other_parameters={"theta": "0 * p", "b_p": "0 * p", "b_f": "0 * p"},
        ignoring=("q",),
    ),
]
