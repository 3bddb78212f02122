"""Copy memory: symbols are shown, a delay passes, a marker comes, and the symbols are asked for in their order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gatedsym.expect import expect_choice, expect_whole
from gatedsym.learning.batches import Batch
from gatedsym.learning.division import DividedSymbols, require_many
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LagLaw, lag_range
from gatedsym.learning.registry import task
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later

words = later("tasks")


@task
def copy(T: int = 100, *, symbols: int = 10, alphabet: int = 8, lags: str = "fixed", counted: str = "all") -> Task:
    """Copy symbols after a delay.

    Parameters
    ----------
    T : int
        The delay: T - 1 blanks and a marker stand between the symbols and the steps of the answer. A sequence has
        T + 2 symbols steps.
    symbols, alphabet : int
        How many are to be copied, and of how many kinds.
    lags : {"fixed", "uniform", "geometric"}
        The delay is T, or 1 … T by a law; blanks before the symbols then fill the sequence.
    counted : {"all", "answers"}
        The steps whose loss counts: all (Arjovsky et al.; blanks are to be answered by blanks), or those of the answer.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For settings that leave too few different sequences.

    References
    ----------
    Arjovsky, Shah, Bengio 2016, Unitary evolution recurrent neural networks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> round(gs.tasks.copy(T=20).baseline.value, 4), gs.tasks.copy(T=20).lags.longest
    (0.5199, 30)
    """
    T, symbols = expect_whole("T", T, 1), expect_whole("symbols", symbols, 1)
    alphabet = expect_whole("alphabet", alphabet, 2)
    law = LagLaw(lags, 1, T)
    everywhere = expect_choice("counted", counted, ("all", "answers")) == "all"
    require_many("copy", alphabet**symbols, "take more symbols, or a larger alphabet.")
    steps = T + 2 * symbols
    loss = symbols * math.log(alphabet) / steps if everywhere else math.log(alphabet)
    kinds = tuple(str(k + 1) for k in range(alphabet))
    return Task(
        name="copy",
        options={"T": T, "symbols": symbols, "alphabet": alphabet, "lags": lags, "counted": counted},
        about=words("copy-about", symbols=symbols),
        steps=steps,
        features=alphabet + 2,
        symbols=("-", *kinds, "!"),
        loss="cross-entropy",
        outputs=alphabet + 1,
        classes=("-", *kinds),
        metric="accuracy",
        baseline=Level(
            loss,
            f"{symbols} ln {alphabet} / (T + {2 * symbols})" if everywhere else f"ln {alphabet}",
            words("copy-knows-when"),
        ),
        lags=lag_range([law.shifted(symbols)]),
        cues=tuple(Cue(f"symbol {k + 1}", (-1, *range(alphabet))) for k in range(symbols)),
        definitions=DEFINITIONS,
        generate=_Copy(T, symbols, alphabet, law, everywhere),
    )


DEFINITIONS = (
    Definition(words("copy-defined-arjovsky"), words("copy-says-arjovsky"), "code"),
    Definition(words("copy-defined-bai"), words("copy-says-bai"), "code"),
    Definition(words("copy-defined-gu"), words("copy-says-gu"), "code"),
)


@dataclass(frozen=True)
class _Copy(DividedSymbols):
    T: int
    symbols: int
    alphabet: int
    law: LagLaw
    everywhere: bool

    def draw(self, draws: Draws, count: int) -> Batch:
        steps, several = self.T + 2 * self.symbols, self.symbols
        columns, each = np.arange(count), np.arange(several)[:, None]
        shown = 1 + draws.below(self.alphabet, several, count)
        cues = self.T - self.law.draw(draws, count) + each
        tokens = np.zeros((steps, count), dtype=np.int64)
        tokens[cues, columns] = shown
        tokens[self.T + several - 1] = self.alphabet + 1
        targets = np.zeros((steps, count), dtype=np.int64)
        targets[steps - several :] = shown
        weights = np.full((steps, count), 1.0 if self.everywhere else 0.0)
        weights[steps - several :] = 1.0
        answers = np.broadcast_to(steps - several + each, cues.shape)
        lengths = np.full(count, steps)
        return Batch(None, tokens, self.alphabet + 2, targets, weights, lengths, cues, answers, np.zeros(cues.shape))
