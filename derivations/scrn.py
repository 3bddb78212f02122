"""SCRN (Mikolov et al. 2015): a slow linear context beside the fast hidden layer."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Normal

title = "Structurally constrained recurrent network (SCRN)"
year = 2015
reference = (
    "T. Mikolov, A. Joulin, S. Chopra, M. Mathieu, M. Ranzato: Learning longer memory in recurrent neural networks."
    " ICLR 2015 workshop (arXiv:1412.7753)"
)
purpose = (
    "Part of the recurrent matrix is fixed near the identity, so part of the state changes slowly: memory without"
    " gates."
)
family = "ungated"
readings = (
    "The hidden layer sees the new context, as the paper and the comment in the authors' code have it; the authors'"
    " code feeds it the old one: scrn_old_context. The readout f(U h + V s) is left to the caller; RecurrentLayers.jl"
    " and torchrecurrent make it, under tanh, the state that is fed back, and let alpha default to 0."
)

equations = """
p = n/2                                    # the context's size, unless given
x in R^m;  h in R^n;  s in R^p
A in R^(n,m);  B in R^(p,m);  P in R^(n,p);  R in R^(n,n)
alpha = 0.95

s' = (1 - alpha) * B @ x + alpha * s       # context: slow and linear
h' = sigmoid(P @ s' + A @ x + R @ h)       # hidden layer: fast
"""

initialisation = Initialisation(
    {"*": Normal(0.05)},
    source=(
        "The authors' code (util.lua, initSCRNN): everything N(0, 0.05²), the context's matrix 0.95 times the identity."
    ),
)

sources = (
    Source("T. Mikolov et al. 2015 (arXiv:1412.7753), section 3", "paper", read=False),
    Source("facebookarchive/SCRNNs: mfactory.lua, comment", "documentation"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/scrn_cell.jl, docstring", "documentation"),
)

contradictions = (
    Contradiction(
        "facebookarchive/SCRNNs",
        says="the comment: h_t = logistic(W_xf x_t + W_ff h_{t-1} + W_sf c_t), with the new context c_t",
        does="the graph feeds prev_hid_slow, the old context; and its context has a full matrix W_ss, 0.95 I at first",
        place="mfactory.lua, branch scrnn",
    ),
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring: h is the logistic hidden layer, y a readout; h has no direct input",
        does="the state that is fed back is tanh of the readout, and the hidden layer has the input's product too",
        place="src/cells/scrn_cell.jl",
    ),
)

claims = [
    Claim("the context's Jacobian is alpha, whatever is learned", of="s'", wrt="s", equals="alpha * eye(p)"),
    Claim(
        "the context reaches the hidden layer with the factor alpha",
        of="h'",
        wrt="s",
        equals="alpha * diag(h' * (1 - h')) @ P",
    ),
    Equivalence(
        "without its context it is the simple recurrent network with logistic units, without bias",
        other="rnn_logistic",
        parameters={"P": "0", "A": "W", "R": "U", "B": "0"},
        other_parameters={"b": "0"},
        ignoring=("s",),
    ),
]
