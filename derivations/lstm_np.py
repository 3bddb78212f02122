"""LSTM with its peepholes taken away (NP of Greff et al. 2017)."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM without peepholes (NP)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017"
)
purpose = "Ablation: the peephole LSTM less its peepholes, which is the LSTM with a forget gate."
family = "lstm"

variant = Variant(
    "lstm_peephole",
    {
        "i": "sigmoid(W_i @ x + U_i @ h + b_i)",
        "f": "sigmoid(W_f @ x + U_f @ h + b_f)",
        "o": "sigmoid(W_o @ x + U_o @ h + b_o)",
    },
)

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/np.py", "code"),
    Source("torch/nn/modules/rnn.py, LSTM (2.13)", "code"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
    Comparison(
        "torch 2.13.0, nn.LSTMCell",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 8e-16",
    ),
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/np.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 8e-16",
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
    Equivalence("it is the LSTM with a forget gate", other="lstm"),
]
