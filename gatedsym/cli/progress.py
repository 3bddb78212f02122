"""Progress of long work → a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def show_progress(total: float, what: str, quiet: bool = False) -> Iterator[Callable[[float, str], None]]:
    """A bar on standard error, or a line each ten percent where that is no terminal; nothing where it is quiet."""
    if quiet:
        yield lambda done, text: None
    elif sys.stderr.isatty():
        with _bar(total, what) as tell:
            yield tell
    else:
        yield _lines(total, what)


@contextmanager
def _bar(total: float, what: str) -> Iterator[Callable[[float, str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:28}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, text: bar.update(task, completed=done, description=text or what)


def _lines(total: float, what: str) -> Callable[[float, str], None]:
    told, start = [-1], time.perf_counter()

    def tell(done: float, text: str) -> None:
        tenth = int(10 * done / total) if total else 10
        if tenth > told[0]:
            told[0] = tenth
            left = (time.perf_counter() - start) * (total - done) / done if done else 0.0
            estimate = f", about {left:.0f} s left" if tenth and left >= 1 else ""  # the first moments tell no rate
            print(f"{10 * tenth:3d} %  {text or what}{estimate}", file=sys.stderr)

    return tell
