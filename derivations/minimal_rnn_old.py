"""MinimalRNN whose gate sees the code of the step before: RecurrentLayers.jl's code."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source

title = "MinimalRNN, the gate on the old code"
year = 2025
reference = "MartinuzziFrancesco/RecurrentLayers.jl, MinimalRNNCell (the code); after Chen 2017"
purpose = "The gate decides on the input of the step before; the code becomes a second state."
family = "gru"
readings = "RecurrentLayers.jl's code; its docstring and the paper have u see z_t (minimal_rnn)."

equations = """
x in R^m;  h, z in R^n
W_z in R^(n,m);  U_{h,z} in R^(n,n);  b_{z,u} in R^n

z' = tanh(W_z @ x + b_z)                 # the input's code
u  = sigmoid(U_h @ h + U_z @ z + b_u)    # update gate: the share of h that stays; z is the code of the step before
h' = u * h + (1 - u) * z'
"""

initialisation = Initialisation(
    {}, source="None is prescribed; RecurrentLayers.jl draws Glorot uniform, with biases zero.", otherwise="xavier"
)

sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/minimalrnn_cell.jl (the code)", "code"),)

claims = [
    Claim("along the highway the gradient is multiplied by u", of="h'", wrt="h", holding="direct", equals="diag(u)"),
    Claim(
        "the old code reaches the state through the gate",
        of="h'",
        wrt="z",
        equals="diag((h - z') * u * (1 - u)) @ U_z",
    ),
    Equivalence(
        "if the gate does not see the code, it is the MinimalRNN",
        other="minimal_rnn",
        parameters={"U_z": "0 * U_z"},
        other_parameters={"U_z": "0 * U_z"},
        ignoring=("z",),
    ),
]
