"""LSTM with coupled input and forget gate (CIFG; Greff et al. 2017), the input gate learned: f = 1 - i."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM with coupled gates (CIFG)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017 (here without peepholes)"
)
purpose = "What is written is what is forgotten: c stays an average of candidates, and a gate is saved."
family = "lstm"
readings = (
    "The learned gate is the input gate (f = 1 - i) with Greff et al. and in ONNX's input_forget, as ONNX Runtime runs"
    " it; it is the forget gate (i = 1 - f) in TensorFlow's CoupledInputForgetGateLSTMCell (cifg_forget). They are one"
    " cell with the sign of that gate's parameters turned, as proven here; a retention bias has opposite signs in them."
    " With peepholes, as in the paper: lstm_cifg_peephole."
)

variant = Variant("lstm", {"f": "1 - i"})

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/cifg.py (with peepholes)", "code"),
    Source("cydonia999/rnn_variants_tensorflow: rnn_variants.py, SimplifiedLSTMCell", "code"),
    Source("onnx/onnx: docs/Operators.md, LSTM with input_forget; as run by ONNX Runtime 1.31.1", "documentation"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
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
        "the one gate learns from the difference between what it would write and what it would lose",
        of="c'",
        wrt="b_i",
        equals="diag((g - c) * i * (1 - i))",
    ),
    Equivalence(
        "the two ways to couple are one cell under W_i, U_i, b_i = -W_f, -U_f, -b_f",
        other="cifg_forget",
        parameters={"W_i": "-W_f", "U_i": "-U_f", "b_i": "-b_f"},
    ),
    Equivalence(
        "the LSTM whose input and forget gate have opposite parameters",
        other="lstm",
        other_parameters={"W_f": "-W_i", "U_f": "-U_i", "b_f": "-b_i"},
    ),
]
