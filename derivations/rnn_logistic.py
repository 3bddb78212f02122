"""Elman's simple recurrent network with his own units, which are logistic."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "Simple recurrent network with logistic units"
year = 1990
reference = "J. L. Elman: Finding structure in time. Cognitive Science 14(2), 1990"
purpose = "The slope of a logistic unit is at most ¼: every step divides the gradient by four or more, times U."
family = "ungated"
readings = (
    "Elman trained logistic units; texts and frameworks that say Elman network use tanh (rnn). The two are the same"
    " family up to an affine map of the state, which moves the initial state from 0 to ½."
)

variant = Variant("rnn", {"h'": "sigmoid(W @ x + U @ h + b)"})

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source(
        "pybrain/pybrain: pybrain/tools/shortcuts.py (buildNetwork, recurrent) with structure/modules/sigmoidlayer.py",
        "code",
    ),
    Source("torch/nn/modules/rnn.py, RNN (2.13), but for the units", "code"),
    Source("J. L. Elman 1990, figure 2 and its text", "paper", read=False),
)

comparisons = (
    Comparison(
        "flax 0.12.8, linen.SimpleCell with sigmoid (jax 0.10.2)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 4e-16",
    ),
)

claims = [
    Claim(
        "the step Jacobian is the slope of the logistic function times U",
        of="h'",
        wrt="h",
        equals="diag(h' * (1 - h')) @ U",
    ),
    Equivalence(
        "logistic units are tanh units moved and scaled, h = (1 + tanh) / 2; the bias takes up the shift",
        other="rnn",
        parameters={"W": "2 * W", "U": "4 * U", "b": "2 * b - 2 * (U @ (1 + 0 * b))"},  # 1 + 0 b: all ones
        states={"h": "(1 + h) / 2"},
    ),
]
