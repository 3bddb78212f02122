"""Clockwork RNN (Koutník et al. 2014): modules with clocks of their own; slow ones tell fast ones, not the reverse."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Contradiction, Initialisation, Source

title = "Clockwork RNN"
year = 2014
reference = "J. Koutník, K. Greff, F. Gomez, J. Schmidhuber: A Clockwork RNN. ICML 2014"
purpose = "A module that its clock does not call keeps its state: what a slow one holds crosses its period untouched."
family = "ungated"
readings = (
    "Three modules of n units, the first the fastest; on_i is 1 at steps that are multiples of the period T_i (1,"
    " 2, 4 in the paper's exponential series) and comes as an input, so that any periods do. Of the recurrent matrix"
    " the blocks from a faster module to a slower one are zero. Brainstorm, of the same laboratory, has the clocks"
    " for each unit and leaves those blocks to whoever sets the matrix."
)

equations = """
x in R^m;  h_1, h_2, h_3 in R^n
on_1, on_2, on_3 in {0,1}
W_{1,2,3} in R^(n,m);  b_{1,2,3} in R^n
U_{11,12,13,22,23,33} in R^(n,n)            # U_12: from the second module to the first

q_1  = tanh(W_1 @ x + U_11 @ h_1 + U_12 @ h_2 + U_13 @ h_3 + b_1)
q_2  = tanh(W_2 @ x + U_22 @ h_2 + U_23 @ h_3 + b_2)
q_3  = tanh(W_3 @ x + U_33 @ h_3 + b_3)
h_1' = on_1 * q_1 + (1 - on_1) * h_1
h_2' = on_2 * q_2 + (1 - on_2) * h_2
h_3' = on_3 * q_3 + (1 - on_3) * h_3
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("IDSIA/brainstorm: brainstorm/layers/clockwork_layer.py (K. Greff and others)", "code"),
    Source("J. Koutník et al. 2014, equations 1 and 2, figure 2", "paper", read=False),
)

contradictions = (
    Contradiction(
        "tomrunia/ClockworkRNN 372fdbe",
        says="the recurrent matrix is upper triangular, its modules in the order of growing periods, as in the paper",
        does="multiplies states that are rows by it, so that slow units read fast ones and fast ones read no slow one",
        place="models/clockwork_rnn.py, _build_model: tf.matmul(self.state, hidden_W)",
    ),
)

claims = [
    Claim(
        "a module that is not called keeps its state and its gradient",
        of="h_3'",
        wrt="h_3",
        where={"on_3": "0"},
        equals="eye(n)",
    ),
    Claim(
        "one that is called is an RNN",
        of="h_3'",
        wrt="h_3",
        where={"on_3": "1"},
        equals="diag(1 - q_3 * q_3) @ U_33",
    ),
    Claim("a fast module tells a slow one nothing", of="h_3'", wrt="h_1", equals="zeros(n, n)"),
    Claim(
        "a slow one tells a fast one whenever that is called",
        of="h_1'",
        wrt="h_3",
        equals="on_1 * (diag(1 - q_1 * q_1) @ U_13)",
    ),
]
