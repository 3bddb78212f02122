"""sLSTM (Beck et al. 2024): exponential input gate, normaliser, and a stabiliser that keeps both in range; one head."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Normal

title = "sLSTM, stabilised"
year = 2024
reference = "M. Beck et al.: xLSTM: extended long short-term memory. NeurIPS 2024 (arXiv:2405.04517)"
purpose = "An input gate without ceiling can revise what was stored; n normalises, and m only keeps exp in range."
family = "lstm"
readings = (
    "Here the forget gate is the logistic function, as in the authors' code; the paper allows exp too: slstm_exp. One"
    " head; several are slstm_heads. Without stabiliser: slstm_unstabilised. The authors' code sets m' = a in the"
    " first step if every n of the batch is 0, and cuts exp(…) at 1: h is the same."
)

equations = """
x in R^m;  h, c, n, m in R^n
W_{z,a,F,o} in R^(n,m);  U_{z,a,F,o} in R^(n,n);  b_{z,a,F,o} in R^n

z  = tanh(W_z @ x + U_z @ h + b_z)           # cell input
a  = W_a @ x + U_a @ h + b_a                 # logarithm of the input gate
F  = log_sigmoid(W_F @ x + U_F @ h + b_F)    # logarithm of the forget gate
o  = sigmoid(W_o @ x + U_o @ h + b_o)        # output gate
m' = max(F + m, a)                           # stabiliser: the larger of the two logarithms
i  = exp(a - m')                             # input gate, stabilised
f  = exp(F + m - m')                         # forget gate, stabilised
c' = f * c + i * z
n' = f * n + i                               # normaliser: the weights of all inputs so far
h' = o * c' / n'
"""


def powerlaw(generator, shape, sizes):
    """Forget biases 5 - 12 (j / (n - 1))^0.3, the authors' for their first block."""
    import numpy as np

    return 5 - 12 * (np.arange(shape[-1]) / max(shape[-1] - 1, 1)) ** 0.3


initialisation = Initialisation(
    {
        "U_*": Constant(0),
        "b_F": Drawn("5 - 12 (j/(n-1))^0.3", powerlaw),
        "b_*": Constant(0),
        "W_*": Normal((2 / 5) ** 0.5, over_root="m"),
    },
    source=(
        "The authors' code (sLSTMCell.reset_parameters with powerlaw_blockdependent, first block; small_init for W)."
    ),
)

sources = (
    Source("M. Beck et al. 2024 (arXiv:2405.04517), section 2.2", "paper", read=False),
    Source("NX-AI/xlstm: xlstm/blocks/slstm/src/vanilla/slstm.py and cell.py (the authors' code)", "code"),
    Source(
        "myscience/x-lstm: xlstm/lstm.py, sLSTM (with exp for the forget gate, and the paper's equation numbers)",
        "code",
    ),
)

contradictions = (
    Contradiction(
        "PyxLSTM (muditbhargava66)",
        says="an sLSTM cell, exponential gating as described in the xLSTM paper",
        does="exp for both gates, neither normaliser nor stabiliser, and tanh(c) at the output",
        place="xLSTM/slstm.py, sLSTMCell.forward",
    ),
)

comparisons = (
    Comparison(
        "NX-AI/xlstm 032a6fb, slstm_forward_pointwise of its vanilla backend (the authors') with torch 2.13.0",
        agrees=True,
        text=(
            "h and all gradients from zero states, T = 20, m = 3, n = 4: largest relative difference below 1e-14;"
            " that by b_a is 0 in both"
        ),
    ),
)

claims = [
    Claim("the normaliser forgets as the cell state does", of="n'", wrt="n", equals="diag(f)"),
    Claim(
        "a stored value reaches the output through its share of the weights, f n / n'",
        of="h'",
        wrt="c",
        equals="diag(o * f / n')",
    ),
    Claim(
        "m is a gauge: its gradient is what scaling c and n by one factor gives, ∂h'/∂m = c ∂h'/∂c + n ∂h'/∂n",
        of="h'",
        wrt="m",
        equals="diag(o * f * (c - n * c' / n') / n')",
    ),
    Equivalence(
        "h does not depend on the stabiliser: with c exp(m) for c and n exp(m) for n it is the cell without one",
        other="slstm_unstabilised",
        parameters={"W_a": "W_i", "U_a": "U_i", "b_a": "b_i", "W_F": "W_f", "U_F": "U_f", "b_F": "b_f"},
        states={"c": "c * exp(-m)", "n": "n * exp(-m)"},
        ignoring=("m",),
    ),
    Equivalence(
        "nor on how the stabiliser is chosen: any m' will do",
        other="slstm_unstabilised",
        where={"m'": "u"},
        parameters={"W_a": "W_i", "U_a": "U_i", "b_a": "b_i", "W_F": "W_f", "U_F": "U_f", "b_F": "b_f"},
        states={"c": "c * exp(-m)", "n": "n * exp(-m)"},
        declarations="u in R^n",
        ignoring=("m",),
    ),
]
