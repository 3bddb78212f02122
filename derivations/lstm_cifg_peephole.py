"""LSTM with peepholes and coupled gates (CIFG of Greff et al. 2017): f = 1 - i."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM with coupled gates and peepholes (CIFG)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017"
)
purpose = "What is written is what is forgotten; as good as the full cell in the study, with a gate less."
family = "lstm"

variant = Variant("lstm_peephole", {"f": "1 - i"})

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/cifg.py", "code"),
    Source("cydonia999/rnn_variants_tensorflow: rnn_variants.py, SimplifiedLSTMCell", "code"),
    Source("tensorflow/tensorflow (1.15): tensorflow/contrib/rnn/python/ops/rnn_cell.py (the other polarity)", "code"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/cifg.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 1e-15",
    ),
    Comparison(
        "cydonia999/rnn_variants_tensorflow: rnn_variants.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 6e-16",
    ),
    Comparison(
        "onnxruntime 1.31.1, LSTM",
        agrees=True,
        text="values, T = 20, float32: 2e-7",
    ),
    Comparison(
        "onnx 1.23.2, LSTM by ReferenceEvaluator",
        agrees=False,
        text="it ignores input_forget without a word: values off by 0.4",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by 1 - i",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(1 - i)",
    ),
    Claim(
        "the one peephole acts on the difference between what is written and what is lost",
        of="c'",
        wrt="c",
        equals="diag(1 - i + p_i * (g - c) * i * (1 - i))",
    ),
    Equivalence("with p = 0 it is CIFG without peepholes", other="cifg", parameters={"p_i": "0", "p_o": "0"}),
]
