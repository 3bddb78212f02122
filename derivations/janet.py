"""JANET (van der Westhuizen, Lasenby 2018): an LSTM with a forget gate only."""

import numpy as np

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn

title = "JANET"
year = 2018
reference = (
    "J. van der Westhuizen, J. Lasenby: The unreasonable effectiveness of the forget gate. arXiv:1804.04849, 2018"
)
purpose = "One gate; β shifts what is written against what is kept, so that the two shares sum to more than one."
family = "lstm"
readings = (
    "The author's code, RecurrentLayers.jl and torchrecurrent agree. They carry h and c, which are equal: here, h."
    " β = 1 in the author's code; torchrecurrent learns it; with β = 0 the two shares add up to one (see ugrnn)."
)

equations = """
x in R^m;  h in R^n
W_{f,g} in R^(n,m);  U_{f,g} in R^(n,n);  b_{f,g} in R^n
beta = 1

s  = W_f @ x + U_f @ h + b_f
f  = sigmoid(s)                          # forget gate: the share of h that stays
w  = 1 - sigmoid(s - beta)               # the share of the candidate that is written
g  = tanh(W_g @ x + U_g @ h + b_g)       # candidate
h' = f * h + w * g
"""

initialisation = Initialisation(
    {
        "b_f": Drawn(
            "log U(1, 783): chrono, for sequences of 784 steps (pixel by pixel MNIST)",
            lambda generator, shape, sizes: np.log(generator.uniform(1, 783, shape)),
        ),
        "b_g": Constant(0),
    },
    source=(
        "van der Westhuizen and Lasenby 2018: chrono, b_f = log U(1, T - 1); the author's code draws log U(1, T),"
        " matrices Glorot uniform (TensorFlow's default)"
    ),
    otherwise="xavier-stacked",
)

sources = (
    Source("JosvanderWesthuizen/janet: aux_code/rnn_cells.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/janet_cell.jl", "code"),
    Source("MartinuzziFrancesco/torchrecurrent 0.2.5: torchrecurrent/cells/janet_cell.py", "code"),
    Source("J. van der Westhuizen, J. Lasenby 2018, section 3", "paper", read=False),
)

comparisons = (
    Comparison(
        "JosvanderWesthuizen/janet: aux_code/rnn_cells.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 7e-16",
    ),
    Comparison(
        "torchrecurrent 0.2.5, JANETCell (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 5e-16",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by f alone",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "the step Jacobian: the highway, the gate's two tasks, and the candidate",
        of="h'",
        wrt="h",
        equals="diag(f) + diag(h * f * (1 - f) - g * w * (1 - w)) @ U_f + diag(w * (1 - g * g)) @ U_g",
    ),
    Equivalence(
        "with β = 0 it is the UGRNN",
        other="ugrnn",
        where={"beta": "0"},
        parameters={"W_f": "W_g", "U_f": "U_g", "b_f": "b_g", "W_g": "W_c", "U_g": "U_c", "b_g": "b_c"},
    ),
]
