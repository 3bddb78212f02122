"""coRNN (Rusch & Mishra 2021): coupled, damped, driven oscillators; damping from the old velocity."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Drawn

title = "Coupled oscillatory RNN (coRNN)"
year = 2021
reference = (
    "T. K. Rusch, S. Mishra: Coupled oscillatory recurrent neural network (coRNN): an accurate and (gradient) stable"
    " architecture for learning long time dependencies. ICLR 2021 (arXiv:2010.00951)"
)
purpose = "A position y and a velocity z, moved in small steps of time: bounded, if the steps are small enough."
family = "physical"
readings = (
    "The damping term ε z is explicit here (the old z), as in the authors' code; the paper leaves the index open, and"
    " with the new z it is cornn_implicit. dt, γ and ε are chosen, not learned; the values are the authors' for"
    " sequential MNIST."
)

equations = """
x in R^m;  y, z in R^n
V in R^(n,m);  W, U in R^(n,n);  b in R^n
dt = 0.042;  gamma = 2.7;  epsilon = 4.7

a  = tanh(W @ y + U @ z + V @ x + b)              # the force that is learned
z' = z + dt * (a - gamma * y - epsilon * z)       # velocity: force, spring, damping
y' = y + dt * z'                                  # position
"""


def linear(generator, shape, sizes):
    """U(-1/√(m + 2n), 1/√(m + 2n)): one linear layer over input, velocity and position."""
    limit = (sizes["m"] + 2 * sizes["n"]) ** -0.5
    return generator.uniform(-limit, limit, shape)


initialisation = Initialisation(
    {"*": Drawn("U(±1/√(m + 2n))", linear)},
    source="The authors' code: one torch.nn.Linear over [x, z, y], with its default.",
)

sources = (
    Source("T. K. Rusch, S. Mishra 2021 (arXiv:2010.00951), eq. 3", "paper", read=False),
    Source("tk-rusch/coRNN: README.md and HAR-2/network.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/cornn_cell.jl", "code"),
)

comparisons = (
    Comparison(
        "tk-rusch/coRNN afd8174, HAR-2/network.py, coRNNCell (the authors') with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 5e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring: z(t) = … - Δt ε z(t), damped by the new velocity (and σ, which is tanh)",
        does="the code damps by the old velocity",
        place="src/cells/cornn_cell.jl",
    ),
)

claims = [
    Claim(
        "with the force held, position and velocity are a damped oscillator",
        of="z'",
        wrt="z",
        holding=("a",),
        equals="(1 - dt * epsilon) * eye(n)",
    ),
    Claim(
        "the position's Jacobian is the identity and terms of order dt²",
        of="y'",
        wrt="y",
        equals="eye(n) + dt * dt * (diag(1 - a * a) @ W - gamma * eye(n))",
    ),
    Equivalence(
        "without damping, and each unit coupled to itself alone, it is the UnICORNN with one constant step size",
        other="unicornn",
        where={"epsilon": "0"},
        other_where={"d": "0.042", "alpha": "2.7"},
        parameters={"W": "-diag(w)", "U": "0", "V": "-V", "b": "-b"},
    ),
]
