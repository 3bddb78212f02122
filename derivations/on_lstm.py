"""Ordered neurons (Shen et al. 2019): master gates, cumulative along the cell, order units by how long they hold."""

import numpy as np

from gatedsym.library.claims import Claim, Identity
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Drawn, Uniform

title = "Ordered-neurons LSTM (ON-LSTM)"
year = 2019
reference = (
    "Y. Shen, S. Tan, A. Sordoni, A. Courville: Ordered neurons: integrating tree structures into recurrent neural"
    " networks. ICLR 2019 (arXiv:1810.09536)"
)
purpose = "A unit that is erased takes all below it along: low units change often, high ones hold long."
family = "lstm"
readings = (
    "Master gates of full size: chunks of one unit, C = 1, in the authors' code. That code adds two biases, one with"
    " the input's weights and one with the state's; here they are one."
)

equations = """
x in R^m;  h, c in R^n
W_{f,i,o,c,mf,mi} in R^(n,m);  U_{f,i,o,c,mf,mi} in R^(n,n);  b_{f,i,o,c,mf,mi} in R^n
cumax(v) = cumsum(softmax(v))

f = sigmoid(W_f @ x + U_f @ h + b_f)
i = sigmoid(W_i @ x + U_i @ h + b_i)
o = sigmoid(W_o @ x + U_o @ h + b_o)
c_hat = tanh(W_c @ x + U_c @ h + b_c)
mf = cumax(W_mf @ x + U_mf @ h + b_mf)            # the master forget gate rises from 0 to 1
mi = 1 - cumax(W_mi @ x + U_mi @ h + b_mi)        # the master input gate falls from 1 to 0
w  = mf * mi                                      # where both are open, the gates of an LSTM decide
f_hat = f * w + (mf - w)
i_hat = i * w + (mi - w)
c' = f_hat * c + i_hat * c_hat
h' = o * tanh(c')
"""

initialisation = Initialisation(
    {
        "W_*": Uniform(-1, 1, over_root="m"),
        "U_*": Uniform(-1, 1, over_root="n"),
        "b_*": Drawn(
            "U(±1/√m) + U(±1/√n)",
            lambda generator, shape, sizes: (
                generator.uniform(-1, 1, shape) / np.sqrt(sizes["m"])
                + generator.uniform(-1, 1, shape) / np.sqrt(sizes["n"])
            ),
        ),
    },
    source=(
        "The authors' code, yikangshen/Ordered-Neurons: ON_LSTM.py, leaves both layers to torch's default, each with a"
        " bias of its own"
    ),
)

sources = (
    Source("Y. Shen et al. 2019 (arXiv:1810.09536), equations 1 to 14", "paper", read=False),
    Source("yikangshen/Ordered-Neurons 04531c4: ON_LSTM.py, ONLSTMCell", "code"),
)

comparisons = (
    Comparison(
        "yikangshen/Ordered-Neurons 04531c4, the step of ONLSTMCell (chunk_size=1) in float64 with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 4, n = 6: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "the highway keeps mf (1 - mi (1 - f)): the forget gate counts as far as both master gates are open",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(mf * (1 - mi * (1 - f)))",
    ),
    Identity(
        "the forget gate that results is a product of two gates, so it lies between 0 and 1",
        "f * (p * q) + (p - p * q)",
        "p * (1 - q * (1 - f))",
        declarations="f, p, q in R",
    ),
]
