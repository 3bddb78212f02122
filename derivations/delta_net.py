"""DeltaNet (Schlag et al. 2021, Yang et al. 2024): the matrix state corrects what it answers for a key."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "DeltaNet"
year = 2024
reference = (
    "S. Yang, B. Wang, Y. Zhang, Y. Shen, Y. Kim: Parallelizing linear transformers with the delta rule over sequence"
    " length. NeurIPS 2024 (arXiv:2406.06484); after I. Schlag, K. Irie, J. Schmidhuber, ICML 2021"
)
purpose = "A step of the delta rule at each time: S forgets only what it held for this key, by the share β."
family = "linear"
readings = (
    "Keys and queries are silu, divided by their Euclidean norm, values are silu, as in flash-linear-attention; in 2021"
    " keys and queries were elu + 1, divided by their sum: the cell delta_net_2021. One head; queries scaled by 1/√d;"
    " without short convolutions, norm and output gate."
)

variant = Variant("gated_delta_net", {"a": "1"})

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("S. Yang et al., arXiv:2406.06484, equation 1", "paper", read=False),
    Source("fla-org/flash-linear-attention: fla/ops/delta_rule/naive.py, fla/layers/delta_net.py", "code"),
    Source("IDSIA/lmtool-fwp: src/utils/cuda_fast_weight_layer.py (delta rule, writing strength; other keys)", "code"),
)

comparisons = (
    Comparison(
        "fla-org/flash-linear-attention bc3b101d, delta_rule_recurrence in float64",
        agrees=True,
        text="output and all gradients, T = 20: largest relative difference 1e-15",
    ),
)

claims = [
    Claim(
        "the delta rule unlearns a key by the share β: ∂h/∂q with what the state held for it taken out",
        of="h",
        wrt="q",
        equals="S + outer(beta * (v - S @ k), k)",
    ),
    Claim(
        "what is written is read with the product of key and query, by the share β",
        of="h",
        wrt="v",
        equals="(beta * dot(k, q)) * eye(n)",
    ),
]
