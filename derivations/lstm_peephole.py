"""LSTM with peepholes (Gers, Schmidhuber 2000; Gers, Schraudolph, Schmidhuber 2002): the gates see the cell state."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM with peepholes"
year = 2002
reference = (
    "F. A. Gers, N. N. Schraudolph, J. Schmidhuber: Learning precise timing with LSTM recurrent networks. JMLR 3, 2002"
)
purpose = "Gates that see the cell state itself can count steps also while the output gate is shut."
family = "lstm"
readings = (
    "i and f see c_{t-1}, o sees the new c_t, each cell its own gates only (vectors p): so ONNX, TensorFlow, PyBrain,"
    " Brainstorm and Greff et al. (who call it vanilla). RecurrentLayers.jl shows o the old c (lstm_peephole_old_cell);"
    " Chainer and GroundHog have full matrices (lstm_peephole_full); an encyclopedia's peephole LSTM replaces h by c"
    " (lstm_encyclopedia). In the paper the gates see all cells of their block; here a block is one cell."
)

variant = Variant(
    "lstm",
    {
        "i": "sigmoid(W_i @ x + U_i @ h + p_i * c + b_i)",
        "f": "sigmoid(W_f @ x + U_f @ h + p_f * c + b_f)",
        "o": "sigmoid(W_o @ x + U_o @ h + p_o * c' + b_o)",
    },
    lines="p_{i,f,o} in R^n",
)

initialisation = Initialisation(
    {"*": Normal(0.1)}, source="Greff et al. 2017, section IV, for this cell: all weights from N(0, 0.1²)"
)

sources = (
    Source("onnx/onnx: docs/Operators.md, LSTM (opset 22)", "documentation"),
    Source("IDSIA/brainstorm: brainstorm/layers/lstm_layer.py", "code"),
    Source(
        "tensorflow/tensorflow (1.15): tensorflow/contrib/rnn/python/ops/rnn_cell.py and core/kernels/lstm_ops.cc",
        "code",
    ),
    Source("pybrain/pybrain: pybrain/structure/modules/lstm.py", "code"),
    Source("F. A. Gers et al. 2002, eqs. 1-9", "paper", read=False),
    Source("K. Greff et al. 2017, section II", "paper", read=False),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, PeepholeLSTMCell (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 3e-15",
    ),
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/lstm.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
    Comparison(
        "onnxruntime 1.31.1, LSTM",
        agrees=True,
        text="values, T = 20, float32: 2e-7",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring of PeepholeLSTMCell: o sees c(t)",
        does="the code shows c(t-1) to all three gates",
        place="src/cells/peepholelstm_cell.jl",
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
        "the peepholes add two diagonal paths from c to c', through f and through i",
        of="c'",
        wrt="c",
        equals="diag(f + p_f * c * f * (1 - f) + p_i * g * i * (1 - i))",
    ),
    Claim(
        "the output sees the cell state twice: through tanh, and through its own gate",
        of="h'",
        wrt="c",
        holding=("i", "f"),
        equals="diag((o * (1 - tanh(c') * tanh(c')) + p_o * o * (1 - o) * tanh(c')) * f)",
    ),
    Equivalence("with p = 0 it is the LSTM", other="lstm", parameters={"p_i": "0", "p_f": "0", "p_o": "0"}),
]
