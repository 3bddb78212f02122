"""Reviews: a few opinions, some of them negated, stand among many other words; do they praise or blame?"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_choice, expect_whole, shown
from gatedsym.learning.batches import Batch, at_the_end
from gatedsym.learning.division import DividedSymbols, require_many
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LAWS, range_of
from gatedsym.learning.registry import task
from gatedsym.learning.scatter import place_shares, scatter
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later

words = later("tasks")

PLAIN = (
    "the", "film", "was", "a", "story", "about", "two", "people", "who", "met", "in", "town", "by", "night", "and",
    "its", "music", "came", "from", "an", "actor", "with", "long", "scenes", "of", "rain", "we", "watched", "it", "on",
    "friday", "after", "dinner", "there", "were", "many", "others", "this", "year", "again",
)  # fmt: skip
GOOD = ("good", "great", "moving", "funny", "clever", "warm", "lovely", "fresh")
BAD = ("bad", "dull", "weak", "slow", "silly", "cold", "ugly", "stale")
SYMBOLS = (*PLAIN, *GOOD, *BAD, "not")
_GOOD, _BAD, _NOT = len(PLAIN), len(PLAIN) + len(GOOD), len(SYMBOLS) - 1


@task
def reviews(T: int = 60, *, opinions: int = 3, negated: float = 0.25, lags: str = "uniform") -> Task:
    """Tell praise from blame by the few words that matter.

    Parameters
    ----------
    T : int
        Words.
    opinions : int
        Words that matter, an odd number: most of them decide.
    negated : float
        Share of the opinions with a "not" before them, 0 … 1: it turns them round.
    lags : {"uniform", "fixed", "geometric"}
        Where opinions stand, each on the second of a pair of steps: anywhere, on the first pairs, or at geometric
        distances from the end.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For an even number of opinions, or more than fit.

    References
    ----------
    Our own, after lecture notes on gates.

    Examples
    --------
    >>> import gatedsym as gs
    >>> [round(level.value, 3) for level in gs.tasks.reviews(negated=0).plateaus]
    [0.562, 0.347]
    """
    T, opinions = expect_whole("T", T), expect_whole("opinions", opinions, 1)
    expect_choice("lags", lags, LAWS)
    if isinstance(negated, bool) or not isinstance(negated, int | float) or not 0 <= negated <= 1:
        raise ArgumentError(f"negated={shown(negated)} must be a share, 0 … 1.")
    if opinions % 2 == 0 or 2 * opinions > T or opinions > 9:
        raise ArgumentError(
            f"opinions={opinions} must be odd, so that most decide, at most 9, and half of T={T} or fewer."
        )
    require_many("reviews", float(len(PLAIN)) ** (T - 2 * opinions) * (len(GOOD) + len(BAD)) ** opinions,
                 "take more words.")  # fmt: skip
    return Task(
        name="reviews",
        options={"T": T, "opinions": opinions, "negated": float(negated), "lags": lags},
        about=words("reviews-about", words=T, opinions=opinions),
        steps=T,
        features=len(SYMBOLS),
        symbols=SYMBOLS,
        loss="cross-entropy",
        outputs=2,
        classes=("blame", "praise"),
        metric="accuracy",
        baseline=Level(math.log(2), "ln 2", words("reviews-knows-nothing")),
        plateaus=_plateaus(opinions, float(negated)),
        lags=range_of(
            (T - 2 - 2 * pair, p) for pairs in place_shares(lags, T // 2, opinions) for pair, p in pairs.items()
        ),
        cues=tuple(Cue(f"opinion {k + 1}") for k in range(opinions)),
        definitions=DEFINITIONS,
        generate=_Reviews(T, opinions, float(negated), lags),
    )


DEFINITIONS = (Definition(words("reviews-defined-notes"), words("reviews-says-notes"), "second-hand"),)


def _plateaus(opinions: int, negated: float) -> tuple[Level, ...]:
    """Losses of whoever knows some of the opinions, or all the words and not what a "not" does; descending."""
    levels = [
        Level(
            _left(opinions, known, 0.0),
            words("reviews-formula-of-some", opinions=opinions, known=known),
            words("reviews-knows-some", known=known),
        )
        for known in range(1, opinions)
        if _left(opinions, known, 0.0) < _left(opinions, known - 1, 0.0) - 1e-12
    ]
    if 0 < negated < 1 and negated != 0.5:
        formula = words("reviews-formula-of-words", opinions=opinions, negated=f"{negated:g}")
        levels.append(Level(_left(opinions, opinions, negated), formula, words("reviews-knows-the-words")))
    return tuple(sorted(levels, key=lambda level: -level.value))


def _left(opinions: int, known: int, turned: float) -> float:
    """Entropy, in nats, that is left of the majority when some are known, each turned round with a probability."""
    total = 0.0
    for seen in itertools.product((-1, 1), repeat=known):
        praise = 0.0
        for true in itertools.product((-1, 1), repeat=opinions):
            agreed = sum(a == b for a, b in zip(seen, true))
            weight = (1 - turned) ** agreed * turned ** (known - agreed) * 0.5 ** (opinions - known)
            praise += weight * (sum(true) > 0)
        total += 0.5**known * sum(-p * math.log(p) for p in (praise, 1 - praise) if p > 0)
    return total


@dataclass(frozen=True)
class _Reviews(DividedSymbols):
    T: int
    opinions: int
    negated: float
    law: str

    def draw(self, draws: Draws, count: int) -> Batch:
        columns = np.arange(count)
        tokens = draws.below(len(PLAIN), self.T, count)
        cues = 2 * scatter(self.law, self.T // 2, self.opinions, draws, count) + 1
        praised = draws.below(2, self.opinions, count)
        turned = draws.uniform(self.opinions, count) < self.negated
        kind = draws.below(len(GOOD), self.opinions, count)
        tokens[cues, columns] = np.where(praised ^ turned, _GOOD, _BAD) + kind
        tokens[cues - 1, columns] = np.where(turned, _NOT, tokens[cues - 1, columns])
        parts = 2.0 * praised - 1
        answer = (parts.sum(axis=0) > 0).astype(np.int64)
        lengths = np.full(count, self.T)
        return at_the_end(lengths, self.T, answer, cues, tokens=tokens, symbols=len(SYMBOLS), parts=parts)
