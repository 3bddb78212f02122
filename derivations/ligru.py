"""Li-GRU (Ravanelli et al. 2018) with frozen batch normalisation: what the cell computes once it is trained."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Orthogonal

title = "Li-GRU, light GRU"
year = 2018
reference = (
    "M. Ravanelli, P. Brakel, M. Omologo, Y. Bengio: Light gated recurrent units for speech recognition."
    " IEEE Transactions on Emerging Topics in Computational Intelligence 2(2), 2018 (arXiv:1803.10225)"
)
purpose = (
    "Speech recognition: no reset gate, relu for tanh, and batch normalisation of the input's part to keep it stable."
)
family = "gru"
readings = (
    "The normalisation is frozen: BN(a) = γ (a - μ) k + b, an affine map with the running mean μ and the reciprocal"
    " running deviation k = 1/√(variance + ε) as parameters. In training the statistics are those of the batch, which"
    " no equation of a single step can say. Without the normalisation: ligru_plain."
)

variant = Variant(
    "ligru_plain",
    {
        "z": "sigmoid(gamma_z * (W_z @ x - mu_z) * k_z + b_z + U_z @ h)",
        "g": "relu(gamma_g * (W_g @ x - mu_g) * k_g + b_g + U_g @ h)",
    },
    lines="gamma_{z,g}, mu_{z,g}, k_{z,g} in R^n    # scale, running mean, reciprocal running deviation",
)

initialisation = Initialisation(
    {
        "U_*": Orthogonal(),
        "gamma_*": Constant(1),
        "b_*": Constant(0),
        "mu_*": Constant(0),
        "k_*": Constant(1),
    },
    source="The first author's code (pytorch-kaldi): U orthogonal, W as torch draws nn.Linear, fresh statistics.",
)
sources = (
    Source("M. Ravanelli et al. 2018, section III", "paper", read=False),
    Source("mravanelli/pytorch-kaldi: neural_networks.py, class liGRU (the first author's code)", "code"),
    Source("Wikipedia: Gated recurrent unit, on the LiGRU (its words; not its formulas)", "documentation"),
)
comparisons = (
    Comparison(
        "mravanelli/pytorch-kaldi (9773257), liGRU in evaluation",
        agrees=True,
        text="values and gradients of all but the frozen statistics, T = 20: largest relative difference 1.6e-15",
    ),
    Comparison(
        "speechbrain (9c826ef), LiGRU_Layer in evaluation",
        agrees=True,
        text="values and gradients of all but the frozen statistics, T = 20: largest relative difference 9e-16",
    ),
)

claims = [
    Claim("along the highway the gradient is multiplied by z", of="h'", wrt="h", holding="direct", equals="diag(z)"),
    Claim(
        "where the candidate is cut off, only the highway and the gate's path are left, normalised or not",
        of="h'",
        wrt="h",
        where={"g": "0 * h"},
        equals="diag(z) + diag(h * z * (1 - z)) @ U_z",
    ),
]
