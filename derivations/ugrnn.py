"""Update gate RNN (Collins, Sohl-Dickstein, Sussillo 2017): a GRU without reset gate."""

from gatedsym.library.claims import Claim, Equivalence, Limit
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant

title = "UGRNN, update gate RNN"
year = 2017
reference = (
    "J. Collins, J. Sohl-Dickstein, D. Sussillo: Capacity and trainability in recurrent neural networks. ICLR 2017"
)
purpose = "One gate decides whether a unit integrates or computes anew: a highway layer in time."
family = "gru"

equations = """
x in R^m;  h in R^n
W_{c,g} in R^(n,m);  U_{c,g} in R^(n,n);  b_{c,g} in R^n

c  = tanh(W_c @ x + U_c @ h + b_c)       # candidate
g  = sigmoid(W_g @ x + U_g @ h + b_g)    # update gate: the share of h that stays
h' = g * h + (1 - g) * c
"""

initialisation = Initialisation(
    {"b_g": Constant(1), "b_c": Constant(0)},
    otherwise="xavier-stacked",
    source="TensorFlow 1's UGRNNCell: forget_bias = 1 is added to the gate; the paper tunes that bias.",
)
sources = (
    Source("J. Collins et al. 2017, section 2", "paper", read=False),
    Source("tensorflow/tensorflow 1.x: tensorflow/contrib/rnn/python/ops/rnn_cell.py, UGRNNCell", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/ugrnn_cell.jl", "code"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, UGRNNCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

claims = [
    Claim("along the highway the gradient is multiplied by g", of="h'", wrt="h", holding="direct", equals="diag(g)"),
    Claim(
        "the step Jacobian has the highway, the gate's path and the candidate's",
        of="h'",
        wrt="h",
        equals="diag(g) + diag((h - c) * g * (1 - g)) @ U_g + diag((1 - g) * (1 - c * c)) @ U_c",
    ),
    Equivalence(
        "the GRU whose reset gate is open, with the other sign of the update gate",
        other="gru",
        other_where={"r": "1"},
        parameters={"W_g": "-W_z", "U_g": "-U_z", "b_g": "-b_z", "W_c": "W_g", "U_c": "U_g", "b_c": "b_g"},
    ),
    Equivalence(
        "with the gate closed it is the simple recurrent network",
        other="rnn",
        where={"g": "0"},
        parameters={"W_c": "W", "U_c": "U", "b_c": "b"},
    ),
    Limit("with its bias towards infinity the gate keeps all", of="h'", parameter="b_g", to="oo", equals="h"),
]
