"""Light recurrent unit (Ye et al. 2024): one gate, and a candidate that does not see the state."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source

title = "LightRU, light recurrent unit"
year = 2024
reference = (
    "H. Ye, Y. Zhang, H. Liu, X. Li, J. Chang, H. Zheng: Light recurrent unit: towards an interpretable recurrent"
    " neural network for modeling long-range dependency. Electronics 13(16), 3204, 2024"
)
purpose = "A cell to be read: the state is a mixture of projected inputs, and the single gate says in which shares."
family = "gru"
readings = (
    "The candidate has no bias in lucidrains' code and in RecurrentLayers.jl's docstring; RecurrentLayers.jl's and"
    " torchrecurrent's code adds one: light_ru_biased."
)

equations = """
x in R^m;  h in R^n
W_{f,g} in R^(n,m);  U_f in R^(n,n);  b_f in R^n

g  = tanh(W_g @ x)                       # candidate: the input alone
f  = sigmoid(W_f @ x + U_f @ h + b_f)    # forget gate: the share of h that is replaced
h' = (1 - f) * h + f * g
"""

initialisation = Initialisation(
    {},
    source="The paper's could not be read. lucidrains' code leaves torch's: U(-1/√(fan in), 1/√(fan in)) for all.",
)
sources = (
    Source("H. Ye et al. 2024", "paper", read=False),
    Source("lucidrains/light-recurrent-unit-pytorch: light_recurrent_unit_pytorch/light_recurrent_unit.py", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/lightru_cell.jl, docstring", "documentation"),
)
comparisons = (
    Comparison(
        "light-recurrent-unit-pytorch 0.1.1, LightRecurrentUnitCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 7e-16",
    ),
    Comparison(
        "torchrecurrent 0.2.5, LightRUCell",
        agrees=True,
        text="values and all gradients, T = 20, with its candidate's bias 0: largest relative difference 1e-15",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the candidate is tanh(W x), without a bias",
        does="tanh(W x + b) unless bias = false",
        place="src/cells/lightru_cell.jl",
    ),
)

claims = [
    Claim(
        "the candidate does not see the state: all recurrence runs through the highway and the gate",
        of="h'",
        wrt="h",
        equals="diag(1 - f) + diag((g - h) * f * (1 - f)) @ U_f",
    ),
    Claim("an open gate forgets all", of="h'", wrt="h", where={"f": "1"}, equals="0 * eye(n)"),
    Equivalence(
        "the UGRNN whose candidate has neither recurrence nor bias, with the other sign of the gate",
        other="ugrnn",
        parameters={"W_f": "-W_g", "U_f": "-U_g", "b_f": "-b_g", "W_g": "W_c"},
        other_parameters={"U_c": "0", "b_c": "0"},
    ),
]
