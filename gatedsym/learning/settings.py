"""Words of a command line → a task: its name or a file, and settings such as T=50."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.learning.registry import find_task, tasks
from gatedsym.learning.task import Task

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
FILES = (".csv", ".tsv", ".npy")


def task_from_words(name: str, settings: Mapping[str, str], length: int | None = None) -> Task:
    """The task of a name, or of a person's file, with settings that are still text.

    Parameters
    ----------
    name : str
        Of a task, or the path of a table or an array.
    settings : mapping
        Values as they are typed: ``50``, ``0.25``, ``fixed``, ``0,98``.
    length : int, optional
        T, for tasks that have one.

    Raises
    ------
    UnknownNameError
        If there is no such task, and no such file.
    ArgumentError
        If the task does not take a setting.

    Examples
    --------
    >>> task_from_words("adding", {"lags": "fixed", "cues": "0,18"}, length=20).lags.longest
    19
    """
    given = {key: read_value(value) for key, value in settings.items()}
    if Path(name).suffix.lower() in FILES and name not in tasks():
        given, name = {"path": name, **given}, "file"
    make = find_task(name)
    if length is not None:
        if "T" not in inspect.signature(make).parameters:
            raise ArgumentError(f"{name} has no length T: leave --length out.")
        if "T" in given:
            raise ArgumentError("T and the length are the same setting: give one of them.")
        given["T"] = length
    return make(**given)


def read_settings(words: Sequence[str]) -> dict[str, str]:
    """``["T=50", "lags=fixed"]`` as a mapping.

    Raises
    ------
    ArgumentError
        If a word has no =, or a setting stands there twice.
    """
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise ArgumentError(f"{shown(word)} is no setting: write name=value, such as T=50.")
        if key.strip() in found:
            raise ArgumentError(f"{key.strip()} is set twice: give one value.")
        found[key.strip()] = value.strip()
    return found


def read_value(text: str) -> Any:
    """A whole number, a number, several of them with commas between, or else the text itself."""
    if "," in text:
        return tuple(read_value(part.strip()) for part in text.split(",") if part.strip())
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


__all__ = ["read_settings", "read_value", "task_from_words"]
