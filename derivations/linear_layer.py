"""A linear layer: what a layer with a gate is where its gate stands open."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Uniform

title = "Linear layer"
year = 1960
reference = (
    "B. Widrow, M. E. Hoff: Adaptive switching circuits. IRE WESCON Convention Record 4, 1960 (the linear element)"
)
purpose = "No gate is a gate that is always open: what a gated linear layer tends to as its gate's bias grows."
family = "feed-forward"

equations = """
x in R^m
W in R^(n,m);  b in R^n
output y

y = W @ x + b
"""

initialisation = Initialisation(
    {"W": Uniform(-1, 1, over_root="m"), "b": Uniform(-1, 1, over_root="m")},
    source="torch.nn.Linear: U(-1/√m, 1/√m) for both",
)

sources = (
    Source("torch/nn/modules/linear.py, Linear (2.13)", "code"),
    Source("keras/src/layers/core/dense.py (3.15)", "code"),
)

comparisons = (
    Comparison(
        "torch 2.13.0, functional.linear",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-16",
    ),
)

claims = [Claim("the gradient is the matrix", of="y", wrt="x", equals="W")]
