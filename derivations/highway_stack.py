"""Highway network (Srivastava, Greff, Schmidhuber 2015): L highway layers, each with parameters of its own."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant

title = "Highway network of L layers"
year = 2015
reference = "R. K. Srivastava, K. Greff, J. Schmidhuber: Highway networks. arXiv:1505.00387, 2015"
purpose = (
    "Depth in place of time: the recurrence runs over layers within one step. Layers do not share parameters, as time"
    " steps do; the depth L is given when the cell is made."
)
family = "feed-forward"

equations = """
L = 3
x in R^n
W_{H,T}[1..L] in R^(n,n);  b_{H,T}[1..L] in R^n
output y

s[0] = x
for l in 1..L:
    H[l] = tanh(W_H[l] @ s[l-1] + b_H[l])        # the plain layer
    T[l] = sigmoid(W_T[l] @ s[l-1] + b_T[l])     # transform gate: the share of s that is replaced
    s[l] = T[l] * H[l] + (1 - T[l]) * s[l-1]
y = s[L]
"""

initialisation = Initialisation(
    {"b_T*": Constant(-2)},
    source="Srivastava et al. 2015, section 2.2: a negative bias of T, so that layers carry at first (-1, -2, …)",
    otherwise="xavier",
)

sources = (
    Source("allenai/allennlp: allennlp/modules/highway.py (its gate carries)", "code"),
    Source("IDSIA/brainstorm: brainstorm/layers/highway_layer.py", "code"),
    Source("R. K. Srivastava et al. 2015, eq. 3", "paper", read=False),
)

comparisons = (
    Comparison(
        "allennlp, Highway of three layers with tanh (torch 2.13.0), its gates 1 - T",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by the product of what the layers carry",
        of="y",
        wrt="x",
        holding=("H_1", "H_2", "H_3", "T_1", "T_2", "T_3"),
        equals="diag((1 - T_1) * (1 - T_2) * (1 - T_3))",
    ),
    Claim(
        "layers that are shut pass the gradient of the one that is not",
        of="y",
        wrt="x",
        where={"T_1": "0", "T_2": "1", "T_3": "0"},
        equals="diag(1 - H_2 * H_2) @ W_H_2",
    ),
    Equivalence(
        "of one layer it is the highway layer",
        other="highway_layer",
        where={"L": "1"},
        parameters={"W_H_1": "W_H", "W_T_1": "W_T", "b_H_1": "b_H", "b_T_1": "b_T"},
    ),
]
