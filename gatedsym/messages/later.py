"""A message's name and its variables → a text that is said when somebody reads it.

An object that is there for its numbers carries sentences too: what a task shows, what a level of its loss means. Said
at once, they would load Fluent in every process that trains; and what is kept of a training would hang on their words,
for files of messages count with the modules that say them (`gatedsym.files.fingerprint`). So it holds names::

    words = later("tasks")

    @told("about")
    @dataclass(frozen=True)
    class Task:
        about: str

    task = Task(about=words("copy-about", symbols=10))     # nothing is read yet
    task.about                                             # '10 symbols are shown, …'
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

Holder = TypeVar("Holder")


@dataclass(frozen=True)
class Sentence:
    """A message that has not been said.

    Attributes
    ----------
    room, message : str
    variables : tuple of (str, str or int)
    """

    room: str
    message: str
    variables: tuple[tuple[str, str | int], ...]

    def __str__(self) -> str:
        rooms = importlib.import_module("gatedsym.messages.rooms")  # by its name: no module depends on it for that
        return str(rooms.room(self.room)(self.message, **dict(self.variables)))


class Words(Protocol):
    """A function of a message's name and its variables."""

    def __call__(self, message: str, /, **variables: str | int) -> str: ...


def later(room: str) -> Words:
    """The messages of a room, for fields that are `told`: they alone take what it gives for a text.

    Parameters
    ----------
    room : str
        Its name; the file is ``en/ROOM.ftl``.

    Examples
    --------
    >>> from gatedsym.messages.later import later
    >>> later("learning")("task-outputs-of-numbers", count=2)
    Sentence(room='learning', message='task-outputs-of-numbers', variables=(('count', 2),))
    """

    def words(message: str, /, **variables: str | int) -> str:
        return cast(str, Sentence(room, message, tuple(variables.items())))

    return words


class _Told:
    """A field that holds a text or a sentence, and is read as a text."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, holder: object | None, owner: type) -> object:
        return self if holder is None else str(holder.__dict__[self.name])

    def __set__(self, holder: object, value: object) -> None:
        holder.__dict__[self.name] = value


def told(*fields: str) -> Callable[[type[Holder]], type[Holder]]:
    """Let fields of a dataclass take what `later` gives: whoever reads them gets the text, and pickles keep the name.

    Parameters
    ----------
    *fields : str
        Their names; those of fields without a default.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from gatedsym.messages.later import later, told
    >>> @told("about")
    ... @dataclass(frozen=True)
    ... class Noted:
    ...     about: str
    >>> Noted(later("learning")("task-outputs-of-numbers", count=2)).about
    '2 numbers'
    """

    def decorate(holder: type[Holder]) -> type[Holder]:
        for name in fields:
            setattr(holder, name, _Told(name))
        return holder

    return decorate


__all__ = ["Sentence", "Words", "later", "told"]
