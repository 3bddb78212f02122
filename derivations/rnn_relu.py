"""Simple recurrent network with rectified linear units."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "Simple recurrent network, ReLU"
year = 2015
reference = (
    "Q. V. Le, N. Jaitly, G. E. Hinton: A simple way to initialize recurrent networks of rectified linear units."
    " arXiv:1504.00941, 2015"
)
purpose = "The slope is 1 where a unit is on, so that the gradient there is a product of parts of U alone."
family = "ungated"

variant = Variant("rnn", {"h'": "relu(W @ x + U @ h + b)"})

initialisation = Initialisation(
    {},
    source="None is prescribed for the plain form; torch.nn.RNN draws everything U(-1/√n, 1/√n). For U = I see irnn.",
)

sources = (
    Source('torch/nn/modules/rnn.py, RNN with nonlinearity="relu" (2.13)', "code"),
    Source("onnx/onnx: docs/Operators.md, RNN with activations Relu (opset 22)", "documentation"),
    Source("Q. V. Le et al. 2015, section 2", "paper", read=False),
)

comparisons = (
    Comparison(
        "torch 2.13.0, nn.RNNCell with ReLU",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-16",
    ),
)

claims = [
    Claim(
        "the step Jacobian is the rows of U of the units that are on",
        of="h'",
        wrt="h",
        equals="diag(step(W @ x + U @ h + b)) @ U",
    ),
]
