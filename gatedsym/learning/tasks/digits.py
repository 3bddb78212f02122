"""Digits: scikit-learn's handwritten digits, a pixel a step, in order or permuted; the digit is asked at the end."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_choice, expect_whole
from gatedsym.learning.batches import Batch, at_the_end
from gatedsym.learning.draws import FIXED, Draws
from gatedsym.learning.lags import LagLaw, lag_range
from gatedsym.learning.registry import task
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later
from gatedsym.typing import Array

words = later("tasks")

HELD_OUT_SHARE = 5
"""One in so many digits is held out."""


@task
def digits(*, order: str = "rows", permutation: int = 0) -> Task:
    """Classify a handwritten digit from its pixels, one a step.

    No task of a long lag: a plain RNN does as well.

    Parameters
    ----------
    order : {"rows", "permuted"}
        Pixels as one reads a page, or in one other order, the same for every digit.
    permutation : int
        The seed of that order.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        Without scikit-learn.

    References
    ----------
    Le, Jaitly, Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, with other digits:
    these are of Alpaydin, Kaynak 1998, Optical recognition of handwritten digits.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.digits().steps
    64
    """
    expect_choice("order", order, ("rows", "permuted"))
    permutation = expect_whole("permutation", permutation)
    pixels, answers = _data()
    steps = pixels.shape[1]
    places = np.arange(steps)
    if order == "permuted":
        places = Draws("digits", permutation, 1, FIXED).orders(1, steps)[:, 0]
    division = Draws("digits", 0, 0, FIXED).orders(1, len(answers))[:, 0]
    held = len(answers) // HELD_OUT_SHARE
    generate = _Digits(pixels[:, places], answers, division[held:], division[:held])
    shares = np.bincount(answers[generate.training], minlength=10) / len(generate.training)
    return Task(
        name="digits",
        options={"order": order, "permutation": permutation},
        about=words("digits-about", digits=len(answers)),
        steps=steps,
        features=1,
        loss="cross-entropy",
        outputs=10,
        classes=tuple(map(str, range(10))),
        metric="accuracy",
        baseline=Level(
            float(-(shares * np.log(shares)).sum()),
            words("digits-baseline", even=f"{math.log(10):.4f}"),
            words("digits-knows-shares"),
        ),
        lags=lag_range([LagLaw("uniform", 0, steps - 1)]),
        cues=(),
        definitions=DEFINITIONS,
        generate=generate,
        digest=hashlib.sha256(pixels.tobytes() + answers.tobytes()).hexdigest(),
    )


DEFINITIONS = (
    Definition(words("digits-defined-le"), words("digits-says-le"), "second-hand"),
    Definition(words("digits-defined-alpaydin"), words("digits-says-alpaydin", share=HELD_OUT_SHARE), "code"),
)


@cache
def _data() -> tuple[Array, Array]:
    """Pixels (digit, 64) in 0 … 1, and the digits."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ArgumentError('digits needs scikit-learn: run pip install "gatedsym[learn]".') from None
    found = load_digits()
    return np.asarray(found.data, np.float64) / 16, np.asarray(found.target, np.int64)


@dataclass(frozen=True, eq=False)
class _Digits:
    pixels: Array
    answers: Array
    training: Array
    held_out: Array

    def __call__(self, draws: Draws, count: int, held_out: bool) -> Batch:
        part = self.held_out if held_out else self.training
        if count <= len(part):  # none twice in a batch
            chosen = part[draws.orders(1, len(part))[:count, 0]]
        else:
            chosen = part[draws.below(len(part), count)]
        steps = self.pixels.shape[1]
        numbers = np.ascontiguousarray(self.pixels[chosen].T)[..., None]
        none = np.zeros((0, count), dtype=np.int64)
        return at_the_end(np.full(count, steps), steps, self.answers[chosen], none, numbers=numbers)
