"""Leaky-integrator RNN (Jaeger et al. 2007): each unit moves a fixed share of the way to its new value."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source

title = "Leaky-integrator RNN"
year = 2007
reference = (
    "H. Jaeger, M. Lukoševičius, D. Popovici, U. Siewert: Optimization and applications of echo state networks with"
    " leaky-integrator neurons. Neural Networks 20, 2007"
)
purpose = "One time constant for all units, chosen and not learned: the simple network slowed down."
family = "ungated"
readings = (
    "1 - α stays and α is moved, as in reservoirpy; Jaeger et al. do not multiply the new value by the leak. Under the"
    " activation as a whole: leaky_rnn_inside. FastRNN learns the two shares apart."
)

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n
alpha = 0.3

h' = (1 - alpha) * h + alpha * tanh(W @ x + U @ h + b)
"""

initialisation = Initialisation(
    {}, source="The paper was not read; reservoirs are drawn sparse and scaled to a spectral radius."
)

sources = (
    Source("H. Jaeger et al. 2007", "paper", read=False),
    Source("reservoirpy 0.4.2: reservoirpy/nodes/reservoir.py", "code"),
    Source("nschaetti/EchoTorch: echotorch/nn/LiESNCell.py", "code"),
)

claims = [
    Claim(
        "the step Jacobian is 1 - alpha of the identity and alpha of the simple network's",
        of="h'",
        wrt="h",
        equals="(1 - alpha) * eye(n) + alpha * diag(1 - tanh(W @ x + U @ h + b)**2) @ U",
    ),
    Equivalence(
        "it is the plain FastRNN with α and 1 - α",
        other="fast_rnn_plain",
        other_parameters={"alpha": "3/10", "beta": "7/10"},
    ),
]
