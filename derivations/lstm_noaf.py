"""LSTM without the output's squashing (NOAF of Greff et al. 2017): h = o * c."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM without output activation (NOAF)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017"
)
purpose = "Ablation: the cell state is heard as it is; unbounded where c is."
family = "lstm"

variant = Variant("lstm_peephole", {"h'": "o * c'"})

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/noaf.py", "code"),
    Source("cydonia999/rnn_variants_tensorflow: rnn_variants.py, SimplifiedLSTMCell", "code"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/noaf.py, its step run on torch 2.13.0",
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
        "from c to the output the gradient meets gates alone",
        of="h'",
        wrt="c",
        holding=("i", "f", "o"),
        equals="diag(o * f)",
    ),
    Equivalence(
        "with i and o held open and f shut it is the simple recurrent network",
        other="rnn",
        where={"i": "1", "f": "0", "o": "1"},
        parameters={"W_g": "W", "U_g": "U", "b_g": "b"},
        ignoring=("c",),
    ),
]
