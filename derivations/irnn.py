"""IRNN (Le, Jaitly, Hinton 2015): the ReLU network whose recurrent matrix starts as the identity."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, IdentityMatrix, Normal

title = "IRNN"
year = 2015
reference = (
    "Q. V. Le, N. Jaitly, G. E. Hinton: A simple way to initialize recurrent networks of rectified linear units."
    " arXiv:1504.00941, 2015"
)
purpose = (
    "At the start every unit that is on copies itself, so the gradient neither vanishes nor explodes, without any gate."
)
family = "ungated"
readings = "The paper also scales the identity (0.01 I for speech), where a long memory is not wanted."

variant = Variant("rnn_relu", {})

initialisation = Initialisation(
    {"U": IdentityMatrix(), "b": Constant(0), "W": Normal(0.001)},
    source="Le et al. 2015, section 4, and keras-team/keras: examples/mnist_irnn.py",
)

sources = (
    Source("keras-team/keras (1.x, 2.x): examples/mnist_irnn.py", "code"),
    Source('torch/nn/modules/rnn.py, RNN with nonlinearity="relu" (2.13)', "code"),
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
        "the step Jacobian is the rows of U of the units that are on: of the identity, at the start",
        of="h'",
        wrt="h",
        equals="diag(step(W @ x + U @ h + b)) @ U",
    ),
]
