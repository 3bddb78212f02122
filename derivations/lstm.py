"""LSTM with a forget gate (Gers, Schmidhuber, Cummins 2000), without peepholes: what texts call the LSTM."""

from gatedsym.library.claims import Claim, Equivalence, Identity, Limit
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant

title = "LSTM with a forget gate"
year = 2000
reference = (
    "F. A. Gers, J. Schmidhuber, F. Cummins: Learning to forget: continual prediction with LSTM."
    " Neural Computation 12(10), 2000"
)
purpose = "Keeps a cell state c apart from the output h; the forget gate f decides how much of c stays."
family = "lstm"
readings = (
    "One reading, and many layouts: gates stacked i f g o, i g f o or i o f g, one bias or two, (h, c) or (c, h)."
    " The 2000 paper has memory blocks whose cells share gates, squashes as in 1997 (lstm_1997), and cuts the gradient."
)

equations = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + b_i)    # input gate
f  = sigmoid(W_f @ x + U_f @ h + b_f)    # forget gate: the share of c that stays
g  = tanh(W_g @ x + U_g @ h + b_g)       # candidate
o  = sigmoid(W_o @ x + U_o @ h + b_o)    # output gate
c' = f * c + i * g
h' = o * tanh(c')
"""

comparisons = (
    Comparison(
        "torch 2.13.0, nn.LSTM",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 9e-16",
    ),
    Comparison(
        "keras 3.15.1, LSTM (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 9e-16",
    ),
    Comparison(
        "flax 0.12.8, linen.LSTMCell and nnx.OptimizedLSTMCell (jax 0.10.2)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
    Comparison("onnx 1.23.2, LSTM by ReferenceEvaluator", agrees=True, text="values, T = 20, float64: 3e-16"),
    Comparison("onnxruntime 1.31.1, LSTM", agrees=True, text="values, T = 20, float32: 3e-7"),
)

contradictions = (
    Contradiction(
        "TensorFlow, LSTMBlockCell",
        says="[i, f, ci, o] = xh * w + b",
        does="the kernel is registered with the order i, ci, f, o (ICFO)",
        place="core/api_def/base_api/api_def_LSTMBlockCell.pbtxt; core/kernels/rnn/lstm_ops.cc, REGISTER_KERNEL",
    ),
    Contradiction(
        "PyTorch",
        says="a comment gives cuDNN's order as (reset, forget, cell, output) for LSTM and (reset, input, new) for GRU",
        does="the gates are (input, forget, cell, output) and (reset, update, new)",
        place="aten/src/ATen/native/cudnn/RNN.cpp, above get_parameters",
    ),
    Contradiction(
        "ONNX Runtime 1.31.1",
        says="the operator's attribute clip applies to the input of activations, so to c' before the last tanh too",
        does="only the pre-activations of gates and candidate are clipped (clip = 1: off by 0.2 from what is said)",
        place="onnx 1.23.2, schema of LSTM; microsoft/onnxruntime#27224; run on CPU",
    ),
    Contradiction(
        "onnx 1.23.2, ReferenceEvaluator",
        says="LSTM has the attributes activations, clip and input_forget, GRU the first two",
        does="they are ignored without a word: the output with each of them is the output without",
        place="onnx/reference/ops/op_lstm.py (# TODO: support overridden attributes), op_gru.py; run",
    ),
)

initialisation = Initialisation(
    {"b_f": Constant(1)},
    source=(
        "R. Jozefowicz, W. Zaremba, I. Sutskever: An empirical exploration of recurrent network architectures, ICML"
        " 2015, section 2.2: a forget bias of 1 or more, as Gers et al. 2000 proposed; Keras has it, PyTorch not"
    ),
)

sources = (
    Source("torch/nn/modules/rnn.py, LSTM (2.13)", "code"),
    Source("keras/src/layers/rnn/lstm.py (3.15)", "code"),
    Source("onnx/onnx: docs/Operators.md, LSTM without its optional input P (opset 22)", "documentation"),
    Source("F. A. Gers, J. Schmidhuber, F. Cummins 2000, section 3", "paper", read=False),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim("f = 1 passes the gradient unchanged", of="c'", wrt="c", holding="direct", where={"f": "1"}, equals="eye(n)"),
    Claim("f = 0 passes none of it", of="c'", wrt="c", holding="direct", where={"f": "0"}, equals="0 * eye(n)"),
    Claim(
        "the whole of ∂h'/∂c runs through the output gate and tanh",
        of="h'",
        wrt="c",
        equals="diag(o * f * (1 - tanh(c') * tanh(c')))",
    ),
    Identity("the logistic function is a shifted tanh", "sigmoid(a)", "(1 + tanh(a / 2)) / 2", declarations="a in R"),
    Equivalence("f = 1 is the LSTM of 1997, as it is read today", other="lstm_1997_tanh", where={"f": "1"}),
    Limit(
        "no gate is a gate that is always open: as the forget bias grows, c' tends to the carousel of 1997",
        of="c'",
        parameter="b_f",
        to="oo",
        equals="c + i * g",
    ),
]
