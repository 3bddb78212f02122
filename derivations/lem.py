"""LEM, long expressive memory (Rusch et al. 2022): two states on two learned time scales."""

from gatedsym.library.claims import Claim, Equivalence, Limit
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Uniform

title = "Long expressive memory (LEM)"
year = 2022
reference = (
    "T. K. Rusch, S. Mishra, N. B. Erichson, M. W. Mahoney: Long expressive memory for sequence modeling. ICLR 2022"
    " (arXiv:2110.04744)"
)
purpose = "A multiscale differential equation in discrete time: each state has a step size that the gates choose."
family = "physical"
readings = (
    "y sees the new z, as in the paper and in the authors' code; RecurrentLayers.jl and torchrecurrent feed the old z:"
    " the cell lem_old_z. Gates are numbered as in the paper: 1 for z, 2 for y; the authors' code chunks 1 for y."
)

equations = """
x in R^m;  y, z in R^n
W_{1,2,z,y} in R^(n,n);  V_{1,2,z,y} in R^(n,m);  b_{1,2,z,y} in R^n
dt = 1

d  = dt * sigmoid(W_1 @ y + V_1 @ x + b_1)                        # step size of z
e  = dt * sigmoid(W_2 @ y + V_2 @ x + b_2)                        # step size of y
z' = (1 - d) * z + d * tanh(W_z @ y + V_z @ x + b_z)
y' = (1 - e) * y + e * tanh(W_y @ z' + V_y @ x + b_y)
"""

initialisation = Initialisation(
    {"*": Uniform(-1, 1, over_root="n")},
    source="The authors' code, tk-rusch/LEM: src/adding/network.py (everything U(-1/√n, 1/√n))",
)

sources = (
    Source("T. K. Rusch et al., arXiv:2110.04744, equation 3", "paper", read=False),
    Source("tk-rusch/LEM: src/adding/network.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/lem_cell.jl, docstring", "documentation"),
)

comparisons = (
    Comparison(
        "tk-rusch/LEM 833da6b, LEMCell",
        agrees=True,
        text="both states and all gradients, T = 20: largest relative difference 8e-16",
    ),
    Comparison(
        "torchrecurrent 0.2.5, LEMCell",
        agrees=False,
        text="its y sees the old z: values differ by up to 39 % of the largest; it agrees with lem_old_z",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="h(t) has W_zh z(t), and one step size Δt stands in both updates",
        does="h(t) has W_zh z(t-1), and each update has a step size of its own",
        place="src/cells/lem_cell.jl",
    ),
    Contradiction(
        "torchrecurrent 0.2.5",
        says="h(t) has W_ch c(t), and one step size Δt stands in both updates",
        does="h(t) has W_ch c(t-1), and each update has a step size of its own",
        place="torchrecurrent/cells/lem_cell.py, LEMCell",
    ),
)

claims = [
    Claim("along z: one minus its step size", of="z'", wrt="z", equals="diag(1 - d)"),
    Claim(
        "along y, what it takes from z' held: one minus its step size",
        of="y'",
        wrt="y",
        holding="direct",
        equals="diag(1 - e)",
    ),
    Claim("a vanishing step passes the gradient unchanged", of="y'", wrt="y", where={"e": "0"}, equals="eye(n)"),
    Limit("a step size that goes to 0 keeps z", of="z'", parameter="b_1", to="-oo", equals="z"),
    Equivalence(
        "with the old z in y it is the other reading",
        other="lem_old_z",
        where={"y'": "(1 - e) * y + e * tanh(W_y @ z + V_y @ x + b_y)"},
    ),
]
