"""Recurrent additive network with a bias in the content layer, as RecurrentLayers.jl has it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "RAN with a content bias"
year = 2017
reference = "K. Lee, O. Levy, L. Zettlemoyer: Recurrent additive networks. arXiv:1705.07393, 2017 (RecurrentLayers.jl)"
purpose = "RAN whose content is affine in the input: the cell state is a weighted sum of inputs and biases."
family = "lstm"
readings = "RecurrentLayers.jl's docstring and code, torchrecurrent's docstring; without the bias: ran."

variant = Variant("ran", {"g": "W_c @ x + b_c"}, lines="b_c in R^n")

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases).",
)
sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/ran_cell.jl", "code"),)

claims = [
    Claim(
        "the cell state reaches the next one through the forget gate alone, and nowhere through a nonlinear function",
        of="c'",
        wrt="c",
        equals="diag(f)",
    ),
    Equivalence("without the bias it is RAN", other="ran", parameters={"b_c": "0"}),
    Equivalence(
        "the LSTM with an open output gate and a linear candidate without recurrence",
        other="lstm",
        other_where={"o": "1", "g": "W_g @ x + b_g"},
        parameters={"W_c": "W_g", "b_c": "b_g"},
    ),
]
