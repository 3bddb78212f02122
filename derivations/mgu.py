"""Minimal gated unit (Zhou et al. 2016): a GRU whose reset and update gate are one."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source

title = "Minimal gated unit (MGU)"
year = 2016
reference = (
    "G.-B. Zhou, J. Wu, C.-L. Zhang, Z.-H. Zhou: Minimal gated unit for recurrent neural networks. International"
    " Journal of Automation and Computing 13(3), 2016 (arXiv:1603.09420)"
)
purpose = "One gate for both tasks: where f is small the state stays, and is hidden from the candidate too."
family = "gru"
readings = (
    "f replaces in the paper and in torchrecurrent; it keeps in RecurrentLayers.jl's code (mgu_other_sign) and in Flax,"
    " which also resets after the product (mgu_flax). With one gate for both tasks the sign is no convention."
)

equations = """
x in R^m;  h in R^n
W_{f,g} in R^(n,m);  U_{f,g} in R^(n,n);  b_{f,g} in R^n

f  = sigmoid(W_f @ x + U_f @ h + b_f)          # the gate: the share of h that is replaced, and that the candidate sees
g  = tanh(W_g @ x + U_g @ (f * h) + b_g)       # candidate
h' = (1 - f) * h + f * g
"""

initialisation = Initialisation(
    {}, source="The paper was not read; RecurrentLayers.jl draws Glorot uniform, biases zero.", otherwise="xavier"
)

sources = (
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/mgu_cell.jl (docstring)", "documentation"),
    Source("MartinuzziFrancesco/torchrecurrent 0.2.5: torchrecurrent/cells/mgu_cell.py", "code"),
    Source("jpeg729/pytorch_bits: nn/mgu.py, class MGU (the gate replaces; it resets after the product)", "code"),
    Source("G.-B. Zhou et al. 2016, eqs. 4-6", "paper", read=False),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, MGUCell (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 8e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring of MGUCell: h = (1 - f) h_{t-1} + f g",
        does="the code: forget_gate * state + (1 - forget_gate) * candidate_state",
        place="src/cells/mgu_cell.jl",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - f",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - f)",
    ),
    Claim(
        "with the gate held constant, what the highway loses the candidate gets through U_g",
        of="h'",
        wrt="h",
        holding=("f",),
        equals="diag(1 - f) + diag(f * (1 - g * g)) @ U_g @ diag(f)",
    ),
    Equivalence(
        "the GRU whose reset gate is its update gate",
        other="gru",
        parameters={"W_f": "W_z", "U_f": "U_z", "b_f": "b_z"},
        other_where={"r": "z"},
    ),
]
