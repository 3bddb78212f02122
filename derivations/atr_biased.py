"""ATR with biases in both products, as RecurrentLayers.jl and torchrecurrent have it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "ATR with biases"
year = 2018
reference = (
    "B. Zhang, D. Xiong, J. Su, Q. Lin, H. Zhang: Simplifying neural machine translation with addition-subtraction"
    " twin-gated recurrent networks. EMNLP 2018 (arXiv:1810.12546)"
)
purpose = "ATR in the form of the libraries: the two biases do not merge, since the gates see their sum and difference."
family = "gru"
readings = "The first author's code has b_q and no b_p (bzhangGo/zero: func.linear). Without both: atr."

variant = Variant("atr", {"p": "W @ x + b_p", "q": "U @ h + b_q"}, lines="b_{p,q} in R^n")

initialisation = Initialisation(
    {"W": Glorot(), "U": Glorot(), "b_*": Constant(0)},
    source="RecurrentLayers.jl's default (Glorot uniform, zero biases).",
)
sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/atr_cell.jl", "code"),)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, ATRCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 1e-15",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="q = W_hh h, without a bias",
        does="q = W_hh h + bias_hh unless recurrent_bias = false",
        place="src/cells/atr_cell.jl",
    ),
    Contradiction(
        "bzhangGo/zero",
        says="q = U h_",
        does="q = U h_ + b: func.linear has a bias by default",
        place="rnns/atr.py",
    ),
)

claims = [
    Claim(
        "the two gates pull at U with opposite signs",
        of="h'",
        wrt="h",
        equals="diag(f) + diag(p * i * (1 - i) - h * f * (1 - f)) @ U",
    ),
    Equivalence("without its biases it is ATR", other="atr", parameters={"b_p": "0", "b_q": "0"}),
]
