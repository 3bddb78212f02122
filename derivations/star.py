"""STAR (Turkoglu et al. 2019): the stackable recurrent cell, one gate and a bounded sum."""

import numpy as np

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Orthogonal

title = "STAR, stackable recurrent cell"
year = 2019
reference = (
    "M. O. Turkoglu, S. D'Aronco, J. D. Wegner, K. Schindler: Gating revisited: deep multi-layer RNNs that can be"
    " trained. IEEE TPAMI, 2021 (arXiv:1911.11033, 2019)"
)
purpose = "Made to be stacked: the input's path is a single tanh layer, and one gate k mixes it into the state."
family = "gru"
readings = (
    "The paper and RecurrentLayers.jl mix with k and 1 - k; the authors' code keeps with a gate f and writes with"
    " 1 - σ(a_f - 1), so that the two shares add up to more than one: the cell star_beta."
)

equations = """
x in R^m;  h in R^n
W_{z,k} in R^(n,m);  U_k in R^(n,n);  b_{z,k} in R^n

z  = tanh(W_z @ x + b_z)                 # the input as a feature; no h in it
k  = sigmoid(W_k @ x + U_k @ h + b_k)    # gate: the share of z that is written
h' = tanh((1 - k) * h + k * z)
"""

initialisation = Initialisation(
    {
        "W_*": Orthogonal(),
        "U_*": Orthogonal(),
        "b_k": Drawn("-log U(1, 784)", lambda generator, shape, sizes: -np.log(generator.uniform(1, 784, shape))),
        "b_z": Constant(0),
    },
    source="The authors' code, 0zgur0/STAR_Network: star.py (orthogonal; chrono bias of the keep gate, T = 784)",
)

sources = (
    Source("M. O. Turkoglu et al., arXiv:1911.11033, section 3", "paper", read=False),
    Source("0zgur0/STAR_Network: README.md, figure 3 of the paper", "documentation"),
    Source("0zgur0/STAR_Network: star.py (with other shares: star_beta)", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/star_cell.jl", "code"),
    Source("torchrecurrent 0.2.5: torchrecurrent/cells/star_cell.py", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, STARCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 7e-16",
    ),
)

contradictions = (
    Contradiction(
        "STAR_Network, the authors' code",
        says="the README's figure (figure 3 of the paper): one gate writes with its value and keeps with one minus it",
        does="keeps with σ(f) and writes with 1 - σ(f - 1), a line of JANET's code; the plain mixture is commented out",
        place="star.py, STARCell.__call__",
    ),
)

claims = [
    Claim(
        "the direct way is the gate times the slope of the outer tanh",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag((1 - h' * h') * (1 - k))",
    ),
    Claim(
        "the step Jacobian has the direct way and the gate's",
        of="h'",
        wrt="h",
        equals="diag(1 - h' * h') @ (diag(1 - k) + diag((z - h) * k * (1 - k)) @ U_k)",
    ),
    Claim(
        "with the gate closed the old state is still squashed: there is no highway of ones",
        of="h'",
        wrt="h",
        where={"k": "0"},
        equals="diag(1 - tanh(h) * tanh(h))",
    ),
    Equivalence(
        "without the outer tanh it is a UGRNN whose candidate sees the input alone",
        other="ugrnn",
        where={"h'": "(1 - k) * h + k * z"},
        other_where={"c": "tanh(W_c @ x + b_c)"},
        parameters={"W_z": "W_c", "b_z": "b_c", "W_k": "-W_g", "U_k": "-U_g", "b_k": "-b_g"},
    ),
    Equivalence(
        "without the outer tanh and with a gate that sees the input alone it is the GILR",
        other="gilr",
        where={"h'": "(1 - k) * h + k * z", "k": "sigmoid(W_k @ x + b_k)"},
        parameters={"W_z": "V", "W_k": "-U", "b_k": "-b_g"},
    ),
]
