"""The cells of derivations/: found, loaded, and matched with their generated modules."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType

from gatedsym.errors import ArgumentError, EquationError, GatedsymError
from gatedsym.ir.cell_texts import offer_texts
from gatedsym.library.claims import Declaration
from gatedsym.library.records import FAMILIES, Comparison, Contradiction, Initialisation, Source, Variant


@dataclass(frozen=True)
class Derivation:
    """Content of a file of derivations/: all that it says of a cell.

    Attributes
    ----------
    name : str
    title : str
    year : int
    reference : str
    purpose : str
        One sentence.
    family : str
        Of `gatedsym.library.records.FAMILIES`.
    own_equations : str
        As typed in the file; empty for a variant.
    claims : tuple
    path : Path
    readings : str
        Who uses which reading, where sources disagree.
    variant : Variant or None
        The edit by which the cell is made from another.
    initialisation : Initialisation or None
    sources : tuple of Source
    comparisons : tuple of Comparison
    contradictions : tuple of Contradiction
    input_laws : mapping of str to str
        Of `gatedsym.flow.inputs.laws.LAWS`, for inputs beside the main one: ``{"mask": "mask", "delta": "gap"}``.
    """

    name: str
    title: str
    year: int
    reference: str
    purpose: str
    family: str
    own_equations: str
    claims: tuple[Declaration, ...]
    path: Path
    readings: str = ""
    variant: Variant | None = None
    initialisation: Initialisation | None = None
    sources: tuple[Source, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    input_laws: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def equations(self) -> str:
        """The cell's text; that of a variant is the other cell's, edited: work that a listing does not need."""
        if self.variant is None and not _uses(self.own_equations) and "file(" not in self.own_equations:
            return self.own_equations
        try:
            if self.variant is None:
                return _whole(self.own_equations, self.path.parent)
            return _edited(derivation(self.variant.of).equations, self.variant, self.name)
        except EquationError as error:
            raise error.in_file(str(self.path)) from None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file, and of the one that it is a variant of: what it prescribes can count in a result."""
        whole = self.path.read_bytes()
        for name in _uses(self.own_equations):
            whole += derivation(name).digest.encode() if name in names() else b""
        if "file(" in self.own_equations:
            whole += self.equations.encode()
        if self.variant is not None:
            whole += derivation(self.variant.of).digest.encode()
        return hashlib.sha256(whole).hexdigest()

    @property
    def uses(self) -> tuple[str, ...]:
        """The cells that its text uses."""
        return tuple(_uses(self.own_equations))

    @property
    def has_second_source(self) -> bool:
        """Whether at least two texts were read that give the equations."""
        return sum(source.read for source in self.sources) >= 2


def _uses(equations: str) -> list[str]:
    """Names of the cells that a text uses."""
    return re.findall(r"^[ \t]*use +([A-Za-z]\w*)(?= +as | *:)", equations, re.M)


def _whole(equations: str, folder: Path) -> str:
    """The text with the cells that it uses below it, and the numbers of files beside it."""
    from gatedsym.equations.array_files import with_arrays
    from gatedsym.equations.uses import whole

    return with_arrays(whole(equations), folder)


def _folder(name: str) -> Path:
    """derivations/ or generated/: inside the package where it was installed, else in the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def derivations_folder() -> Path:
    """Folder of the derivation files."""
    return _folder("derivations")


def generated_folder() -> Path:
    """Folder of the generated modules."""
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
        hint = f"did you mean {near[0]!r}?" if near else f"it has {len(names())}; `gatedsym cells` lists them."
        raise ArgumentError(f"the library has no cell {name!r}: {hint}")
    path = derivations_folder() / f"{name}.py"
    module = _load(path)
    variant: Variant | None = getattr(module, "variant", None)
    base = derivation(variant.of) if variant is not None else None
    if (variant is None) == (not hasattr(module, "equations")):
        raise GatedsymError(f"{path} must have either equations or a variant: write one of them.")
    family = getattr(module, "family", base.family if base else "")
    if family not in FAMILIES:
        raise GatedsymError(f"{path} names the family {family!r}: choose one of {', '.join(FAMILIES)}.")
    return Derivation(
        name=name,
        title=module.title,
        year=module.year,
        reference=module.reference,
        purpose=module.purpose,
        family=family,
        own_equations=getattr(module, "equations", ""),
        claims=tuple(getattr(module, "claims", ())),
        path=path,
        readings=getattr(module, "readings", ""),
        variant=variant,
        initialisation=getattr(module, "initialisation", base.initialisation if base else None),
        sources=tuple(getattr(module, "sources", ())),
        comparisons=tuple(getattr(module, "comparisons", ())),
        contradictions=tuple(getattr(module, "contradictions", ())),
        input_laws=dict(getattr(module, "input_laws", base.input_laws if base else {})),
    )


def _text_of(name: str) -> str:
    """The text of a library cell; "" for any other name."""
    return derivation(name).equations if name in names() else ""


offer_texts(_text_of)


def _edited(equations: str, variant: Variant, name: str) -> str:
    """The other cell's text with the variant's lines in front and its edits made."""
    from gatedsym.equations import edit_equations

    source = f"\n{variant.lines.strip()}{equations}" if variant.lines else equations
    return edit_equations(source, variant.edits, name)


MOVED = {
    "gatedsym.catalogue": "gatedsym.library.records",
    "gatedsym.claims": "gatedsym.library.claims",
    "gatedsym.initial": "gatedsym.library.rules",
}
"""Modules that derivation files import by names which were others once."""


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gatedsym_derivation_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise GatedsymError(f"cannot load the derivation file {path}.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        new = MOVED.get(error.name or "")
        mend = f": {error.name} is {new} now, import from there." if new else f": {error}."
        raise GatedsymError(f"{path} cannot be run{mend}") from error
    except Exception as error:  # whatever an author's file does wrong is told in a sentence
        raise GatedsymError(f"{path} cannot be run: {type(error).__name__}: {error}.") from error
    missing = [name for name in ("title", "year", "reference", "purpose") if not hasattr(module, name)]
    if missing:
        raise GatedsymError(f"{path} does not say its {missing[0]}: add a line {missing[0]} = ….")
    return module
