"""MUT1 (Jozefowicz, Zaremba, Sutskever 2015): a GRU whose update gate sees the input alone, found by evolution."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "MUT1"
year = 2015
reference = (
    "R. Jozefowicz, W. Zaremba, I. Sutskever: An empirical exploration of recurrent network architectures. ICML 2015"
)
purpose = (
    "The first of three architectures that an evolutionary search found: the update gate does not see the state, and"
    " the input enters the candidate as tanh(x), without a weight."
)
family = "gru"
readings = (
    "The paper has tanh(x) without a weight, so that m = n. Keras 0.x (JZS1) does the same and multiplies x by a fixed"
    " random ±1/√m matrix where m and n differ; theanets and RecurrentLayers.jl learn a weight: mut1_weighted."
)

variant = Variant(
    "gru",
    {
        "z": "sigmoid(W_z @ x + b_z)",
        "g": "tanh(U_g @ (r * h) + tanh(x) + b_g)",
    },
    lines="m = n",
)

initialisation = Initialisation(
    {},
    source="The paper's could not be read. Keras 0.x draws W Glorot uniform and U orthogonal, with zero biases.",
)
sources = (
    Source("R. Jozefowicz et al. 2015, page 7", "paper", read=False),
    Source("keras-team/keras 0.x: keras/layers/recurrent.py, class JZS1", "code"),
    Source(
        "MartinuzziFrancesco/RecurrentLayers.jl: src/mut_cell.jl, comment: the paper has tanh(x_t) without a weight",
        "documentation",
    ),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MUT1Cell",
        agrees=True,
        text="values and all gradients, T = 20, its W_h = 1 and inner bias 0: largest relative difference 7e-16",
    ),
)

claims = [
    Claim(
        "the update gate does not see the state: the step Jacobian has the highway and the candidate's path only",
        of="h'",
        wrt="h",
        equals="diag(1 - z) + diag(z * (1 - g * g)) @ U_g @ (diag(r) + diag(h * r * (1 - r)) @ U_r)",
    ),
    Claim(
        "with both gates held the input reaches the state through the slope of tanh(x) alone",
        of="h'",
        wrt="x",
        holding=("z", "r"),
        equals="diag(z * (1 - g * g) * (1 - tanh(x) * tanh(x)))",
    ),
]
