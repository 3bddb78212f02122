"""The GRU of PyTorch and cuDNN, under the name that says whose sign of z it has."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Uniform

title = "GRU of cuDNN and PyTorch, z as in Cho et al."
year = 2014
reference = (
    "K. Cho et al.: Learning phrase representations using RNN encoder-decoder for statistical machine translation."
    " arXiv:1406.1078v1, 2014; torch.nn.GRU"
)
purpose = "gru_torch under a second name: beside gru_cho_sign, z is the share of h that stays."
family = "gru"
readings = (
    "cuDNN, PyTorch, Keras (reset_after=True), ONNX (linear_before_reset) and Flax write it so, as gru_torch does;"
    " gru_torch_overwrites has z as the share that is replaced."
)

variant = Variant("gru_torch", {"h'": "z * h + (1 - z) * g"})

initialisation = Initialisation(
    {"*": Uniform(-1, 1, over_root="n")}, source="torch.nn.GRU draws everything, biases too, U(-1/√n, 1/√n)"
)

sources = (
    Source("torch/nn/modules/rnn.py, GRU (2.13)", "code"),
    Source("keras/src/layers/rnn/gru.py, reset_after=True (3.15)", "code"),
    Source("onnx/onnx: docs/Operators.md, GRU with linear_before_reset = 1 (opset 22)", "documentation"),
    Source("K. Cho et al. 2014, version 1", "paper", read=False),
)

comparisons = (
    Comparison(
        "torch 2.13.0, nn.GRUCell",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 6e-16",
    ),
    Comparison(
        "flax 0.12.8, linen.GRUCell (jax 0.10.2)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 6e-16",
    ),
)

claims = [
    Claim("along the highway the gradient is multiplied by z", of="h'", wrt="h", holding="direct", equals="diag(z)"),
    Equivalence("the GRU of PyTorch, parameter by parameter", other="gru_torch"),
]
