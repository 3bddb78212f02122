"""Residual LSTM (Kim et al. 2017): the layer's input skips the memory and meets its projection at the output gate."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Residual LSTM"
year = 2017
reference = (
    "J. Kim, M. El-Khamy, J. Lee: Residual LSTM: design of a deep recurrent architecture for distant speech"
    " recognition. Interspeech 2017 (arXiv:1701.03360)"
)
purpose = (
    "For deep stacks: a shortcut of the layer's input to its output, gated by the output gate that is there anyway."
)
family = "lstm"
readings = (
    "The paper has diagonal peepholes, a candidate that sees x, a projection P of tanh(c) and a matrix V for the"
    " shortcut (the identity where sizes agree); torchrecurrent follows it. NeuralForecast has another cell under that"
    " name: res_lstm_neuralforecast. Smyl's DyNet code (slstm.cpp, ResidualDilatedLSTMBuilder) has neither peepholes"
    " nor P and adds the input unweighted."
)

equations = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  p_{i,f,o}, b_{i,f,g,o} in R^n
P in R^(n,n);  V in R^(n,m)

i  = sigmoid(W_i @ x + U_i @ h + p_i * c + b_i)     # input gate, sees the old c
f  = sigmoid(W_f @ x + U_f @ h + p_f * c + b_f)     # forget gate, sees the old c
g  = tanh(W_g @ x + U_g @ h + b_g)                  # candidate
c' = f * c + i * g
o  = sigmoid(W_o @ x + U_o @ h + p_o * c' + b_o)    # output gate, sees the new c
h' = o * (P @ tanh(c') + V @ x)                     # projection, and the shortcut
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("J. Kim et al. 2017 (arXiv:1701.03360), section 3", "paper", read=False),
    Source("torchrecurrent 0.2.5: torchrecurrent/cells/reslstm_cell.py", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, ResLSTMCell",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "the shortcut: with the output gate and c' held, the input reaches h' through diag(o) V",
        of="h'",
        wrt="x",
        holding=("o", "c'"),
        equals="diag(o) @ V",
    ),
    Claim(
        "the input gate closed and the forget gate open hold the memory",
        of="c'",
        wrt="c",
        where={"i": "0", "f": "1"},
        equals="eye(n)",
    ),
    Equivalence(
        "without shortcut and projection it is the LSTM with peepholes",
        other="lstm_peephole",
        parameters={"P": "eye(n)", "V": "0 * W_i"},
    ),
]
