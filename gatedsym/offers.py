"""Offers of rooms to objects that stand above them: a name → the function that the room has registered.

A cell draws itself and proves itself, though drawings and proofs stand below it. The room that can do it registers a
function under a name; `gatedsym` announces which module does, and it is imported when it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Offered = TypeVar("Offered", bound=Callable[..., Any])

_homes: dict[str, str] = {}
_offers: dict[str, Callable[..., Any]] = {}


def announce(homes: Mapping[str, str]) -> None:
    """Say which modules register what: a name to a module."""
    _homes.update(homes)


def offer(name: str) -> Callable[[Offered], Offered]:
    """Register a function under a name."""

    def registered(function: Offered) -> Offered:
        _offers[name] = function
        return function

    return registered


def offered(name: str) -> Callable[..., Any]:
    """The function that is registered under a name; the module that was announced for it is imported first.

    Raises
    ------
    LookupError
        If nothing was announced under that name.
    """
    if name not in _offers:
        if name not in _homes:
            raise LookupError(
                f"nothing is offered as {name!r}: announce the module that does it in gatedsym/__init__.py."
            )
        importlib.import_module(_homes[name])
    return _offers[name]
