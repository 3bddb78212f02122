"""HGRN (Qin, Yang, Zhong 2023): a complex linear recurrence whose forget gate has a floor that rises with depth."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source

title = "Hierarchically gated recurrent unit (HGRN)"
year = 2023
reference = (
    "Z. Qin, S. Yang, Y. Zhong: Hierarchically gated recurrent neural network for sequence modeling. NeurIPS 2023"
)
purpose = "A lower bound γ on the forget gate, larger in higher layers, makes the upper ones remember longer."
family = "linear"
readings = (
    "The recurrence of the paper: complex, as the real pair p + iq, without the output gate and normalisation that"
    " follow. γ is a number of the layer here (0 in the first). flash-linear-attention has a real form: hgrn_real."
)

equations = """
x in R^m;  p, q in R^n
W_{p,q,f} in R^(n,m);  b_{p,q,f}, theta in R^n
gamma = 0.5

f  = gamma + (1 - gamma) * sigmoid(W_f @ x + b_f)     # forget gate, in (γ, 1)
u  = silu(W_p @ x + b_p)                              # candidate, real part
v  = silu(W_q @ x + b_q)                              # candidate, imaginary part
p' = f * cos(theta) * p - f * sin(theta) * q + (1 - f) * u
q' = f * sin(theta) * p + f * cos(theta) * q + (1 - f) * v
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("OpenNLPLab/HGRN: README.md, section Algorithm (the authors)", "documentation"),
    Source("fla-org/flash-linear-attention: fla/layers/hgrn.py (real form)", "code"),
)

claims = [
    Claim("a mode turns and shrinks by the forget gate", of="p'", wrt="p", equals="diag(f * cos(theta))"),
    Claim("the other half of the turn", of="q'", wrt="p", equals="diag(f * sin(theta))"),
    Claim("f = 1 turns and loses nothing, and shuts the input out", of="p'", wrt="x", where={"f": "1"}, equals="0"),
]
