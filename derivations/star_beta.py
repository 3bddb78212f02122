"""STAR as its authors' code runs it: the share written and the share kept do not add up to one."""

import numpy as np

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Drawn, Orthogonal

title = "STAR, the authors' code"
year = 2021
reference = "M. O. Turkoglu: STAR_Network, star.py (github.com/0zgur0/STAR_Network)"
purpose = "STAR with JANET's shifted gate: more is written than makes room."
family = "gru"
readings = "The code's gate f keeps: f = 1 - k. The paper and everybody else have β = 0: the cell star."

variant = Variant(
    "star",
    {"k": "sigmoid(a)", "h'": "tanh((1 - k) * h + sigmoid(a + beta) * z)"},
    lines="beta = 1\na  = W_k @ x + U_k @ h + b_k             # before the gate",
)

initialisation = Initialisation(
    {
        "W_*": Orthogonal(),
        "U_*": Orthogonal(),
        "b_k": Drawn("-log U(1, 784)", lambda generator, shape, sizes: -np.log(generator.uniform(1, 784, shape))),
        "b_z": Constant(0),
    },
    source="The code itself, star.py (orthogonal; chrono bias of the keep gate, T = 784)",
)

sources = (
    Source("0zgur0/STAR_Network: star.py", "code"),
    Source("JosvanderWesthuizen/janet: aux_code/rnn_cells.py (the line with beta = 1)", "code"),
)

claims = [
    Claim(
        "the direct way is that of star; β acts on what is written alone",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag((1 - h' * h') * (1 - k))",
    ),
    Equivalence("β = 0 gives star", other="star", where={"beta": "0"}),
    Equivalence(
        "without the outer tanh it is JANET with a candidate that sees the input alone",
        other="janet",
        where={"h'": "(1 - k) * h + sigmoid(a + beta) * z"},
        other_where={"g": "tanh(W_g @ x + b_g)"},
        parameters={"W_z": "W_g", "b_z": "b_g", "W_k": "-W_f", "U_k": "-U_f", "b_k": "-b_f"},
    ),
]
