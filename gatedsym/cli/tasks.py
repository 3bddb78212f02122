"""``gatedsym tasks``: all tasks as a list, or one in full with an example."""

from __future__ import annotations

from typing import Annotated

import typer


def complete_task(incomplete: str) -> list[str]:
    """Names of tasks that begin so; where there is none, a shell completes names of files."""
    from gatedsym.learning.registry import tasks as known

    return [name for name in known() if name.startswith(incomplete)]


def tasks(
    task: Annotated[
        str | None,
        typer.Argument(
            help="A task, or a file with targets (CSV, NPY), to tell in full.", autocompletion=complete_task
        ),
    ] = None,
    length: Annotated[int | None, typer.Option(help="T, of a task that has a length.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--with", help="Another setting, name=value; --with may stand several times.")
    ] = None,
) -> None:
    """List the tasks, or tell one in full: baseline, plateaus, lags, who defines it so, an example."""
    from gatedsym.errors import ArgumentError
    from gatedsym.learning.settings import read_settings, task_from_words
    from gatedsym.learning.task_page import list_lines, task_lines

    if task is None and (length is not None or settings):
        raise ArgumentError("settings are those of a task: name one, such as gatedsym tasks adding --length 50.")
    lines = list_lines() if task is None else task_lines(task_from_words(task, read_settings(settings or []), length))
    for line in lines:
        print(line)
