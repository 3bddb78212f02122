"""Light recurrent unit with a bias in the candidate, as the code of RecurrentLayers.jl and torchrecurrent has it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "LightRU with a candidate bias"
year = 2024
reference = (
    "H. Ye, Y. Zhang, H. Liu, X. Li, J. Chang, H. Zheng: Light recurrent unit: towards an interpretable recurrent"
    " neural network for modeling long-range dependency. Electronics 13(16), 3204, 2024"
)
purpose = "The light recurrent unit whose candidate is an affine map of the input behind tanh."
family = "gru"
readings = "RecurrentLayers.jl (against its docstring) and torchrecurrent; without the bias: light_ru."

variant = Variant("light_ru", {"g": "tanh(W_g @ x + b_g)"}, lines="b_g in R^n")

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases).",
)
sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/lightru_cell.jl", "code"),)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, LightRUCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

claims = [
    Claim(
        "the candidate does not see the state: all recurrence runs through the highway and the gate",
        of="h'",
        wrt="h",
        equals="diag(1 - f) + diag((g - h) * f * (1 - f)) @ U_f",
    ),
    Equivalence("without the bias it is LightRU", other="light_ru", parameters={"b_g": "0"}),
    Equivalence(
        "the UGRNN whose candidate has no recurrence, with the other sign of the gate",
        other="ugrnn",
        parameters={"W_f": "-W_g", "U_f": "-U_g", "b_f": "-b_g", "W_g": "W_c", "b_g": "b_c"},
        other_parameters={"U_c": "0"},
    ),
]
