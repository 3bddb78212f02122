"""S6, the selective state space of Mamba (Gu & Dao 2023), as the recurrence that it is."""

import numpy as np

from gatedsym.library.claims import Claim, Identity, Limit
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Uniform

title = "Selective state space (S6, Mamba)"
year = 2023
reference = "A. Gu, T. Dao: Mamba: linear-time sequence modeling with selective state spaces. arXiv:2312.00752, 2023"
purpose = "Every channel has n linear modes; the input chooses step size, what is written and what is read."
family = "linear"
readings = (
    "The scan alone: convolution, gate branch and projections of the block are left out. A is discretised exactly, B by"
    " Euler's rule (Δ B), as in both codes. The step size has rank r, m by default here."
)

equations = """
r = m
x in R^m;  H in R^(m,n)
A_log in R^(m,n);  W_{B,C} in R^(n,m);  P in R^(m,r);  W_s in R^(r,m);  b, D in R^m
output y

s  = softplus(P @ (W_s @ x) + b)          # step size Δ of each channel: the gate
B  = W_B @ x                              # what is written into each mode
C  = W_C @ x                              # what is read from each mode
a[j,k]  = exp(-s[j] * exp(A_log[j,k]))    # decay, in (0, 1)
H'[j,k] = a[j,k] * H[j,k] + s[j] * B[k] * x[j]
y  = H' @ C + D * x
"""

initialisation = Initialisation(
    {
        "A_log": Drawn("log(1 … n) in every channel", lambda generator, shape, sizes: np.log(1 + np.arange(shape[1]))),
        "D": Constant(1),
        "P": Uniform(-1, 1, over_root="r"),
        "b": Drawn(
            "softplus(b) log-uniform on [0.001, 0.1]",
            lambda generator, shape, sizes: np.log(
                np.expm1(np.exp(generator.uniform(np.log(0.001), np.log(0.1), shape)))
            ),
        ),
    },
    source="The authors' code, state-spaces/mamba: mamba_ssm/modules/mamba_simple.py",
)

sources = (
    Source("A. Gu, T. Dao, arXiv:2312.00752, algorithm 2", "paper", read=False),
    Source("state-spaces/mamba: mamba_ssm/ops/selective_scan_interface.py, selective_scan_ref", "code"),
    Source("alxndrTL/mamba.py: mambapy/mamba.py, ssm_step", "code"),
)

comparisons = (
    Comparison(
        "state-spaces/mamba e9594ce, selective_scan_ref in float64",
        agrees=True,
        text="output and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

claims = [
    Claim("what is written is read: the output sees the input's modes through C", of="y", wrt="C", equals="H'"),
    Identity(
        "for one mode with A = -1 and Δ = softplus(b), keeping and writing exactly discretised are 1 - σ(b) and σ(b)",
        "exp(-softplus(b))",
        "1 - sigmoid(b)",
        declarations="b in R",
    ),
    Limit("a step size of 0 keeps the state and shuts the input out", of="H'", parameter="b", to="-oo", equals="H"),
]
