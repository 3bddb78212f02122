"""ATR with i = 1 - f, which its first author's code offers as the more stable form."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant

title = "ATR with coupled gates"
year = 2018
reference = (
    "B. Zhang, D. Xiong, J. Su, Q. Lin, H. Zhang: Simplifying neural machine translation with addition-subtraction"
    " twin-gated recurrent networks. EMNLP 2018 (the code, twin=False)"
)
purpose = "One gate for two: the state is a convex mixture of W x and itself, and so it stays bounded by the inputs."
family = "gru"

variant = Variant("atr", {"i": "1 - f"})

initialisation = Initialisation(
    {},
    source="The paper's could not be read; the author's code leaves it to the training configuration.",
)
sources = (Source("bzhangGo/zero: rnns/atr.py, twin=False (the first author's code)", "code"),)

claims = [
    Claim(
        "the step Jacobian has the highway and one path through the gate",
        of="h'",
        wrt="h",
        equals="diag(f) + diag((p - h) * f * (1 - f)) @ U",
    ),
    Equivalence(
        "the UGRNN with a linear candidate that shares its W with the gate",
        other="ugrnn",
        other_where={"c": "W_c @ x"},
        parameters={"W": "W_c", "U": "-U_g"},
        other_parameters={"W_g": "W_c", "b_g": "0"},
    ),
]
