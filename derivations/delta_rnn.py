"""Delta-RNN (Ororbia, Mikolov, Reitter 2017): a data-driven gate mixes the state with a second-order candidate."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Constant, Normal

title = "Delta-RNN"
year = 2017
reference = (
    "A. G. Ororbia II, T. Mikolov, D. Reitter: Learning simpler language models with the differential state framework."
    " Neural Computation 29(12), 2017 (arXiv:1703.08864)"
)
purpose = "A gate for hardly more parameters than a plain RNN: it reads the input alone, through weights already there."
family = "gru"
readings = (
    "The outer function around (1 - r) g + r h is the identity by default in the author's code; it offers tanh, relu"
    " and the logistic function too."
)

equations = """
x in R^m;  h in R^n
W in R^(n,m);  V in R^(n,n);  b, b_r, alpha, beta_1, beta_2 in R^n

e  = W @ x                                                  # what the input says
p  = V @ h                                                  # what the past expects
g  = tanh(alpha * p * e + beta_1 * p + beta_2 * e + b)      # candidate: of second order in p and e
r  = sigmoid(e + b_r)                                       # gate: the share of h that stays
h' = (1 - r) * g + r * h
"""

initialisation = Initialisation(
    {"W": Normal(0.005), "V": Normal(0.005), "alpha": Constant(1), "beta_*": Constant(1), "b*": Constant(0)},
    source="The author's code (DeltaRNNLayer.py, defaults); it notes alpha = 2 for the paper's Penn Treebank runs.",
)

sources = (
    Source("A. G. Ororbia II et al. 2017, section 3", "paper", read=False),
    Source("ago109/Delta-RNN-Theano: src/DeltaRNNLayer.py (the first author's code)", "code"),
)

claims = [
    Claim("along the highway the gradient is multiplied by r", of="h'", wrt="h", holding="direct", equals="diag(r)"),
    Claim(
        "the gate does not read the state, so all else goes through the candidate",
        of="h'",
        wrt="h",
        equals="diag(r) + diag((1 - r) * (1 - g * g) * (alpha * e + beta_1)) @ V",
    ),
    Equivalence(
        "without the product, both sums unweighted: the UGRNN with one input matrix whose gate does not see h",
        other="ugrnn",
        parameters={
            "alpha": "0",
            "beta_1": "1",
            "beta_2": "1",
            "W": "W_c",
            "V": "U_c",
            "b": "b_c",
            "b_r": "b_g",
        },
        other_parameters={"W_g": "W_c", "U_g": "0"},
    ),
]
