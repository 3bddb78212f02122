"""RAN as pytorch_bits has it: the gates see the cell state, and tanh of it is only put out."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "RAN whose gates see the cell state"
year = 2018
reference = (
    "jpeg729/pytorch_bits, nn/ran.py; after K. Lee, O. Levy, L. Zettlemoyer: Recurrent additive networks."
    " arXiv:1705.07393, 2017"
)
purpose = "A reading of RAN with one state: h is output alone. The recurrence is that of RAN with identity output."
family = "lstm"
readings = "pytorch_bits' code, there with a content bias too; in the authors' code the gates see h: ran."

variant = Variant("ran", {"i": "sigmoid(W_i @ x + U_i @ c + b_i)", "f": "sigmoid(W_f @ x + U_f @ c + b_f)"})

initialisation = Initialisation(
    {},
    source="pytorch_bits: all parameters U(-1/√n, 1/√n).",
)
sources = (Source("jpeg729/pytorch_bits: nn/ran.py", "code"),)
comparisons = (
    Comparison(
        "jpeg729/pytorch_bits (5d10709), RAN",
        agrees=True,
        text="values and all gradients, T = 20, with its content bias 0: largest relative difference 6e-16",
    ),
)

claims = [
    Claim(
        "the cell state has paths through both gates beside the highway",
        of="c'",
        wrt="c",
        equals="diag(f) + diag(c * f * (1 - f)) @ U_f + diag(g * i * (1 - i)) @ U_i",
    ),
    Claim("the output h is not read again", of="c'", wrt="h", equals="0"),
]
