"""RG-LRU (De et al. 2024, Griffin and Hawk): a diagonal linear recurrence with a gate on its decay."""

import numpy as np

from gatedsym.library.claims import Claim, Identity, Limit
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Normal

title = "Real-gated linear recurrent unit (RG-LRU)"
year = 2024
reference = (
    "S. De et al.: Griffin: mixing gated linear recurrences with local attention for efficient language models."
    " arXiv:2402.19427, 2024"
)
purpose = (
    "The LRU made real and gated: a gate chooses between the learned decay and none; the input is rescaled to match."
)
family = "linear"
readings = (
    "a = σ(Λ)^(8 r), here as exp(-8 r softplus(ℓ)) with ℓ = -Λ, as the released code stores it. Full matrices in the"
    " gates, where the code has one block for each head. The code sets √(1 - a²) to 1 at the first step and bounds the"
    " root's derivative by 1000; neither is here."
)

equations = """
m = n
x in R^m;  h in R^n
W_{r,i} in R^(n,m);  b_{r,i}, l in R^n
c = 8

r  = sigmoid(W_r @ x + b_r)               # recurrence gate: 0 keeps all of h
i  = sigmoid(W_i @ x + b_i)               # input gate
a  = exp(-c * r * softplus(l))            # decay, in (0, 1)
h' = a * h + sqrt(1 - a**2) * (i * x)
"""

initialisation = Initialisation(
    {
        "l": Drawn(
            "softplus(ℓ) = -log |λ| with |λ|² ~ U(0.81, 0.998)",
            lambda generator, shape, sizes: np.log(1 / np.sqrt(generator.uniform(0.9**2, 0.999**2, shape)) - 1),
        ),
        "W_*": Normal(1, over_root="n"),
        "b_*": Constant(0),
    },
    source="The released code, google-deepmind/recurrentgemma: recurrentgemma/torch/layers.py, rnn_param_init",
)

sources = (
    Source("S. De et al., arXiv:2402.19427, equations 1-4", "paper", read=False),
    Source("google-deepmind/recurrentgemma: recurrentgemma/torch/layers.py, class RGLRU", "code"),
    Source("huggingface/transformers: models/recurrent_gemma/modeling_recurrent_gemma.py", "code"),
)

comparisons = (
    Comparison(
        "google-deepmind/recurrentgemma 2efa84d, RGLRU in float64",
        agrees=True,
        text=(
            "one head, positions from 1: values and all gradients, T = 20: largest relative difference 6e-16; its"
            " clipping of the root's derivative was not reached"
        ),
    ),
)

claims = [
    Claim("the whole step Jacobian is the decay: the recurrence is linear", of="h'", wrt="h", equals="diag(a)"),
    Claim(
        "a closed recurrence gate keeps the state and shuts the input out",
        of="h'",
        wrt="h",
        where={"r": "0"},
        equals="eye(n)",
    ),
    Identity(
        "the paper's power of a logistic is the code's exponential",
        "exp(8 * r * log(sigmoid(-l)))",
        "exp(-8 * r * softplus(l))",
        declarations="l, r in R",
    ),
    Limit("a recurrence gate that is shut keeps h", of="h'", parameter="b_r", to="-oo", equals="h"),
    Limit("a decay of 1 keeps the state and shuts the input out", of="h'", parameter="l", to="-oo", equals="h"),
]
