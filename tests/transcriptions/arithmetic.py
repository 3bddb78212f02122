"""What transcriptions compute with, and how one is written.

A transcription is a cell read from its paper, or from code, by someone who has not seen the cell's file under
derivations/: plain Python loops over scalars, no arrays, nothing of gatedsym. ``tests/transcriptions/NAME.py`` belongs
to the library's cell NAME; `test_transcriptions.py` under tests/cells holds the two against each other, values and a
derivative.

    \"\"\"Simple recurrent network, transcribed from Elman 1990, figure 2, with one tanh layer.\"\"\"

    STATES = {"h": ("n",)}
    INPUTS = {"x": ("m",)}
    PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b": ("n",)}
    OUTPUTS = {}

    def step(f, size, p, x, s):
        h = []
        for j in range(size["n"]):
            a = p["b"][j]
            for k in range(size["m"]):
                a = a + p["W"][j][k] * x["x"][k]
            for k in range(size["n"]):
                a = a + p["U"][j][k] * s["h"][k]
            h.append(f.tanh(a))
        return {"h": h}, {}

``step`` returns the next states and the outputs that are not states. ``p``, ``x`` and ``s`` are nested lists of numbers
by name (a symbol without dimensions is a bare number), ``size["n"]`` is an int, and ``f`` is a `Functions`: functions
of one number, which may be a float or a big float. Ordinary arithmetic and comparisons work on both.

What a file may say beside, all optional:

``CONSTANTS = {"alpha": 0.95}``
    Numbers that the paper leaves open, with the values that ``step`` uses. The cell is made with the same values.
``PAST = {"x": 1}``
    How many earlier rows of a symbol ``step`` reads beyond the ordinary one: ``x["x[-1]"]`` is the input one step ago,
    ``s["h[-2]"]`` the state two steps ago (``s["h"]`` is the one a step ago).
``NAMES``
    What the transcription's names are in the cell, where they differ (filled in when both are there):
    ``{"W_i": "W_xi"}`` another name; ``"-W_xi"`` its negative (a gate of the other polarity); ``"W_xi.T"`` the
    transpose; ``("U_i", "W_i")`` these side by side along the last axis; ``0`` a parameter that the cell does not have,
    taken as zero; ``None`` a state that the cell does not have, which begins at zero and is not compared. A state may
    be an output of the cell and the other way round.
``SIZES = {"heads": "p", "rows": "4n"}``
    The same for names of dimensions, and for multiples of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath

Number = Any


@dataclass(frozen=True)
class Functions:
    """Functions of one kind of number; the rest is arithmetic on these."""

    exp: Callable[[Number], Number]
    log: Callable[[Number], Number]
    sqrt: Callable[[Number], Number]
    tanh: Callable[[Number], Number]
    sin: Callable[[Number], Number]
    cos: Callable[[Number], Number]
    erf: Callable[[Number], Number]
    one: Number

    def sigmoid(self, a: Number) -> Number:
        """1 / (1 + exp(-a))."""
        return 1 / (1 + self.exp(-a))

    def log_sigmoid(self, a: Number) -> Number:
        """log(1 / (1 + exp(-a)))."""
        return -self.softplus(-a)

    def softplus(self, a: Number) -> Number:
        """log(1 + exp(a))."""
        return self.log(1 + self.exp(a))

    def softsign(self, a: Number) -> Number:
        """a / (1 + |a|)."""
        return a / (1 + abs(a))

    def relu(self, a: Number) -> Number:
        """The larger of a and 0."""
        return self.max(a, 0 * self.one)

    def abs(self, a: Number) -> Number:
        """|a|."""
        return abs(a)

    def max(self, a: Number, b: Number) -> Number:
        """The larger of two numbers."""
        return a if a > b else b

    def min(self, a: Number, b: Number) -> Number:
        """The smaller of two numbers."""
        return a if a < b else b

    def floor(self, a: Number) -> Number:
        """The largest whole number not above a."""
        return math.floor(a) * self.one

    def stop(self, a: Number) -> Number:
        """a, with the derivative 0 by declaration."""
        return a

    def declared(self, value: Number, slope: Number, by: Number) -> Number:
        """A value whose derivative by `by` is `slope` by declaration."""
        return value

    def elu(self, a: Number) -> Number:
        """a where a > 0, else exp(a) - 1."""
        return a if a > 0 else self.exp(a) - 1

    def silu(self, a: Number) -> Number:
        """a / (1 + exp(-a))."""
        return a * self.sigmoid(a)

    def normal_cdf(self, a: Number) -> Number:
        """The distribution function of the standard normal."""
        return (1 + self.erf(a / self.sqrt(2 * self.one))) / 2

    def gelu(self, a: Number) -> Number:
        """a times the normal distribution function at a."""
        return a * self.normal_cdf(a)

    def hard_sigmoid(self, a: Number) -> Number:
        """a/6 + 1/2, cut off at 0 and 1."""
        return self.max(0 * self.one, self.min(self.one, a / 6 + self.one / 2))

    def hard_sigmoid_02(self, a: Number) -> Number:
        """a/5 + 1/2, cut off at 0 and 1."""
        return self.max(0 * self.one, self.min(self.one, a / 5 + self.one / 2))


FLOAT = Functions(math.exp, math.log, math.sqrt, math.tanh, math.sin, math.cos, math.erf, 1.0)
"""Double precision."""

mp = mpmath.mp
EXACT = Functions(mp.exp, mp.log, mp.sqrt, mp.tanh, mp.sin, mp.cos, mp.erf, mp.one)
"""As many digits as mpmath is set to."""
