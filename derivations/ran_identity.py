"""Recurrent additive network (Lee, Levy, Zettlemoyer 2017) with the identity for its output function."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source, Variant
from gatedsym.library.rules import Constant

title = "RAN with identity output"
year = 2017
reference = "K. Lee, O. Levy, L. Zettlemoyer: Recurrent additive networks. arXiv:1705.07393, 2017"
purpose = "The purely additive form: nothing but the gates is nonlinear, and the output is the cell state itself."
family = "lstm"

variant = Variant("ran", {"h'": "c'"})

initialisation = Initialisation(
    {"b_*": Constant(0)},
    otherwise="xavier-stacked",
    source="The authors' code (ran.py): biases zero, weights by TensorFlow's default initializer (Glorot uniform).",
)
sources = (
    Source("K. Lee et al. 2017, section 2", "paper", read=False),
    Source("kentonl/ran: ran.py, use_tanh=False (the first author's code)", "code"),
)

claims = [
    Claim(
        "where the gates are held the output is linear in the input",
        of="h'",
        wrt="x",
        holding=("i", "f"),
        equals="diag(i) @ W_c",
    ),
]
