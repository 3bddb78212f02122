"""MUT3 (Jozefowicz, Zaremba, Sutskever 2015): a GRU whose update gate sees tanh(h)."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant

title = "MUT3"
year = 2015
reference = (
    "R. Jozefowicz, W. Zaremba, I. Sutskever: An empirical exploration of recurrent network architectures. ICML 2015"
)
purpose = "The third of the evolved architectures: a GRU whose update gate reads the state through a tanh."
family = "gru"

variant = Variant("gru", {"z": "sigmoid(W_z @ x + U_z @ tanh(h) + b_z)"})

initialisation = Initialisation(
    {},
    source="The paper's could not be read. Keras 0.x draws W Glorot uniform and U orthogonal, with zero biases.",
)
sources = (
    Source("R. Jozefowicz et al. 2015, page 7", "paper", read=False),
    Source("keras-team/keras 0.x: keras/layers/recurrent.py, class JZS3", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/mut_cell.jl, MUT3Cell", "code"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MUT3Cell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 8e-16",
    ),
)

contradictions = (
    Contradiction(
        "torchrecurrent 0.2.5",
        says="the layer MUT3: r = σ(x + W_hh h + b_hh), and no tanh(h) in z, which is MUT2",
        does="MUT3",
        place="torchrecurrent/cells/mut_cell.py, docstring of MUT3",
    ),
)

claims = [
    Claim(
        "as the GRU's step Jacobian, with the slope of tanh behind U_z",
        of="h'",
        wrt="h",
        equals="diag(1 - z) + diag((g - h) * z * (1 - z)) @ U_z @ diag(1 - tanh(h) * tanh(h))"
        " + diag(z * (1 - g * g)) @ U_g @ (diag(r) + diag(h * r * (1 - r)) @ U_r)",
    ),
]
