"""A cell and what generates a module of it → the module's text: from the cache, or written now and kept there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gatedsym.execution.protocol import RecurrentCell
from gatedsym.files.cache import cache_path, read_kept, write_kept
from gatedsym.files.fingerprint import fingerprint


def module_place(
    cell: RecurrentCell, kind: str, name: str, *generators: str, options: object = None
) -> tuple[Path, str]:
    """A generated module's place in the cache, and the key of all that it depends on.

    Parameters
    ----------
    cell : Cell
    kind : str
        The folder.
    name : str
        What the module is called.
    generators : str
        The modules of this package that write it from what the equations say.
    options : object, optional
        What else they are told.
    """
    constants = sorted((k, str(v)) for k, v in cell.constants.items())
    generator = fingerprint("gatedsym.equations", *generators)
    key = repr((cell.source, name, constants, options, generator))
    return cache_path(kind, name, key, ".py"), key


def module_text(place: tuple[Path, str], write: Callable[[], str]) -> str:
    """The text of a generated module; it is written and kept if it is not there."""
    kept = read_kept(*place)
    if kept is None:
        kept = write().encode("utf-8")
        write_kept(*place, kept)
    return kept.decode("utf-8")
