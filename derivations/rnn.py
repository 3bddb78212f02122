"""Simple recurrent network (Elman 1990) with tanh units."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source

title = "Simple recurrent network (Elman)"
year = 1990
reference = (
    "J. L. Elman: Finding structure in time. Cognitive Science 14(2), 1990 (with tanh for Elman's logistic units)"
)
purpose = "No gate: every step multiplies the gradient by the same matrix U and by the slope of tanh."
family = "ungated"
readings = (
    "tanh, as frameworks and texts have it; Elman's own units are logistic (rnn_logistic). cuDNN and PyTorch carry a"
    " second bias, which adds to the first."
)

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n

h' = tanh(W @ x + U @ h + b)
"""

comparisons = (
    Comparison(
        "torch 2.13.0, nn.RNN",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 6e-16",
    ),
    Comparison(
        "flax 0.12.8, linen.SimpleCell and nnx.SimpleCell (jax 0.10.2)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 1e-15",
    ),
    Comparison("onnx 1.23.2, RNN by ReferenceEvaluator", agrees=True, text="values, T = 20, float64: 4e-16"),
    Comparison("onnxruntime 1.31.1, RNN", agrees=True, text="values, T = 20, float32: 3e-7"),
    Comparison(
        "keras 3.15.1, SimpleRNN (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, to 6e-7, the precision of float32: float64 is not to be had there",
    ),
)

contradictions = (
    Contradiction(
        "debajyotidatta/RecurrentArchitectures",
        says="the README: vanillaRNN is just a vanilla RNN network",
        does="what is fed back is the output σ(V s), not the hidden layer s: a Jordan network",
        place="variants/vanillaRNN.py",
    ),
    Contradiction(
        "Keras 3.15.1 on torch",
        says='SimpleRNN(dtype="float64") has float64 weights and hands out float64',
        does="it multiplies matrices in float32: result_type(float64, float64) is float32 (off by 1e-7 after one step)",
        place="keras/src/backend/torch/numpy.py, matmul; keras-team/keras#23223, #23704",
    ),
)

initialisation = Initialisation(
    {}, source="Not known: the paper was not read; torch.nn.RNN draws everything U(-1/√n, 1/√n)."
)

sources = (
    Source("torch/nn/modules/rnn.py, RNN (2.13)", "code"),
    Source("onnx/onnx: docs/Operators.md, RNN (opset 22)", "documentation"),
    Source("keras/src/layers/rnn/simple_rnn.py (3.15)", "code"),
    Source("J. L. Elman 1990, figure 2 and its text", "paper", read=False),
)

claims = [
    Claim("the step Jacobian is the slope of tanh times U", of="h'", wrt="h", equals="diag(1 - h' * h') @ U"),
]
