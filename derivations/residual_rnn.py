"""Residual RNN, inside the activation (Hu et al. 2018; Flax): the state is added to the pre-activation."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Normal, Orthogonal

title = "Residual RNN"
year = 2018
reference = (
    "Y. Hu, A. Huber, J. Anumula, S.-C. Liu: Overcoming the vanishing gradient problem in plain recurrent networks."
    " arXiv:1801.06105, 2018"
)
purpose = "The recurrent matrix is learned as a difference from the identity; the slope of tanh stays in the gradient."
readings = (
    "Flax SimpleCell(residual=True), with tanh. With the state outside the activation: residual_rnn_outside. The paper"
    " that Flax names has ReLU."
)

variant = Variant("rnn", {"h'": "tanh(W @ x + U @ h + h + b)"})

initialisation = Initialisation(
    {"W": Normal(1, over_root="m"), "U": Orthogonal(), "b": Constant(0)},
    source="Flax's defaults: LeCun normal, orthogonal, zero (its normal is truncated).",
)

sources = (
    Source("Y. Hu et al. 2018 (arXiv:1801.06105)", "paper", read=False),
    Source("google/flax: flax/linen/recurrent.py, SimpleCell, docstring and code", "code"),
)

claims = [
    Claim(
        "the step Jacobian starts from the identity, times the slope",
        of="h'",
        wrt="h",
        equals="diag(1 - h' * h') @ (eye(n) + U)",
    ),
    Equivalence("it is the simple recurrent network with U + I for U", other="rnn", parameters={"U": "U - eye(n)"}),
]
