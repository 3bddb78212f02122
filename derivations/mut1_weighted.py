"""MUT1 with a learned weight on the input of the candidate, as theanets and RecurrentLayers.jl have it."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "MUT1, learned input weight"
year = 2015
reference = (
    "R. Jozefowicz, W. Zaremba, I. Sutskever: An empirical exploration of recurrent network architectures. ICML 2015"
    " (with W_g x for x, as in theanets and RecurrentLayers.jl)"
)
purpose = "MUT1 for any number of inputs: tanh(x) becomes tanh(W_g x + v_g)."
family = "gru"
readings = (
    "RecurrentLayers.jl has the bias v_g inside the inner tanh; theanets has v_g = 0; the paper has x itself, without"
    " weight and inner bias: mut1."
)

variant = Variant(
    "gru",
    {
        "z": "sigmoid(W_z @ x + b_z)",
        "g": "tanh(U_g @ (r * h) + tanh(W_g @ x + v_g) + b_g)",
    },
    lines="v_g in R^n    # bias inside the inner tanh",
)

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0), "v_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases); the paper has no such cell.",
)
sources = (
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/mut_cell.jl, MUT1Cell", "code"),
    Source("theanets documentation: theanets.layers.recurrent.MUT1", "documentation"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MUT1Cell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 8e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="one bias b^h stands inside the inner tanh and outside of it",
        does="the two are different parameters: a part of bias_ih inside, a part of bias_hh outside",
        place="src/cells/mut_cell.jl, MUT1Cell",
    ),
    Contradiction(
        "theanets",
        says="the equations are mostly those of the paper, page 7; the layer is listed with activation='relu'",
        does="tanh(x) has a learned weight, and the activation is always tanh",
        place="theanets.layers.recurrent.MUT1, documentation",
    ),
)

claims = [
    Claim(
        "the update gate does not see the state: the step Jacobian has the highway and the candidate's path only",
        of="h'",
        wrt="h",
        equals="diag(1 - z) + diag(z * (1 - g * g)) @ U_g @ (diag(r) + diag(h * r * (1 - r)) @ U_r)",
    ),
]
