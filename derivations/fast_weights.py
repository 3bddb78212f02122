"""Fast weights (Ba, Hinton, Mnih, Leibo, Ionescu 2016): a matrix that decays and learns by Hebb's rule at each step."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import IdentityMatrix

title = "Fast weights that attend to the recent past"
year = 2016
reference = (
    "J. Ba, G. E. Hinton, V. Mnih, J. Z. Leibo, C. Ionescu: Using fast weights to attend to the recent past."
    " NeurIPS 2016"
)
purpose = "An outer product of each state is added to a matrix that decays; multiplying by it recalls similar states."
family = "ungated"
readings = (
    "One inner step (S = 1), rectified, with layer normalisation without gain and bias. A holds the products of the"
    " states up to the previous one, so the matrix that is read is λ A + η h hᵀ."
)

equations = """
x in R^m;  h in R^n;  A in R^(n,n)
W in R^(n,n);  C in R^(n,m)
decay = 0.95
eta = 0.5
eps = 0.00001

LN(v) = (v - mean(v)) / sqrt(mean((v - mean(v)) * (v - mean(v))) + eps)
A' = decay * A + eta * outer(h, h)
e  = W @ h + C @ x                  # the sustained boundary condition
s  = relu(e)                        # the preliminary state
h' = relu(LN(e + A' @ s))
"""

initialisation = Initialisation(
    {"W": IdentityMatrix(0.05)}, source="Ba et al. 2016, section 4: recurrent weights 0.05 I"
)

sources = (Source("J. Ba et al. 2016, section 3, equations 1 and 2", "paper", read=False),)

claims = [
    Claim("where nothing is recalled only the layer is left", of="h'", wrt="A", where={"s": "0"}, equals="0"),
]
