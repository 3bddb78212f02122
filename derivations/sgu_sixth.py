"""SGU with the newer hard sigmoid, of slope 1/6, as torchrecurrent has it."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant

title = "SGU, hard sigmoid of slope 1/6"
year = 2016
reference = (
    "Y. Gao, D. Glowacka: Deep gate recurrent neural network. ACML 2016, PMLR 63 (arXiv:1604.02910)"
    " (with torch's hard sigmoid)"
)
purpose = "SGU with clip(a/6 + 0.5, 0, 1) for the gate: it saturates at ±3 where the older one does at ±2.5."
family = "gru"
readings = "torchrecurrent 0.2.5, there with a bias in z_g too; slope 0.2, of the cell's time: sgu."

variant = Variant("sgu", {"z": "hard_sigmoid(W_z @ x + U_z @ h + b_z)"})

initialisation = Initialisation(
    {}, source="torchrecurrent's default is Glorot uniform with zero biases.", otherwise="xavier"
)
sources = (Source("MartinuzziFrancesco/torchrecurrent 0.2.5: torchrecurrent/cells/sgu_cell.py, SGUCell", "code"),)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, SGUCell",
        agrees=False,
        text="values, T = 20, with its bias in z_g 0: to 4e-16; gradients only to 3e-8, for torch's hard sigmoid; with"
        " torch.clamp(a / 6 + 0.5, 0, 1) in its place to 1e-15",
    ),
)
contradictions = (
    Contradiction(
        "PyTorch 2.13.0",
        says="hardsigmoid has the slope 1/6",
        does="in float64 the gradient is that number rounded to float32: larger by 2^-25 = 3e-8 of it",
        place="torch.nn.functional.hardsigmoid on the CPU, measured",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - z)",
    ),
]
