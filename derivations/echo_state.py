"""Leaky echo state network (Jaeger 2001; Lukoševičius 2012): a random reservoir that nobody trains, and a readout."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source

title = "Echo state network"
year = 2001
reference = (
    "H. Jaeger: The “echo state” approach to analysing and training recurrent neural networks. GMD report 148, 2001;"
    " M. Lukoševičius: A practical guide to applying echo state networks. LNCS 7700, 2012"
)
purpose = "A random recurrent network is left as it is; only a linear readout of its state is trained."
family = "ungated"
readings = (
    "The reservoir is fixed: its random numbers follow from seeds in the text, so there is nothing of it among the"
    " parameters. It is dense and scaled by √(3/n), which by the circular law brings its spectral radius near ρ; the"
    " sources draw it sparse and divide by its own radius. The bias enters under the activation, the leak α outside, as"
    " in Lukoševičius; feedback from the output is left out."
)

equations = """
dim p = 1
alpha = 0.3;  rho = 0.9
x in R^m;  h in R^n
V in R^(p,n);  b in R^p
output y

U  = rho * sqrt(3/n) * uniform(n, n, 1)      # the reservoir
W  = uniform(n, m, 2)
c  = uniform(n, 3)
g  = tanh(W @ x + U @ h + c)
h' = (1 - alpha) * h + alpha * g
y  = V @ h' + b
"""

initialisation = Initialisation(
    {}, source="A readout is not drawn but found by linear regression on states of the reservoir."
)

sources = (
    Source("H. Jaeger 2001, section 2", "paper", read=False),
    Source("M. Lukoševičius 2012, equations 1 to 4", "paper", read=False),
    Source("reservoirpy/reservoirpy 0.4.2: reservoirpy/nodes/reservoir.py", "code"),
    Source("nschaetti/EchoTorch: echotorch/nn/LiESNCell.py", "code"),
)

claims = [
    Claim(
        "no parameter moves the state: the step Jacobian has fixed matrices and the state alone",
        of="h'",
        wrt="h",
        equals="(1 - alpha) * eye(n) + alpha * diag(1 - g * g) @ U",
    ),
    Claim("the readout sees the state through V alone", of="y", wrt="h'", equals="V"),
]
