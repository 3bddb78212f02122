"""Addition-subtraction twin-gated recurrent network (Zhang et al. 2018): both gates from two products."""

from gatedsym.library.claims import Claim, Identity
from gatedsym.library.records import Comparison, Initialisation, Source

title = "ATR, addition-subtraction twin-gated network"
year = 2018
reference = (
    "B. Zhang, D. Xiong, J. Su, Q. Lin, H. Zhang: Simplifying neural machine translation with addition-subtraction"
    " twin-gated recurrent networks. EMNLP 2018 (arXiv:1810.12546)"
)
purpose = "The fewest matrices a gated network can have: W x + U h opens the input, W x - U h keeps the state."
family = "gru"
readings = "No biases in the author's docstring; his code has one in U h, RecurrentLayers.jl one in both: atr_biased."

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n)

p  = W @ x
q  = U @ h
i  = sigmoid(p + q)    # input gate
f  = sigmoid(p - q)    # forget gate: the share of h that stays
h' = i * p + f * h
"""

initialisation = Initialisation(
    {},
    source="The paper's could not be read; the author's code leaves it to the training configuration.",
)
sources = (
    Source("B. Zhang et al. 2018, section 3", "paper", read=False),
    Source("bzhangGo/zero: rnns/atr.py, docstring (the first author's code)", "documentation"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/atr_cell.jl", "code"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, ATRCell",
        agrees=True,
        text="values and all gradients, T = 20, with its biases 0: largest relative difference 5e-16",
    ),
)

claims = [
    Claim("along the highway the gradient is multiplied by f", of="h'", wrt="h", holding="direct", equals="diag(f)"),
    Claim(
        "the two gates pull at U with opposite signs",
        of="h'",
        wrt="h",
        equals="diag(f) + diag(p * i * (1 - i) - h * f * (1 - f)) @ U",
    ),
    Identity(
        "where there is no input the twin gates are coupled: f = 1 - i",
        "sigmoid(0 - q)",
        "1 - sigmoid(q)",
        declarations="q in R",
    ),
]
