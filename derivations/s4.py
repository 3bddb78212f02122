"""S4 (Gu, Goel, Ré 2022): a state space of one channel, discretised by the bilinear rule."""

import numpy as np

from gatedsym.library.claims import Claim, Identity, Limit
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Drawn, Normal

title = "Structured state space (S4), one channel"
year = 2022
reference = (
    "A. Gu, K. Goel, C. Ré: Efficiently modeling long sequences with structured state spaces. ICLR 2022"
    " (arXiv:2111.00396)"
)
purpose = "A linear system in continuous time with a learned step; HiPPO's matrix makes the state remember a history."
family = "linear"
readings = (
    "One channel of one layer as a recurrence, with a dense real A, which the authors' code has as SSMKernelDense; the"
    " paper's own A is diagonal plus low rank, complex, so that a kernel over all steps is fast. A starts at HiPPO-LegS"
    " and is learned; the step is exp of what is learned."
)

equations = """
input u in R;  x in R^n
A in R^(n,n);  B, C in R^n;  D, log_step in R
output y

Delta = exp(log_step)
A_bar = (I - Delta/2 * A)^{-1} (I + Delta/2 * A)        # bilinear: the left half-plane into the unit disc
B_bar = (I - Delta/2 * A)^{-1} (Delta * B)
x' = A_bar @ x + u * B_bar
y  = C.T @ x' + D * u
"""


def _legs(generator, shape, sizes):  # type: ignore[no-untyped-def]
    """HiPPO-LegS: -√(2j+1)√(2k+1) below the diagonal, -(j+1) on it."""
    j = np.arange(sizes["n"])
    root = np.sqrt(2 * j + 1)
    return -np.tril(np.outer(root, root), -1) - np.diag(j + 1)


initialisation = Initialisation(
    {
        "A": Drawn("HiPPO-LegS", _legs),
        "B": Drawn("√(2j+1), as HiPPO-LegS", lambda generator, shape, sizes: np.sqrt(2 * np.arange(sizes["n"]) + 1)),
        "C": Normal(1),
        "D": Normal(1),
        "log_step": Drawn(
            "log-uniform on [0.001, 0.1]",
            lambda generator, shape, sizes: generator.uniform(np.log(0.001), np.log(0.1), shape),
        ),
    },
    source="The authors' code, state-spaces/s4: models/s4/s4.py",
)

sources = (
    Source("A. Gu, K. Goel, C. Ré, arXiv:2111.00396, equation (3)", "paper", read=False),
    Source("state-spaces/s4 7c3f995: models/s4/s4.py, SSMKernelDense.bilinear (the authors)", "code"),
    Source("srush/annotated-s4 c49f5fd: s4.py, discretizeSSM_bilinear", "code"),
)

claims = [
    Claim("the state goes through one matrix, the same at every step", of="x'", wrt="x", equals="A_bar"),
    Claim("the output sees the new state", of="y", wrt="x", equals="A_bar.T @ C"),
    Identity(
        "both orders of the factors are the same matrix",
        "(I - A)^{-1} (I + A)",
        "(I + A) @ (I - A)^{-1}",
        declarations="A in R^(n,n)",
    ),
    Identity(
        "what is skew-symmetric in continuous time is orthogonal in discrete time",
        "((I - s/2 * (A - A.T))^{-1} (I + s/2 * (A - A.T))).T @ ((I - s/2 * (A - A.T))^{-1} (I + s/2 * (A - A.T)))",
        "eye(n)",
        declarations="A in R^(n,n); s in R",
    ),
    Limit("a step of length 0 changes nothing", of="x'", parameter="log_step", to="-oo", equals="x"),
]
