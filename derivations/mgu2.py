"""MGU2 (Heck, Salem 2017): a minimal gated unit whose gate has the recurrent weights alone."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "MGU2, gate of the state alone"
year = 2017
reference = (
    "J. Heck, F. M. Salem: Simplified minimal gated unit variations for recurrent neural networks."
    " IEEE MWSCAS 2017 (arXiv:1701.03452)"
)
purpose = "MGU1 without the gate's bias; the form that the paper recommends. At h = 0 the gate is one half."
family = "gru"
readings = "pytorch_bits' MGU2 has a bias in the gate and resets after the product (see the contradictions of mgu1)."

variant = Variant("mgu1", {"f": "sigmoid(U_f @ h)"})

initialisation = Initialisation(
    {},
    source="The paper's could not be read; the Keras classes draw W Glorot uniform and U orthogonal, with zero biases.",
)
sources = (
    Source("J. Heck, F. M. Salem 2017, section II", "paper", read=False),
    Source("Keras classes MGU1, MGU2, MGU3 (beside nBRC, fRNN, GORU) of an unnamed public repository", "code"),
)
comparisons = (
    Comparison(
        "jpeg729/pytorch_bits (5d10709), MGU2",
        agrees=False,
        text="its gate acts after the recurrent product: values differ by 0.2 of the largest",
    ),
)

claims = [
    Claim(
        "with the gate held, what the highway loses the candidate gets through U_g",
        of="h'",
        wrt="h",
        holding=("f",),
        equals="diag(1 - f) + diag(f * (1 - g * g)) @ U_g @ diag(f)",
    ),
    Equivalence("MGU1 with b_f = 0", other="mgu1", other_parameters={"b_f": "0"}),
]
