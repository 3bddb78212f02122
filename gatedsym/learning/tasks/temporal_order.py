"""Temporal order: two or three symbols, X or Y each, stand in noise; their order is asked for at the end."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_whole
from gatedsym.learning.batches import Batch, at_the_end
from gatedsym.learning.division import DividedSymbols, require_many
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LagLaw, lags_to_the_end
from gatedsym.learning.registry import task
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later

words = later("tasks")

WINDOWS = {2: ((10, 20), (50, 60)), 3: ((10, 20), (33, 43), (66, 76))}
"""Steps, in hundredths of T, between which each symbol stands; both ends count."""
NOISE = "abcd"
SYMBOLS = ("E", *NOISE, "X", "Y", "B")
_X = 1 + len(NOISE)


@task
def temporal_order(T: int = 100, *, symbols: int = 2, lags: str = "uniform") -> Task:
    """Tell in which order symbols came.

    Parameters
    ----------
    T : int
        The fewest steps: sequences have T … T + T // 10.
    symbols : {2, 3}
        Symbols whose order counts: four or eight classes.
    lags : {"uniform", "fixed", "geometric"}
        Where in its window a symbol stands: anywhere (the paper), at the first step, in sequences of T steps, or at
        a geometric distance from the last.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For another number of symbols, or too few steps.

    References
    ----------
    Hochreiter, Schmidhuber 1997, Long short-term memory, section 5.6.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.temporal_order(symbols=3).classes[:3]
    ('XXX', 'XXY', 'XYX')
    """
    T = expect_whole("T", T)
    if expect_whole("symbols", symbols) not in WINDOWS:
        raise ArgumentError(f"symbols={symbols} has no definition: take 2 (task 6a of the paper) or 3 (6b).")
    if T < 20:
        raise ArgumentError(f"the windows of temporal_order need T=20 steps, and T is {T}: take more steps.")
    ends = tuple((T * first // 100, T * last // 100) for first, last in WINDOWS[symbols])
    generate = _TemporalOrder(T, T if lags == "fixed" else T + T // 10, ends, lags)
    noise = float(len(NOISE)) ** (T - 2 - symbols) * 2**symbols
    require_many("temporal_order", noise, "take more steps.")
    names = tuple("".join(order) for order in itertools.product("XY", repeat=symbols))
    known = range(symbols, 0, -1)
    return Task(
        name="temporal_order",
        options={"T": T, "symbols": symbols, "lags": lags},
        about=words("temporal-order-about", symbols=symbols),
        steps=generate.most,
        features=len(SYMBOLS),
        symbols=SYMBOLS,
        loss="cross-entropy",
        outputs=2**symbols,
        classes=names,
        metric="accuracy",
        baseline=Level(symbols * math.log(2), f"ln {2**symbols}", words("temporal-order-knows-nothing")),
        plateaus=tuple(
            Level(k * math.log(2), f"ln {2**k}", words("temporal-order-knows-some", known=symbols - k))
            for k in known[1:]
        ),
        lags=lags_to_the_end(
            [law.places_before(last) for law, (_, last) in zip(generate.laws(), ends)], range(T, generate.most + 1)
        ),
        cues=tuple(
            Cue(f"symbol {k + 1}", tuple(order >> (symbols - 1 - k) & 1 for order in range(2**symbols)))
            for k in range(symbols)
        ),
        definitions=DEFINITIONS,
        generate=generate,
    )


DEFINITIONS = (
    Definition(words("temporal-order-defined-hochreiter"), words("temporal-order-says-hochreiter"), "text"),
    Definition(words("temporal-order-defined-pascanu"), words("temporal-order-says-pascanu"), "code"),
)


@dataclass(frozen=True)
class _TemporalOrder(DividedSymbols):
    T: int
    most: int
    windows: tuple[tuple[int, int], ...]
    law: str

    def laws(self) -> list[LagLaw]:
        """Laws of the distances to the windows' last steps."""
        return [LagLaw(self.law, 0, last - first) for first, last in self.windows]

    def draw(self, draws: Draws, count: int) -> Batch:
        columns, several = np.arange(count), len(self.windows)
        lengths = self.T + draws.below(self.most - self.T + 1, count)
        tokens = 1 + draws.below(len(NOISE), self.most, count)
        shown = draws.below(2, several, count)
        cues = np.stack([last - law.draw(draws, count) for law, (_, last) in zip(self.laws(), self.windows)])
        tokens[cues, columns] = _X + shown
        tokens[0] = 0
        tokens[lengths - 1, columns] = len(SYMBOLS) - 1
        tokens[np.arange(self.most)[:, None] >= lengths] = 0
        order = (shown << np.arange(several - 1, -1, -1)[:, None]).sum(axis=0)
        return at_the_end(lengths, self.most, order, cues, tokens=tokens, symbols=len(SYMBOLS))
