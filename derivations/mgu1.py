"""MGU1 (Heck, Salem 2017): a minimal gated unit whose gate does not see the input."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Contradiction, Initialisation, Source, Variant

title = "MGU1, gate without input"
year = 2017
reference = (
    "J. Heck, F. M. Salem: Simplified minimal gated unit variations for recurrent neural networks."
    " IEEE MWSCAS 2017 (arXiv:1701.03452)"
)
purpose = (
    "How much of the gate is needed: MGU1 drops the gate's input weights, MGU2 its bias too, MGU3 all but the bias."
)
family = "gru"

variant = Variant("mgu", {"f": "sigmoid(U_f @ h + b_f)"})

initialisation = Initialisation(
    {},
    source="The paper's could not be read; the Keras classes draw W Glorot uniform and U orthogonal, with zero biases.",
)
sources = (
    Source("J. Heck, F. M. Salem 2017, section II", "paper", read=False),
    Source("Keras classes MGU1, MGU2, MGU3 (beside nBRC, fRNN, GORU) of an unnamed public repository", "code"),
)
contradictions = (
    Contradiction(
        "pytorch_bits",
        says="MGU2 of arXiv:1701.03452, whose gate has no bias",
        does="the gate has a bias by default, which makes it MGU1, and it acts after the recurrent product",
        place="README.md, nn/mgu.py, class MGU2",
    ),
)

claims = [
    Claim(
        "the input acts through the candidate alone",
        of="h'",
        wrt="x",
        equals="diag(f * (1 - g * g)) @ W_g",
    ),
    Equivalence("the MGU with W_f = 0", other="mgu", other_parameters={"W_f": "0"}),
]
