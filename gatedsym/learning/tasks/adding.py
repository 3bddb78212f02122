"""Adding: the sum of two marked values of a sequence is asked at its end, in two definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_choice, expect_whole, is_whole, shown
from gatedsym.learning.batches import Batch, at_the_end
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LagLaw, LagRange, lag_range, lags_to_the_end
from gatedsym.learning.registry import task
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later
from gatedsym.typing import Array

words = later("tasks")

FIRST_PAIRS = 10
"""Pairs among which Hochreiter and Schmidhuber mark the first one."""
RIGHT = 0.04
"""Distance from the target within which they call an answer right."""


@task
def adding(
    T: int = 100, *, definition: str = "arjovsky", lags: str = "uniform", cues: Sequence[int] | None = None
) -> Task:
    """Add two marked values of a sequence.

    Parameters
    ----------
    T : int
        Steps; of Hochreiter's definition the fewest: its sequences have T … T + T // 10.
    definition : {"arjovsky", "hochreiter"}
        Arjovsky et al. 2016: values in [0, 1), a mark in each half, target their sum. Hochreiter and Schmidhuber 1997:
        values in [-1, 1), one mark among the first ten pairs and one among the first T / 2 - 1, marks -1 at both ends,
        target 0.5 + (X1 + X2) / 4, right within 0.04.
    lags : {"uniform", "fixed", "geometric"}
        Where in its part of the sequence a mark stands: anywhere (both papers), always first, which is the longest lag,
        or by a geometric law of the distance from the part's end. In Hochreiter's definition the parts of the last two
        are the pairs 1 … 9 and 10 … T / 2 - 2, and sequences of a fixed lag have T steps.
    cues : two integers, optional
        With ``lags="fixed"``: the steps of the marks themselves, from 0, such as ``(0, 98)``.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For a sequence too short for its marks, or cues that do not fit.

    References
    ----------
    Hochreiter, Schmidhuber 1997, Long short-term memory, section 5.4; Arjovsky, Shah, Bengio 2016, Unitary evolution
    recurrent neural networks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> task = gs.tasks.adding(T=100)
    >>> round(task.baseline.value, 4), round(task.plateaus[0].value, 4)
    (0.1667, 0.0833)
    """
    T = expect_whole("T", T)
    expect_choice("definition", definition, ("arjovsky", "hochreiter"))
    at = _fixed_cues(T, cues, lags)
    options = {"T": T, "definition": definition, "lags": lags, "cues": at}
    return _of_arjovsky(T, lags, at, options) if definition == "arjovsky" else _of_hochreiter(T, lags, at, options)


def _fixed_cues(T: int, cues: Any, lags: str) -> tuple[int, int] | None:
    if cues is None:
        return None
    if lags != "fixed":
        raise ArgumentError(f"cues={shown(cues)} are fixed places, and lags={lags!r}: write lags='fixed' with them.")
    found = tuple(cues) if isinstance(cues, Sequence) and not isinstance(cues, str) else ()
    if len(found) != 2 or not all(map(is_whole, found)) or not 0 <= found[0] < found[1] < T:
        raise ArgumentError(f"cues={shown(cues)} must be two steps in order, from 0 to T - 1 = {T - 1}.")
    return int(found[0]), int(found[1])


def _of_arjovsky(T: int, lags: str, at: tuple[int, int] | None, options: dict[str, Any]) -> Task:
    if T < 2:
        raise ArgumentError(f"adding over T={T} steps has no room for two marks: take at least T=2.")
    half = T // 2
    if at is None:
        laws = LagLaw(lags, T - half, T - 1), LagLaw(lags, T - 2 * half, T - 1 - half)
    else:
        laws = LagLaw("fixed", T - 1 - at[0], T - 1 - at[0]), LagLaw("fixed", T - 1 - at[1], T - 1 - at[1])
    return Task(
        **_SHARED,
        options=options,
        about=words("adding-about-arjovsky"),
        steps=T,
        baseline=Level(1 / 6, "2 Var U[0, 1) = 2/12", words("adding-knows-the-mean", answer="1")),
        plateaus=(Level(1 / 12, "Var U[0, 1) = 1/12", words("adding-knows-one-value")),),
        lags=lag_range(laws),
        generate=_Arjovsky(T, *laws),
    )


def _of_hochreiter(T: int, lags: str, at: tuple[int, int] | None, options: dict[str, Any]) -> Task:
    least = 2 * (FIRST_PAIRS + 2)
    if least > T:
        raise ArgumentError(
            f"Hochreiter's marks, one among {FIRST_PAIRS} pairs and one among T // 2 - 1, need T={least} steps, and T "
            f"is {T}: take more steps, or definition='arjovsky'."
        )
    expect_choice("lags", lags, ("uniform", "fixed", "geometric"))
    generate = _Hochreiter(T, lags, at)
    first, second = (1 - places.get(0, 0.0) for places in generate.places())
    return Task(
        **_SHARED,
        options=options,
        about=words("adding-about-hochreiter"),
        steps=generate.most,
        baseline=Level(
            (first + second) / 48,
            words("adding-baseline-hochreiter"),
            words("adding-knows-the-mean", answer="0.5"),
        ),
        plateaus=(Level(first / 48, "P1 Var U[-1, 1) / 16", words("adding-knows-the-second-value")),),
        lags=generate.lags(),
        generate=generate,
    )


_SHARED: dict[str, Any] = {
    "name": "adding",
    "features": 2,
    "loss": "squared error",
    "outputs": 1,
    "metric": f"share within {RIGHT}",
    "tolerance": RIGHT,
    "cues": (Cue("first mark"), Cue("second mark")),
    "definitions": (
        Definition(words("adding-defined-arjovsky"), words("adding-says-arjovsky"), "code"),
        Definition(words("adding-defined-hochreiter"), words("adding-says-hochreiter"), "text"),
        Definition(words("adding-defined-le"), words("adding-says-le"), "second-hand"),
        Definition(words("adding-defined-pascanu"), words("adding-says-pascanu"), "code"),
        Definition(words("adding-defined-bai"), words("adding-says-bai"), "code"),
    ),
}


@dataclass(frozen=True)
class _Arjovsky:
    T: int
    first: LagLaw
    second: LagLaw

    def __call__(self, draws: Draws, count: int, held_out: bool) -> Batch:
        columns = np.arange(count)
        cues = self.T - 1 - np.stack([self.first.draw(draws, count), self.second.draw(draws, count)])
        numbers = np.zeros((self.T, count, 2))
        numbers[..., 0] = draws.uniform(self.T, count)
        numbers[cues, columns, 1] = 1.0
        parts = numbers[cues, columns, 0]
        total = parts.sum(axis=0)[:, None]
        return at_the_end(np.full(count, self.T), self.T, total, cues, numbers=numbers, parts=parts)


@dataclass(frozen=True)
class _Hochreiter:
    """Pairs are numbered from 0; the first `early` may be marked first, the first `late` second."""

    T: int
    law: str
    at: tuple[int, int] | None
    early: int = FIRST_PAIRS

    @property
    def late(self) -> int:
        return self.T // 2 - 1

    @property
    def most(self) -> int:
        """Most steps of a sequence; those of a fixed lag have one length."""
        return self.T if self.law == "fixed" else self.T + self.T // 10

    @property
    def _laws(self) -> tuple[LagLaw, LagLaw]:
        """Distances of the marks from the ends of their parts; none on the first pair, whose value does not count."""
        return LagLaw(self.law, 0, self.early - 2), LagLaw(self.law, 0, self.late - self.early - 1)

    def places(self) -> tuple[dict[int, float], dict[int, float]]:
        """Probabilities of the pairs marked first and second."""
        if self.at is not None:
            return {self.at[0]: 1.0}, {self.at[1]: 1.0}
        if self.law == "uniform":
            share = 1 / (self.late - 1)
            taken = dict.fromkeys(range(self.early), share * (1 - 1 / self.early))
            return dict.fromkeys(range(self.early), 1 / self.early), dict.fromkeys(range(self.late), share) | taken
        one, two = self._laws
        return one.places_before(self.early - 1), two.places_before(self.late - 1)

    def lags(self) -> LagRange:
        """Lags of both marks over all lengths."""
        return lags_to_the_end(self.places(), range(self.T, self.most + 1))

    def __call__(self, draws: Draws, count: int, held_out: bool) -> Batch:
        columns = np.arange(count)
        lengths = self.T + draws.below(self.most - self.T + 1, count)
        cues = self._marked(draws, count)
        inside = np.arange(self.most)[:, None] < lengths
        numbers = np.zeros((self.most, count, 2))
        numbers[..., 0] = np.where(inside, 2 * draws.uniform(self.most, count) - 1, 0.0)
        numbers[cues, columns, 1] = 1.0
        numbers[0, :, 1] = numbers[lengths - 1, columns, 1] = -1.0
        parts = np.where(cues > 0, numbers[cues, columns, 0] / 4, 0.0)
        target = (0.5 + parts.sum(axis=0))[:, None]
        return at_the_end(lengths, self.most, target, cues, numbers=numbers, parts=parts)

    def _marked(self, draws: Draws, count: int) -> Array:
        """The pairs marked first and second, (2, count)."""
        if self.at is not None:
            return np.tile(np.array(self.at)[:, None], count)
        if self.law != "uniform":
            one, two = self._laws
            return np.stack([self.early - 1 - one.draw(draws, count), self.late - 1 - two.draw(draws, count)])
        first = draws.below(self.early, count)
        second = draws.below(self.late - 1, count)
        return np.stack([first, second + (second >= first)])
