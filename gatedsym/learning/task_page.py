"""A task → lines to read: what it shows and asks, what is known of it, who defines it so, and an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from textwrap import wrap

import numpy as np

from gatedsym.learning.batches import Batch
from gatedsym.learning.registry import tasks
from gatedsym.learning.task import Level, Task

WIDTH = 112
_FIELD = 12
_MOST_FEATURES = 8
CHECKED = {
    "code": "their code was read",
    "text": "the paper's text was read",
    "second-hand": "not looked up at its source",
}


def list_lines() -> Iterator[str]:
    """A line for each task: its name, and what it is."""
    known = tasks()
    width = max(map(len, known)) + 2
    for name, make in known.items():
        yield f"{name:{width}s}{summary(make.__doc__)}"
    yield ""
    yield "gatedsym tasks NAME tells one in full, with an example; --length 50 and --with lags=fixed change it."


def summary(docstring: str | None) -> str:
    """The first line of a docstring, without its full stop."""
    return inspect.cleandoc(docstring or "").split("\n")[0].rstrip(".")


def task_lines(task: Task) -> Iterator[str]:
    """All that is known of a task, and an example."""
    yield f"{task}"
    yield ""
    yield from wrap(task.about, WIDTH)
    yield ""
    yield from _field("reads", _inputs(task))
    yield from _field("answers", _outputs(task))
    yield from _field(
        "loss", f"{task.loss}, {'mean over the steps that are asked, in nats' if task.classes else _SQUARES}"
    )
    yield from _field("baseline", _level(task.baseline))
    for level in task.plateaus:
        yield from _field("plateau", _level(level))
    yield from _field("lags", f"{task.lags}")
    if task.cues:
        yield from _field("cues", ", ".join(cue.name for cue in task.cues))
    yield from _field("metric", f"{task.metric}, the {'larger' if task.higher else 'smaller'} the better")
    if task.definitions:
        yield ""
        yield "Who defines it so"
    for definition in task.definitions:
        yield from wrap(f"- {definition.source} ({CHECKED[definition.checked]})", WIDTH, subsequent_indent="  ")
        yield from wrap(definition.says, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield "An example (the first sequence of batch 0, seed 0)"
    yield from example_lines(task)


_SQUARES = "mean over the steps that are asked, summed over the entries, no half"


def _field(name: str, text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=f"{name:{_FIELD}s}", subsequent_indent=" " * _FIELD)


def _inputs(task: Task) -> str:
    what = f"{task.steps} steps" if task.steps > 1 else "1 step"
    if not task.symbols:
        return f"up to {what} of {task.features} number{'s' if task.features > 1 else ''}"
    return f"up to {what} of {len(task.symbols)} symbols: {_some(task.symbols)}"


def _outputs(task: Task) -> str:
    if task.classes:
        return f"{len(task.classes)} classes: {_some(task.classes)}"
    return f"{task.outputs} number{'s' if task.outputs > 1 else ''}"


def _some(names: Sequence[str], most: int = 24) -> str:
    shown = [name if name.strip() and name.isprintable() else repr(name) for name in names[:most]]
    return " ".join(shown) + (" …" if len(names) > most else "")


def _level(level: Level) -> str:
    return f"{level.value:.4g} = {level.formula} ({level.means})"


def example_lines(task: Task) -> Iterator[str]:
    """The first sequence of the first batch: symbols as a text, of numbers the steps that count."""
    batch = task.batch(0, 1, dtype="float64")
    yield from (_example_of_symbols if task.symbols else _example_of_numbers)(task, batch)
    yield from _asked(task, batch)


def _example_of_symbols(task: Task, batch: Batch) -> Iterator[str]:
    assert batch.tokens is not None
    words = [task.symbols[token] for token in batch.tokens[: batch.lengths[0], 0]]
    if all(len(symbol) == 1 for symbol in task.symbols):
        text = "".join(word if word.isprintable() else "␊" for word in words)
        yield from (f"  {text[k : k + WIDTH - 2]}" for k in range(0, len(text), WIDTH - 2))
    else:
        yield from wrap(" ".join(words), WIDTH, initial_indent="  ", subsequent_indent="  ")


def _example_of_numbers(task: Task, batch: Batch) -> Iterator[str]:
    last = int(batch.lengths[0]) - 1
    cues = {int(step): cue.name for cue, step in zip(task.cues, batch.cues[:, 0])}
    before = -1
    for step in sorted({0, 1, 2, last, *cues} & set(range(last + 1))):
        if step > before + 1:
            yield "  …"
        values = batch.inputs[step, 0, :_MOST_FEATURES]
        more = " …" if task.features > _MOST_FEATURES else ""
        numbers = " ".join(f"{value:7.3f}" for value in values)
        yield f"  step {step:4d}  {numbers}{more}{'  ← ' + cues[step] if step in cues else ''}"
        before = step


def _asked(task: Task, batch: Batch) -> Iterator[str]:
    steps = batch.answers[:, 0] if len(batch.answers) else np.flatnonzero(batch.weights[:, 0])
    steps = np.unique(steps)
    if task.classes:
        words = [task.classes[k] for k in batch.targets[steps, 0]]
    else:
        words = [" ".join(f"{v:.3f}" for v in row) for row in batch.targets[steps, 0]]
    shown = [word if word.isprintable() else "␊" for word in words[:20]]
    where = f"step {steps[0]}" if len(steps) == 1 else f"steps {steps[0]} … {steps[-1]}"
    yield from wrap(f"asked at {where}: {' '.join(shown)}{' …' if len(words) > 20 else ''}", WIDTH, initial_indent="  ",
                    subsequent_indent="  ")  # fmt: skip


__all__ = ["CHECKED", "example_lines", "list_lines", "summary", "task_lines"]
