"""LS-LSTM (Martin & Cundy 2018): an LSTM whose gates see a linear surrogate of the last output."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Glorot

title = "Linear surrogate LSTM (GILR-LSTM)"
year = 2018
reference = (
    "E. Martin, C. Cundy: Parallelizing linear recurrent neural nets over sequence length. ICLR 2018 (arXiv:1709.04057)"
)
purpose = "An LSTM that a parallel scan can compute: s, a GILR, stands where h_{t-1} stood."
family = "linear"
readings = (
    "The gates see the surrogate of the step before, as in the paper; the authors' code: gilr_lstm_new_surrogate."
)

equations = """
x in R^m;  c, s in R^n
V_{f,i,o,z,g,s} in R^(n,m);  U_{f,i,o,z} in R^(n,n);  b_{f,i,o,z,g,s} in R^n
output h

f  = sigmoid(U_f @ s + V_f @ x + b_f)     # forget gate: the share of c that stays
i  = sigmoid(U_i @ s + V_i @ x + b_i)     # input gate
o  = sigmoid(U_o @ s + V_o @ x + b_o)     # output gate
z  = tanh(U_z @ s + V_z @ x + b_z)        # candidate
c' = f * c + i * z
h  = o * c'
g  = sigmoid(V_g @ x + b_g)               # gate of the surrogate: the share of s that stays
s' = g * s + (1 - g) * tanh(V_s @ x + b_s)
"""

initialisation = Initialisation({"U_*": Glorot(), "V_*": Glorot()}, source="Section 4: Glorot initialisation")

sources = (
    Source("E. Martin, C. Cundy, arXiv:1709.04057, section 3.2 (paper/main-arxiv.tex of the authors)", "paper"),
    Source("eamartin/parallelizing_linear_rnns: layers.py, linear_surrogate_lstm", "code"),
)

contradictions = (
    Contradiction(
        "parallelizing_linear_rnns, the authors' code",
        says="the gates see h̃_{t-1} (section 3.2 of the paper in the same repository)",
        does="the gates see h̃_t: the surrogate's output is concatenated with the input of the same step",
        place="layers.py, linear_surrogate_lstm",
    ),
)

claims = [
    Claim("the whole block of the cell is f: given s, the recurrence is linear", of="c'", wrt="c", equals="diag(f)"),
    Claim("the whole block of the surrogate is its gate", of="s'", wrt="s", equals="diag(g)"),
    Claim("the surrogate never sees the cell", of="s'", wrt="c", equals="0"),
    Equivalence(
        "its surrogate is a GILR, whatever the rest does",
        other="gilr",
        parameters={"V_g": "U", "V_s": "V", "b_s": "b_z"}
        | {f"{kind}_{gate}": "0" for kind in "VUb" for gate in "fioz"},
        states={"s": "h"},
        ignoring=("c", "h"),
    ),
    Equivalence(
        "with the output itself in place of the surrogate it is the LSTM without tanh on its cell",
        other="lstm",
        where={"s'": "o * c'"},
        other_where={"h'": "o * c'"},
        states={"c": "c", "s": "h", "h": "h'"},
        parameters={"V_f": "W_f", "V_i": "W_i", "V_o": "W_o", "V_z": "W_g", "U_z": "U_g", "b_z": "b_g"},
    ),
]
