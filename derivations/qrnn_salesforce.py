"""QRNN as its authors' code computes it: f is the share that is replaced, and every gate has a bias."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Uniform

title = "Quasi-recurrent network, the authors' code"
year = 2017
reference = "salesforce/pytorch-qrnn: torchqrnn/qrnn.py and torchqrnn/forget_mult.py"
purpose = "The fo-pooled QRNN of most experiments: same functions as the paper's, gate with the other sign."
family = "linear"
readings = "The code calls f the forget gate; it keeps with 1 - f. The paper keeps with f: the cell qrnn."

variant = Variant(
    "qrnn",
    {
        "z": "tanh(V_z @ x[-1] + W_z @ x + b_z)",
        "f": "sigmoid(V_f @ x[-1] + W_f @ x + b_f)",
        "o": "sigmoid(V_o @ x[-1] + W_o @ x + b_o)",
        "c'": "(1 - f) * c + f * z",
    },
    lines="b_{z,f,o} in R^n",
)

initialisation = Initialisation(
    {"*": Uniform(-(0.5**0.5), 0.5**0.5, over_root="m")},
    source="The code: nn.Linear over the window of two inputs, torch's default U(±1/√(2m)) for weights and biases",
)

sources = (Source("salesforce/pytorch-qrnn: torchqrnn/qrnn.py, torchqrnn/forget_mult.py", "code"),)

comparisons = (
    Comparison(
        "salesforce/pytorch-qrnn 1634991, QRNNLayer",
        agrees=True,
        text="window 2, on the CPU: output and all gradients, T = 20: largest relative difference 2e-15",
    ),
)

contradictions = (
    Contradiction(
        "pytorch-qrnn, the authors' code",
        says="F are the forget gates (qrnn.py); the paper's, by others' account, keep: c = f ⊙ c + (1 - f) ⊙ z",
        does="h = f ⊙ z + (1 - f) ⊙ h: the same function of the negated weights, but weights, forget biases and zoneout"
        " mean the opposite",
        place="torchqrnn/forget_mult.py, recurrent_forget_mult and CPUForgetMult",
    ),
)

claims = [
    Claim("the step Jacobian of the cell is 1 - f, not f", of="c'", wrt="c", equals="diag(1 - f)"),
    Equivalence(
        "without biases it is the paper's QRNN under W_f, V_f -> -W_f, -V_f",
        other="qrnn",
        parameters={"W_f": "-W_f", "V_f": "-V_f", "b_z": "0 * c", "b_f": "0 * c", "b_o": "0 * c"},
    ),
]
