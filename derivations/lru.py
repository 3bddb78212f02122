"""LRU (Orvieto et al. 2023): a linear recurrence, diagonal and complex, that cannot explode."""

import numpy as np

from gatedsym.library.claims import Claim, Identity, Limit
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Drawn, Normal

title = "Linear recurrent unit (LRU)"
year = 2023
reference = "A. Orvieto et al.: Resurrecting recurrent neural networks for long sequences. ICML 2023 (arXiv:2303.06349)"
purpose = "No gate and no nonlinearity: eigenvalues of modulus exp(-exp ν) < 1 set how long each mode remembers."
family = "linear"
readings = (
    "The complex state is a real pair p + iq, λ = ρ(cos φ + i sin φ). D is a vector, as in minimal-LRU; LRU-pytorch"
    " has a full matrix. γ is a parameter of its own, normalised at the start alone."
)

equations = """
x in R^m;  p, q in R^n
B_{p,q} in R^(n,m);  C_{p,q} in R^(m,n);  D in R^m;  nu, theta, gamma in R^n
output y

rho = exp(-exp(nu))                  # modulus of the eigenvalues, in (0, 1)
phi = exp(theta)                     # their phase
k   = exp(gamma)                     # normaliser of the input
p'  = rho * cos(phi) * p - rho * sin(phi) * q + k * (B_p @ x)
q'  = rho * sin(phi) * p + rho * cos(phi) * q + k * (B_q @ x)
y   = C_p @ p' - C_q @ q' + D * x
"""


def _nu(generator, shape, sizes):  # type: ignore[no-untyped-def]
    """log(-log |λ|) with |λ|² uniform on [0, 1], a uniform draw from the unit disk."""
    return np.log(-0.5 * np.log(generator.uniform(size=shape)))


def _gamma(nu):  # type: ignore[no-untyped-def]
    """log √(1 - |λ|²), |λ| = exp(-exp ν): inputs of unit variance give states of unit variance."""
    return 0.5 * np.log(-np.expm1(-2 * np.exp(nu)))


initialisation = Initialisation(
    {
        "nu": Drawn("log(-log |λ|), λ uniform in the unit disk", _nu),
        "gamma": Drawn("log √(1 - |λ|²)", lambda generator, shape, sizes, nu: _gamma(nu), needs=("nu",)),
        "theta": Drawn("log U(0, 6.28)", lambda generator, shape, sizes: np.log(generator.uniform(0, 6.28, shape))),
        "B_*": Normal(0.5**0.5, over_root="m"),
        "C_*": Normal(1, over_root="n"),
        "D": Normal(1),
    },
    source="Section 3 by way of minimal-LRU: lru/model.py (r_min = 0, r_max = 1)",
)

sources = (
    Source("A. Orvieto et al., arXiv:2303.06349, section 3", "paper", read=False),
    Source("NicolasZucchet/minimal-LRU: lru/model.py", "code"),
    Source("Gothos/LRU-pytorch: LRU_pytorch/LRU.py", "code"),
)

comparisons = (
    Comparison(
        "Gothos/LRU-pytorch e250d5a, LRU",
        agrees=True,
        text="with a diagonal D: output and all gradients, T = 20: largest relative difference 6e-16",
    ),
    Comparison(
        "NicolasZucchet/minimal-LRU bbd71b1, LRU, with jax 0.10.2",
        agrees=True,
        text="output and all gradients, T = 20: largest relative difference 5e-16",
    ),
)

claims = [
    Claim("a mode turns and shrinks", of="p'", wrt="p", equals="diag(rho * cos(phi))"),
    Claim("the other half of the turn", of="q'", wrt="p", equals="diag(rho * sin(phi))"),
    Claim("nothing but the eigenvalues: no input, no state", of="q'", wrt="q", equals="diag(rho * cos(phi))"),
    Identity(
        "the modulus of an eigenvalue is ρ, whatever its phase",
        "(r * cos(a))**2 + (r * sin(a))**2",
        "r**2",
        declarations="a, r in R",
    ),
    Limit(
        "without phase a mode is a leaky average of its own input",
        of="p'",
        parameter="theta",
        to="-oo",
        equals="rho * p + k * (B_p @ x)",
    ),
]
