"""Legendre Memory Unit (Voelker, Kajić, Eliasmith 2019): a fixed linear memory of the last θ steps beside an RNN."""

import numpy as np

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Uniform

glorot_normal = Drawn(
    "N(0, 2/(fan_in + fan_out))",
    lambda generator, shape, sizes: generator.normal(0, np.sqrt(2 / sum(shape)), shape),
)

title = "Legendre Memory Unit (LMU)"
year = 2019
reference = (
    "A. R. Voelker, I. Kajić, C. Eliasmith: Legendre memory units: continuous-time representation in recurrent neural"
    " networks. NeurIPS 2019"
)
purpose = "A memory that is not learned holds the last θ steps as coefficients of d Legendre polynomials."
family = "linear"
readings = (
    "A and B are fixed and discretised by Euler's rule, Ā = I + A/θ, as in the paper's text; the codes use a zero-order"
    " hold (a matrix exponential). Euler's rule needs θ large beside d: at d = 6 and θ = 24 every eigenvalue of Ā lies"
    " inside the unit circle."
)

equations = """
dim d = 6
theta = 24
x in R^m;  h in R^n;  m in R^d
e_x in R^m;  e_h in R^n;  e_m in R^d
W_x in R^(n,m);  W_h in R^(n,n);  W_m in R^(n,d)

A  = lmu_a(d)
B  = lmu_b(d)
u  = dot(e_x, x) + dot(e_h, h) + dot(e_m, m)      # what enters the memory
m' = m + (A @ m + B * u) / theta
h' = tanh(W_x @ x + W_h @ h + W_m @ m')
"""

initialisation = Initialisation(
    {
        "e_x": Uniform(-(3**0.5), 3**0.5, over_root="m"),
        "e_h": Uniform(-(3**0.5), 3**0.5, over_root="n"),
        "e_m": Constant(0),
        "W_x": glorot_normal,
        "W_h": glorot_normal,
        "W_m": glorot_normal,
    },
    source=(
        "The authors' code, abr/neurips2019: lmu/lmu.py (LeCun's uniform law for the encoders, zero for that of the"
        " memory, Glorot's normal law for the kernels)"
    ),
)

sources = (
    Source("A. R. Voelker et al. 2019, equations 2 to 7", "paper", read=False),
    Source("abr/neurips2019: lmu/lmu.py, LMUCell", "code"),
    Source("hrshtv/pytorch-lmu: src/lmu.py, LMUCell (which names the paper's equations line by line)", "code"),
)

contradictions = (
    Contradiction(
        "abr/neurips2019 2f97105",
        says="a bias is added to the argument of the hidden activation if one is asked for",
        does="without a bias, the default, the whole argument is 0: a conditional expression binds less than a sum",
        place="lmu/lmu.py, LMUCell.call",
    ),
)

comparisons = (
    Comparison(
        "hrshtv/pytorch-lmu, the step of LMUCell in float64 with torch 2.13.0, its A and B discretised by Euler's rule",
        agrees=True,
        text="values and all gradients, T = 20, m = 4, n = 6, d = 6: largest relative difference 3e-15",
    ),
)

claims = [
    Claim(
        "the memory turns by fixed matrices but for one encoder: I + (A + B e_mᵀ)/θ",
        of="m'",
        wrt="m",
        equals="eye(d) + (A + outer(B, e_m)) / theta",
    ),
    Claim("the hidden state reaches the memory through one number", of="m'", wrt="h", equals="outer(B, e_h) / theta"),
]
