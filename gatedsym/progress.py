"""Progress of long work → a bar on a terminal or in a notebook, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from gatedsym.errors import ArgumentError

OFTEN = 0.1
"""Seconds between two updates of a bar in a notebook: each is a message to a browser."""


@contextmanager
def show_progress(total: float, what: str, quiet: bool = False) -> Iterator[Callable[[float, str], None]]:
    """A bar in a notebook or on standard error, or a line each ten percent there where that is no terminal.

    Parameters
    ----------
    total : float
        What is told when all is done.
    what : str
        The work, in a word or two.
    quiet : bool
        Show nothing.

    Yields
    ------
    callable
        ``tell(done, text)``; without a text it is `what`.
    """
    if quiet:
        yield lambda done, text: None
    elif _is_notebook():
        with _notebook_bar(total, what) as tell:
            yield tell
    elif sys.stderr.isatty():
        with _terminal_bar(total, what) as tell:
            yield tell
    else:
        yield _lines(total, what)


@contextmanager
def asked_progress(progress: Any, what: str) -> Iterator[Callable[..., None] | None]:
    """The callable that an argument ``progress`` asks to be told: its own, or for True that of a bar.

    Parameters
    ----------
    progress : callable, bool or None
    what : str
        The work, for the bar.

    Yields
    ------
    callable or None
        Told the finished fraction, and perhaps a text.

    Raises
    ------
    ArgumentError
        For anything else.
    """
    if progress is None or progress is False:
        yield None
    elif progress is True:
        with show_progress(1.0, what) as tell:
            yield lambda done, text="": tell(done, text)
    elif callable(progress):
        yield progress
    else:
        from gatedsym.expect import shown  # it knows arrays, and the command line starts without NumPy

        raise ArgumentError(f"progress={shown(progress)}: give True for a bar, or a function of the finished fraction.")


def _is_notebook() -> bool:
    """Whether a kernel of Jupyter, or something like it, runs this and can show HTML."""
    if "IPython" not in sys.modules:
        return False
    from rich.console import Console

    return Console().is_jupyter


@contextmanager
def _terminal_bar(total: float, what: str) -> Iterator[Callable[[float, str], None]]:
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


class _Bar:
    """A bar as a notebook shows it: an element of HTML, no widget and no script."""

    def __init__(self, what: str) -> None:
        self.fraction, self.text, self.what = 0.0, "", what
        self._start = time.perf_counter()

    def __repr__(self) -> str:
        return (
            f"{self.what}: {100 * self.fraction:.0f} %, {time.perf_counter() - self._start:.0f} s. {self.text}".strip()
        )

    def _repr_html_(self) -> str:
        bar = f'<progress value="{self.fraction:.4f}" max="1" style="width: 16em; vertical-align: middle"></progress>'
        return f'<div style="font-variant-numeric: tabular-nums">{bar} {escape(repr(self))}</div>'


@contextmanager
def _notebook_bar(total: float, what: str) -> Iterator[Callable[[float, str], None]]:
    from IPython.display import display

    bar, told = _Bar(what), time.perf_counter()
    handle: Any = display(bar, display_id=True)  # type: ignore[no-untyped-call]
    if handle is None:  # IPython is there and no kernel shows anything: it has printed the bar, once
        yield _lines(total, what)
        return

    def tell(done: float, text: str) -> None:
        nonlocal told
        bar.fraction, bar.text = (min(done / total, 1.0) if total else 1.0), text
        if time.perf_counter() - told > OFTEN:
            told = time.perf_counter()
            handle.update(bar)

    try:
        yield tell
    finally:
        handle.update(bar)
