"""A task: a source of batches, and all that is known of it before a network is trained.

    task = gs.tasks.adding(T=100)
    batch = task.batch(17)                       # of training, a function of (seed, number) alone
    judge = task.batch(0, 1000, held_out=True)   # shares no sample with any batch of training
    task.measure(outputs, batch)                 # loss, metric, skill on each cue by itself

What a trainer needs of a `Task`: ``features`` m and, where symbols are read, ``symbols`` (their names; else ());
``loss``, "cross-entropy" or "squared error"; ``outputs``, the width of the readout (classes, or numbers); ``steps``,
the rows of a batch; ``baseline.value`` and ``plateaus``; ``lags.shortest``, ``.median``, ``.longest``; ``cues``, a name
each; ``metric`` and whether ``higher`` is better. What it needs of a `Batch` stands in `gatedsym.learning.batches`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_choice, expect_flag, expect_whole
from gatedsym.learning.batches import Batch
from gatedsym.learning.draws import HELD_OUT, TRAINING, Draws
from gatedsym.learning.lags import LagRange
from gatedsym.learning.skill import Cue, Measures, measure
from gatedsym.messages.later import told
from gatedsym.offers import offered
from gatedsym.typing import Array

_TOGETHER = 512
"""Sequences that are generated at once: small batches of neighbouring numbers share the cost of the calls."""

LossKind = Literal["cross-entropy", "squared error"]


@told("formula", "means")
@dataclass(frozen=True)
class Level:
    """A loss at which training can stand for a long time, and why.

    Attributes
    ----------
    value : float
        In the units of the task's loss.
    formula : str
        How it is computed.
    means : str
        What a network knows that has this loss; no full stop at the end.

    Examples
    --------
    >>> import gatedsym as gs
    >>> level = gs.tasks.adding(T=10).baseline
    >>> round(level.value, 4)
    0.1667
    """

    value: float
    formula: str
    means: str


@told("source", "says")
@dataclass(frozen=True)
class Definition:
    """Definition of a task by others: who, where, and how it differs from ours.

    Attributes
    ----------
    source : str
        Authors, year, and the section, equation or file.
    says : str
        The definition there, or how it differs; full sentences.
    checked : str
        How far this was looked up: "code", "text" or "second-hand".

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.adding(T=10).definitions[0].checked
    'code'
    """

    source: str
    says: str
    checked: Literal["code", "text", "second-hand"]


class Generator(Protocol):
    """A task's samples: as many as are asked for, from the numbers that are drawn."""

    def __call__(self, draws: Draws, count: int, held_out: bool, /) -> Batch: ...


