"""An LSTM whose symbols are renamed and whose lines are reordered, with the parameters of the library's."""

import re

from literature import SHUFFLED

import gatedsym as gs

GATES = {"p": "f", "s": "i", "q": "g", "w": "o"}
"""The shuffled cell's name of each gate, and the library's."""


class RenamedLSTM(gs.Cell):
    """Draws what the library's LSTM draws, under its own names."""

    def __init__(self):
        super().__init__(re.sub(r"\b[kl]\b", lambda d: {"k": "m", "l": "n"}[d[0]], SHUFFLED), name="renamed")

    def init(self, m=None, n=None, **options):
        drawn = gs.cell("lstm").init(m=m, n=n, **options)
        letters = {"A": "W", "B": "U", "z": "b"}
        return {f"{own}_{g}": drawn[f"{theirs}_{GATES[g]}"] for own, theirs in letters.items() for g in GATES}
