"""minLSTM without normalised gates: forget gate and input gate stand by themselves."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Source, Variant

title = "minLSTM, gates not normalised"
year = 2024
reference = "L. Feng et al.: Were RNNs all we needed? arXiv:2410.01201, 2024"
purpose = "As minLSTM before its last step of simplification: f and i need not sum to one, so the scale may drift."
readings = "A step of the paper's derivation; what it recommends is min_lstm."

variant = Variant("min_lstm", {"h'": "f * h + i * g"})

sources = (Source("L. Feng et al. 2024 (arXiv:2410.01201)", "paper", read=False),)

claims = [
    Claim("the state Jacobian is the forget gate", of="h'", wrt="h", equals="diag(f)"),
    Claim("the candidate enters through the input gate alone", of="h'", wrt="b_g", equals="diag(i)"),
    Equivalence(
        "gates with opposite parameters add up to 1: the T-RNN",
        other="trnn",
        parameters={"W_i": "-W_f", "b_i": "-b_f", "W_g": "W_z", "b_g": "b_z"},
    ),
    Equivalence(
        "with i = 1 - f it is the minGRU, where the signs of f's parameters change",
        other="min_gru",
        where={"i": "1 - f"},
        parameters={"W_f": "-W_z", "b_f": "-b_z", "W_g": "W_h", "b_g": "b_h"},
    ),
]
