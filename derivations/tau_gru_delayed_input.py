"""τ-GRU as a code of its authors has it: the feedback and its weight see the delayed input as well."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Uniform

title = "τ-GRU with delayed input"
year = 2022
reference = "N. B. Erichson: tauGRU_Cell, marked v1.3, with a LEMCell for comparison in the same file"
purpose = "The τ-GRU whose whole feedback path, weight and input included, is what happened τ steps ago."
family = "gru"
readings = "The paper's equations, by torchrecurrent's account, delay the state in z alone: the cell tau_gru."

variant = Variant(
    "tau_gru",
    {
        "z": "tanh(W_z @ h[-tau] + U_z @ x[-tau] + b_z)",
        "a": "sigmoid(W_a @ h[-tau] + U_a @ x[-tau] + b_a)",
    },
)

initialisation = Initialisation(
    {"*": Uniform(-1, 1, over_root="n")},
    source="The code itself (reset_parameters): everything U(-1/√n, 1/√n)",
)

sources = (Source("The authors' tauGRU_Cell (v1.3), with tauGRU and LEMCell in one file", "code"),)

comparisons = (
    Comparison(
        "tauGRU, the authors' code (v1.3), its lines in float64",
        agrees=False,
        text=(
            "equal (2e-15) once the delayed values are read from step tau - 1 on; as coded the first ones are"
            " replaced by zero, which changes values by up to 26 % of the largest (tau = 3, T = 20)"
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
        "the delayed state acts through the feedback and through its weight",
        of="h'",
        wrt="h[-3]",
        equals="diag(g * a * (1 - z * z)) @ W_z + diag(g * z * a * (1 - a)) @ W_a",
    ),
]
