"""scoRNN (Helfrich, Willmott, Ye 2018): an orthogonal recurrent matrix, the scaled Cayley transform of a skew one."""

import numpy as np

from gatedsym.library.claims import Claim, Identity
from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Uniform

title = "Scaled Cayley orthogonal RNN (scoRNN)"
year = 2018
reference = (
    "K. Helfrich, D. Willmott, Q. Ye: Orthogonal recurrent neural networks with scaled Cayley transform. ICML 2018"
    " (arXiv:1707.09520)"
)
purpose = "W is orthogonal whatever A is: it neither shrinks nor stretches a gradient, and stays so in training."
family = "ungated"
readings = (
    "A is skew-symmetric: of its entries those above the diagonal are the parameters, as the authors' update, Vᵀ - V,"
    " has it. D is fixed, ±1; half of it is -1, as in the authors' copying experiment. The paper has W h; the authors'"
    " code multiplies states that are rows, h W, which puts D on the other side. modReLU is that of real numbers."
)

equations = """
x in R^m;  h in R^n
U in R^(n,m);  A in R^(n,n);  b in R^n

D = where(arange(n) < n / 2, 1, -1)                        # reaches orthogonal matrices with eigenvalues -1
S = A * strictly_upper(n) - (A * strictly_upper(n)).T      # skew-symmetric
W = (I + S)^{-1} (I - S) diag(D)                           # orthogonal
z  = U @ x + W @ h
h' = sign(z) * relu(abs(z) + b)                            # modReLU: the sign stays
"""


def _angles(generator, shape, sizes):  # type: ignore[no-untyped-def]
    """Blocks of two by two along the diagonal, whose Cayley transforms turn by angles from U(0, π/2)."""
    angles = generator.uniform(0, np.pi / 2, sizes["n"] // 2)
    entries = np.zeros(max(sizes["n"] - 1, 0))
    entries[::2] = -np.sqrt((1 - np.cos(angles)) / (1 + np.cos(angles)))
    return np.diag(entries, 1)


initialisation = Initialisation(
    {
        "U": Uniform(-0.01, 0.01),
        "A": Drawn("blocks that turn by angles from U(0, π/2)", _angles),
        "b": Constant(0),
    },
    source="The authors' code, SpartinStuff/scoRNN: scoRNN.py",
)

sources = (
    Source("K. Helfrich, D. Willmott, Q. Ye, arXiv:1707.09520, section 3", "paper", read=False),
    Source("SpartinStuff/scoRNN: scoRNN.py and scoRNN_copying.py (the authors)", "code"),
)

contradictions = (
    Contradiction(
        "SpartinStuff/scoRNN 3e34d5f",
        says="h = σ(U x + W h) with W = (I + A)⁻¹ (I - A) D, in the paper",
        does="multiplies states that are rows by the same W, so a column meets D (I - A)⁻¹ (I + A)",
        place="scoRNN.py, scoRNNCell.__call__",
    ),
)

claims = [
    Claim("the state goes through W and nothing else", of="z", wrt="h", equals="W"),
    Identity(
        "a Cayley transform of a skew-symmetric matrix is orthogonal",
        "((I + A - A.T)^{-1} (I - A + A.T)).T @ ((I + A - A.T)^{-1} (I - A + A.T))",
        "eye(n)",
        declarations="A in R^(n,n)",
    ),
    Identity(
        "what is read as Wᵀ is W with the opposite A, and D on the other side",
        "((I + A - A.T)^{-1} (I - A + A.T) diag(d)).T",
        "diag(d) @ (I - A + A.T)^{-1} @ (I + A - A.T)",
        declarations="A in R^(n,n); d in R^n",
    ),
]
