"""SGRN with biases in candidate and gate, as RecurrentLayers.jl and torchrecurrent compute it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "SGRN with biases"
year = 2020
reference = (
    "X. Zu, K. Wei: A simple gated recurrent network for detection of power quality disturbances."
    " IET Generation, Transmission & Distribution 15(4), 2021 (online 2020), doi:10.1049/gtd2.12056"
    " (the code of RecurrentLayers.jl)"
)
purpose = "SGRN whose projected input W x + b_p is one number for gate and candidate."
family = "gru"

variant = Variant("sgrn", {"p": "W @ x + b_p"}, lines="b_p in R^n    # the projected input's bias")

initialisation = Initialisation(
    {"W": Glorot(), "U": Glorot(), "b*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases).",
)
sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/sgrn_cell.jl", "code"),)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, SGRNCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 6e-16",
    ),
)

claims = [
    Claim(
        "the step Jacobian is the highway and the gate's path, both behind the outer tanh",
        of="h'",
        wrt="h",
        equals="diag(1 - h' * h') @ (diag(f) + diag((h - p) * f * (1 - f)) @ U)",
    ),
    Equivalence("without the second bias it is SGRN", other="sgrn", parameters={"b_p": "0"}),
]
