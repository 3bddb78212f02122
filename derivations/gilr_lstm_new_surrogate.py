"""LS-LSTM as its authors' code computes it: the gates see the surrogate of the same step."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source, Variant
from gatedsym.library.rules import Glorot

title = "Linear surrogate LSTM, gates from the new surrogate"
year = 2018
reference = "eamartin/parallelizing_linear_rnns: layers.py, linear_surrogate_lstm"
purpose = "The linear surrogate LSTM as a stack: a GILR layer below, an LSTM without recurrent matrices above."
family = "linear"
readings = "The authors' code; their paper has the surrogate of the step before: gilr_lstm."

variant = Variant(
    "gilr_lstm",
    {
        "f": "sigmoid(U_f @ s' + V_f @ x + b_f)",
        "i": "sigmoid(U_i @ s' + V_i @ x + b_i)",
        "o": "sigmoid(U_o @ s' + V_o @ x + b_o)",
        "z": "tanh(U_z @ s' + V_z @ x + b_z)",
    },
)

initialisation = Initialisation({"U_*": Glorot(), "V_*": Glorot()}, source="Section 4: Glorot initialisation")

sources = (Source("eamartin/parallelizing_linear_rnns: layers.py, linear_surrogate_lstm", "code"),)

claims = [
    Claim("the whole block of the cell is f: given s, the recurrence is linear", of="c'", wrt="c", equals="diag(f)"),
    Claim(
        "the old surrogate reaches the forget gate through its own gate",
        of="f",
        wrt="s",
        equals="diag(f * (1 - f)) @ U_f @ diag(g)",
    ),
]
