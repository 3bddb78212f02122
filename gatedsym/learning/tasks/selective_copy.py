"""Selective copying: symbols stand scattered among blanks, and are asked for in their order at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_choice, expect_whole
from gatedsym.learning.batches import Batch
from gatedsym.learning.division import DividedSymbols, require_many
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LAWS, range_of
from gatedsym.learning.registry import task
from gatedsym.learning.scatter import place_shares, scatter
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later

words = later("tasks")


@task
def selective_copy(T: int = 100, *, symbols: int = 8, alphabet: int = 14, lags: str = "uniform") -> Task:
    """Copy symbols that stand scattered among blanks: what counts must be told from what does not.

    Parameters
    ----------
    T : int
        Steps in which the symbols stand; as many markers as symbols follow, and are answered by them.
    symbols, alphabet : int
        How many are to be copied, and of how many kinds.
    lags : {"uniform", "fixed", "geometric"}
        Where they stand: anywhere (Gu and Dao), all in the first steps, or at geometric distances from step T.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For more symbols than steps, or settings that leave too few different sequences.

    References
    ----------
    Gu, Dao 2023, Mamba: linear-time sequence modeling with selective state spaces, appendix E.1.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.selective_copy(T=50, lags="fixed").lags.median
    50
    """
    T, symbols = expect_whole("T", T), expect_whole("symbols", symbols, 1)
    alphabet = expect_whole("alphabet", alphabet, 2)
    expect_choice("lags", lags, LAWS)
    if symbols > T:
        raise ArgumentError(f"{symbols} symbols do not fit into T={T} steps: take at least T={symbols}.")
    require_many("selective_copy", float(alphabet) ** symbols, "take more symbols, or a larger alphabet.")
    kinds = tuple(f"{k + 1}" for k in range(alphabet))
    return Task(
        name="selective_copy",
        options={"T": T, "symbols": symbols, "alphabet": alphabet, "lags": lags},
        about=words("selective-copy-about", symbols=symbols),
        steps=T + symbols,
        features=alphabet + 2,
        symbols=("-", *kinds, "!"),
        loss="cross-entropy",
        outputs=alphabet,
        classes=kinds,
        metric="accuracy",
        baseline=Level(math.log(alphabet), f"ln {alphabet}", words("selective-copy-knows-nothing")),
        lags=range_of(
            (T + j - place, p) for j, places in enumerate(place_shares(lags, T, symbols)) for place, p in places.items()
        ),
        cues=tuple(Cue(f"symbol {k + 1}", tuple(range(alphabet))) for k in range(symbols)),
        definitions=DEFINITIONS,
        generate=_SelectiveCopy(T, symbols, alphabet, lags),
    )


DEFINITIONS = (
    Definition(words("selective-copy-defined-gu"), words("selective-copy-says-gu"), "text"),
    Definition(words("selective-copy-defined-goel"), words("selective-copy-says-goel"), "code"),
    Definition(words("selective-copy-defined-jing"), words("selective-copy-says-jing"), "code"),
)


@dataclass(frozen=True)
class _SelectiveCopy(DividedSymbols):
    T: int
    symbols: int
    alphabet: int
    law: str

    def draw(self, draws: Draws, count: int) -> Batch:
        steps, several = self.T + self.symbols, self.symbols
        shown = draws.below(self.alphabet, several, count)
        cues = scatter(self.law, self.T, several, draws, count)
        tokens = np.zeros((steps, count), dtype=np.int64)
        tokens[cues, np.arange(count)] = 1 + shown
        tokens[self.T :] = self.alphabet + 1
        targets = np.zeros((steps, count), dtype=np.int64)
        targets[self.T :] = shown
        weights = np.zeros((steps, count))
        weights[self.T :] = 1.0
        answers = np.broadcast_to(self.T + np.arange(several)[:, None], cues.shape)
        lengths = np.full(count, steps)
        return Batch(None, tokens, self.alphabet + 2, targets, weights, lengths, cues, answers, np.zeros(cues.shape))
