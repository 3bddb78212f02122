"""Li-GRU without normalisation: one gate, and rectified linear units for tanh."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Orthogonal

title = "Li-GRU without normalisation"
year = 2018
reference = (
    "M. Ravanelli, P. Brakel, M. Omologo, Y. Bengio: Light gated recurrent units for speech recognition."
    " IEEE Transactions on Emerging Topics in Computational Intelligence 2(2), 2018 (arXiv:1803.10225)"
)
purpose = "The light GRU as most libraries have it: no reset gate, relu, biases in place of batch normalisation."
family = "gru"
readings = (
    "The paper normalises the input's part over the batch: ligru. pytorch-kaldi has this form where batch normalisation"
    " is switched off; RecurrentLayers.jl documents this form."
)

equations = """
x in R^m;  h in R^n
W_{z,g} in R^(n,m);  U_{z,g} in R^(n,n);  b_{z,g} in R^n

z  = sigmoid(W_z @ x + U_z @ h + b_z)    # update gate: the share of h that stays
g  = relu(W_g @ x + U_g @ h + b_g)       # candidate
h' = z * h + (1 - z) * g
"""

initialisation = Initialisation(
    {"U_*": Orthogonal()},
    source="The first author's code (pytorch-kaldi, ligru_orthinit): U orthogonal, W and b as torch draws nn.Linear.",
)
sources = (
    Source("mravanelli/pytorch-kaldi: neural_networks.py, class liGRU without batch normalisation", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/ligru_cell.jl, docstring", "documentation"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, LiGRUCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 8e-16",
    ),
    Comparison(
        "mravanelli/pytorch-kaldi (9773257), liGRU without batch normalisation",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 8e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the candidate is ReLU(W x + W h + b)",
        does="tanh(W x + W h + b)",
        place="src/cells/ligru_cell.jl",
    ),
)

claims = [
    Claim("along the highway the gradient is multiplied by z", of="h'", wrt="h", holding="direct", equals="diag(z)"),
    Claim(
        "where the candidate is cut off, only the highway and the gate's path are left",
        of="h'",
        wrt="h",
        where={"g": "0 * h"},
        equals="diag(z) + diag(h * z * (1 - z)) @ U_z",
    ),
    Equivalence(
        "frozen normalisation folds into weights and biases",
        other="ligru",
        parameters={
            "W_z": "diag(gamma_z * k_z) @ W_z",
            "W_g": "diag(gamma_g * k_g) @ W_g",
            "b_z": "b_z - gamma_z * k_z * mu_z",
            "b_g": "b_g - gamma_g * k_g * mu_g",
        },
    ),
    Equivalence(
        "the UGRNN with a rectified candidate",
        other="ugrnn",
        other_where={"c": "relu(W_c @ x + U_c @ h + b_c)"},
        parameters={"W_z": "W_g", "U_z": "U_g", "b_z": "b_g", "W_g": "W_c", "U_g": "U_c", "b_g": "b_c"},
    ),
]
