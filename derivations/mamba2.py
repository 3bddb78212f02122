"""Mamba-2, the state space dual (Dao & Gu 2024): one head, whose state decays by one number a step."""

import numpy as np

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Constant, Drawn

title = "Mamba-2 (state space duality)"
year = 2024
reference = (
    "T. Dao, A. Gu: Transformers are SSMs: generalized models and efficient algorithms through structured state space"
    " duality. ICML 2024 (arXiv:2405.21060)"
)
purpose = "A selective state space with one decay for a whole head: linear attention that forgets."
family = "linear"
readings = (
    "One head of one group. The short convolution is left out, the SiLU behind it stays; gate branch, norm and output"
    " projection of the block are left out. B is discretised by Euler's rule (Δ B), as in the code."
)

equations = """
p = m
x in R^m;  H in R^(p,n)
W_{B,C} in R^(n,m);  W_v in R^(p,m);  w_s in R^m;  b, A_log, D in R
output y

v  = silu(W_v @ x)                        # the head's input
B  = silu(W_B @ x)                        # what is written into each mode
C  = silu(W_C @ x)                        # what is read from each mode
s  = softplus(dot(w_s, x) + b)            # step size Δ of the head
a  = exp(-s * exp(A_log))                 # gate: the share of the whole state that stays
H' = a * H + outer(s * v, B)
y  = H' @ C + D * v
"""

initialisation = Initialisation(
    {
        "A_log": Drawn("log U(1, 16)", lambda generator, shape, sizes: np.log(generator.uniform(1, 16, shape))),
        "D": Constant(1),
        "b": Drawn(
            "softplus(b) log-uniform on [0.001, 0.1]",
            lambda generator, shape, sizes: np.log(
                np.expm1(np.exp(generator.uniform(np.log(0.001), np.log(0.1), shape)))
            ),
        ),
    },
    source="The authors' code, state-spaces/mamba: mamba_ssm/modules/mamba2.py",
)

sources = (
    Source("T. Dao, A. Gu, arXiv:2405.21060, section 7", "paper", read=False),
    Source("state-spaces/mamba: mamba_ssm/modules/mamba2.py, step (the authors)", "code"),
)

claims = [
    Claim("what is written is read: the output sees the modes through C", of="y", wrt="C", equals="H'"),
    Claim(
        "the present reaches the output by Δ (B·C) and by the skip",
        of="y",
        wrt="v",
        equals="(s * dot(B, C) + D) * eye(p)",
    ),
    Limit("a step size of 0 keeps the state and shuts the input out", of="H'", parameter="b", to="-oo", equals="H"),
    Limit("without decay nothing is forgotten", of="a", parameter="A_log", to="-oo", equals="1"),
]
