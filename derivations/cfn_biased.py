"""Chaos-free network with a bias on its input, as most code has it: without input it need not decay to 0."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "CFN with an input bias"
year = 2017
reference = (
    "T. Laurent, J. von Brecht: A recurrent neural network without chaos. ICLR 2017 (arXiv:1612.06212)"
    " (with tanh(W x + b), as in RecurrentLayers.jl, torchrecurrent and pytorch_bits)"
)
purpose = "CFN of the libraries: the bias drives the state where there is no input, so that 0 is no fixed point."
family = "gru"
readings = "RecurrentLayers.jl's, torchrecurrent's, pytorch_bits' and brainscale's code; without the bias: cfn."

variant = Variant("cfn", {"g": "tanh(W_g @ x + b_g)"}, lines="b_g in R^n")

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases).",
)
sources = (
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/cfn_cell.jl", "code"),
    Source("jpeg729/pytorch_bits: nn/cfn.py", "code"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, CFNCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 9e-16",
    ),
    Comparison(
        "jpeg729/pytorch_bits (5d10709), CFN",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

claims = [
    Claim(
        "all recurrent products are inside of the gates",
        of="h'",
        wrt="h",
        equals="diag(theta * (1 - tanh(h) * tanh(h))) + diag(tanh(h) * theta * (1 - theta)) @ U_theta"
        " + diag(g * eta * (1 - eta)) @ U_eta",
    ),
    Equivalence("without the bias it is CFN", other="cfn", parameters={"b_g": "0"}),
]
