"""Unitary evolution RNN (Arjovsky, Shah, Bengio 2016): a complex state that only turns, up to its nonlinearity."""

import numpy as np

from gatedsym.library.claims import Claim, Identity
from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Glorot, Uniform

title = "Unitary evolution RNN (uRNN)"
year = 2016
reference = "M. Arjovsky, A. Shah, Y. Bengio: Unitary evolution recurrent neural networks. ICML 2016 (arXiv:1511.06464)"
purpose = "A recurrent matrix that is a product of unitary ones: it neither shrinks nor stretches a gradient."
family = "ungated"
readings = (
    "W = D₃ R₂ D₂ Π R₁ D₁: the authors' code, which leaves out the Fourier transforms of the paper's"
    " D₃ R₂ F⁻¹ D₂ Π R₁ F D₁, without its trained scale. The permutation Π, there drawn once and fixed, is here a shift"
    " by one place around the end. modReLU divides by |a| + 1e-5 as in the code; the paper divides by |a|."
    " The code's states are rows, so its reflections take the conjugates of these v."
)

equations = """
x in R^m;  h in C^n
V in C^(n,m);  theta_{1,2,3}, b in R^n;  v_{1,2} in C^n
eps = 1e-5

reflect(u, v) = u - (2 / norm(v)**2) * (v.H u) * v

p  = reflect(exp(i * theta_1) * h, v_1)
q  = reflect(exp(i * theta_2) * roll(p, 1), v_2)
a  = exp(i * theta_3) * q + V @ x
s  = abs(a)
h' = (relu(s + b) / (s + eps)) * a            # modReLU: the phase stays
"""

initialisation = Initialisation(
    {
        "V_*": Glorot(),
        "b": Constant(0),
        "v_*": Uniform(-1, 1),
        "theta_*": Uniform(-np.pi, np.pi),
    },
    source="The paper, section on initialization, as in the authors' repository",
)

sources = (
    Source("M. Arjovsky, A. Shah, Y. Bengio: draft in amarshah/complex_RNN, paper/uRNN/uRNN.tex", "paper"),
    Source("amarshah/complex_RNN: models.py, complex_RNN (the authors)", "code"),
)

contradictions = (
    Contradiction(
        "amarshah/complex_RNN 0fbd1f0",
        says="W = D₃ R₂ F⁻¹ D₂ Π R₁ F D₁, unitary, in the paper",
        does="leaves both Fourier transforms out (they are commented away) and multiplies each unit by a trained scale",
        place="models.py, complex_RNN, step2, step6 and step9",
    ),
)

claims = [
    Claim("an entry turns by its own angle before anything else", of="a_re", wrt="q_re", equals="diag(cos(theta_3))"),
    Identity(
        "a reflection keeps the length: |u - 2 v (v·u)/(v·v)|² = |u|² in two dimensions",
        "(a - 2*c*(c*a + d*b)/(c*c + d*d))**2 + (b - 2*d*(c*a + d*b)/(c*c + d*d))**2",
        "a**2 + b**2",
        declarations="a, b, c, d in R",
    ),
]
