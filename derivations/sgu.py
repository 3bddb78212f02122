"""Simple gated unit (Gao, Glowacka 2016): one gate, and a candidate made by multiplying the state."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source

title = "SGU, simple gated unit"
year = 2016
reference = "Y. Gao, D. Glowacka: Deep gate recurrent neural network. ACML 2016, PMLR 63 (arXiv:1604.02910)"
purpose = "The input enters by multiplication: it scales the state, and what comes of that scales the state again."
family = "gru"
readings = (
    "The hard sigmoid is clip(0.2 a + 0.5, 0, 1) in Theano, Chainer and Keras before 3, the cell's time;"
    " torchrecurrent has clip(a/6 + 0.5, 0, 1): sgu_sixth. Chainer and torchrecurrent add a bias in"
    " z_g, Theano code does not. Softplus keeps a state that starts at 0 from"
    " ever being negative."
)

equations = """
x in R^m;  h in R^n
W_{g,z} in R^(n,m);  U_{g,z} in R^(n,n);  b_{g,z} in R^n

x_g   = W_g @ x + b_g
z_g   = tanh(U_g @ (x_g * h))                       # how the state is scaled
z_out = softplus(z_g * h)                           # candidate
z     = hard_sigmoid_02(W_z @ x + U_z @ h + b_z)    # gate: the share of h that is replaced
h'    = (1 - z) * h + z * z_out
"""

initialisation = Initialisation(
    {},
    source="The paper's could not be read; Chainer's port leaves its default for linear layers.",
)
sources = (
    Source("Y. Gao, D. Glowacka 2016, section 3", "paper", read=False),
    Source("chainer/chainer: chainer/links/connection/sgu.py, class SGU (a branch)", "code"),
    Source("MartinuzziFrancesco/torchrecurrent: issue 39", "documentation"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, SGUCell",
        agrees=False,
        text="its hard sigmoid has slope 1/6; with slope 0.2, and no bias in z_g, values and gradients agree to 1e-15",
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
    Claim(
        "with gate and scale held the slope of softplus is a logistic function of the scaled state: a second gate",
        of="h'",
        wrt="h",
        holding=("z", "z_g"),
        equals="diag(1 - z) + diag(z * sigmoid(z_g * h) * z_g)",
    ),
]
