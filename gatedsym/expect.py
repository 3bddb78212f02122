"""Checks of arguments: each function gives the value back in one type, or refuses it in a sentence that names
the argument, what it got and what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from gatedsym.errors import ArgumentError


def expect_whole(name: str, value: object, least: int = 0) -> int:
    """An integer of any kind but bool, at least `least`."""
    if not is_whole(value) or value < least:
        raise ArgumentError(f"{name}={shown(value)} must be an integer of at least {least}.")
    return int(value)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value counts: an integer of any kind, no bool, no array."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)


def expect_flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ArgumentError(f"{name}={shown(value)} must be True or False.")
    return bool(value)


def expect_text(name: str, value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ArgumentError(f"{name} must be text, not {shown(value)}.")
    return value


def expect_choice(name: str, value: object, choices: Iterable[str]) -> str:
    """One of some words."""
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        *first, last = map(repr, known)
        words = f"{', '.join(first)} or {last}" if first else last
        raise ArgumentError(f"{name} must be {words}, not {shown(value)}.")
    return value


def expect_mapping(name: str, value: object, keys: str) -> Mapping[Any, Any]:
    """A mapping; `keys` says from what."""
    if not isinstance(value, Mapping):
        raise ArgumentError(f"{name} must be a mapping from {keys}, not {type(value).__name__}.")
    return value


def expect_several(name: str, value: object, of: str) -> tuple[Any, ...]:
    """Several things in a row; one string is one thing. `of` says what they are."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bytes | Mapping) or not isinstance(value, Iterable):
        raise ArgumentError(f"{name} must be {of}, or several of them, not {shown(value)}.")
    found = tuple(value)
    if not found:
        raise ArgumentError(f"{name} is empty: give at least one; {of}.")
    return found


def expect_path(name: str, value: object) -> Path:
    """The path of a file."""
    if not isinstance(value, str | PathLike) or not str(value):
        raise ArgumentError(f"{name} must be the path of a file, not {shown(value)}.")
    path = Path(value)
    if not path.name:
        raise ArgumentError(f"{name} must be the path of a file, not of the folder {str(path)!r}.")
    return path


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    plain = all(map(_simple, value)) if isinstance(value, list | tuple) else _simple(value) or value == {}
    if not plain:
        return f"{_article(type(value).__name__)} {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _simple(value: object) -> bool:
    return value is None or isinstance(value, str | bytes | bool | int | float | complex | np.generic)


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"
