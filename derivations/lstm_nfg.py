"""LSTM without a forget gate but with peepholes (NFG of Greff et al. 2017): f = 1."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM without a forget gate (NFG)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017"
)
purpose = "Ablation: the carousel of 1997 with peepholes; c is never forgotten, and grows."
family = "lstm"

variant = Variant("lstm_peephole", {"f": "1"})

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/nfg.py", "code"),
    Source("cydonia999/rnn_variants_tensorflow: rnn_variants.py, SimplifiedLSTMCell", "code"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/nfg.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 1e-15",
    ),
    Comparison(
        "cydonia999/rnn_variants_tensorflow: rnn_variants.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state passes unchanged",
        of="c'",
        wrt="c",
        holding="direct",
        equals="eye(n)",
    ),
    Claim(
        "only the input gate's peephole adds a path from c to c'",
        of="c'",
        wrt="c",
        equals="diag(1 + p_i * g * i * (1 - i))",
    ),
    Equivalence(
        "with p = 0 it is the LSTM without a forget gate",
        other="lstm_1997_tanh",
        parameters={"p_i": "0", "p_o": "0"},
    ),
]
