"""Chaos-free network (Laurent, von Brecht 2017): a gated network whose autonomous dynamics has one attractor, 0."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant

title = "CFN, chaos-free network"
year = 2017
reference = "T. Laurent, J. von Brecht: A recurrent neural network without chaos. ICLR 2017 (arXiv:1612.06212)"
purpose = "No chaos: without input every unit decays to zero, since |h'| is at most theta |tanh(h)|."
family = "gru"
readings = (
    "The input's tanh(W x) has no bias in the paper as others report it; RecurrentLayers.jl, torchrecurrent,"
    " pytorch_bits and brainscale add one: cfn_biased."
)

equations = """
x in R^m;  h in R^n
W_{theta,eta,g} in R^(n,m);  U_{theta,eta} in R^(n,n);  b_{theta,eta} in R^n

theta = sigmoid(W_theta @ x + U_theta @ h + b_theta)    # horizontal (forget) gate
eta   = sigmoid(W_eta @ x + U_eta @ h + b_eta)          # vertical (input) gate
g     = tanh(W_g @ x)                                   # candidate: the input alone
h'    = theta * tanh(h) + eta * g
"""

initialisation = Initialisation(
    {"b_theta": Constant(1), "b_eta": Constant(-1)},
    source="T. Laurent, J. von Brecht 2017, section 3, from memory: gate biases 1 and -1; the weights are tuned.",
)
sources = (
    Source("T. Laurent, J. von Brecht 2017, section 1", "paper", read=False),
    Source("jpeg729/pytorch_bits: README.md and nn/cfn.py", "documentation"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/cfn_cell.jl, docstring", "documentation"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, CFNCell",
        agrees=True,
        text="values and all gradients, T = 20, with its candidate's bias 0: largest relative difference 1.1e-15",
    ),
    Comparison(
        "jpeg729/pytorch_bits (5d10709), CFN",
        agrees=True,
        text="values and all gradients, T = 20, with its candidate's bias 0: largest relative difference 1.2e-15",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the input enters as tanh(W x)",
        does="tanh(W x + b) unless bias = false, which has no decay to zero without input",
        place="src/cells/cfn_cell.jl",
    ),
    Contradiction(
        "pytorch_bits",
        says="h_t = f * tanh(h_tm1) + i * tanh(Wx)",
        does="tanh(W x + b) unless bias=False",
        place="README.md, nn/cfn.py",
    ),
    Contradiction(
        "brainscale",
        says="in_size and out_size are free",
        does="the input's layer is of size (out_size, out_size) and is applied to x, so that they must be equal",
        place="brainscale.nn, CFNCell",
    ),
)

claims = [
    Claim(
        "along the highway the gradient shrinks: it is multiplied by theta and by the slope of tanh",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(theta * (1 - tanh(h) * tanh(h)))",
    ),
    Claim(
        "all recurrent products are inside of the gates",
        of="h'",
        wrt="h",
        equals="diag(theta * (1 - tanh(h) * tanh(h))) + diag(tanh(h) * theta * (1 - theta)) @ U_theta"
        " + diag(g * eta * (1 - eta)) @ U_eta",
    ),
]
