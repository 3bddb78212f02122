"""Cells that are in no library: one with all that the language has, and an LSTM under other names."""

import re
import warnings

from literature import SHUFFLED

import gatedsym as gs

OWN = """
x in R^m; h, s in R^n; C in R^(n,n); W, V in R^(n,m); U, A in R^(n,n); p, b, d in R^n; q in R
k = tanh(W x + U h[-2] + b)
e = σ(V x + p*s + A.T (k*h) + d)
C' = σ(q)*C + outer(e, k)
s' = (1 - e)*s + e*k
h' = h + tanh(C' @ k + A h) * s'
"""
"""Three states, one of them a matrix, a delay, and a parameter that serves twice."""


def own_cell(equations=OWN):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the parameter A serves")
        cell = gs.Cell(equations, name="own")
        _ = cell.recurrence  # read once, here
    return cell


GATES = {"p": "f", "s": "i", "q": "g", "w": "o"}
"""The shuffled cell's name of each gate, and the library's."""


class RenamedLSTM(gs.Cell):
    """An LSTM with its symbols renamed and its lines reordered; it draws what the library's draws, under its names."""

    def __init__(self):
        super().__init__(re.sub(r"\b[kl]\b", lambda d: {"k": "m", "l": "n"}[d[0]], SHUFFLED), name="renamed")

    def init(self, m=None, n=None, **options):
        drawn = gs.cell("lstm").init(m=m, n=n, **options)
        letters = {"A": "W", "B": "U", "z": "b"}
        return {f"{own}_{g}": drawn[f"{theirs}_{GATES[g]}"] for own, theirs in letters.items() for g in GATES}
