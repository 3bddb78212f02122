"""Residual RNN, outside the activation: the state is carried on and the activation adds to it."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Source, Variant

title = "Residual RNN, state outside the activation"
year = 2018
reference = (
    "The residual network's h + f(h), with a step of time for a layer; B. Chang et al. (arXiv:1902.09689) as ε = 1,"
    " γ = 0"
)
purpose = "An identity path through time without any slope on it; nothing bounds the state."
readings = "Inside the activation: residual_rnn. With an antisymmetric matrix and a step size: antisymmetric_rnn."

variant = Variant("rnn", {"h'": "h + tanh(W @ x + U @ h + b)"})

sources = (Source("B. Chang et al. 2019 (arXiv:1902.09689), section 3, forward Euler", "paper", read=False),)

claims = [
    Claim(
        "the step Jacobian is the identity, without a slope, and the simple network's",
        of="h'",
        wrt="h",
        equals="eye(n) + diag(1 - tanh(W @ x + U @ h + b)**2) @ U",
    ),
]
