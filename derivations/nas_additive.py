"""The NAS cell as libraries have it: all eight mixtures are sums."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Source, Variant

title = "NAS cell, sums only"
year = 2017
reference = (
    "B. Zoph, Q. V. Le: Neural architecture search with reinforcement learning. ICLR 2017; RecurrentLayers.jl;"
    " torchrecurrent"
)
purpose = "As the NAS cell without its one product of input and state."
readings = "RecurrentLayers.jl and torchrecurrent; TensorFlow, and RecurrentLayers.jl's docstring, have nas."

variant = Variant("nas", {"s_4": "relu(W_4 @ x + U_4 @ h + b_4)"})

sources = (
    Source(
        "MartinuzziFrancesco/RecurrentLayers.jl: src/cells/nas_cell.jl, the code, and torchrecurrent 0.2.5 (same"
        " author)",
        "code",
    ),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, NASCell",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "the cell state has no highway: its gradient passes the slope of a tanh in every step, and l_2",
        of="c'",
        wrt="c",
        equals="diag((1 - l_1 * l_1) * l_2)",
    ),
]
