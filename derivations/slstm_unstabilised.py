"""sLSTM as its equations are first written: without stabiliser, exp of the input gate's pre-activation."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "sLSTM without stabiliser"
year = 2024
reference = "M. Beck et al.: xLSTM: extended long short-term memory. NeurIPS 2024 (arXiv:2405.04517)"
purpose = "What the sLSTM computes; its exp overflows in floating point, which is all that the stabiliser is there for."
family = "lstm"
readings = "The same function of the inputs as slstm, with c and n in other units: c exp(m) and n exp(m) of slstm."

equations = """
x in R^m;  h, c, n in R^n
W_{z,i,f,o} in R^(n,m);  U_{z,i,f,o} in R^(n,n);  b_{z,i,f,o} in R^n

z  = tanh(W_z @ x + U_z @ h + b_z)           # cell input
i  = exp(W_i @ x + U_i @ h + b_i)            # input gate, without ceiling
f  = sigmoid(W_f @ x + U_f @ h + b_f)        # forget gate
o  = sigmoid(W_o @ x + U_o @ h + b_o)        # output gate
c' = f * c + i * z
n' = f * n + i                               # normaliser: the weights of all inputs so far
h' = o * c' / n'
"""

initialisation = Initialisation({}, source="As slstm; the authors run the stabilised cell only.")

sources = (
    Source("M. Beck et al. 2024 (arXiv:2405.04517), section 2.2", "paper", read=False),
    Source(
        "NX-AI/xlstm: xlstm/blocks/slstm/src/vanilla/slstm.py and cell.py (the authors' code), with its stabiliser"
        " taken out",
        "code",
    ),
    Source(
        "myscience/x-lstm: xlstm/lstm.py, sLSTM (with exp for the forget gate, and the paper's equation numbers),"
        " likewise",
        "code",
    ),
)

comparisons = (
    Comparison(
        "NX-AI/xlstm 032a6fb, slstm_forward_pointwise of its vanilla backend (the authors') with torch 2.13.0",
        agrees=True,
        text=(
            "h and all gradients from zero states, T = 20, m = 3, n = 4: largest relative difference below 1e-14;"
            " that by b_i is 0 in both"
        ),
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        equals="diag(f)",
    ),
    Claim("a stored value reaches the output through o f / n'", of="h'", wrt="c", equals="diag(o * f / n')"),
    Equivalence(
        "the input gate's bias does nothing from zero states: a shift of it scales c and n alike",
        other="slstm_unstabilised",
        parameters={"b_i": "b_i + u"},
        states={"c": "c * exp(u)", "n": "n * exp(u)"},
        declarations="u in R^n",
    ),
]
