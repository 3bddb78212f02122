"""A task → lines to read: what it shows and asks, what is known of it, who defines it so, and an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from textwrap import wrap

import numpy as np

from gatedsym.learning.batches import Batch
from gatedsym.learning.lags import LagRange
from gatedsym.learning.registry import tasks
from gatedsym.learning.task import Level, Task
from gatedsym.messages import room
from gatedsym.offers import offer

WIDTH = 112
_FIELD = 12
_MOST_FEATURES = 8

say = room("learning")


def list_lines() -> Iterator[str]:
    """A line for each task: its name, and what it is."""
    known = tasks()
    width = max(map(len, known)) + 2
    for name, make in known.items():
        yield f"{name:{width}s}{summary(make.__doc__)}"
    yield ""
    yield say("tasks-more")


def summary(docstring: str | None) -> str:
    """The first line of a docstring, without its full stop."""
    return inspect.cleandoc(docstring or "").split("\n")[0].rstrip(".")


@offer("Task.lines")
def task_lines(task: Task) -> Iterator[str]:
    """All that is known of a task, and an example."""
    yield f"{task}"
    yield ""
    yield from wrap(task.about, WIDTH)
    yield ""
    yield from _fields(task)
    if task.definitions:
        yield ""
        yield say("task-definitions")
    for definition in task.definitions:
        line = say("task-definition", source=definition.source, checked=definition.checked)
        yield from wrap(line, WIDTH, subsequent_indent="  ")
        yield from wrap(definition.says, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield say("task-example")
    yield from example_lines(task)


def _fields(task: Task) -> Iterator[str]:
    """Inputs and answers of a task, and how they are judged."""
    yield from _field(say("task-reads"), _inputs(task))
    yield from _field(say("task-answers"), _outputs(task))
    loss = say("task-loss-of-classes" if task.classes else "task-loss-of-numbers", loss=task.loss)
    yield from _field(say("task-loss"), loss)
    yield from _field(say("task-baseline"), _level(task.baseline))
    for level in task.plateaus:
        yield from _field(say("task-plateau"), _level(level))
    yield from _field(say("task-lags"), _lags(task.lags))
    if task.cues:
        yield from _field(say("task-cues"), ", ".join(cue.name for cue in task.cues))
    metric = say("task-metric-larger" if task.higher else "task-metric-smaller", metric=task.metric)
    yield from _field(say("task-metric"), metric)


def _field(name: str, text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=f"{name:{_FIELD}s}", subsequent_indent=" " * _FIELD)


def _inputs(task: Task) -> str:
    if not task.symbols:
        return say("task-inputs-of-numbers", steps=task.steps, features=task.features)
    return say("task-inputs-of-symbols", steps=task.steps, count=len(task.symbols), symbols=_some(task.symbols))


def _outputs(task: Task) -> str:
    if task.classes:
        return say("task-outputs-of-classes", count=len(task.classes), classes=_some(task.classes))
    return say("task-outputs-of-numbers", count=task.outputs)


def _some(names: Sequence[str], most: int = 24) -> str:
    shown = [name if name.strip() and name.isprintable() else repr(name) for name in names[:most]]
    return " ".join(shown) + (" …" if len(names) > most else "")


def _lags(lags: LagRange) -> str:
    return say("task-lag-range", shortest=lags.shortest, median=lags.median, longest=lags.longest)


def _level(level: Level) -> str:
    return say("task-level", value=f"{level.value:.4g}", formula=level.formula, means=level.means)


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
        numbers = " ".join(f"{value:7.3f}" for value in values) + more
        place = f"{step:4d}"
        if step in cues:
            yield "  " + say("task-example-cue", step=place, numbers=numbers, cue=cues[step])
        else:
            yield "  " + say("task-example-step", step=place, numbers=numbers)
        before = step


def _asked(task: Task, batch: Batch) -> Iterator[str]:
    steps = batch.answers[:, 0] if len(batch.answers) else np.flatnonzero(batch.weights[:, 0])
    steps = np.unique(steps)
    if task.classes:
        words = [task.classes[k] for k in batch.targets[steps, 0]]
    else:
        words = [" ".join(f"{v:.3f}" for v in row) for row in batch.targets[steps, 0]]
    shown = [word if word.isprintable() else "␊" for word in words[:20]]
    answers = " ".join(shown) + (" …" if len(words) > 20 else "")
    if len(steps) == 1:
        line = say("task-asked", step=int(steps[0]), answers=answers)
    else:
        line = say("task-asked-at-several", first=int(steps[0]), last=int(steps[-1]), answers=answers)
    yield from wrap(line, WIDTH, initial_indent="  ", subsequent_indent="  ")


__all__ = ["example_lines", "list_lines", "summary", "task_lines"]
