"""Simple gated recurrent network (Zu, Wei 2020): one W for gate and candidate, and a tanh around all."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Glorot

title = "SGRN, simple gated recurrent network"
year = 2020
reference = (
    "X. Zu, K. Wei: A simple gated recurrent network for detection of power quality disturbances."
    " IET Generation, Transmission & Distribution 15(4), 2021 (online 2020), doi:10.1049/gtd2.12056"
)
purpose = "Detecting disturbances on power lines with few parameters: W, U and b are all there is."
family = "gru"
readings = "RecurrentLayers.jl documents this form and computes with biases in both places: sgrn_biased."

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n

p  = W @ x
f  = sigmoid(p + U @ h + b)          # forget gate: the share of h that stays
i  = 1 - f                           # input gate
h' = tanh(i * p + f * h)
"""

initialisation = Initialisation(
    {"W": Glorot(), "U": Glorot(), "b": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases); the paper's could not be read.",
)
sources = (
    Source("X. Zu, K. Wei 2020", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/sgrn_cell.jl, docstring", "documentation"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, SGRNCell",
        agrees=True,
        text="values and all gradients, T = 20, with bias_ih 0: largest relative difference 1.1e-15",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="f = σ(W x + W h + b), h = tanh(i W x + f h): one bias, and only in the gate",
        does="W x + bias_ih in the gate and in the candidate, and bias_hh in the gate",
        place="src/cells/sgrn_cell.jl",
    ),
)

claims = [
    Claim(
        "the tanh around all stands in the highway: f alone does not keep a gradient",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag((1 - h' * h') * f)",
    ),
    Claim(
        "the step Jacobian is the highway and the gate's path, both behind the outer tanh",
        of="h'",
        wrt="h",
        equals="diag(1 - h' * h') @ (diag(f) + diag((h - p) * f * (1 - f)) @ U)",
    ),
    Equivalence(
        "without the outer tanh and the bias it is ATR with coupled gates",
        other="atr_coupled",
        where={"h'": "i * p + f * h"},
        parameters={"U": "-U", "b": "0"},
    ),
]
