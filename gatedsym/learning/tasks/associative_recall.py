"""Associative recall: pairs of a key and a value are shown, then one key, and its value is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_whole
from gatedsym.learning.batches import Batch, at_the_end
from gatedsym.learning.division import DividedSymbols, require_many
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LagLaw, lag_range
from gatedsym.learning.registry import task
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later

words = later("tasks")

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@task
def associative_recall(T: int = 50, *, pairs: int = 4, keys: int = 26, values: int = 10, lags: str = "uniform") -> Task:
    """Find the value that was shown beside a key.

    Parameters
    ----------
    T : int
        Steps: the pairs, blanks, two question marks and the key.
    pairs : int
        Pairs that are shown, all keys different.
    keys, values : int
        Kinds of each.
    lags : {"uniform", "fixed", "geometric"}
        Blanks between the pairs and the question: 0 … as many as fit by a law, or all; the rest stands before the
        pairs. Any of the pairs is asked for.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For more pairs than keys or steps, or settings that leave too few different sequences.

    References
    ----------
    Ba, Hinton, Mnih, Leibo, Ionescu 2016, Using fast weights to attend to the recent past, section 4.1.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.associative_recall(T=11).lags.longest
    9
    """
    T, pairs = expect_whole("T", T), expect_whole("pairs", pairs, 2)
    keys, values = expect_whole("keys", keys, 2), expect_whole("values", values, 2)
    if pairs > keys:
        raise ArgumentError(f"{pairs} pairs have different keys, and there are keys={keys}: take more keys.")
    if 2 * pairs + 3 > T:
        raise ArgumentError(
            f"{pairs} pairs, two question marks and a key need T={2 * pairs + 3} steps, and T is {T}: take more steps."
        )
    law = LagLaw(lags, 0, T - 2 * pairs - 3)
    kinds = math.perm(keys, pairs) * float(values) ** pairs * pairs
    require_many("associative_recall", kinds, "take more pairs, keys or values.")
    names = tuple(_LETTERS[k] if keys <= len(_LETTERS) else f"k{k}" for k in range(keys))
    answers = tuple(str(k) for k in range(values))
    return Task(
        name="associative_recall",
        options={"T": T, "pairs": pairs, "keys": keys, "values": values, "lags": lags},
        about=words("associative-recall-about", pairs=pairs),
        steps=T,
        features=keys + values + 2,
        symbols=("-", *names, *answers, "?"),
        loss="cross-entropy",
        outputs=values,
        classes=answers,
        metric="accuracy",
        baseline=Level(math.log(values), f"ln {values}", words("associative-recall-knows-nothing")),
        plateaus=(_values_without_keys(pairs, values),),
        lags=lag_range([law.shifted(2 * (pairs - k) + 1) for k in range(pairs)]),
        cues=(Cue("pair asked for", tuple(range(values))),),
        definitions=DEFINITIONS,
        generate=_AssociativeRecall(T, pairs, keys, values, law),
    )


def _values_without_keys(pairs: int, values: int) -> Level:
    """Loss of whoever knows which values were shown, and how often each, and not beside which key."""
    others = pairs - 1
    again = [
        math.comb(others, r) * (1 / values) ** r * (1 - 1 / values) ** (others - r) * math.log(1 + r)
        for r in range(pairs)
    ]
    formula = words("associative-recall-formula", pairs=pairs, others=others, values=values)
    return Level(math.log(pairs) - sum(again), formula, words("associative-recall-knows-values"))


DEFINITIONS = (
    Definition(words("associative-recall-defined-ba"), words("associative-recall-says-ba"), "second-hand"),
    Definition(words("associative-recall-defined-arora"), words("associative-recall-says-arora"), "code"),
    Definition(words("associative-recall-defined-graves"), words("associative-recall-says-graves"), "second-hand"),
)


@dataclass(frozen=True)
class _AssociativeRecall(DividedSymbols):
    T: int
    pairs: int
    keys: int
    values: int
    law: LagLaw

    def draw(self, draws: Draws, count: int) -> Batch:
        columns, each = np.arange(count), np.arange(self.pairs)[:, None]
        keys = draws.orders(count, self.keys)[: self.pairs]
        values = draws.below(self.values, self.pairs, count)
        start = self.T - 3 - 2 * self.pairs - self.law.draw(draws, count)
        tokens = np.zeros((self.T, count), dtype=np.int64)
        tokens[start + 2 * each, columns] = 1 + keys
        tokens[start + 2 * each + 1, columns] = 1 + self.keys + values
        asked = draws.below(self.pairs, count)
        tokens[-3:-1] = 1 + self.keys + self.values
        tokens[-1] = 1 + keys[asked, columns]
        cues = start + 2 * asked + 1
        symbols = self.keys + self.values + 2
        return at_the_end(
            np.full(count, self.T), self.T, values[asked, columns], cues[None], tokens=tokens, symbols=symbols
        )
