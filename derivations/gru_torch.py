"""GRU with the reset gate after the recurrent product (Cho et al. 2014, version 1), as cuDNN and PyTorch have it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Uniform

title = "GRU, reset after the product"
year = 2014
reference = (
    "K. Cho et al.: Learning phrase representations using RNN encoder-decoder for statistical machine translation."
    " arXiv:1406.1078v1, 2014; torch.nn.GRU"
)
purpose = "torch.nn.GRU to the letter: r acts on U_g h + v_g, so all recurrent products are one, and z keeps."
family = "gru"
readings = (
    "z keeps, as cuDNN, PyTorch, Keras (reset_after=True), ONNX (linear_before_reset) and Flax have it: their weights"
    " are its parameters. With z as the share that is replaced it is gru_torch_overwrites; without v_g and with that"
    " sign, gru_reset_after."
)

equations = """
x in R^m;  h in R^n
W_{z,r,g} in R^(n,m);  U_{z,r,g} in R^(n,n);  b_{z,r,g} in R^n;  v_g in R^n

z  = sigmoid(W_z @ x + U_z @ h + b_z)                # update gate: the share of h that stays
r  = sigmoid(W_r @ x + U_r @ h + b_r)                # reset gate
g  = tanh(W_g @ x + b_g + r * (U_g @ h + v_g))       # candidate; v_g is the recurrent bias
h' = (1 - z) * g + z * h
"""

comparisons = (
    Comparison(
        "torch 2.13.0, nn.GRU",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
    Comparison(
        "keras 3.15.1, GRU (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
    Comparison(
        "flax 0.12.8, linen.GRUCell (jax 0.10.2)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
    Comparison(
        "flax 0.12.8, nnx.GRUCell (jax 0.10.2)",
        agrees=False,
        text="has no v_g; with v_g = 0 values and all gradients agree, T = 20, float64: 2e-15",
    ),
    Comparison(
        "onnx 1.23.2, GRU(linear_before_reset=1) by ReferenceEvaluator",
        agrees=True,
        text="values, T = 20, float64: 4e-16",
    ),
    Comparison("onnxruntime 1.31.1, GRU(linear_before_reset=1)", agrees=True, text="values, T = 20, float32: 2e-7"),
)

contradictions = (
    Contradiction(
        "Flax 0.12.8, nnx.GRUCell",
        says="n = tanh(W_in x + b_in + r * (W_hn h + b_hn))",
        does="dense_h is made with use_bias=False: there is no b_hn, and weights from linen or torch lose theirs",
        place="flax/nnx/nn/recurrent.py, GRUCell; google/flax#5594, open in September 2026",
    ),
    Contradiction(
        "MLX 0.31.1, nn.GRU",
        says="n = tanh(W_xn x + b_n + r * (W_hn h + b_hn)), h = 0 where no hidden state is given",
        does="without a hidden state the first step drops r * b_hn (mended by pull request 3252)",
        place="ml-explore/mlx#3249",
    ),
)

initialisation = Initialisation(
    {"*": Uniform(-1, 1, over_root="n")}, source="torch.nn.GRU draws everything, biases too, U(-1/√n, 1/√n)"
)

sources = (
    Source("torch/nn/modules/rnn.py, GRU (2.13)", "code"),
    Source("keras/src/layers/rnn/gru.py, reset_after=True (3.15)", "code"),
    Source("onnx/onnx: docs/Operators.md, GRU with linear_before_reset = 1 (opset 22)", "documentation"),
    Source("K. Cho et al. 2014, version 1", "paper", read=False),
)

claims = [
    Claim("along the highway the gradient is multiplied by z", of="h'", wrt="h", holding="direct", equals="diag(z)"),
    Equivalence(
        "where the candidate's recurrent product is diagonal and v_g = 0, the GRU with the other sign of z",
        other="gru",
        parameters={"W_z": "-W_z", "U_z": "-U_z", "b_z": "-b_z", "U_g": "diag(u)", "v_g": "0"},
        declarations="u in R^n",
        other_parameters={"U_g": "diag(u)"},
    ),
]
