"""sLSTM with heads: the recurrent matrices are block-diagonal, so heads exchange nothing within the cell."""

from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Normal

title = "sLSTM with heads"
year = 2024
reference = "M. Beck et al.: xLSTM: extended long short-term memory. NeurIPS 2024 (arXiv:2405.04517)"
purpose = "As the sLSTM, with n units in p heads of d units each: a head's gates see that head's outputs only."
family = "lstm"
readings = "One head is slstm. The authors' code has four heads by default; here p is a size that the caller may give."

equations = """
p = 2
d = n/p
x in R^m;  h, c, n, m in R^(p,d)
W_{z,a,F,o} in R^(p,d,m);  U_{z,a,F,o} in R^(p,d,d);  b_{z,a,F,o} in R^(p,d)

z[k,j] = tanh(sum[l] W_z[k,j,l] * x[l] + sum[q] U_z[k,j,q] * h[k,q] + b_z[k,j])          # cell input
a[k,j] = sum[l] W_a[k,j,l] * x[l] + sum[q] U_a[k,j,q] * h[k,q] + b_a[k,j]                # logarithm of the input gate
F[k,j] = log_sigmoid(sum[l] W_F[k,j,l] * x[l] + sum[q] U_F[k,j,q] * h[k,q] + b_F[k,j])   # logarithm of the forget gate
o[k,j] = sigmoid(sum[l] W_o[k,j,l] * x[l] + sum[q] U_o[k,j,q] * h[k,q] + b_o[k,j])       # output gate
m'     = max(F + m, a)                        # stabiliser: the larger of the two logarithms
i      = exp(a - m')                          # input gate, stabilised
f      = exp(F + m - m')                      # forget gate, stabilised
c'     = f * c + i * z
n'     = f * n + i                            # normaliser: the weights of all inputs so far
h'     = o * c' / n'
"""


def powerlaw(generator, shape, sizes):
    """Forget biases 5 - 12 (j / (d - 1))^0.3 within each head, the authors' for their first block."""
    import numpy as np

    return 5 - 12 * (np.arange(shape[-1]) / max(shape[-1] - 1, 1)) ** 0.3


initialisation = Initialisation(
    {
        "U_*": Constant(0),
        "b_F": Drawn("5 - 12 (j/(d-1))^0.3 in each head", powerlaw),
        "b_*": Constant(0),
        "W_*": Normal((2 / 5) ** 0.5, over_root="m"),
    },
    source=(
        "The authors' code (sLSTMCell.reset_parameters with powerlaw_blockdependent, first block; small_init for W)."
    ),
)

sources = (
    Source("M. Beck et al. 2024 (arXiv:2405.04517), section 2.2", "paper", read=False),
    Source(
        "NX-AI/xlstm: xlstm/blocks/slstm/src/vanilla/__init__.py (slstm_forward) and slstm.py, cell.py (the authors'"
        " code)",
        "code",
    ),
    Source("myscience/x-lstm: xlstm/lstm.py, sLSTM (block-diagonal R; with exp for the forget gate)", "code"),
)

comparisons = (
    Comparison(
        "NX-AI/xlstm 032a6fb, slstm_forward of its vanilla backend (the authors'), two heads, with torch 2.13.0",
        agrees=True,
        text=(
            "h and all gradients from zero states, T = 20, m = 3, n = 4: largest relative difference below 1e-14;"
            " that by b_a is 0 in both"
        ),
    ),
)

claims = ()
