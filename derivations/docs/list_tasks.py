"""The tasks of gatedsym → a page with a table of them and who defines each, tasks.md.

    python derivations/docs/list_tasks.py

`tests/learning/tasks/test_tasks_page.py` holds the page to the tasks of today. The digits need scikit-learn.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gatedsym.learning.registry import tasks
from gatedsym.learning.task import Level, Task
from gatedsym.learning.task_page import summary
from gatedsym.messages import room

say = room("learning")

HERE = Path(__file__).parent
PAGE = HERE / "tasks.md"

HEAD = """\
# Tasks

A task is a source of batches, and what is known of it before anything is trained:

```python
import gatedsym as gs

task = gs.tasks.adding(T=100)                     # lags="uniform"; "fixed" and "geometric" are the others
batch = task.batch(17, 32)                        # of training: a function of (seed, number) alone
judge = task.batch(0, 500, held_out=True)         # shares no sample with any batch of training
print(batch.inputs.shape, task.baseline.value, task.lags.longest)
print(task.measure(judge.targets, judge).skills)  # of somebody who knows the answers
```

```text
(100, 32, 2) 0.16666666666666666 99
{'first mark': 1.0, 'second mark': 1.0}
```

`gatedsym tasks` lists them; `gatedsym tasks adding --length 50 --with definition=hochreiter` tells one in full, with an
example; `gatedsym tasks mine.csv --with targets=y` tells one of your own.

- **The same bits everywhere.** A batch follows from seed and number, in whatever order batches are drawn, on every
  machine: the numbers are raw words of Philox, turned into values by operations that are rounded correctly.
- **Held-out batches share nothing with training.** A sequence of symbols is on one side by a hash of it, whatever the
  seed; numbers come from a stream of their own; of files, a part is held out.
- **Where the loss is** say `batch.weights`; the loss of a batch is the mean over the steps that count, cross-entropy in
  nats or the squared distance (no half). Behind the end of a sequence (`batch.lengths`) stand zeros of weight 0.
- **Lags.** `batch.lags` are the steps from each cue to the answer that needs it. `fixed`: always the longest;
  `uniform`: anywhere in its range; `geometric`: from the shortest on, with a mean a quarter of the range above it,
  before it is cut at the longest.
- **Skill on each cue by itself.** Where a class says the value of a cue (recall, copying, temporal order): how far the
  likeliest value, whatever else the class says, is right more often than chance. Where the answer is a sum or a vote
  (adding, reviews): 1 - (1 - b/b')², of the coefficients of the cue in a regression of outputs (b) and of targets (b')
  on all cues.

## What they are

With the settings that they have by themselves. Levels are losses: the baseline is that of somebody who knows nothing of
the input, a plateau that of somebody who knows a part.

| task | shown and asked | baseline | plateaus | lags: shortest, median, longest |
| --- | --- | --- | --- | --- |
"""

OWN = """\
| `file` | {what} | by its data | | any earlier step |
"""

TAIL = """
This page is written by `python derivations/docs/list_tasks.py`.
"""


def page() -> str:
    """The whole page."""
    made = {name: make() for name, make in tasks().items() if name != "file"}
    rows = "".join(map(_row, made.values())) + OWN.format(what=summary(tasks()["file"].__doc__))
    return (
        HEAD + rows + "\n## Who defines them so\n" + "".join(line for t in made.values() for line in _section(t)) + TAIL
    )


def _row(task: Task) -> str:
    cells = (
        f"`{task.name}`",
        task.about,
        _level(task.baseline),
        "; ".join(f"{_level(level)} ({level.means})" for level in task.plateaus),
        f"{task.lags.shortest}, {task.lags.median}, {task.lags.longest}",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _level(level: Level) -> str:
    return f"{level.value:.4g} = {level.formula}"


def _section(task: Task) -> Iterator[str]:
    yield f"\n**{task.name}**\n\n"
    for definition in task.definitions:
        line = say("task-definition", source=definition.source, checked=definition.checked)
        yield f"{line}. {definition.says}\n"


def main() -> None:
    """Write the page."""
    half = HERE / f".{PAGE.name}.new"  # a reader finds the old page or the new one, never a part
    half.write_text(page(), encoding="utf-8")
    os.replace(half, PAGE)
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
