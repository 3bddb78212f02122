"""CfC (Hasani et al. 2022): a liquid neuron in closed form, whose gate reads the time since the last step."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Glorot

title = "Closed-form continuous-time network"
year = 2022
reference = (
    "R. Hasani, M. Lechner, A. Amini, L. Liebenwein, A. Ray, M. Tschaikowski, G. Teschl, D. Rus: Closed-form"
    " continuous-time neural networks. Nature Machine Intelligence 4, 2022"
)
purpose = "No solver: how far the state goes from one candidate to another follows from the time that has passed."
family = "physical"
readings = (
    "dt is the time since the step before. The authors' code, not the paper's formula: the gate is sigmoid(a dt +"
    " b) and lets the second candidate in, with a bias b beside the rate a that a shared layer z gives. The layer is"
    " one of p units with LeCun's tanh, one of the code's choices; p is n here. Its variants without gate and with"
    " the solution alone are left out."
)

equations = """
x in R^m;  h in R^n;  dt in [0, inf);  dim p = n
W_z in R^(p,m);  U_z in R^(p,n);  b_z in R^p
V_{f,g,a,b} in R^(n,p);  b_{f,g,a,b} in R^n

z  = 1.7159 * tanh(0.666 * (W_z @ x + U_z @ h + b_z))    # the layer that all four share
f  = tanh(V_f @ z + b_f)                                 # what the state is with the gate shut
g  = tanh(V_g @ z + b_g)                                 # and with the gate open
a  = V_a @ z + b_a                                       # rate
b  = V_b @ z + b_b
s  = sigmoid(a * dt + b)
h' = (1 - s) * f + s * g
"""

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "V_*": Glorot()},
    source="raminmh/CfC: torch_cfc.py with its option init = 1: Glorot for matrices; biases are torch's",
)

sources = (
    Source("raminmh/CfC: torch_cfc.py, class CfcCell (the authors)", "code"),
    Source("R. Hasani et al. 2022, equation 10", "paper", read=False),
)

contradictions = (
    Contradiction(
        "R. Hasani et al. 2022, against their code",
        says="the gate falls with time: x(t) = σ(-f t) ⊙ g + (1 - σ(-f t)) ⊙ h",
        does="sigmoid(a t + b) weighs the second candidate, with a rate of either sign and a bias of its own",
        place="torch_cfc.py, CfcCell.forward: t_interp",
    ),
)

claims = [
    Claim(
        "no path goes from the state to the state but through the layer",
        of="h'",
        wrt="h",
        holding="direct",
        equals="zeros(n, n)",
    ),
    Claim(
        "what a step remembers it remembers in the candidates and in the gate between them",
        of="h'",
        wrt="z",
        equals="diag((1 - s) * (1 - f * f)) @ V_f + diag(s * (1 - g * g)) @ V_g"
        " + diag((g - f) * s * (1 - s)) @ (dt * V_a + V_b)",
    ),
    Claim(
        "a gate that is shut leaves the first candidate alone",
        of="h'",
        wrt="z",
        where={"s": "0"},
        equals="diag(1 - f * f) @ V_f",
    ),
]
