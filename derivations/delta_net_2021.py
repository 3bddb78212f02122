"""DeltaNet as first posted (Schlag, Irie, Schmidhuber 2021): positive keys that add up to one."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source, Variant

title = "DeltaNet, first version"
year = 2021
reference = (
    "I. Schlag, K. Irie, J. Schmidhuber: Linear transformers are secretly fast weight programmers. ICML 2021"
    " (arXiv:2102.11174)"
)
purpose = "A slow network programs a fast weight matrix by the delta rule, so that a key's old value makes room."
family = "linear"
readings = (
    "elu + 1 as the feature map, as in the authors' layer; in 2024 keys have Euclidean norm 1: delta_net. One head;"
    " without dropout, residual and layer norm."
)

variant = Variant(
    "delta_net",
    {
        "q": "(elu(W_q @ x) + 1) / sum(elu(W_q @ x) + 1) / sqrt(d)",
        "k": "(elu(W_k @ x) + 1) / sum(elu(W_k @ x) + 1)",
        "v": "W_v @ x",
        "beta": "sigmoid(dot(w_beta, x))",
    },
)

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("I. Schlag et al., arXiv:2102.11174, section 4.2", "paper", read=False),
    Source("IDSIA/lmtool-fwp: src/utils/cuda_fast_weight_layer.py, class CudaFastWeightLinearTransformerLayer", "code"),
)

claims = [
    Claim(
        "what is written is read with the product of key and query, by the share β",
        of="h",
        wrt="v",
        equals="(beta * dot(k, q)) * eye(n)",
    ),
    Claim(
        "with nothing written the query sees the old state",
        of="h",
        wrt="q",
        where={"beta": "0"},
        equals="S",
    ),
]
