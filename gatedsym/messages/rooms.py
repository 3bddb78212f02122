"""A message's name and its variables → the sentence, as text, as HTML, or as words with formulas among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Number
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from gatedsym.messages.bundle import Bundle

LANGUAGE = "en"
FOLDER = Path(__file__).parent

Part = TypeVar("Part")


@dataclass(frozen=True)
class Room:
    """The messages of one room; its file is read when the first of them is said.

    Attributes
    ----------
    name : str
        The file's name, without its suffix.
    """

    name: str

    @property
    def bundle(self) -> Bundle:
        """The messages of the file.

        Raises
        ------
        LookupError
            If there is no such file.
        ValueError
            If Fluent cannot read it.
        """
        return _bundle(self.name)

    def has(self, message: str) -> bool:
        """True if the file has a message of that name."""
        return message in self.bundle.messages

    def __call__(self, message: str, /, **variables: str | int) -> str:
        """A message as text; what it is printed to escapes all of it, words and variables.

        Raises
        ------
        LookupError
            If the room has no such message, or the variables are not those that it names.
        TypeError
            If a variable is neither text nor a count.

        Examples
        --------
        >>> from gatedsym.messages import room
        >>> room("learning")("task-outputs-of-numbers", count=2)
        '2 numbers'
        """
        return "".join(_text(piece, message) for piece in self._woven(message, variables))

    def html(self, message: str, /, **variables: object) -> Markup:
        """A message as HTML: its own tags count, variables are escaped unless they are markup.

        Raises
        ------
        LookupError, TypeError
            As for text.

        Examples
        --------
        >>> room("learning").html("task-metric-larger", metric="R²<0")
        Markup('R²&lt;0, the larger the better')
        """
        woven = self._woven(message, variables)
        return Markup("").join(Markup(w) if isinstance(w, str) else escape(w[0]) for w in woven)

    def spans(self, message: str, /, **variables: Part | str | int | tuple[Part | str, ...]) -> tuple[Part | str, ...]:
        """A message as words and the objects among them, such as formulas; tuples of both are taken apart.

        Raises
        ------
        LookupError, TypeError
            As for text.
        """
        found: list[Part | str] = []
        for piece in self._woven(message, variables):
            given = piece if isinstance(piece, str) else piece[0]
            found += given if isinstance(given, tuple) else (given,)
        return tuple(part for part in found if part != "")

    def _woven(self, name: str, variables: Mapping[str, object]) -> list[str | tuple[object]]:
        message = self.bundle.messages.get(name)
        where = f"{LANGUAGE}/{self.name}.ftl"
        if message is None:
            raise LookupError(f"{where} has no message {name!r}: add it, with a comment that says where it stands.")
        if missing := sorted(message.variables - variables.keys()):
            raise LookupError(f"The message {name!r} needs {', '.join(missing)}: give what {where} names.")
        if surplus := sorted(variables.keys() - message.variables):
            raise LookupError(f"The message {name!r} has no {', '.join(surplus)}: give only what {where} names.")
        for key, value in variables.items():
            _check_variable(name, key, value, key in message.choosing)
        return list(self.bundle.woven(name, variables))


def _check_variable(message: str, key: str, value: object, chooses: bool) -> None:
    """Refuse numbers whose digits nobody has decided, and what cannot choose between variants."""
    if value is None or isinstance(value, bool) or (isinstance(value, Number) and not isinstance(value, Integral)):
        raise TypeError(f"{key} of the message {message!r} is {value!r}: give a text, formatted, or a count.")
    if chooses and not isinstance(value, str | Integral):
        raise TypeError(f"{key} of the message {message!r} chooses between variants: give a text or a count.")


def _text(piece: str | tuple[object], message: str) -> str:
    if isinstance(piece, str):
        return piece
    if not isinstance(piece[0], str):
        raise TypeError(f"The message {message!r} as text takes texts and counts: say it as spans or as HTML.")
    return str(piece[0])


@cache
def _bundle(name: str) -> Bundle:
    from gatedsym.messages.bundle import read_bundle  # Fluent takes a tenth of a second to import

    path = FOLDER / LANGUAGE / f"{name}.ftl"
    if not path.is_file():
        raise LookupError(f"gatedsym has no messages for {name!r}: write {LANGUAGE}/{path.name}.")
    return read_bundle(path, LANGUAGE)


def room(name: str) -> Room:
    """The messages of a room, ``en/NAME.ftl``.

    Parameters
    ----------
    name : str
        The room's name, such as ``"report"``.
    """
    return Room(name)


__all__ = ["FOLDER", "LANGUAGE", "Room", "room"]
