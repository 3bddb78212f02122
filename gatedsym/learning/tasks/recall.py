"""Recall: one of k classes is shown once, noise follows, and the class is asked at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_whole
from gatedsym.learning.batches import Batch, at_the_end
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LagLaw, lag_range
from gatedsym.learning.registry import task
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later
from gatedsym.typing import Array

words = later("tasks")


@task
def recall(T: int = 100, *, classes: int = 4, noise: int = 4, lags: str = "fixed") -> Task:
    """Remember one of k classes over noise: the purest task of a lag.

    Parameters
    ----------
    T : int
        Steps.
    classes : int
        k; the first k features are one-hot at the cue's step, and 0 at every other.
    noise : int
        Further features, independent uniform numbers of mean 0 and variance 1 at every step.
    lags : {"fixed", "uniform", "geometric"}
        From the cue to the last step: T - 1 always, or 1 … T - 1 by a law (`gatedsym.learning.lags.LagLaw`).

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For fewer than two steps or classes, or a law that there is not.

    References
    ----------
    Bengio, Simard, Frasconi 1994, Learning long-term dependencies with gradient descent is difficult; Hochreiter,
    Schmidhuber 1997, Long short-term memory, section 5.3.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.recall(T=50).lags.longest
    49
    """
    T, classes, noise = expect_whole("T", T), expect_whole("classes", classes, 2), expect_whole("noise", noise, 1)
    if T < 2:
        raise ArgumentError(f"recall over T={T} steps has no lag: take at least T=2.")
    law = LagLaw(lags, 1, T - 1)
    return Task(
        name="recall",
        options={"T": T, "classes": classes, "noise": noise, "lags": lags},
        about=words("recall-about", classes=classes),
        steps=T,
        features=classes + noise,
        loss="cross-entropy",
        outputs=classes,
        classes=tuple(f"class {k}" for k in range(classes)),
        metric="accuracy",
        baseline=Level(math.log(classes), f"ln {classes}", words("recall-knows-nothing")),
        lags=lag_range([law]),
        cues=(Cue("cue", tuple(range(classes))),),
        definitions=DEFINITIONS,
        generate=_Recall(T, classes, noise, law),
    )


DEFINITIONS = (Definition(words("recall-defined-bengio"), words("recall-says-bengio"), "text"),)


@dataclass(frozen=True)
class _Recall:
    T: int
    classes: int
    noise: int
    law: LagLaw

    def __call__(self, draws: Draws, count: int, held_out: bool) -> Batch:
        columns = np.arange(count)
        shown = draws.below(self.classes, count)
        cues = self.T - 1 - self.law.draw(draws, count)
        numbers = np.zeros((self.T, count, self.classes + self.noise))
        numbers[..., self.classes :] = noise_of(draws, self.T, count, self.noise)
        numbers[cues, columns, shown] = 1.0
        return at_the_end(np.full(count, self.T), self.T, shown, cues[None], numbers=numbers)


def noise_of(draws: Draws, *shape: int) -> Array:
    """Uniform noise of mean 0 and variance 1: normal numbers would need the machine's logarithm."""
    found = draws.coarse(*shape)
    found *= 2 * math.sqrt(3)
    found -= math.sqrt(3)
    return found
