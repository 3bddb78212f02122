"""LSTM of 1997 with the gradient of 1997: errors that reach a gate or a candidate go no further back in time."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source, Variant
from gatedsym.library.rules import Drawn, Uniform

title = "LSTM of 1997 with its truncated gradient"
year = 1997
reference = "S. Hochreiter, J. Schmidhuber: Long short-term memory. Neural Computation 9(8), 1997"
purpose = "Only the constant error carousel carries errors back: what arrives at a gate changes its weights, and stops."
family = "lstm"
readings = (
    "Appendix A.1 of the paper sets the derivatives of the net inputs of gates and cells by earlier outputs to 0."
    " Values are those of lstm_1997; the gradient is the declared one."
)

variant = Variant(
    "lstm_1997",
    {
        "i": "sigmoid(W_i @ x + U_i @ stop(h) + b_i)",
        "g": "4 * sigmoid(W_g @ x + U_g @ stop(h) + b_g) - 2",
        "o": "sigmoid(W_o @ x + U_o @ stop(h) + b_o)",
    },
)

initialisation = Initialisation(
    {
        "W_*": Uniform(-0.1, 0.1),
        "U_*": Uniform(-0.1, 0.1),
        "b_i": Drawn(
            "-3 for the first half of the units, -6 for the second",
            lambda generator, shape, sizes: [-3.0 if 2 * unit < shape[0] else -6.0 for unit in range(shape[0])],
        ),
        "b_g": Uniform(-0.1, 0.1),
        "b_o": Uniform(-0.1, 0.1),
    },
    source=(
        "Hochreiter and Schmidhuber 1997, experiment 4 (adding problem), as Project-Aquarius-White/"
        "simple-1997-lstm-reproduction quotes it: input gates start nearly closed"
    ),
)

sources = (
    Source("Project-Aquarius-White/simple-1997-lstm-reproduction: src/aquarius_lstm/cell.py (values)", "code"),
    Source("S. Hochreiter, J. Schmidhuber 1997, appendix A.1, truncated backprop version", "paper", read=False),
)

claims = [
    Claim("the carousel carries errors back unchanged", of="c'", wrt="c", equals="eye(n)"),
    Claim("nothing else does", of="c'", wrt="h", equals="0"),
]
