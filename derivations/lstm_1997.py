"""LSTM of 1997 (Hochreiter, Schmidhuber): no forget gate, and squashing functions of its own; one cell per block."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Drawn, Uniform

title = "LSTM of 1997, with its own squashing functions"
year = 1997
reference = "S. Hochreiter, J. Schmidhuber: Long short-term memory. Neural Computation 9(8), 1997"
purpose = "The constant error carousel: c adds up and is never forgotten, so its gradient passes each step unchanged."
family = "lstm"
readings = (
    "The paper squashes the candidate by 4σ - 2 and the cell by 2σ - 1; code that goes by its name takes tanh for both"
    " (lstm_1997_tanh), which is the same cell with other units of measure, as proven here. The paper's memory blocks"
    " share their gates among several cells, and it cuts the gradient at the gates: here each cell has its own gates,"
    " and the gradient is whole."
)

equations = """
x in R^m;  h, c in R^n
W_{i,g,o} in R^(n,m);  U_{i,g,o} in R^(n,n);  b_{i,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + b_i)            # input gate
g  = 4 * sigmoid(W_g @ x + U_g @ h + b_g) - 2    # candidate, in (-2, 2)
o  = sigmoid(W_o @ x + U_o @ h + b_o)            # output gate
c' = c + i * g
h' = o * (2 * sigmoid(c') - 1)                   # the cell squashed into (-1, 1)
"""

initialisation = Initialisation(
    {
        "W_*": Uniform(-0.1, 0.1),
        "U_*": Uniform(-0.1, 0.1),
        "b_i": Drawn(
            "-3 for the first half of the units, -6 for the second",
            lambda generator, shape, sizes: [-3.0 if 2 * unit < shape[0] else -6.0 for unit in range(shape[0])],
        ),
        "b_g": Uniform(-0.1, 0.1),
        "b_o": Uniform(-0.1, 0.1),
    },
    source=(
        "Hochreiter and Schmidhuber 1997, experiment 4 (adding problem), as Project-Aquarius-White/"
        "simple-1997-lstm-reproduction quotes it: input gates start nearly closed"
    ),
)

sources = (
    Source(
        "Project-Aquarius-White/simple-1997-lstm-reproduction: src/aquarius_lstm/cell.py, cell_torch.py and"
        " initialization.py",
        "code",
    ),
    Source("S. Hochreiter, J. Schmidhuber 1997, section 4 and appendix A.1", "paper", read=False),
)

comparisons = (
    Comparison(
        "Project-Aquarius-White/simple-1997-lstm-reproduction: cell_torch.py (torch 2.13.0)",
        agrees=True,
        text=(
            "values, T = 20, float64: 5e-16; all gradients 7e-16, once its detach of h_{t-1}, the paper's truncation,"
            " is taken out"
        ),
    ),
)

claims = [
    Claim(
        "the constant error carousel passes the gradient of the cell state unchanged",
        of="c'",
        wrt="c",
        holding="direct",
        equals="eye(n)",
    ),
    Claim("and no other path leads from c to c'", of="c'", wrt="c", equals="eye(n)"),
    Equivalence(
        "the squashing functions are a choice of units: with tanh for both, c and g's weights are half as large",
        other="lstm_1997_tanh",
        parameters={"W_g": "2 * W_g", "U_g": "2 * U_g", "b_g": "2 * b_g"},
        states={"c": "2 * c"},
    ),
]
