"""The gate by itself, without time: y = σ(U x) ⊙ (W x)."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Feed-forward gate"
year = 2020
reference = "N. Shazeer: GLU variants improve transformer. arXiv:2002.05202, 2020 (GLU without biases)"
purpose = "One linear map decides how much of another passes: the smallest thing that can be called gated."
family = "feed-forward"

equations = """
x in R^m
U, W in R^(n,m)
output y

s = sigmoid(U @ x)     # the gate
y = s * (W @ x)
"""

initialisation = Initialisation({}, source="None is prescribed.", otherwise="xavier")

sources = (
    Source("torch/nn/modules/activation.py, GLU (2.13), on a linear layer without bias", "code"),
    Source("jax/_src/nn/functions.py, glu (0.10.2), on a linear layer without bias", "code"),
    Source("N. Shazeer 2020, section 2", "paper", read=False),
)

comparisons = (
    Comparison(
        "torch 2.13.0, functional.glu of two linear maps",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 5e-16",
    ),
)

claims = [
    Claim(
        "the gradient has the path that the gate lets through, and the gate's own",
        of="y",
        wrt="x",
        equals="diag(s) @ W + diag((W @ x) * s * (1 - s)) @ U",
    ),
    Equivalence(
        "the gated linear unit without biases",
        other="glu",
        parameters={"U": "V"},
        other_parameters={"b": "0 * b", "c": "0 * c"},
    ),
    Equivalence("a gate held open is no gate", other="linear_layer", where={"s": "1"}, other_parameters={"b": "0 * b"}),
]
