"""Regenerate the modules of generated/, or say what drifted."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from gatedsym.files.write import write_atomically
from gatedsym.ir.program import Recurrence
from gatedsym.library.load import Derivation

MARK = "*.py linguist-generated\n"
VERSION_LINE = "# Made with: "
EMPTY: Mapping[str, str] = MappingProxyType({})


class Described(Protocol):
    """A cell as regenerating sees it: its equations, read, and what the library says of it."""

    name: str
    record: Derivation | None

    @property
    def recurrence(self) -> Recurrence: ...


@dataclass(frozen=True)
class Drift:
    """A difference between a file of generated/ and what its derivation gives.

    Attributes
    ----------
    path : Path
    kind : {"changed", "missing", "extra", "versions"}
        ``versions``: lines that name library versions differ, and nothing else.
    diff : str
        From the file to what it should be, unified.
    """

    path: Path
    kind: Literal["changed", "missing", "extra", "versions"]
    diff: str


def module_text(cell: Described, commands: Mapping[str, str] = EMPTY) -> str:
    """The text that generated/ should hold for a cell; `commands` says what makes that of a cell of a file anew."""
    from gatedsym.codegen.module import write_module

    title = cell.record.title if cell.record is not None else ""
    return write_module(cell.recurrence, title, commands.get(cell.name, f"gatedsym generate {cell.name}"))


def generate(
    cells: Sequence[Described], out: Path, *, prune: bool = False, commands: Mapping[str, str] = EMPTY
) -> list[Path]:
    """Write the modules of some cells; with `prune`, delete modules in `out` that belong to none of them.

    Parameters
    ----------
    cells : sequence of Cell
    out : Path
    prune : bool
    commands : mapping of str to str
        The command that makes a module anew, for cells that are not the library's.

    Returns
    -------
    list of Path
        Files written or deleted because their content changed.
    """
    changed: list[Path] = []
    wanted = {out / f"{cell.name}.py": module_text(cell, commands) for cell in cells}
    wanted[out / ".gitattributes"] = MARK
    for path, text in wanted.items():
        if not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != text:
            write_atomically(path, text)
            changed.append(path)
    if prune:
        for path in sorted(out.glob("*.py")):
            if path not in wanted:
                path.unlink()
                changed.append(path)
    return changed


def find_drift(
    cells: Sequence[Described], out: Path, *, whole: bool, commands: Mapping[str, str] = EMPTY
) -> list[Drift]:
    """Compare the modules in `out` with what the derivations give; `whole` also reports files of no cell."""
    found: list[Drift] = []
    wanted = {out / f"{cell.name}.py": module_text(cell, commands) for cell in cells}
    for path, text in sorted(wanted.items()):
        if not path.is_file():
            found.append(Drift(path, "missing", _diff("", text, path)))
            continue
        current = path.read_text(encoding="utf-8", errors="replace")
        if current != text:
            kind: Literal["changed", "versions"] = (
                "versions" if _without_versions(current) == _without_versions(text) else "changed"
            )
            found.append(Drift(path, kind, _diff(current, text, path)))
    if whole:
        for path in sorted(out.glob("*.py")):
            if path not in wanted:
                found.append(Drift(path, "extra", _diff(path.read_text(encoding="utf-8", errors="replace"), "", path)))
    return found


def _without_versions(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(VERSION_LINE))


def _diff(current: str, wanted: str, path: Path) -> str:
    lines = difflib.unified_diff(
        current.splitlines(), wanted.splitlines(), f"{path.name} (as it is)", f"{path.name} (as derived)", lineterm=""
    )
    return "\n".join(lines)
