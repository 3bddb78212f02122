"""Strongly-typed LSTM (Balduzzi & Ghifary 2016): gates see two inputs, never the state, so the state stays linear."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Strongly-typed LSTM (T-LSTM)"
year = 2016
reference = "D. Balduzzi, M. Ghifary: Strongly-typed recurrent neural networks. ICML 2016 (arXiv:1602.02218)"
purpose = (
    "No weight matrix acts on the state: each unit is an average over time, so its gradient neither mixes nor grows."
)
family = "lstm"
readings = (
    "The squashing τ of the output gate is tanh in RecurrentLayers.jl and torchrecurrent (here), the logistic"
    " function in a Keras 0.x layer. h is output only; c and the last input are what is carried."
)

equations = """
x in R^m;  c in R^n
W_{z,f,o}, V_{z,f,o} in R^(n,m);  b_{z,f,o} in R^n
output h

z  = W_z @ x + V_z @ x[-1] + b_z             # candidate: linear, of the present and the last input
f  = sigmoid(W_f @ x + V_f @ x[-1] + b_f)    # forget gate: the share of c that stays
o  = tanh(W_o @ x + V_o @ x[-1] + b_o)       # output gate, signed
c' = f * c + (1 - f) * z
h  = c' * o
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("D. Balduzzi, M. Ghifary 2016 (arXiv:1602.02218)", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/trnn_cell.jl, TLSTMCell", "code"),
    Source("a Keras 0.x layer TLSTM(Recurrent) in Theano (GitHub; logistic output gate)", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, TLSTMCell",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 7e-16",
    ),
)

claims = [
    Claim("the whole state Jacobian is diagonal: the forget gate", of="c'", wrt="c", equals="diag(f)"),
    Claim("and so is the way to the output", of="h", wrt="c", equals="diag(o * f)"),
    Equivalence(
        "the QRNN with a linear candidate and a signed output gate",
        other="qrnn",
        other_where={"z": "V_z @ x[-1] + W_z @ x", "o": "tanh(V_o @ x[-1] + W_o @ x)"},
        parameters={"b_z": "0", "b_f": "0", "b_o": "0"},
    ),
    Equivalence(
        "without the last input its cell state is that of the strongly-typed RNN",
        other="trnn",
        parameters={"V_z": "0 * W_z", "V_f": "0 * W_f"},
        where={"o": "1"},
        states={"c": "h", "h": "h'"},
    ),
]
