"""LEM with both states updated from the old ones, as RecurrentLayers.jl computes it."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Glorot

title = "Long expressive memory, y from the old z"
year = 2024
reference = "F. Martinuzzi: RecurrentLayers.jl, src/cells/lem_cell.jl"
purpose = "A reading of the LEM in which input reaches y one step later: z' is not seen in the same step."
family = "physical"
readings = "RecurrentLayers.jl and torchrecurrent; their documentation, the paper and the authors' code have z': lem."

variant = Variant("lem", {"y'": "(1 - e) * y + e * tanh(W_y @ z + V_y @ x + b_y)"})

initialisation = Initialisation(
    {"W_*": Glorot(), "V_*": Glorot()},
    source="RecurrentLayers.jl: Glorot uniform for every matrix",
)

sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/lem_cell.jl", "code"),)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, LEMCell",
        agrees=True,
        text="both states and all gradients, T = 20: largest relative difference 8e-16",
    ),
)

claims = [
    Claim(
        "along y, its step size held: one minus that step size",
        of="y'",
        wrt="y",
        holding="direct",
        equals="diag(1 - e)",
    ),
    Claim(
        "z reaches y undamped by the step size of z",
        of="y'",
        wrt="z",
        equals="diag(e * (1 - tanh(W_y @ z + V_y @ x + b_y) * tanh(W_y @ z + V_y @ x + b_y))) @ W_y",
    ),
]
