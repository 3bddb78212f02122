"""GRU without biases, as Cho et al. and Chung et al. print it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal, Orthogonal

title = "GRU without biases"
year = 2014
reference = (
    "J. Chung, C. Gulcehre, K. Cho, Y. Bengio: Empirical evaluation of gated recurrent neural networks on sequence"
    " modeling. arXiv:1412.3555, 2014"
)
purpose = "The GRU as first printed; without a bias there is no way to hold the update gate shut from the start."
family = "gru"
readings = "Papers leave the biases out to make formulas short; code has them (gru)."

variant = Variant(
    "gru",
    {
        "z": "sigmoid(W_z @ x + U_z @ h)",
        "r": "sigmoid(W_r @ x + U_r @ h)",
        "g": "tanh(W_g @ x + U_g @ (r * h))",
    },
)

initialisation = Initialisation(
    {"W_*": Normal(0.01), "U_*": Orthogonal()},
    source="Cho et al. 2014, appendix, as kyunghyuncho/GroundHog has it: experiments/nmt/state.py",
)

sources = (
    Source(
        "kyunghyuncho/GroundHog: groundhog/layers/rec_layers.py, RecurrentLayer (it has none)",
        "code",
    ),
    Source("onnx/onnx: docs/Operators.md, GRU without its optional input B (opset 22)", "documentation"),
    Source("J. Chung et al. 2014, section 3.2", "paper", read=False),
)

comparisons = (
    Comparison(
        "kyunghyuncho/GroundHog, RecurrentLayer.step_fprop, run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 7e-16",
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
    Claim(
        "without input and state every gate stands at one half, and half of the gradient stays",
        of="h'",
        wrt="h",
        where={"z": "sigmoid(0 * h)", "r": "sigmoid(0 * h)"},
        equals="diag(1 / 2 + 0 * h) + diag((1 - g * g) / 2) @ U_g / 2",
    ),
    Equivalence(
        "the GRU whose biases are zero",
        other="gru",
        other_parameters={"b_z": "0 * b_z", "b_r": "0 * b_r", "b_g": "0 * b_g"},
    ),
]
