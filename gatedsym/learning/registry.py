"""Tasks: a function that makes a `Task` → an entry of the registry, and what ``gs.tasks`` offers."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import ParamSpec

from gatedsym.errors import ArgumentError, UnknownNameError
from gatedsym.expect import shown
from gatedsym.learning.task import Task

P = ParamSpec("P")


def task(function: Callable[P, Task]) -> Callable[P, Task]:
    """Enter a function into the registry under its own name; arguments that it lacks are told in a sentence."""
    signature = inspect.signature(function)

    @wraps(function)
    def made(*args: P.args, **options: P.kwargs) -> Task:
        try:
            signature.bind(*args, **options)
        except TypeError as error:
            known = ", ".join(map(str, signature.parameters.values()))
            raise ArgumentError(f"the task {function.__name__}: {error}; it takes {_plain(known)}.") from None
        return function(*args, **options)

    made.makes_task = True  # type: ignore[attr-defined]
    return made


def _plain(parameters: str) -> str:
    return parameters.replace("'", "")


@cache
def tasks() -> Mapping[str, Callable[..., Task]]:
    """All tasks by name: those of the modules of gatedsym.learning.tasks, in the order of their names.

    Examples
    --------
    >>> import gatedsym as gs
    >>> sorted(gs.tasks.tasks())[:3]
    ['adding', 'associative_recall', 'copy']
    """
    import gatedsym.learning.tasks as room

    found: dict[str, Callable[..., Task]] = {}
    for module in pkgutil.iter_modules(room.__path__):
        held = vars(importlib.import_module(f"{room.__name__}.{module.name}")).values()
        found |= {one.__name__: one for one in held if inspect.isfunction(one) and hasattr(one, "makes_task")}
    return dict(sorted(found.items()))


def find_task(name: object) -> Callable[..., Task]:
    """The function behind the name of a task.

    Parameters
    ----------
    name : str
        One of ``gatedsym tasks``.

    Returns
    -------
    callable
        It makes the task.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.find_task("adding")(T=10).steps
    10
    """
    known = tasks()
    if not isinstance(name, str) or name not in known:
        raise UnknownNameError(f"there is no task {shown(name)}: take one of {', '.join(known)}.")
    return known[name]
