"""UnICORNN (Rusch & Mishra 2021): independent oscillators without damping, each with a step of time of its own."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Uniform

title = "UnICORNN"
year = 2021
reference = (
    "T. K. Rusch, S. Mishra: UnICORNN: a recurrent model for learning very long time dependencies. ICML 2021"
    " (arXiv:2103.05487)"
)
purpose = "A Hamiltonian system in symplectic steps: it can be run backward exactly, so no state need be stored."
family = "physical"
readings = (
    "As the authors' CUDA code has it: dt σ(c) in both lines. α and dt are chosen, not learned; the values are the"
    " authors' for permuted MNIST."
)

equations = """
x in R^m;  y, z in R^n
V in R^(n,m);  w, b, c in R^n
dt = 0.19;  alpha = 30.65

d  = dt * sigmoid(c)                                        # each unit's step of time
z' = z - d * (tanh(w * y + V @ x + b) + alpha * y)          # velocity: no damping
y' = y + d * z'                                             # position, from the new velocity
"""

initialisation = Initialisation(
    {"w": Uniform(0, 1), "c": Uniform(-0.1, 0.1), "b": Constant(0)},
    otherwise="uniform",
    source=(
        "The authors' code (network.py): w from U(0, 1), c from U(-0.1, 0.1), b = 0; V Kaiming uniform with slope 8."
    ),
)

sources = (
    Source("T. K. Rusch, S. Mishra 2021 (arXiv:2103.05487)", "paper", read=False),
    Source("tk-rusch/unicornn: psMNIST/network.py, UnICORNN_CODE", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/unicornn_cell.jl", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, UnICORNNCell(dt=0.19, alpha=30.65)",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-15",
    ),
)

claims = [
    Claim("velocity is kept as it is: nothing damps", of="z'", wrt="z", equals="eye(n)"),
    Claim(
        "the step keeps areas: ∂y'/∂y = 1 + ∂y'/∂z ∂z'/∂y, so each unit's 2 × 2 Jacobian has determinant 1",
        of="y'",
        wrt="y",
        equals="eye(n) - diag(d * d * (w * (1 - tanh(w * y + V @ x + b)**2) + alpha))",
    ),
    Claim("and velocity moves position by the step", of="y'", wrt="z", equals="diag(d)"),
]
