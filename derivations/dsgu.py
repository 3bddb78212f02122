"""Deep simple gated unit (Gao, Glowacka 2016): SGU with one more matrix and bounded candidates."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "DSGU, deep simple gated unit"
year = 2016
reference = "Y. Gao, D. Glowacka: Deep gate recurrent neural network. ACML 2016, PMLR 63 (arXiv:1604.02910)"
purpose = "SGU made numerically stable: a further matrix and a logistic function take softplus's place."
family = "gru"
readings = (
    "The hard sigmoid is clip(0.2 a + 0.5, 0, 1) in Theano, Chainer and Keras before 3; torchrecurrent has"
    " clip(a/6 + 0.5, 0, 1): dsgu_sixth. Chainer adds biases in z_g and z_out, torchrecurrent one in z_g, bnas none."
)

variant = Variant("sgu", {"z_out": "sigmoid(U_o @ (z_g * h))"}, lines="U_o in R^(n,n)")

initialisation = Initialisation(
    {},
    source="The paper's could not be read; bnas has fan-in Gaussian W and orthogonal U.",
)
sources = (
    Source("Y. Gao, D. Glowacka 2016, section 3", "paper", read=False),
    Source("chainer/chainer: chainer/links/connection/sgu.py, class DSGU (a branch)", "code"),
    Source("robertostling/bnas, commit 9688917: bnas/model.py, class DSGU", "code"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, DSGUCell",
        agrees=False,
        text="its hard sigmoid has slope 1/6; with slope 0.2, and no bias in z_g, values and gradients agree to 9e-16",
    ),
)

claims = [
    Claim(
        "with gate and scale held the candidate's path is U_o between two gates",
        of="h'",
        wrt="h",
        holding=("z", "z_g"),
        equals="diag(1 - z) + diag(z * z_out * (1 - z_out)) @ U_o @ diag(z_g)",
    ),
]
