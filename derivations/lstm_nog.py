"""LSTM without an output gate (NOG of Greff et al. 2017): o = 1."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM without an output gate (NOG)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017"
)
purpose = "Ablation: the cell state is always heard, h = tanh(c)."
family = "lstm"

variant = Variant("lstm_peephole", {"o": "1"})

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/nog.py", "code"),
    Source("cydonia999/rnn_variants_tensorflow: rnn_variants.py, SimplifiedLSTMCell", "code"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/nog.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 9e-16",
    ),
    Comparison(
        "cydonia999/rnn_variants_tensorflow: rnn_variants.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "the slope at the output is that of tanh, undamped",
        of="h'",
        wrt="c",
        holding=("i", "f"),
        equals="diag(f * (1 - h' * h'))",
    ),
]
