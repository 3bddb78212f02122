"""Gated linear unit (Dauphin et al. 2017), for one position of its convolution."""

from gatedsym.library.claims import Claim, Equivalence, Limit
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Gated linear unit (GLU)"
year = 2017
reference = (
    "Y. N. Dauphin, A. Fan, M. Auli, D. Grangier: Language modeling with gated convolutional networks. ICML 2017"
    " (arXiv:1612.08083)"
)
purpose = "A gate on a linear path: the gradient that passes an open gate is not damped by any squashing."
family = "feed-forward"
readings = "The paper's maps are convolutions; x is the window that they see at one position."

equations = """
x in R^m
W, V in R^(n,m);  b, c in R^n
output y

s = sigmoid(V @ x + c)     # the gate
y = (W @ x + b) * s
"""

initialisation = Initialisation(
    {},
    source="The paper was not read (Kaiming's scheme with weight normalisation, by others' account).",
    otherwise="xavier",
)

sources = (
    Source("torch/nn/modules/activation.py, GLU (2.13), on a linear layer", "code"),
    Source("jax/_src/nn/functions.py, glu (0.10.2), on a linear layer", "code"),
    Source("Y. N. Dauphin et al. 2017, eq. 1", "paper", read=False),
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
        "the gate's path held, the gradient is that of the linear map times the gate",
        of="y",
        wrt="x",
        holding=("s",),
        equals="diag(s) @ W",
    ),
    Claim(
        "the whole of it has the gate's own path beside",
        of="y",
        wrt="x",
        equals="diag(s) @ W + diag((W @ x + b) * s * (1 - s)) @ V",
    ),
    Equivalence("a gate held open is no gate", other="linear_layer", where={"s": "1"}),
    Limit(
        "no gate is a gate that is always open: as its bias grows the unit tends to the linear layer",
        of="y",
        parameter="c",
        to="oo",
        equals="W @ x + b",
    ),
    Limit("a gate that is always shut passes nothing", of="y", parameter="c", to="-oo", equals="0 * b"),
]
