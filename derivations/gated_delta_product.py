"""Gated DeltaProduct (Siems et al. 2025): several steps of the delta rule for each input, two here."""

import numpy as np

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Drawn

title = "Gated DeltaProduct, two steps of the delta rule"
year = 2025
reference = (
    "J. Siems, T. Carstensen, A. Zela, F. Hutter, M. Pontil, R. Grazzi: DeltaProduct: improving state-tracking in"
    " linear RNNs via Householder products. arXiv:2502.10297, 2025"
)
purpose = "The state meets a product of generalised Householder matrices: with two it may turn, not only reflect."
family = "linear"
readings = (
    "One head, n_h = 2. Keys and queries are silu, divided by their Euclidean norm, values are silu; queries scaled by"
    " 1/√d. Writing strengths reach from 0 to 2 (allow_neg_eigval), so that eigenvalues reach from -1 to 1. The decay"
    " is Mamba's, once for each input, before its steps. Without short convolutions, norm and output gate, and without"
    " the 1e-6 under the root."
)

equations = """
d = n
x in R^m;  S in R^(n,d)
W_q, W_k_{1,2} in R^(d,m);  W_v_{1,2} in R^(n,m);  w_a, w_beta_{1,2} in R^m;  b_a, A in R
output h

unit(u) = u / sqrt(dot(u, u))
q   = unit(silu(W_q @ x)) / sqrt(d)                           # query
k_1 = unit(silu(W_k_1 @ x));  v_1 = silu(W_v_1 @ x);  beta_1 = 2 * sigmoid(dot(w_beta_1, x))
k_2 = unit(silu(W_k_2 @ x));  v_2 = silu(W_v_2 @ x);  beta_2 = 2 * sigmoid(dot(w_beta_2, x))
a   = exp(-exp(A) * softplus(dot(w_a, x) + b_a))              # gate: the share of the state that stays

kept  = a * S
first = kept + outer(beta_1 * (v_1 - kept @ k_1), k_1)        # one step of the delta rule
S'    = first + outer(beta_2 * (v_2 - first @ k_2), k_2)      # and one more, with a key of its own
h     = S' @ q
"""

initialisation = Initialisation(
    {
        "A": Drawn("log U(0, 16)", lambda generator, shape, sizes: np.log(generator.uniform(0, 16, shape))),
        "b_a": Drawn(
            "softplus(b_a) log-uniform on [0.001, 0.1]",
            lambda generator, shape, sizes: np.log(
                np.expm1(np.exp(generator.uniform(np.log(0.001), np.log(0.1), shape)))
            ),
        ),
    },
    source="fla-org/flash-linear-attention: fla/layers/gated_deltaproduct.py",
)

sources = (
    Source("J. Siems et al., arXiv:2502.10297, section 3", "paper", read=False),
    Source("fla-org/flash-linear-attention 0315a70: fla/layers/gated_deltaproduct.py", "code"),
    Source("fla-org/flash-linear-attention: fla/ops/gated_delta_product/naive.py", "code"),
)

claims = [
    Claim("the query sees the new state", of="h", wrt="q", equals="S'"),
    Claim(
        "what the second step writes is read with the product of its key and the query",
        of="h",
        wrt="v_2",
        equals="(beta_2 * dot(k_2, q)) * eye(n)",
    ),
    Claim(
        "what the first step wrote, the second unlearns by its share",
        of="h",
        wrt="v_1",
        equals="(beta_1 * (dot(k_1, q) - beta_2 * dot(k_1, k_2) * dot(k_2, q))) * eye(n)",
    ),
    Limit("the gate forced open is DeltaProduct without a gate", of="a", parameter="A", to="-oo", equals="1"),
]
