"""Gated DeltaNet (Yang, Kautz, Hatamizadeh 2024): the delta rule on a state that decays."""

import numpy as np

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Drawn

title = "Gated DeltaNet"
year = 2024
reference = (
    "S. Yang, J. Kautz, A. Hatamizadeh: Gated delta networks: improving Mamba2 with delta rule. arXiv:2412.06464, 2024"
)
purpose = "Two ways to forget: the whole state by a gate, and what it holds for the present key by the delta rule."
family = "linear"
readings = (
    "One head. Keys and queries are silu, divided by their Euclidean norm, values are silu; queries scaled by 1/√d."
    " The decay is Mamba's, exp(-exp(A) softplus(…)). Without short convolutions, norm and output gate, and without"
    " the 1e-6 under the root."
)

equations = """
d = n
x in R^m;  S in R^(n,d)
W_{q,k} in R^(d,m);  W_v in R^(n,m);  w_{a,beta} in R^m;  b_{a,beta}, A in R
output h

unit(u) = u / sqrt(dot(u, u))
q  = unit(silu(W_q @ x)) / sqrt(d)                            # query
k  = unit(silu(W_k @ x))                                      # key, of length 1
v  = silu(W_v @ x)                                            # value
a  = exp(-exp(A) * softplus(dot(w_a, x) + b_a))               # gate: the share of the state that stays
beta = sigmoid(dot(w_beta, x) + b_beta)                       # writing strength
S' = a * S + outer(beta * (v - a * (S @ k)), k)
h  = S' @ q
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
    source="The authors' code, NVlabs/GatedDeltaNet: lit_gpt/gated_delta_net.py",
)

sources = (
    Source("S. Yang et al., arXiv:2412.06464, equation 10", "paper", read=False),
    Source("NVlabs/GatedDeltaNet: lit_gpt/gated_delta_net.py", "code"),
    Source("fla-org/flash-linear-attention: fla/ops/gated_delta_rule/naive.py", "code"),
    Source("sglang: test of the gated delta rule, torch_recurrent_gated_delta_rule", "code"),
)

comparisons = (
    Comparison(
        "fla-org/flash-linear-attention bc3b101d, naive_recurrent_gated_delta_rule in float64",
        agrees=True,
        text="output and all gradients, T = 20: largest relative difference 5e-15",
    ),
)

claims = [
    Claim(
        "what is written is read with the product of key and query, by the share β",
        of="h",
        wrt="v",
        equals="(beta * dot(k, q)) * eye(n)",
    ),
    Claim("the query sees the new state", of="h", wrt="q", equals="S'"),
    Limit(
        "without writing strength nothing but the decay is left", of="S'", parameter="b_beta", to="-oo", equals="a * S"
    ),
    Limit("the gate forced open is the DeltaNet", of="a", parameter="A", to="-oo", equals="1"),
]
