"""Recurrent highway network (Zilly et al. 2017) with coupled gates: L highway layers inside of one step."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Uniform

title = "Recurrent highway network, coupled gates"
year = 2017
reference = (
    "J. G. Zilly, R. K. Srivastava, J. Koutník, J. Schmidhuber: Recurrent highway networks. ICML 2017"
    " (arXiv:1607.03474)"
)
purpose = 'A step of depth L (gs.cell("rhn", L=5)) that still carries the state: at each layer a gate replaces a share.'
family = "gru"
readings = (
    "Carry gate C = 1 - T, as the authors ran it (their TensorFlow, Theano and Brainstorm code); with a carry gate of"
    " its own: rhn_uncoupled."
)

equations = """
x in R^m;  h in R^n
W_{H,T} in R^(n,m)
R_{H,T}[1..L] in R^(n,n);  b_{H,T}[1..L] in R^n
L = 2

s[0] = h
H[1] = tanh(W_H @ x + R_H[1] @ s[0] + b_H[1])           # candidate; the input enters the first layer alone
T[1] = sigmoid(W_T @ x + R_T[1] @ s[0] + b_T[1])        # transform gate: the share that is replaced
s[1] = H[1] * T[1] + s[0] * (1 - T[1])
for l in 2..L:
    H[l] = tanh(R_H[l] @ s[l-1] + b_H[l])
    T[l] = sigmoid(R_T[l] @ s[l-1] + b_T[l])
    s[l] = H[l] * T[l] + s[l-1] * (1 - T[l])
h' = s[L]
"""

initialisation = Initialisation(
    {"b_T*": Constant(-2), "*": Uniform(-0.04, 0.04)},
    source="The authors' code, rhn_train.py: U(±0.04), transform bias -2 for words (-4 for characters)",
)

sources = (
    Source("J. G. Zilly et al., arXiv:1607.03474, equations 6-9", "paper", read=False),
    Source("jzilly/RecurrentHighwayNetworks: rhn.py, class RHNCell (the authors)", "code"),
    Source("labmlai/annotated_deep_learning_paper_implementations: recurrent_highway_networks", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/rhn_cell.jl (couple_carry = true)", "code"),
)

contradictions = (
    Contradiction(
        "labml.ai, annotated paper implementations",
        says="for d > 0, h_d = tanh(lin(s_d)), g_d = σ(lin(s_d)): each layer sees its own result",
        does="h_d and g_d see s_{d-1}, the result of the layer before, as in the paper",
        place="labml_nn/recurrent_highway_networks/__init__.py, RHNCell",
    ),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, RHNCell.forward",
        agrees=True,
        text=(
            "L = 2; the class cannot be imported or constructed in this version, its forward ran on given units:"
            " values and all gradients, T = 20: largest relative difference 9e-16"
        ),
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by what each layer carries",
        of="h'",
        wrt="h",
        holding=("H_1", "T_1", "H_2", "T_2"),
        equals="diag((1 - T_1) * (1 - T_2))",
    ),
    Claim(
        "a layer that carries all passes the first layer's gradient on",
        of="h'",
        wrt="x",
        where={"T_1": "1", "T_2": "0"},
        equals="diag(1 - H_1 * H_1) @ W_H",
    ),
    Equivalence(
        "with one layer it is the UGRNN, whose gate keeps what T replaces",
        other="ugrnn",
        where={"L": "1"},
        parameters={
            "W_H": "W_c",
            "R_H_1": "U_c",
            "b_H_1": "b_c",
            "W_T": "-W_g",
            "R_T_1": "-U_g",
            "b_T_1": "-b_g",
        },
    ),
]
