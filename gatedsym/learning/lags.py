"""A law of lags, fixed, uniform or geometric, over a range of steps → lags of samples, and their quantiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_choice
from gatedsym.learning.draws import Draws
from gatedsym.typing import Array

LAWS = ("fixed", "uniform", "geometric")


@dataclass(frozen=True)
class LagLaw:
    """A law of whole numbers from `least` to `most`.

    Attributes
    ----------
    law : {"fixed", "uniform", "geometric"}
        Always `most`; each as likely; or geometric from `least` on, cut at `most`, with a mean that lies, before the
        cut, a quarter of the range above `least`.
    least, most : int
        Steps.

    Raises
    ------
    ArgumentError
        Where no lag lies between the two.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.LagLaw("uniform", 1, 10)
    LagLaw(law='uniform', least=1, most=10)
    """

    law: str
    least: int
    most: int

    def __post_init__(self) -> None:
        expect_choice("lags", self.law, LAWS)
        if self.least > self.most:
            raise ArgumentError(f"no lag lies between {self.least} and {self.most}: take a larger T.")

    @cached_property
    def probabilities(self) -> Array:
        """The probability of each lag from `least` to `most`, (most - least + 1,)."""
        count = self.most - self.least + 1
        if self.law == "fixed":
            return np.array([0.0] * (count - 1) + [1.0])
        if self.law == "uniform":
            return np.full(count, 1 / count)
        ratio = 1 - 1 / (1 + count / 4)
        weights = np.cumprod(np.full(count, ratio))  # one product after another: no pow, whose last bit may differ
        return np.asarray(weights / np.cumsum(weights)[-1])

    @cached_property
    def _steps(self) -> Array:
        """Cumulated probabilities but the last, which is 1."""
        return np.cumsum(self.probabilities)[:-1]

    def draw(self, draws: Draws, count: int) -> Array:
        """Lags of `count` samples, int64."""
        if self.law == "geometric":
            return self.least + np.searchsorted(self._steps, draws.uniform(count), side="right")
        if self.law == "uniform":
            return self.least + draws.below(self.most - self.least + 1, count)
        return np.full(count, self.most, dtype=np.int64)

    def places_before(self, end: int) -> dict[int, float]:
        """Probabilities of the steps that lie a lag before a step."""
        return {end - lag: p for lag, p in enumerate(self.probabilities.tolist(), self.least) if p > 0}

    def shifted(self, by: int) -> LagLaw:
        """The law of the lag plus a number of steps."""
        return LagLaw(self.law, self.least + by, self.most + by)


@dataclass(frozen=True)
class LagRange:
    """The lags at which a task needs a gradient, in steps.

    Attributes
    ----------
    shortest, median, longest : int
        The median is over samples and cues: at least half of all lags are no longer.

    Examples
    --------
    >>> import gatedsym as gs
    >>> print(gs.tasks.adding(T=10).lags)
    0 … 9 steps, median 4
    """

    shortest: int
    median: int
    longest: int

    def __str__(self) -> str:
        return f"{self.shortest} … {self.longest} steps, median {self.median}"


def lag_range(laws: Iterable[LagLaw]) -> LagRange:
    """The lags of several cues, each with a law of its own."""
    return range_of(pair for law in laws for pair in enumerate(law.probabilities.tolist(), law.least))


def lags_to_the_end(places: Iterable[Mapping[int, float]], lengths: Iterable[int]) -> LagRange:
    """The lags of cues to the last step of sequences, every length as likely.

    Parameters
    ----------
    places : several mappings
        For each cue, the steps at which it can stand and their probabilities.
    lengths : several int
    """
    found = list(places)
    return range_of((length - 1 - place, p) for length in lengths for of_one in found for place, p in of_one.items())


def any_earlier_step(steps: int, *, at_the_end: bool = False) -> LagRange:
    """The lags of answers that any step up to their own may matter to, at every step or at the last one."""
    return range_of((lag, 1.0 if at_the_end else float(steps - lag)) for lag in range(steps))


def range_of(shares: Iterable[tuple[int, float]]) -> LagRange:
    """Quantiles of lags, each with a weight, some of them several times; those of weight 0 do not occur."""
    weights: dict[int, float] = {}
    for lag, weight in shares:
        weights[lag] = weights.get(lag, 0.0) + weight
    lags = sorted(lag for lag, weight in weights.items() if weight > 0)
    reached = np.cumsum([weights[lag] for lag in lags])
    middle = int(np.searchsorted(reached, reached[-1] / 2 * (1 - 1e-12)))
    return LagRange(lags[0], lags[middle], lags[-1])


__all__ = ["LAWS", "LagLaw", "LagRange", "any_earlier_step", "lag_range", "lags_to_the_end", "range_of"]
