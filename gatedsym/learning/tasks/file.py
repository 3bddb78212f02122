"""File: a person's own sequences with targets, from a table in text or NumPy arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gatedsym.errors import DataError
from gatedsym.expect import expect_choice, expect_whole
from gatedsym.learning.batches import Batch
from gatedsym.learning.draws import FIXED, Draws
from gatedsym.learning.labelled_sequences import Labelled, read_labelled
from gatedsym.learning.lags import any_earlier_step
from gatedsym.learning.registry import task
from gatedsym.learning.task import Level, Task
from gatedsym.learning.tasks.text import entropy
from gatedsym.messages.later import later
from gatedsym.typing import Array

words = later("tasks")

HELD_OUT_SHARE = 5
"""One in so many sequences is held out, or of one long sequence the last of so many parts."""


@task
def file(
    path: str | Path,
    *,
    targets: str | int | Sequence[str | int],
    T: int | None = None,
    at: str = "every",
    kind: str | None = None,
    sequence: str | int | None = None,
) -> Task:
    """Learn what stands in a file: inputs, and targets at every step or at the end.

    Parameters
    ----------
    path : str or path
        A table (.csv, .tsv), a row a step; or an array (.npy), (time, feature) or (time, sequence, feature).
    targets : str, int or several
        Columns of the table by name, or by number from 1; of an array features by number from 1; or the path of
        another array: (time, k) or (time, sequence[, k]) of whole numbers or floats, or one class for each sequence.
    T : int, optional
        Steps of the windows that one long sequence is cut into; 100, or as many as there are held out. Of several
        sequences each is given whole.
    at : {"every", "end"}
        Steps that have a loss: all, or the last of a sequence or window.
    kind : {"classes", "numbers"}, optional
        Of the targets. Words, and what an array of integers holds, are classes, fractions numbers; whole numbers in a
        table can be either, so that one has to be named.
    sequence : str or int, optional
        The column that names the sequence of each row: rows of one name stand together.

    Returns
    -------
    Task
        Inputs that are numbers have mean 0 and variance 1, by those to train on; so have targets that are numbers.

    Raises
    ------
    DataError
        With one sentence, if the file cannot be used.

    References
    ----------
    Our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> steps = np.arange(2000.0)
    >>> np.savetxt("mine.csv", np.c_[steps % 7, steps % 5], delimiter=",", header="x,y", comments="")
    >>> task = gs.tasks.file("mine.csv", targets="y", kind="numbers")
    >>> task.features, task.outputs, task.steps
    (1, 1, 100)
    """
    expect_choice("at", at, ("every", "end"))
    if kind is not None:
        expect_choice("kind", kind, ("classes", "numbers"))
    data = read_labelled(path, targets, kind, sequence)
    parts = _divide(data, T)
    lasts = at == "end" or data.one_each
    generate = _standardised(data, parts, lasts)
    options = {"path": str(path), "targets": targets, "T": T, "at": at, "kind": kind, "sequence": sequence}
    return Task(
        name="file",
        options=options,
        about=_about(data, parts, "end" if lasts else "every"),
        steps=parts.steps,
        features=data.inputs.shape[1],
        lags=any_earlier_step(parts.steps, at_the_end=lasts),
        cues=(),
        definitions=(),
        generate=generate,
        digest=data.digest,
        **_asked(data, generate),
    )


def _about(data: Labelled, parts: _Parts, at: str) -> str:
    shown, targets = data.description, ", ".join(data.target_names)
    if parts.windows:
        return words("file-about-windows", data=shown, targets=targets, at=at, parts=HELD_OUT_SHARE)
    held = len(parts.held_out)
    count = held + len(parts.training)
    return words("file-about-sequences", data=shown, targets=targets, at=at, sequences=count, held=held)


@dataclass(frozen=True)
class _Parts:
    """Ranges of rows: those of sequences, or the places where windows may begin.

    Attributes
    ----------
    training, held_out : array (sequences, 2)
        First row and the row behind the last; of windows one range each.
    steps : int
        Of the longest sequence, or of a window.
    windows : bool
    """

    training: Array
    held_out: Array
    steps: int
    windows: bool


def _divide(data: Labelled, T: int | None) -> _Parts:
    if len(data.spans) > 1:
        return _divide_sequences(data, T)
    rows = len(data.inputs)
    cut = rows - rows // HELD_OUT_SHARE
    steps = min(100, rows - cut) if T is None else expect_whole("T", T, 1)
    if not 1 <= steps <= rows - cut:
        raise DataError(
            f"{data.name} has {rows} steps, of which the last {rows - cut} are held out, and windows of {steps} are "
            "asked for: give longer data, or a smaller T."
        )
    return _Parts(np.array([[0, cut]]), np.array([[cut, rows]]), steps, True)


def _divide_sequences(data: Labelled, T: int | None) -> _Parts:
    count = len(data.spans)
    if T is not None:
        raise DataError(f"{data.name} has {count} sequences, which are given whole: leave T out.")
    held = count // HELD_OUT_SHARE
    if not held:
        raise DataError(f"{data.name} has {count} sequences, too few to hold one out: give at least {HELD_OUT_SHARE}.")
    order = Draws("file", 0, 0, FIXED).orders(1, count)[:, 0]
    steps = int(np.diff(data.spans, axis=1).max())
    return _Parts(data.spans[order[held:]], data.spans[order[:held]], steps, False)


def _standardised(data: Labelled, parts: _Parts, lasts: bool) -> _File:
    """The generator, of inputs and targets that have mean 0 and variance 1 where they are trained on."""
    trained = np.concatenate([np.arange(a, b) for a, b in parts.training])
    counted = parts.training[:, 1] - 1 if lasts and not parts.windows else trained
    targets = data.targets if data.classes else _scaled(data.targets, counted)
    return _File(_scaled(data.inputs, trained), targets, parts, lasts, counted)


def _scaled(values: Array, rows: Array) -> Array:
    centred = values - values[rows].mean(axis=0)
    spread = values[rows].std(axis=0)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0))


def _asked(data: Labelled, generate: _File) -> dict[str, Any]:
    """Fields of the task that follow from the kind of its targets."""
    counted = generate.targets[generate.counted]
    if data.classes:
        value = entropy(np.bincount(counted))
        level = Level(value, words("file-baseline-of-classes"), words("file-knows-shares"))
        loss: Literal["cross-entropy", "squared error"] = "cross-entropy"
        return {"loss": loss, "outputs": len(data.classes), "classes": data.classes, "metric": "accuracy",
                "baseline": _varied(data, level)}  # fmt: skip
    value = float(counted.var(axis=0).sum())
    level = Level(value, words("file-baseline-of-numbers"), words("file-knows-the-mean"))
    return {"loss": "squared error", "outputs": counted.shape[1], "metric": "loss", "higher": False,
            "baseline": _varied(data, level)}  # fmt: skip


def _varied(data: Labelled, level: Level) -> Level:
    if not level.value > 0 or not math.isfinite(level.value):
        raise DataError(f"the targets of {data.name} are all the same: give targets that vary.")
    return level


@dataclass(frozen=True, eq=False)
class _File:
    inputs: Array
    targets: Array
    parts: _Parts
    lasts: bool
    counted: Array

    def __call__(self, draws: Draws, count: int, held_out: bool) -> Batch:
        spans = self.parts.held_out if held_out else self.parts.training
        if self.parts.windows:
            ((first, end),) = spans
            starts = first + draws.below(int(end - first) - self.parts.steps + 1, count)
            lengths = np.full(count, self.parts.steps)
        else:
            chosen = spans[draws.below(len(spans), count)]
            starts, lengths = chosen[:, 0], chosen[:, 1] - chosen[:, 0]
        steps = np.arange(self.parts.steps)[:, None]
        inside = steps < lengths
        rows = np.where(inside, starts + steps, 0)
        weights = (steps == lengths - 1 if self.lasts else inside).astype(np.float64)
        numbers = self.inputs[rows] * inside[..., None]
        targets = self.targets[rows]
        asked = weights > 0
        targets = targets * (asked if targets.ndim == 2 else asked[..., None])
        none = np.zeros((0, count), dtype=np.int64)
        return Batch(numbers, None, 0, targets, weights, lengths, none, none, np.zeros((0, count)))
