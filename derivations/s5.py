"""S5 (Smith, Warrington, Linderman 2023): one complex diagonal state space for all features."""

import numpy as np

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Normal

title = "Simplified state space layer (S5)"
year = 2023
reference = (
    "J. Smith, A. Warrington, S. Linderman: Simplified state space layers for sequence modeling. ICLR 2023"
    " (arXiv:2208.04933)"
)
purpose = "One system for all features in place of one for each: n complex modes, each with a step size of its own."
family = "linear"
readings = (
    "The layer before its activation, in one direction. Half of the conjugate pairs is kept, hence 2 re(·), as in the"
    " authors' code by default; their eigenvalues are not held in the left half-plane unless clip_eigs says so."
)

equations = """
x in R^m;  z in C^n
Lambda in C^n;  B in C^(n,m);  C in C^(m,n);  log_step in R^n;  D in R^m
output y in R^m

step_size = exp(log_step)                       # Δ of each mode
lam = exp(step_size * Lambda)                   # zero-order hold: exact where the input is constant within a step
z'  = lam * z + ((lam - 1) / Lambda) * (B @ x)
y   = 2 * re(C @ z') + D * x
"""


def _imaginary(generator, shape, sizes):  # type: ignore[no-untyped-def]
    """Imaginary parts of the eigenvalues of HiPPO-LegS of size 2 n, made normal: one of each conjugate pair."""
    size = 2 * sizes["n"]
    p = np.sqrt(1 + 2 * np.arange(size))
    skew = np.triu(np.outer(p, p), 1) / 2
    return np.linalg.eigvalsh(-1j * (skew - skew.T))[: sizes["n"]]


initialisation = Initialisation(
    {
        "Lambda_re": Constant(-0.5),
        "Lambda_im": Drawn("imaginary parts of HiPPO-N's eigenvalues, one of each pair", _imaginary),
        "B_*": Normal(0.5**0.5, over_root="m"),
        "C_*": Normal(0.5**0.5),
        "D": Normal(1),
        "log_step": Drawn(
            "log-uniform on [0.001, 0.1]",
            lambda generator, shape, sizes: generator.uniform(np.log(0.001), np.log(0.1), shape),
        ),
    },
    source="The authors' code, lindermanlab/S5: s5/ssm.py and s5/ssm_init.py, with C_init complex_normal; an input"
    " matrix drawn in the basis of the states has, in that of the modes, the law that stands here",
)

sources = (
    Source("J. Smith, A. Warrington, S. Linderman, arXiv:2208.04933, section 3", "paper", read=False),
    Source("lindermanlab/S5: s5/ssm.py, discretize_zoh and apply_ssm (the authors)", "code"),
)

claims = [
    Claim("a mode turns and shrinks", of="z_re'", wrt="z_re", equals="diag(re(lam))"),
    Claim("the other half of the turn", of="z_im'", wrt="z_re", equals="diag(im(lam))"),
    Claim("features pass by", of="y", wrt="D", equals="diag(x)"),
    Limit("a step size of 0 keeps the modes", of="lam_re", parameter="log_step", to="-oo", equals="1 + 0*log_step"),
]
