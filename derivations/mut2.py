"""MUT2 (Jozefowicz, Zaremba, Sutskever 2015): a GRU whose reset gate sees the input without a weight."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "MUT2"
year = 2015
reference = (
    "R. Jozefowicz, W. Zaremba, I. Sutskever: An empirical exploration of recurrent network architectures. ICML 2015"
)
purpose = "The second of the evolved architectures: a GRU without the reset gate's input weight."
family = "gru"
readings = (
    "The paper adds x itself in the reset gate, so that m = n. Keras 0.x (JZS2) does the same and multiplies x by a"
    " fixed random ±1/√m matrix where m and n differ; RecurrentLayers.jl learns a weight, which makes it a GRU:"
    " mut2_weighted."
)

variant = Variant("gru", {"r": "sigmoid(x + U_r @ h + b_r)"}, lines="m = n")

initialisation = Initialisation(
    {},
    source="The paper's could not be read. Keras 0.x draws W Glorot uniform and U orthogonal, with zero biases.",
)
sources = (
    Source("R. Jozefowicz et al. 2015, page 7", "paper", read=False),
    Source("keras-team/keras 0.x: keras/layers/recurrent.py, class JZS2", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/mut_cell.jl, MUT2Cell, docstring", "documentation"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MUT2Cell",
        agrees=True,
        text="values and all gradients, T = 20, its input weight in r being 1: largest relative difference 9e-16",
    ),
)

claims = [
    Claim(
        "with the update gate held the input acts through W_g, and through the reset gate without a weight",
        of="h'",
        wrt="x",
        holding=("z",),
        equals="diag(z * (1 - g * g)) @ (W_g + U_g @ diag(h * r * (1 - r)))",
    ),
    Claim(
        "along the highway the gradient is multiplied by 1 - z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - z)",
    ),
]
