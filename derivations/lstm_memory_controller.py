"""Memory-controller LSTM: the state that is fed back has a gate of its own, apart from the output's."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Memory-controller LSTM (MCLSTM)"
year = 2017
reference = (
    "I. Ben-Ari, R. Shwartz-Ziv: Sequence modeling using a memory controller extension for LSTM."
    " NIPS 2017 time series workshop"
)
purpose = "What the cell shows (h) and what it tells itself (v) are gated apart; both read the same memory."
family = "lstm"

equations = """
x in R^m;  v, c in R^n
W_{i,f,g,o,r} in R^(n,m);  U_{i,f,g,o,r} in R^(n,n);  b_{i,f,g,o,r} in R^n
output h

i  = sigmoid(W_i @ x + U_i @ v + b_i)    # input gate
f  = sigmoid(W_f @ x + U_f @ v + b_f)    # forget gate
g  = tanh(W_g @ x + U_g @ v + b_g)       # candidate
o  = sigmoid(W_o @ x + U_o @ v + b_o)    # output gate: what is shown
r  = sigmoid(W_r @ x + U_r @ v + b_r)    # controller gate: what is fed back
c' = f * c + i * g
h  = o * tanh(c')
v' = r * tanh(c')
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("I. Ben-Ari, R. Shwartz-Ziv 2017", "paper", read=False),
    Source(
        "MartinuzziFrancesco/RecurrentLayers.jl: src/cells/mclstm_cell.jl, the code, and torchrecurrent 0.2.5 (same"
        " author)",
        "code",
    ),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, MCLSTMCell",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 9e-16",
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
        "the output gate has no part in the recurrence: forced open, it leaves ∂v'/∂c as it was",
        of="v'",
        wrt="c",
        where={"o": "1"},
        equals="diag(r * f * (1 - tanh(c') * tanh(c')))",
    ),
    Equivalence(
        "with one gate for both it is the LSTM",
        other="lstm",
        where={"r": "o"},
        states={"v": "h", "h": "h'"},
    ),
]
