"""Minimal gated unit whose gate keeps the state that it shows to the candidate: RecurrentLayers.jl's code."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant

title = "Minimal gated unit, the gate keeps"
year = 2025
reference = "MartinuzziFrancesco/RecurrentLayers.jl, MGUCell (the code); after Zhou et al. 2016"
purpose = (
    "What stays is also what the candidate sees: not the paper's unit under any change of parameters that we know."
)
family = "gru"
readings = "RecurrentLayers.jl's code; its docstring and the paper have h' = (1 - f) h + f g (mgu)."

variant = Variant("mgu", {"h'": "f * h + (1 - f) * g"})

initialisation = Initialisation(
    {}, source="None is prescribed; RecurrentLayers.jl draws Glorot uniform, with biases zero.", otherwise="xavier"
)

sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/mgu_cell.jl (the code)", "code"),)

claims = [
    Claim("along the highway the gradient is multiplied by f", of="h'", wrt="h", holding="direct", equals="diag(f)"),
    Claim("the gate held open copies the state", of="h'", wrt="h", where={"f": "1"}, equals="eye(n)"),
    Equivalence(
        "the GRU in which z keeps, whose reset gate is its update gate",
        other="gru_cho_sign",
        parameters={"W_f": "W_z", "U_f": "U_z", "b_f": "b_z"},
        other_where={"r": "z"},
    ),
]
