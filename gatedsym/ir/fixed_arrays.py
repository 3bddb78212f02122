"""Arrays that the equations fix, by values or by a law of their entries: the exact entry at each place.

``lower(n)`` is a law: its entries follow from the place and the size. ``[[0, 1], [-1, 0]]`` is a list of values.
Neither is trained, and neither is given when a cell is called. Entries are exact; kernels compute the nearest floats
(`gatedsym.runtime.numerics.fixed_arrays`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp

from gatedsym.ir.functions import FUNCTIONS
from gatedsym.typing import Array

Place = tuple[int, ...]
Entry = Callable[[Place, Place, tuple[int, ...]], sp.Expr]
"""The entry at a place of an array of some shape, with the law's own numbers."""

WHOLE: frozenset[str] = frozenset({"ones", "arange", "hippo_b", "lmu_a", "lmu_b", "uniform"})
"""Laws of which every entry is set: their arrays need no clearing before."""

VALUES = "values"
"""The name of the law that lists its values."""


@dataclass(frozen=True)
class FixedArray:
    """An array without parameters.

    Attributes
    ----------
    law : str
        A key of `LAWS`, or `VALUES`.
    numbers : tuple of int
        What the law is told beside sizes: the shift of ``shift(n, 2)``, the seed of ``uniform(n, n, 7)``.
    values : tuple of sympy.Rational
        Of `VALUES`, in row-major order.
    """

    law: str
    numbers: tuple[int, ...] = ()
    values: tuple[sp.Rational, ...] = ()

    def entry(self, place: Place, shape: Place) -> sp.Expr:
        """The exact entry at a place; roots are applications of `functions.sqrt`."""
        if self.law == VALUES:
            at = 0
            for index, length in zip(place, shape, strict=True):
                at = at * length + index
            return self.values[at]
        return LAWS[self.law].entry(place, shape, self.numbers)

    def entries(self, shape: Place) -> list[tuple[Place, sp.Expr]]:
        """Every place with its entry, in row-major order."""
        return [(place, self.entry(place, shape)) for place in itertools.product(*map(range, shape))]


@dataclass(frozen=True)
class Law:
    """A law of entries.

    Attributes
    ----------
    entry : callable
    square : bool
        Whether it is named by one size and has two axes of it.
    ranks : tuple of int
        The numbers of sizes that it may be called with.
    numbers : int
        How many whole numbers follow the sizes.
    text : str
        The entries in words, for pages and messages.
    floats : callable, optional
        From the shape to all entries in float64 at once, where the exact ones take long to round one by one.
    """

    entry: Entry
    text: str
    floats: Callable[[Place], Array] | None = None
    square: bool = False
    ranks: tuple[int, ...] = (1,)
    numbers: int = 0


_LISTED = re.compile(r"\[(?:[-+\d.,;e ]|\[[-+\d.,;e ]*\])+\]")
_NUMBER = re.compile(r"[-+]?\d[\d.]*(?:e[-+]?\d+)?")
_READABLE = 400  # characters


def shorten_lists(text: str) -> str:
    """A text of equations to be looked at: a list of numbers too long to read shows a few, and how many there are."""

    def shown(match: re.Match[str]) -> str:
        if len(match[0]) <= _READABLE:
            return match[0]
        return f"{match[0][:60].rpartition(', ')[0]}, … {len(_NUMBER.findall(match[0])):,} numbers]"

    return _LISTED.sub(shown, text)


def _integer(condition: bool) -> sp.Integer:
    return sp.S.One if condition else sp.S.Zero


def _root(number: int) -> sp.Expr:
    return FUNCTIONS["sqrt"].function(sp.Integer(number))


def _hippo_a(at: Place, shape: Place, numbers: tuple[int, ...]) -> sp.Expr:
    """HiPPO-LegS (Gu, Dao, Ermon, Rudra and Ré, 2020, theorem 2), with the sign of c' = A c + B x."""
    j, k = at
    return -_root(2 * j + 1) * _root(2 * k + 1) if j > k else sp.Integer(-(j + 1)) if j == k else sp.S.Zero


def _hippo_a_floats(shape: Place) -> Array:
    roots = np.sqrt(2.0 * np.arange(shape[0]) + 1)
    return np.asarray(-np.tril(np.outer(roots, roots), -1) - np.diag(np.arange(1.0, shape[0] + 1)))


def _lmu_a(at: Place, shape: Place, numbers: tuple[int, ...]) -> sp.Expr:
    """The delay of a Legendre memory (Voelker, Kajić and Eliasmith, 2019, equation 2), times its window."""
    j, k = at
    return sp.Integer((2 * j + 1) * (-1 if j < k else (-1) ** (j - k + 1)))


_MASK = 2**64 - 1


def mix(seed: int, j: int, k: int) -> int:
    """52 random bits of a seed and a place (two rounds of SplitMix64; Steele, Lea and Flood, 2014)."""
    state = seed
    for word in (j, k):
        state = (state + (word + 1) * 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state >> 12


def _uniform(at: Place, shape: Place, numbers: tuple[int, ...]) -> sp.Expr:
    j, k = (*at, 0)[:2]
    return sp.Rational(2 * mix(numbers[0], j, k) + 1, 2**52) - 1


LAWS: Mapping[str, Law] = {
    "ones": Law(lambda at, shape, _: sp.S.One, "1 everywhere", ranks=(1, 2)),
    "zeros": Law(lambda at, shape, _: sp.S.Zero, "0 everywhere", ranks=(1, 2)),
    "arange": Law(lambda at, shape, _: sp.Integer(at[0]), "the numbers 0, 1, 2, … in order"),
    "lower": Law(
        lambda at, shape, _: _integer(at[0] >= at[1]),
        "1 on and below the diagonal, 0 above",
        lambda s: np.tri(s[0], s[1]),
        square=True,
    ),
    "upper": Law(lambda at, shape, _: _integer(at[0] <= at[1]), "1 on and above the diagonal, 0 below", square=True),
    "strictly_lower": Law(lambda at, shape, _: _integer(at[0] > at[1]), "1 below the diagonal, else 0", square=True),
    "strictly_upper": Law(lambda at, shape, _: _integer(at[0] < at[1]), "1 above the diagonal, else 0", square=True),
    "shift": Law(
        lambda at, shape, numbers: _integer((at[0] - at[1] - numbers[0]) % shape[0] == 0),
        "1 where the row is so many places behind the column, around the end, else 0",
        square=True,
        numbers=1,
    ),
    "hippo_a": Law(
        _hippo_a, "HiPPO-LegS: −√(2j+1)·√(2k+1) below the diagonal, −(j+1) on it, 0 above", _hippo_a_floats, square=True
    ),
    "hippo_b": Law(lambda at, shape, _: _root(2 * at[0] + 1), "HiPPO-LegS: √(2j+1)"),
    "lmu_a": Law(_lmu_a, "Legendre memory: (2j+1)·(−1 above the diagonal, else (−1)^(j−k+1))", square=True),
    "lmu_b": Law(lambda at, shape, _: sp.Integer((2 * at[0] + 1) * (-1) ** at[0]), "Legendre memory: (2j+1)·(−1)^j"),
    "uniform": Law(_uniform, "random numbers between −1 and 1 that follow from a seed", ranks=(1, 2), numbers=1),
}
"""Laws by the names under which equations call them; j and k count from 0."""
