"""Names of cells → their texts, for texts that use a cell in a cell: those of the library, and of this session."""

from __future__ import annotations

import re
from collections.abc import Callable

from gatedsym.errors import ArgumentError

_lookups: list[Callable[[str], str]] = []
_session: dict[str, str] = {}


def offer_texts(lookup: Callable[[str], str]) -> None:
    """Let cells be used by the names of a library.

    Parameters
    ----------
    lookup : callable
        From a name to a cell's text; "" for a name that it lacks.
    """
    _lookups.append(lookup)


def register(name: str, equations: str) -> None:
    """Let texts use a cell by a name, ``use NAME as inner: …``, for this session.

    Parameters
    ----------
    name : str
    equations : str
        Its text. A cell that uses it keeps a copy.

    Raises
    ------
    ArgumentError
        For a name that cannot be typed, or equations that are no text.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.register("leak", "x, h in R^n; a in R^n\\nh' = a * h + x")
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z]\w*", name):
        raise ArgumentError(f"{name!r} is no name of a cell: write letters, digits and '_'.")
    if not isinstance(equations, str):
        raise ArgumentError(f"equations are text (str), this is {type(equations).__name__}: pass the text itself.")
    _session[name] = equations


def text_of(name: str) -> str:
    """The text of a cell by its name; "" where nobody knows it."""
    return _session.get(name) or next((found for lookup in _lookups if (found := lookup(name))), "")
