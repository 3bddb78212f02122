"""T-RNN (Balduzzi & Ghifary 2016): the strongly-typed RNN, an average over time with a learned rate."""

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source

title = "Strongly-typed RNN (T-RNN)"
year = 2016
reference = "D. Balduzzi, M. Ghifary: Strongly-typed recurrent neural networks. ICML 2016 (arXiv:1602.02218)"
purpose = "Features z of the input are averaged over time by a gate that sees the input alone: no matrix acts on h."
family = "linear"
readings = "Every code read puts a bias on z as well, and so it is here; the paper, from memory, has none."

equations = """
x in R^m;  h in R^n
W_{z,f} in R^(n,m);  b_{z,f} in R^n

z  = W_z @ x + b_z              # features: linear, of the input's type
f  = sigmoid(W_f @ x + b_f)     # forget gate: the share of h that stays
h' = f * h + (1 - f) * z
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("D. Balduzzi, M. Ghifary, arXiv:1602.02218, section 3", "paper", read=False),
    Source("jpeg729/pytorch_bits: nn/trnn.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/trnn_cell.jl, docstring of TRNNCell", "documentation"),
)

comparisons = (
    Comparison(
        "jpeg729/pytorch_bits 5d10709, TRNN",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 6e-16",
    ),
    Comparison(
        "torchrecurrent 0.2.5, TRNNCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 6e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="f(t) = σ(…), and `activation` is not in the equations",
        does="the gate has the function `activation`, tanh by default: f lies in (-1, 1)",
        place="src/cells/trnn_cell.jl, TRNNCell",
    ),
)

claims = [
    Claim("the whole step Jacobian is the gate", of="h'", wrt="h", equals="diag(f)"),
    Claim("f = 1 passes the gradient unchanged", of="h'", wrt="h", where={"f": "1"}, equals="eye(n)"),
    Claim(
        "the input acts through the features and through the gate",
        of="h'",
        wrt="x",
        equals="diag(1 - f) @ W_z + diag((h - z) * f * (1 - f)) @ W_f",
    ),
    Limit("a forget gate that is always open keeps the state", of="h'", parameter="b_f", to="oo", equals="h"),
]
