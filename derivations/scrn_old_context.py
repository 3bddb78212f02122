"""SCRN as its authors' code has it: the hidden layer sees the context of the step before."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Source, Variant

title = "SCRN, old context"
year = 2015
reference = (
    "T. Mikolov et al.: Learning longer memory in recurrent neural networks. arXiv:1412.7753; facebookarchive/SCRNNs"
)
purpose = "As SCRN, with both products of a step independent of each other."
readings = (
    "The graph in facebookarchive/SCRNNs, whose comment says otherwise, and whose context matrix is learned from 0.95"
    " I; here it is kept. The paper: scrn."
)

variant = Variant("scrn", {"h'": "sigmoid(P @ s + A @ x + R @ h)"})

sources = (Source("facebookarchive/SCRNNs: mfactory.lua, branch scrnn, the graph", "code"),)

claims = [
    Claim("the context's Jacobian is alpha, whatever is learned", of="s'", wrt="s", equals="alpha * eye(p)"),
    Claim("the context reaches the hidden layer in full", of="h'", wrt="s", equals="diag(h' * (1 - h')) @ P"),
]