@told("about")
@dataclass(frozen=True)
class Task:
    """A source of batches, and what is known of it.

    Attributes
    ----------
    name : str
        Of the function in ``gs.tasks``.
    options : mapping
        All of its arguments, those that were left out with their defaults.
    about : str
        What is shown and what is asked, in a sentence or two.
    steps : int
        Most steps of a sequence: rows of a batch.
    features : int
        m, the width of the inputs.
    symbols : tuple of str
        Names of the symbols, in the order of the features; () where numbers are read.
    classes : tuple of str
        Names of the answers' classes; () where the target is a number.
    loss : {"cross-entropy", "squared error"}
        As `gatedsym.learning.batches` defines it.
    outputs : int
        Width of the readout.
    metric : str
        Its name.
    higher : bool
        Whether a larger metric is better.
    tolerance : float
        For numbers, the distance from the target within which an answer is right.
    baseline : Level
        The loss of the best answer that does not look at the input (or that looks at the present step alone).
    plateaus : tuple of Level
        Losses below it of networks that know a part, descending.
    lags : LagRange
    cues : tuple of Cue
    definitions : tuple of Definition
    generate : callable
        Not compared: equal names and options give equal samples.
    digest : str
        SHA-256 of the data behind the task, "" where it makes its own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> task = gs.tasks.adding(T=10)
    >>> task.features, task.outputs, task.loss
    (2, 1, 'squared error')
    """

    name: str
    options: Mapping[str, Any]
    about: str
    steps: int
    features: int
    loss: LossKind
    outputs: int
    metric: str
    baseline: Level
    lags: LagRange
    cues: tuple[Cue, ...]
    definitions: tuple[Definition, ...]
    generate: Generator = field(compare=False, repr=False)
    plateaus: tuple[Level, ...] = ()
    symbols: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    higher: bool = True
    tolerance: float = 0.0
    digest: str = ""

    def batch(
        self, number: int, count: int = 32, *, seed: int = 0, held_out: bool = False, dtype: str = "float32"
    ) -> Batch:
        """A batch, always the same for the same arguments, on every machine and in every order.

        Batches of training are generated some at a time: in the order of their numbers they cost the least.

        Parameters
        ----------
        number : int
            Of the batch, from 0.
        count : int
            Sequences B.
        seed : int
            Another seed gives other batches.
        held_out : bool
            A batch to judge by; it shares no sample with those of training, whatever their numbers and seeds.
        dtype : {"float32", "float64"}
            Of the floats; the numbers are drawn as float64 and rounded.

        Returns
        -------
        Batch

        Raises
        ------
        ArgumentError
            For a number, a count or a seed that is none.

        Examples
        --------
        >>> import gatedsym as gs
        >>> gs.tasks.adding(T=100).batch(0, 32).inputs.shape
        (100, 32, 2)
        """
        number, seed = expect_whole("number", number), expect_whole("seed", seed)
        count = expect_whole("count", count, 1)
        expect_choice("dtype", dtype, ("float32", "float64"))
        if max(number, seed) >= 2**64:
            raise ArgumentError(f"number={number} and seed={seed} must be below 2**64: take smaller ones.")
        held_out = expect_flag("held_out", held_out)
        group = 1 if held_out else max(1, _TOGETHER // count)
        if group == 1:
            return self._generated(seed, number, count, held_out, dtype)
        block, place = divmod(number, group)
        whole = self._block(seed, block, count * group, dtype)
        return whole.neighbours(place * count, (place + 1) * count)

    def _block(self, *which: Any) -> Batch:
        """Batches of neighbouring numbers side by side; the last ones are kept, since a trainer asks for the next."""
        kept: tuple[Any, Batch] | None = self.__dict__.get("_kept")
        if kept is None or kept[0] != which:
            seed, block, count, dtype = which
            kept = which, self._generated(seed, block, count, False, dtype)
            self.__dict__["_kept"] = kept  # one assignment: threads see the old ones or the new ones
        return kept[1]

    def _generated(self, seed: int, number: int, count: int, held_out: bool, dtype: str) -> Batch:
        draws = Draws(self.name, seed, number, HELD_OUT if held_out else TRAINING)
        return self.generate(draws, count, held_out).astype(dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_kept"}

    def measure(self, outputs: Array, batch: Batch) -> Measures:
        """Loss, metric and skills of a readout's outputs.

        Parameters
        ----------
        outputs : array (T, B, outputs) or (len(batch.times), B, outputs)
            Logits, or predictions; at all steps or at those of ``batch.times``.
        batch : Batch
            Of this task.

        Returns
        -------
        Measures

        Raises
        ------
        ArgumentError
            If the outputs have another shape.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> task = gs.tasks.adding(T=10)
        >>> batch = task.batch(0, 1000)
        >>> round(task.measure(np.ones((10, 1000, 1)), batch).loss, 2)  # the mean of the sum, whatever was read
        0.16
        """
        return measure(self, outputs, batch)

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{self.name}({given})"

    def _repr_html_(self) -> str:
        """All that is known of the task and an example, as ``gatedsym tasks`` tells it."""
        from gatedsym.execution.notebook import text_html

        return text_html(offered("Task.lines")(self))

    def __hash__(self) -> int:
        return hash((self.name, repr(dict(self.options)), self.digest))


__all__ = ["Definition", "Generator", "Level", "LossKind", "Task"]
