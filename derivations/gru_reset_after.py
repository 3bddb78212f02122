"""GRU with the reset gate after the recurrent product and no bias of its own there (Cho et al. 2014, version 1)."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Normal, Orthogonal

title = "GRU, reset after the product, one bias"
year = 2014
reference = (
    "K. Cho et al.: Learning phrase representations using RNN encoder-decoder for statistical machine translation."
    " arXiv:1406.1078v1, 2014"
)
purpose = "r acts on U_g h, so all recurrent products are one: what cuDNN made common, less its second bias."
family = "gru"
readings = (
    "Version 1 of the paper, by the account of Keras, haste and Flux; version 3 resets before the product (gru). cuDNN,"
    " PyTorch, Keras, Flax and Equinox add a bias inside the reset (gru_torch); Flax's nnx.GRUCell documents one and"
    " has none."
)

variant = Variant("gru", {"g": "tanh(W_g @ x + r * (U_g @ h) + b_g)"})

initialisation = Initialisation(
    {"W_*": Normal(0.01), "U_*": Orthogonal(), "b_*": Constant(0)},
    source="Cho et al. 2014, appendix, as kyunghyuncho/GroundHog has it: experiments/nmt/state.py",
)

sources = (
    Source("keras/src/layers/rnn/gru.py, reset_after=True, use_bias=False (3.15)", "code"),
    Source("flax/nnx/nn/recurrent.py, GRUCell (0.12.8; the other sign of z)", "code"),
    Source("K. Cho et al. 2014, version 1", "paper", read=False),
)

comparisons = (
    Comparison(
        "flax 0.12.8, nnx.GRUCell (jax 0.10.2), z with its sign turned",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 8e-16",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - z)",
    ),
    Claim(
        "the reset gate stands after the matrix, on the path of the candidate",
        of="h'",
        wrt="h",
        holding=("z", "r"),
        equals="diag(1 - z) + diag(z * (1 - g * g) * r) @ U_g",
    ),
    Equivalence(
        "the GRU with two biases, its recurrent bias zero",
        other="gru_torch_overwrites",
        other_parameters={"v_g": "0 * v_g"},
    ),
    Equivalence(
        "where the candidate's recurrent product is diagonal, before and after are the same",
        other="gru",
        parameters={"U_g": "diag(u)"},
        declarations="u in R^n",
        other_parameters={"U_g": "diag(u)"},
    ),
]
