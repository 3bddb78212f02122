"""T-GRU (Balduzzi & Ghifary 2016): a GRU whose gates see the last two inputs in place of the state."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source

title = "Strongly-typed GRU (T-GRU)"
year = 2016
reference = "D. Balduzzi, M. Ghifary: Strongly-typed recurrent neural networks. ICML 2016 (arXiv:1602.02218)"
purpose = "The GRU with the previous input in every place where the state would be multiplied by a matrix."
family = "linear"
readings = "The paper's V acts on the previous input and W on the present one; RecurrentLayers.jl calls V W_hh."

equations = """
x in R^m;  h in R^n
W_{z,f,o} in R^(n,m);  V_{z,f,o} in R^(n,m);  b_{z,f,o} in R^n

z  = V_z @ x[-1] + W_z @ x + b_z              # features of two inputs
f  = sigmoid(V_f @ x[-1] + W_f @ x + b_f)     # forget gate: the share of h that stays
o  = tanh(V_o @ x[-1] + W_o @ x + b_o)        # gate of what is written, in (-1, 1)
h' = f * h + z * o
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("D. Balduzzi, M. Ghifary, arXiv:1602.02218, section 3", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/trnn_cell.jl, TGRUCell", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, TGRUCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 8e-16",
    ),
)

claims = [
    Claim("the whole step Jacobian is the forget gate", of="h'", wrt="h", equals="diag(f)"),
    Claim("f = 1 sums up: the gradient passes unchanged", of="h'", wrt="h", where={"f": "1"}, equals="eye(n)"),
]
