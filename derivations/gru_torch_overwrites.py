"""The GRU of PyTorch and cuDNN with z as in Chung et al.: reset after the product, a bias of its own, z replaces."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Uniform

title = "GRU, reset after the product, z replaces"
year = 2014
reference = (
    "K. Cho et al.: Learning phrase representations using RNN encoder-decoder for statistical machine translation."
    " arXiv:1406.1078v1, 2014; torch.nn.GRU"
)
purpose = "gru_torch with the sign of z that gru has: z is the share of h that is replaced."
family = "gru"
readings = (
    "z replaces, as in gru and gru_reset_after; cuDNN, PyTorch, Keras and ONNX print the other sign (gru_torch), whose"
    " weights become these under W_z, U_z, b_z -> -W_z, -U_z, -b_z."
)

variant = Variant("gru_torch", {"h'": "(1 - z) * h + z * g"})

initialisation = Initialisation(
    {"*": Uniform(-1, 1, over_root="n")}, source="torch.nn.GRU draws everything, biases too, U(-1/√n, 1/√n)"
)

sources = (
    Source("torch/nn/modules/rnn.py, GRU (2.13; the other sign of z)", "code"),
    Source("K. Cho et al. 2014, version 1", "paper", read=False),
)

comparisons = (
    Comparison(
        "torch 2.13.0, nn.GRU, z with its sign turned",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - z)",
    ),
    Equivalence(
        "the two conventions for the update gate are one cell under W_z, U_z, b_z -> -W_z, -U_z, -b_z",
        other="gru_torch",
        parameters={"W_z": "-W_z", "U_z": "-U_z", "b_z": "-b_z"},
    ),
]
