"""Recurrent highway network (Zilly et al. 2017) as its equations are first written: a carry gate of its own."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Uniform

title = "Recurrent highway network, carry and transform gates"
year = 2017
reference = (
    "J. G. Zilly, R. K. Srivastava, J. Koutník, J. Schmidhuber: Recurrent highway networks. ICML 2017"
    " (arXiv:1607.03474)"
)
purpose = "The general form: what a layer carries and what it writes are gated apart, so the state may grow."
family = "gru"
readings = "The authors' experiments have C = 1 - T: the cell rhn."

equations = """
x in R^m;  h in R^n
W_{H,T,C} in R^(n,m)
R_{H,T,C}[1..L] in R^(n,n);  b_{H,T,C}[1..L] in R^n
L = 2

s[0] = h
H[1] = tanh(W_H @ x + R_H[1] @ s[0] + b_H[1])           # candidate; the input enters the first layer alone
T[1] = sigmoid(W_T @ x + R_T[1] @ s[0] + b_T[1])        # transform gate: the share of the candidate that is written
C[1] = sigmoid(W_C @ x + R_C[1] @ s[0] + b_C[1])        # carry gate: the share that stays
s[1] = H[1] * T[1] + s[0] * C[1]
for l in 2..L:
    H[l] = tanh(R_H[l] @ s[l-1] + b_H[l])
    T[l] = sigmoid(R_T[l] @ s[l-1] + b_T[l])
    C[l] = sigmoid(R_C[l] @ s[l-1] + b_C[l])
    s[l] = H[l] * T[l] + s[l-1] * C[l]
h' = s[L]
"""

initialisation = Initialisation(
    {"b_T*": Constant(-2), "*": Uniform(-0.04, 0.04)},
    source="The authors' code, rhn_train.py: U(±0.04), transform bias -2 for words (-4 for characters)",
)

sources = (
    Source("J. G. Zilly et al., arXiv:1607.03474, equations 6-9", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/rhn_cell.jl (couple_carry = false)", "code"),
    Source("labmlai/annotated_deep_learning_paper_implementations: recurrent_highway_networks", "documentation"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, RHNCell.forward",
        agrees=True,
        text=(
            "L = 2, couple_carry = False; its forward ran on given units: values and all gradients, T = 20:"
            " largest relative difference 8e-16"
        ),
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by the carry gates",
        of="h'",
        wrt="h",
        holding=("H_1", "T_1", "C_1", "H_2", "T_2", "C_2"),
        equals="diag(C_1 * C_2)",
    ),
    Claim(
        "C = 1 and T = 0 pass the gradient unchanged",
        of="h'",
        wrt="h",
        where={"C_1": "1", "C_2": "1", "T_1": "0", "T_2": "0"},
        equals="eye(n)",
    ),
    Equivalence(
        "carry gates with the negated parameters of the transform gates are coupled to them",
        other="rhn",
        parameters={"W_C": "-W_T", "R_C_1": "-R_T_1", "R_C_2": "-R_T_2", "b_C_1": "-b_T_1", "b_C_2": "-b_T_2"},
    ),
    Equivalence(
        "coupled gates, C = 1 - T, give what the authors ran",
        other="rhn",
        where={"C[1]": "1 - T[1]", "C[l]": "1 - T[l]"},
    ),
]
