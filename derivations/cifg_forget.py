"""LSTM with coupled gates in TensorFlow's polarity: the forget gate is learned, i = 1 - f."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Constant

title = "LSTM with coupled gates, the forget gate learned"
year = 2016
reference = "tensorflow.contrib.rnn.CoupledInputForgetGateLSTMCell (TensorFlow 1); after Greff et al. 2017"
purpose = "As cifg, with f as the learned gate: a positive forget bias retains, as users of the LSTM expect."
family = "lstm"
readings = (
    "TensorFlow 1 (contrib) and TensorFlow Lite: i = 1 - f, in contrib with 1 added inside the gate. Greff et al. and"
    " ONNX: f = 1 - i (cifg)."
)

variant = Variant("lstm", {"i": "1 - f"})

initialisation = Initialisation(
    {"b_f": Constant(1), "b_*": Constant(0)},
    source="TensorFlow 1: forget_bias = 1 is added to the gate, biases start at zero, matrices at Glorot's default",
    otherwise="xavier-stacked",
)

sources = (
    Source("tensorflow/tensorflow (1.15): tensorflow/contrib/rnn/python/ops/rnn_cell.py", "code"),
    Source("tensorflow/tensorflow: tensorflow/lite/kernels/lstm_eval.cc, UpdateLstmCellFloat", "code"),
    Source("K. Greff et al. 2017, section III (the other polarity)", "paper", read=False),
)

comparisons = (
    Comparison(
        "tensorflow 1.15, contrib CoupledInputForgetGateLSTMCell.call, run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64, with forget_bias = 0: largest relative difference 9e-16",
    ),
)

contradictions = (
    Contradiction(
        "TensorFlow 1, CoupledInputForgetGateLSTMCell",
        says="the docstring: the coupling is based on Greff et al., where f = 1 - i",
        does="i = 1 - f: the learned gate is the forget gate",
        place="tensorflow/contrib/rnn/python/ops/rnn_cell.py",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "the one gate learns from the difference between what it would keep and what it would write",
        of="c'",
        wrt="b_f",
        equals="diag((c - g) * f * (1 - f))",
    ),
    Equivalence(
        "the LSTM whose input and forget gate have opposite parameters",
        other="lstm",
        other_parameters={"W_i": "-W_f", "U_i": "-U_f", "b_i": "-b_f"},
    ),
    Equivalence(
        "without the output gate, c shown as it is: JANET with β = 0",
        other="janet",
        where={"h'": "c'"},
        other_where={"beta": "0"},
        states={"c": "h"},
    ),
]
