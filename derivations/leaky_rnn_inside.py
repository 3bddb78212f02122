"""Leaky-integrator RNN whose leak stands inside the activation."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Source, Variant

title = "Leaky-integrator RNN, leak inside the activation"
year = 2007
reference = "pytorch-leaky-cell, after leaky-integrator neurons (H. Jaeger et al.: Neural Networks 20, 2007)"
purpose = "The leak acts on the pre-activation, so the state that is kept passes the slope of tanh as well."
readings = "pytorch-leaky-cell; reservoirpy keeps the leak outside: leaky_rnn."

variant = Variant("leaky_rnn", {"h'": "tanh((1 - alpha) * h + alpha * (W @ x + U @ h + b))"})

sources = (Source("p-enel/pytorch-leaky-cell: leakycell.py, RNNLeakyCell (without bias)", "code"),)

claims = [
    Claim(
        "the kept share passes the slope too",
        of="h'",
        wrt="h",
        equals="diag(1 - h' * h') @ ((1 - alpha) * eye(n) + alpha * U)",
    ),
    Equivalence(
        "it is the simple recurrent network with 0.7 I + 0.3 U for U, 0.3 W for W and 0.3 b for b",
        other="rnn",
        declarations="A in R^(n,m);  B in R^(n,n);  d in R^n",
        parameters={"W": "A", "U": "B", "b": "d"},
        other_parameters={"W": "3 / 10 * A", "U": "7 / 10 * eye(n) + 3 / 10 * B", "b": "3 / 10 * d"},
    ),
]
