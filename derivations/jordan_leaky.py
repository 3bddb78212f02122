"""Jordan network (1986) with decaying state units: an exponentially fading trace of the outputs."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source

title = "Jordan network with decaying state units"
year = 1986
reference = (
    "M. I. Jordan: Serial order: a parallel distributed processing approach. Technical report 8604, Institute for"
    " Cognitive Science, University of California, San Diego, 1986"
)
purpose = "State units sum past outputs with weights alpha^k: a fixed, linear memory beside the learned one."
family = "ungated"
readings = "Jordan's own state units connect to themselves; most implementations leave that out: jordan."

equations = """
q = n/2                            # the output's size, unless given
x in R^m;  s in R^q
W in R^(n,m);  U in R^(n,q);  b in R^n;  V in R^(q,n);  d in R^q
alpha = 0.5
output y

h  = tanh(W @ x + U @ s + b)       # hidden layer: sees the trace
y  = V @ h + d
s' = alpha * s + y                 # trace of the outputs
"""

initialisation = Initialisation({}, source="Not known: the report was not read.")

sources = (
    Source("M. I. Jordan 1986", "paper", read=False),
    Source("skedbooks.com, Recurrent perceptron-like networks: Jordan networks (self-connection)", "documentation"),
    Source(
        "ecologycenter.us, Jordan network: context units with self-connection of strength 0 < a < 1", "documentation"
    ),
)

claims = [
    Claim("the trace fades by alpha", of="s'", wrt="s", holding="direct", equals="alpha * eye(q)"),
    Equivalence(
        "without self-connection the state is the last output: the simple form",
        other="jordan",
        where={"alpha": "0"},
        states={"s": "y", "y": "y'"},
    ),
]
