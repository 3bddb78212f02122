"""S4D (Gu, Gupta, Goel, Ré 2022): for every feature a diagonal complex state space of its own."""

import numpy as np

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Normal

title = "Diagonal state space (S4D)"
year = 2022
reference = (
    "A. Gu, A. Gupta, K. Goel, C. Ré: On the parameterization and initialization of diagonal state space models."
    " NeurIPS 2022 (arXiv:2206.11893)"
)
purpose = "The structured state space with a diagonal matrix: n damped oscillators for each feature, summed."
family = "linear"
readings = (
    "The layer before its activation and its mixing of features. B is 1, as in the authors' minimal code, where C takes"
    " its place; half of the conjugate pairs is kept; zero-order hold, its factor taken into C as there."
)

equations = """
x in R^m;  H in C^(m,n)
C in C^(m,n);  alpha, omega in R^(m,n);  log_dt, D in R^m
output y in R^m

A        = -exp.(alpha) + i * omega                # eigenvalues, in the left half-plane
a[j,k]   = exp(exp(log_dt[j]) * A[j,k])           # zero-order hold
H'[j,k]  = a[j,k] * H[j,k] + x[j]
y[j]     = 2 * sum[k] re(C[j,k] * (a[j,k] - 1) / A[j,k] * H'[j,k]) + D[j] * x[j]
"""

initialisation = Initialisation(
    {
        "alpha": Constant(float(np.log(0.5))),
        "omega": Drawn(
            "π times 0 … n - 1 in every feature", lambda generator, shape, sizes: np.pi * np.arange(shape[1]) + 0.0
        ),
        "C_*": Normal(0.5**0.5),
        "D": Normal(1),
        "log_dt": Drawn(
            "log-uniform on [0.001, 0.1]",
            lambda generator, shape, sizes: generator.uniform(np.log(0.001), np.log(0.1), shape),
        ),
    },
    source="The authors' code, state-spaces/s4: models/s4/s4d.py (S4D-Lin)",
)

sources = (
    Source("A. Gu, A. Gupta, K. Goel, C. Ré, arXiv:2206.11893, section 3", "paper", read=False),
    Source("state-spaces/s4: models/s4/s4d.py, S4DKernel (the authors)", "code"),
)

claims = [
    Claim("features pass by", of="y", wrt="D", equals="diag(x)"),
    Limit("a step size of 0 keeps every mode", of="a_re", parameter="log_dt", to="-oo", equals="1 + 0*alpha"),
]
