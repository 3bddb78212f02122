"""Multiplicative LSTM (Krause et al. 2016): the input chooses the recurrent matrix, then an LSTM reads its product."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant

title = "Multiplicative LSTM"
year = 2016
reference = "B. Krause, L. Lu, I. Murray, S. Renals: Multiplicative LSTM for sequence modelling. arXiv:1609.07959, 2016"
purpose = "Its transition differs from input to input: W_m x scales the rows of the recurrent product before any gate."
family = "lstm"
readings = (
    "The authors have two: their Chainer code (this cell) puts the product into a standard LSTM; their MATLAB code"
    " has a linear candidate and squashes after the output gate: multiplicative_lstm_matlab. RecurrentLayers.jl and"
    " torchrecurrent have this one, with a bias on U_m h."
)

equations = """
x in R^m;  h, c in R^n
W_{m,i,f,g,o} in R^(n,m);  U_{m,i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

m  = (W_m @ x) * (U_m @ h)               # intermediate state: U_m h, each unit scaled by the input
i  = sigmoid(W_i @ x + U_i @ m + b_i)    # input gate
f  = sigmoid(W_f @ x + U_f @ m + b_f)    # forget gate: the share of c that stays
g  = tanh(W_g @ x + U_g @ m + b_g)       # candidate
o  = sigmoid(W_o @ x + U_o @ m + b_o)    # output gate
c' = f * c + i * g
h' = o * tanh(c')
"""

initialisation = Initialisation(
    {"b_f": Constant(1), "b_*": Constant(0)},
    otherwise="orthogonal",
    source=(
        "The authors' Chainer code: forget bias 1, other biases 0; the scale of its normalised weights is not given"
        " here."
    ),
)

sources = (
    Source("B. Krause et al. 2016 (arXiv:1609.07959), section 3", "paper", read=False),
    Source("benkrause/mLSTM: chainer/mLSTMWN.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/multiplicativelstm_cell.jl", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, MultiplicativeLSTMCell (recurrent biases 0)",
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
        "whatever c' learns of h passes the matrix diag(W_m x) U_m, which the input chooses",
        of="c'",
        wrt="h",
        equals="(diag(c * f * (1 - f)) @ U_f + diag(g * i * (1 - i)) @ U_i + diag(i * (1 - g * g)) @ U_g)"
        " @ diag(W_m @ x) @ U_m",
    ),
    Equivalence(
        "with the state itself in place of the intermediate state it is the LSTM", other="lstm", where={"m": "h"}
    ),
]
