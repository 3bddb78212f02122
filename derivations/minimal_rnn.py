"""MinimalRNN (Chen 2017): the input is encoded alone, and a gate averages codes over time."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source

title = "MinimalRNN"
year = 2017
reference = (
    "M. Chen: MinimalRNN: toward more interpretable and trainable recurrent neural networks. arXiv:1711.06788, 2017"
)
purpose = "The state is an average of codes of the inputs: the recurrent matrix acts inside the gate only."
family = "gru"
readings = (
    "The gate sees the new code z_t in the paper, in torchrecurrent and in rhee/minmin-minimalrnn; RecurrentLayers.jl's"
    " code shows it z_{t-1} (minimal_rnn_old). The encoder is any network in the paper; here one tanh layer."
)

equations = """
x in R^m;  h in R^n
W_z in R^(n,m);  U_{h,z} in R^(n,n);  b_{z,u} in R^n

z  = tanh(W_z @ x + b_z)                 # the input's code
u  = sigmoid(U_h @ h + U_z @ z + b_u)    # update gate: the share of h that stays
h' = u * h + (1 - u) * z
"""

initialisation = Initialisation(
    {}, source="The paper was not read; RecurrentLayers.jl draws Glorot uniform, biases zero.", otherwise="xavier"
)

sources = (
    Source("rhee/minmin-minimalrnn: minimalrnn.py", "code"),
    Source("MartinuzziFrancesco/torchrecurrent 0.2.5: torchrecurrent/cells/minimalrnn_cell.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/minimalrnn_cell.jl (docstring)", "documentation"),
    Source("M. Chen 2017, section 2", "paper", read=False),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MinimalRNNCell (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 7e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring of MinimalRNNCell: u is computed from z(t)",
        does="the code computes it from z(t-1), which it carries as a second state",
        place="src/cells/minimalrnn_cell.jl",
    ),
)

claims = [
    Claim("along the highway the gradient is multiplied by u", of="h'", wrt="h", holding="direct", equals="diag(u)"),
    Claim(
        "beside the highway there is the gate's path alone: the candidate does not see the state",
        of="h'",
        wrt="h",
        equals="diag(u) + diag((h - z) * u * (1 - u)) @ U_h",
    ),
    Equivalence(
        "where the gate does not see the input's code: a UGRNN whose candidate has no h, and whose gate no x",
        other="ugrnn",
        parameters={"U_z": "0", "W_z": "W_c", "b_z": "b_c", "U_h": "U_g", "b_u": "b_g"},
        other_parameters={"W_g": "0", "U_c": "0"},
    ),
]
