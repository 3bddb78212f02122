"""Nested LSTM (Moniz, Krueger 2017): the memory cell of an LSTM is an LSTM."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Glorot

title = "Nested LSTM"
year = 2017
reference = "J. R. A. Moniz, D. Krueger: Nested LSTMs. ACML 2017"
purpose = "What the outer gates would add up is handed to an inner LSTM, whose own memory d can hold for longer."
family = "lstm"
readings = (
    "Depth 2, tanh as every squashing function. The paper dates the inner hidden state t - 1, although this step"
    " computes it: here it is past = f * c."
)

equations = """
x in R^m;  h, c, d in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n
A_{i,f,g,o} in R^(n,n);  B_{i,f,g,o} in R^(n,n);  a_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + b_i)
f  = sigmoid(W_f @ x + U_f @ h + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
new  = i * g                                    # the inner input
past = f * c                                    # the inner hidden state
p  = sigmoid(A_i @ new + B_i @ past + a_i)
k  = sigmoid(A_f @ new + B_f @ past + a_f)
r  = tanh(A_g @ new + B_g @ past + a_g)
q  = sigmoid(A_o @ new + B_o @ past + a_o)
d' = k * d + p * r
c' = q * tanh(d')
h' = o * tanh(c')
"""

initialisation = Initialisation(
    {"b_f": Constant(1.0), "a_f": Constant(1.0), "b_*": Constant(0.0), "a_*": Constant(0.0), "*": Glorot()},
    source="hannw/nlstm: rnn_cell.py: forget_bias = 1, zeros else; kernels by TensorFlow's default",
)

sources = (
    Source("hannw/nlstm: rnn_cell.py", "code"),
    Source("J. R. A. Moniz, D. Krueger 2017, section 3", "paper", read=False),
)

contradictions = (
    Contradiction(
        "hannw/nlstm",
        says="activation: of the update values, default sigmoid",
        does="the default is tanh, as in the paper",
        place="rnn_cell.py, NLSTMCell.__init__: activation or math_ops.tanh",
    ),
)

claims = [
    Claim("the inner memory has a highway of its own", of="d'", wrt="d", equals="diag(k)"),
    Claim("the outer one has none but through the inner", of="c'", wrt="d", equals="diag(q * (1 - tanh(d')**2) * k)"),
]
