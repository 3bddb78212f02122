"""τ-GRU (Erichson, Lim, Mahoney 2022): a gated unit with weighted feedback from a state τ steps back."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Uniform

title = "τ-GRU, gated unit with time-delay feedback"
year = 2022
reference = (
    "N. B. Erichson, S. H. Lim, M. W. Mahoney: Gated recurrent neural networks with weighted time-delay feedback."
    " arXiv:2212.00228, 2022"
)
purpose = (
    "A delay differential equation in discrete time: a state from long ago comes back as a shortcut for gradients."
)
family = "gru"
readings = (
    "The paper's equations as torchrecurrent has them: the delayed state enters z alone, every input is the present"
    " one. A code of the authors delays the input of z and a as well: the cell tau_gru_delayed_input."
    " tau counts from the new state, so that h[-1] is h: the paper's d steps back from h_n are tau = d + 1 here;"
    " torchrecurrent and the convolutional code count as the paper, the authors' other code as here."
)

equations = """
x in R^m;  h in R^n
W_{u,z,g,a} in R^(n,n);  U_{u,z,g,a} in R^(n,m);  b_{u,z,g,a} in R^n
tau = 3

u  = tanh(W_u @ h + U_u @ x + b_u)              # candidate
z  = tanh(W_z @ h[-tau] + U_z @ x + b_z)        # feedback from the state τ steps back
g  = sigmoid(W_g @ h + U_g @ x + b_g)           # gate: the share of h that is replaced
a  = sigmoid(W_a @ h + U_a @ x + b_a)           # weight of the feedback
h' = (1 - g) * h + g * (u + a * z)
"""

initialisation = Initialisation(
    {"*": Uniform(-1, 1, over_root="n")},
    source="The authors' code (tauGRU_Cell, reset_parameters): everything U(-1/√n, 1/√n)",
)

sources = (
    Source("N. B. Erichson et al., arXiv:2212.00228, equation 3", "paper", read=False),
    Source("torchrecurrent 0.2.5: torchrecurrent/cells/taugru_cell.py", "code"),
    Source(
        "A convolutional tauGRU_Cell, marked v1.3 (z as here; g and a have the delayed state times a vector added)",
        "code",
    ),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, tauGRUCell",
        agrees=True,
        text=(
            "with its layer's delay of 2 for tau = 3: values and all gradients, T = 20: largest relative"
            " difference 8e-16"
        ),
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - g",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - g)",
    ),
    Claim(
        "the shortcut: the delayed state acts through z alone, weighted by g and a",
        of="h'",
        wrt="h[-3]",
        equals="diag(g * a * (1 - z * z)) @ W_z",
    ),
    Equivalence(
        "without feedback it is the UGRNN, whose gate keeps what g replaces",
        other="ugrnn",
        where={"a": "0", "z": "u"},
        parameters={"W_u": "U_c", "U_u": "W_c", "b_u": "b_c", "W_g": "-U_g", "U_g": "-W_g", "b_g": "-b_g"},
    ),
]
