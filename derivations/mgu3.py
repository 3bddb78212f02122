"""MGU3 (Heck, Salem 2017): a minimal gated unit whose gate is a learned constant."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant

title = "MGU3, gate of the bias alone"
year = 2017
reference = (
    "J. Heck, F. M. Salem: Simplified minimal gated unit variations for recurrent neural networks."
    " IEEE MWSCAS 2017 (arXiv:1701.03452)"
)
purpose = "The gate of MGU reduced to its bias: a leaky network whose units learn their own leak."
family = "gru"

variant = Variant("mgu", {"f": "sigmoid(b_f)"})

initialisation = Initialisation(
    {},
    source="The paper's could not be read; the Keras classes draw W Glorot uniform and U orthogonal, with zero biases.",
)
sources = (
    Source("J. Heck, F. M. Salem 2017, section II", "paper", read=False),
    Source("Keras classes MGU1, MGU2, MGU3 (beside nBRC, fRNN, GORU) of an unnamed public repository", "code"),
)

claims = [
    Claim(
        "the step Jacobian: leaks on the diagonal, and U_g between them",
        of="h'",
        wrt="h",
        equals="diag(1 - f) + diag(f * (1 - g * g)) @ U_g @ diag(f)",
    ),
    Equivalence("the MGU with W_f = 0 and U_f = 0", other="mgu", other_parameters={"W_f": "0", "U_f": "0"}),
    Equivalence(
        "where all units have the same leak it is MiRU-2 with λ = 1 - β",
        other="miru2",
        other_where={"λ": "1 - sigmoid(u)", "β": "sigmoid(u)"},
        declarations="u in R",
        parameters={"b_f": "u"},
    ),
]
