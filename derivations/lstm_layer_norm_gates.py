"""LSTM with a layer norm for each gate, and for the cell state that is carried on (TensorFlow's contrib cell)."""

from gatedsym.library.claims import Equivalence
from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant

title = "LSTM with layer normalisation gate by gate"
year = 2016
reference = (
    "TensorFlow 1: tf.contrib.rnn.LayerNormBasicLSTMCell, after J. L. Ba, J. R. Kiros, G. E. Hinton (arXiv:1607.06450)"
)
purpose = "As normalised, but c itself is normalised in every step: f no longer decides alone how long a value lasts."
family = "lstm"
readings = (
    "TensorFlow 1 contrib. The sum of both products is normalised, per gate, with gain and shift (which is the bias);"
    " the forget gate has 1 added inside. The paper normalises the stacked products apart and leaves c alone:"
    " lstm_layer_norm."
)

equations = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  alpha_{i,f,g,o}, beta_{i,f,g,o}, alpha_c, beta_c in R^n
eps = 1e-12
LN(v) = (v - mean(v)) / sqrt(mean((v - mean(v))**2) + eps)

i  = sigmoid(alpha_i * LN(W_i @ x + U_i @ h) + beta_i)        # input gate
f  = sigmoid(alpha_f * LN(W_f @ x + U_f @ h) + beta_f + 1)    # forget gate
g  = tanh(alpha_g * LN(W_g @ x + U_g @ h) + beta_g)           # candidate
o  = sigmoid(alpha_o * LN(W_o @ x + U_o @ h) + beta_o)        # output gate
c' = alpha_c * LN(f * c + i * g) + beta_c                     # normalised, and carried on so
h' = o * tanh(c')
"""

initialisation = Initialisation(
    {"alpha_*": Constant(1), "beta_*": Constant(0)},
    otherwise="xavier-stacked",
    source="TensorFlow 1: norm_gain 1, norm_shift 0; kernels by the graph's default, Glorot uniform.",
)

sources = (
    Source("tensorflow/tensorflow v1: tensorflow/contrib/rnn/python/ops/rnn_cell.py, LayerNormBasicLSTMCell", "code"),
)

contradictions = (
    Contradiction(
        "TensorFlow 1, tf.contrib.rnn.LayerNormBasicLSTMCell",
        says="layer normalisation after Ba et al., applied before the internal nonlinearities",
        does=(
            "one norm per gate over the sum of both products, and the cell state is normalised where it is carried"
            " on; the paper normalises it only on its way to the output"
        ),
        place="tensorflow/contrib/rnn/python/ops/rnn_cell.py, LayerNormBasicLSTMCell.call",
    ),
)

claims = [
    Equivalence(
        "without eps, weights of any one gate may be doubled and nothing changes",
        other="lstm_layer_norm_gates",
        where={"eps": "0"},
        other_where={"eps": "0"},
        parameters={"W_f": "2 * W_f", "U_f": "2 * U_f"},
    ),
]
