"""The cells of derivations/: found, loaded, and matched with their generated modules."""

from __future__ import annotations

import difflib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from gatedsym.errors import ArgumentError, GatedsymError


@dataclass(frozen=True)
class Derivation:
    """What a file of derivations/ says of a cell.

    Attributes
    ----------
    name : str
    title : str
    year : int
    reference : str
        Key of the bibliography.
    purpose : str
        One sentence.
    equations : str
    claims : tuple
    path : Path
    """

    name: str
    title: str
    year: int
    reference: str
    purpose: str
    equations: str
    claims: tuple[Any, ...]
    path: Path


def _folder(name: str) -> Path:
    """derivations/ or generated/: inside the package where it was installed, else in the repository."""
    package = Path(__file__).resolve().parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def derivations_folder() -> Path:
    """Where the derivation files are."""
    return _folder("derivations")


def generated_folder() -> Path:
    """Where the generated modules are."""
    return _folder("generated")


@cache
def names() -> tuple[str, ...]:
    """Names of all cells of the library, sorted."""
    return tuple(sorted(p.stem for p in derivations_folder().glob("*.py") if not p.stem.startswith("_")))


@cache
def derivation(name: str) -> Derivation:
    """The derivation of a library cell.

    Raises
    ------
    ArgumentError
        If the library has no such cell.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names())}."
        raise ArgumentError(f"the library has no cell {name!r}: {hint}")
    path = derivations_folder() / f"{name}.py"
    module = _load(path)
    return Derivation(
        name=name,
        title=str(getattr(module, "title", name)),
        year=int(getattr(module, "year", 0)),
        reference=str(getattr(module, "reference", "")),
        purpose=str(getattr(module, "purpose", "")),
        equations=str(module.equations),
        claims=tuple(getattr(module, "claims", ())),
        path=path,
    )


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gatedsym_derivation_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise GatedsymError(f"cannot load the derivation file {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
