"""Multiplicative RNN (Sutskever, Martens, Hinton 2011): the character that is read chooses the recurrent matrix."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source

title = "Multiplicative RNN"
year = 2011
reference = "I. Sutskever, J. Martens, G. Hinton: Generating text with recurrent neural networks. ICML 2011"
purpose = "Each character has a transition matrix of its own, U_h diag(W_f token) U_f: all of them share two factors."
family = "ungated"
readings = (
    "The input is a character, one of m; W_f and W_h have a column for each. The number of factors p is a size of its"
    " own, here n. There is no bias: added to each column of W_h it would be one. RecurrentLayers.jl keeps the wrapped"
    " cell's bias."
)

equations = """
token in {0..m-1};  h in R^n;  dim p = n
W_f in R^(p,m);  U_f in R^(p,n)
W_h in R^(n,m);  U_h in R^(n,p)

f  = (W_f @ onehot(token)) * (U_f @ h)    # factors, each scaled by the character
h' = tanh(W_h @ onehot(token) + U_h @ f)
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/wrappers/multiplicative.jl, around RNNCell", "code"),
    Source("I. Sutskever, J. Martens, G. Hinton 2011, section 3", "paper", read=False),
)

claims = [
    Claim(
        "the matrix from state to state is that of the character: its factors scale the rows of U_f",
        of="h'",
        wrt="h",
        equals="diag(1 - h' * h') @ U_h @ diag(W_f @ onehot(token)) @ U_f",
    ),
    Claim(
        "the factors of a character are the rows of U_f, each by a number of its own",
        of="f",
        wrt="h",
        equals="diag(W_f @ onehot(token)) @ U_f",
    ),
]
