"""BRC (Vecoven, Ernst, Drion 2020): a cell that can be bistable, with connections to itself alone."""

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Glorot

title = "Bistable recurrent cell (BRC)"
year = 2020
reference = (
    "N. Vecoven, D. Ernst, G. Drion: A bio-inspired bistable recurrent cell allows for long-lasting memory."
    " PLoS ONE 16(6), 2021 (arXiv:2006.05252, 2020)"
)
purpose = "Every neuron sees its own state only; a > 1 gives it two stable states, so it can latch without a network."
family = "gru"
readings = (
    "Biases as in the authors' code: on both gates, none on the candidate; the paper prints none;"
    " RecurrentLayers.jl and torchrecurrent add one to the candidate."
)

equations = """
x in R^m;  h in R^n
W_{a,c,h} in R^(n,m);  w_{a,c} in R^n;  b_{a,c} in R^n

a  = 1 + tanh(W_a @ x + w_a * h + b_a)     # feedback of a neuron on itself, in (0, 2): bistable above 1
c  = sigmoid(W_c @ x + w_c * h + b_c)      # gate: the share of h that stays
g  = tanh(W_h @ x + a * h)                 # candidate
h' = c * h + (1 - c) * g
"""

initialisation = Initialisation(
    {"W_*": Glorot(), "w_*": Constant(1), "b_*": Constant(0)},
    source="The authors' code, nvecoven/BRC: cells/cells.py",
)

sources = (
    Source("N. Vecoven et al., arXiv:2006.05252, section 3", "paper", read=False),
    Source("nvecoven/BRC: cells/cells.py, class BRC", "code"),
    Source("brc_pytorch 0.1.3: layers/brc_layer.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/br_cell.jl, BRCell", "code"),
)

comparisons = (
    Comparison(
        "brc_pytorch 0.1.3",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 1.3e-15",
    ),
    Comparison(
        "torchrecurrent 0.2.5, BRCell",
        agrees=True,
        text="with the candidate's bias 0: values and all gradients, T = 20: largest relative difference 1.3e-15",
    ),
)

claims = [
    Claim(
        "no neuron sees another: the step Jacobian is diagonal",
        of="h'",
        wrt="h",
        equals="diag(c + (h - g) * c * (1 - c) * w_c + (1 - c) * (1 - g * g) * (a + h * a * (2 - a) * w_a))",
    ),
    Claim("the candidate feeds back with gain a", of="g", wrt="h", holding="direct", equals="diag(a * (1 - g * g))"),
    Claim("c = 1 passes the gradient unchanged", of="h'", wrt="h", where={"c": "1"}, equals="eye(n)"),
    Limit("a gate that is always closed to the input keeps the state", of="h'", parameter="b_c", to="oo", equals="h"),
]
