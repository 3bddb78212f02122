"""Simple recurrent network (Elman 1990) with tanh units."""

from gatedsym.claims import Claim

title = "Simple recurrent network (Elman)"
year = 1990
reference = (
    "J. L. Elman: Finding structure in time. Cognitive Science 14(2), 1990 (with tanh for Elman's logistic units)"
)
purpose = "No gate: every step multiplies the gradient by the same matrix U and by the slope of tanh."
family = "ungated"

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n

h' = tanh(W @ x + U @ h + b)
"""

claims = [
    Claim("the step Jacobian is the slope of tanh times U", of="h'", wrt="h", equals="diag(1 - h' * h') @ U"),
]
