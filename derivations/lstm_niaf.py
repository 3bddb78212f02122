"""LSTM without the candidate's squashing (NIAF of Greff et al. 2017): g is linear."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM without input activation (NIAF)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017"
)
purpose = "Ablation: the candidate is not squashed, so one step can write any amount."
family = "lstm"

variant = Variant("lstm_peephole", {"g": "W_g @ x + U_g @ h + b_g"})

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/niaf.py", "code"),
    Source("cydonia999/rnn_variants_tensorflow: rnn_variants.py, SimplifiedLSTMCell", "code"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/niaf.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
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
    Claim("nothing but the input gate stands before the candidate's weights", of="c'", wrt="b_g", equals="diag(i)"),
]
