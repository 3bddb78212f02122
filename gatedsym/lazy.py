"""A table of names → what a module answers for them when they are first used, and for those that it has not."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MOST_NEAR = 3
"""Nearest names that a misspelt one is answered with."""
AS_NEAR = 0.1
"""Of a name that is farther by so much of its letters than the nearest nothing is said."""


def _nothing() -> Mapping[str, Any]:
    return {}


def lazy_names(
    module: str,
    called: str,
    *,
    homes: Mapping[str, str] | None = None,
    modules: Mapping[str, str] | None = None,
    registered: Callable[[], Mapping[str, Any]] = _nothing,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make ``__getattr__`` and ``__dir__`` of a module (PEP 562).

    Parameters
    ----------
    module : str
        Its ``__name__``.
    called : str
        The name that a person types for it, such as ``"gs.flow"``.
    homes : mapping of str to str, optional
        Names, and the module that each is taken from.
    modules : mapping of str to str, optional
        Names, and the module that each of them is.
    registered : callable
        Gives further names and what they are; asked when nothing else has the name.

    Returns
    -------
    __getattr__, __dir__ : callable
        The first raises an AttributeError of one sentence, with the nearest names, where there is none.

    Examples
    --------
    >>> from gatedsym.lazy import lazy_names
    >>> find, names = lazy_names("gatedsym.offers", "gs.offers", homes={"Path": "pathlib"})
    >>> find("Path").__name__, "Path" in names()
    ('Path', True)
    >>> find("anounce")
    Traceback (most recent call last):
    AttributeError: gs.offers has no attribute 'anounce': did you mean announce? dir(gs.offers) lists what it has.
    """
    in_homes, in_modules = homes or {}, modules or {}

    def find(name: str) -> Any:
        if name in in_modules:
            return importlib.import_module(in_modules[name])
        if name in in_homes:
            return getattr(importlib.import_module(in_homes[name]), name)
        if name.startswith("_"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}.")
        more = registered()
        if name in more:
            return more[name]
        offered = getattr(sys.modules[module], "__all__", None) or [n for n in names() if not n.startswith("_")]
        # Python adds a guess of its own to an error that says whose attribute it is; here it would be a second one.
        raise AttributeError(_told(module, called, name, [*offered, *registered()]), name=name)

    def names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *in_homes, *in_modules, *registered()})

    return find, names


def _told(module: str, called: str, name: str, names: Iterable[str]) -> str:
    """The sentence for a person who asked for a name that is not there."""
    inner = f"{module}.{name}"
    if hasattr(sys.modules[module], "__path__") and importlib.util.find_spec(inner) is not None:
        return f"{inner} is loaded by its own name: write import {inner} first."
    near = nearest(name, names)
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{called} has no attribute {name!r}: {guess}dir({called}) lists what it has."


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """The names that are most like one, the nearest first; small and capital letters are alike.

    Examples
    --------
    >>> from gatedsym.lazy import nearest
    >>> nearest("network", ["Network", "learn", "networks"])
    ['Network', 'networks']
    """
    import difflib  # is asked for by mistakes alone

    by_letters: dict[str, list[str]] = {}
    for known in dict.fromkeys(names):
        by_letters.setdefault(known.lower(), []).append(known)
    asked = name.lower()
    near = difflib.get_close_matches(asked, by_letters, MOST_NEAR)
    likeness = [_likeness(letters, asked) for letters in near]
    as_near = [letters for letters, like in zip(near, likeness, strict=True) if like > likeness[0] - AS_NEAR]
    found = [known for letters in as_near for known in sorted(by_letters[letters], key=lambda k: -_likeness(k, name))]
    return found[:MOST_NEAR]


def _likeness(one: str, other: str) -> float:
    """Likeness of two names, from 0 to 1; small and capital letters are told apart."""
    import difflib

    return difflib.SequenceMatcher(None, one, other).ratio()


__all__ = ["lazy_names", "nearest"]
