"""GILR (Martin & Cundy 2018): a gated impulse, accumulated linearly."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Glorot

title = "Gated impulse linear recurrence (GILR)"
year = 2018
reference = (
    "E. Martin, C. Cundy: Parallelizing linear recurrent neural nets over sequence length. ICLR 2018 (arXiv:1709.04057)"
)
purpose = "The plain linear layer of the parallel-scan literature: nonlinear in the input, linear in the state."
family = "linear"
readings = "The paper leaves the impulse's function τ open; tanh here (the code's default is elu, tanh in the LS-LSTM)."

equations = """
x in R^m;  h in R^n
U, V in R^(n,m);  b_{g,z} in R^n

g  = sigmoid(U @ x + b_g)      # gate: the share of h that stays
i  = tanh(V @ x + b_z)         # impulse
h' = g * h + (1 - g) * i
"""

initialisation = Initialisation({"U": Glorot(), "V": Glorot()}, source="Section 4: Glorot initialisation")

sources = (
    Source("E. Martin, C. Cundy, arXiv:1709.04057, section 3.1 (paper/main-arxiv.tex of the authors)", "paper"),
    Source("eamartin/parallelizing_linear_rnns: layers.py, gilr_layer", "code"),
)

claims = [
    Claim("the whole step Jacobian is the gate: the recurrence is linear", of="h'", wrt="h", equals="diag(g)"),
    Equivalence(
        "the strongly-typed RNN with a tanh on its features",
        other="trnn",
        parameters={"U": "W_f", "b_g": "b_f", "V": "W_z", "b_z": "b_z"},
        other_where={"z": "tanh(W_z @ x + b_z)"},
    ),
    Equivalence(
        "the QRNN with f-pooling and a window of one step",
        other="qrnn_f",
        parameters={"U": "W_f", "V": "W_z", "b_g": "0 * h", "b_z": "0 * h"},
        other_where={"z": "tanh(W_z @ x)", "f": "sigmoid(W_f @ x)"},
    ),
]
