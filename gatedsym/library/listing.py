"""The library as lists: all cells by family and year, one cell in full, and where others' words and code part.

What a listing needs stands in the derivation files and in the generated modules; equations are read only of a cell that
has no module yet.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import Any, Protocol

from gatedsym.errors import EquationWarning
from gatedsym.ir.domain import Domain
from gatedsym.ir.interface import Layout
from gatedsym.ir.interface_table import read_interface, table_of
from gatedsym.library import load as library
from gatedsym.library.claims import Equivalence, told
from gatedsym.library.load import Derivation
from gatedsym.library.records import FAMILIES

_PAGE_WIDTH = 116
UNCHECKED = "not checked against a second source"


class Layouts(Protocol):
    """The part of a cell that a listing reads: of an `Interface` or a `Recurrence`."""

    @property
    def states(self) -> tuple[Layout, ...]: ...

    @property
    def parameters(self) -> tuple[Layout, ...]: ...

    @property
    def domains(self) -> Mapping[str, Domain]: ...


@dataclass(frozen=True)
class Row:
    """A cell in the listing.

    Attributes
    ----------
    derivation : Derivation
    states : tuple of str
        Each with its shape where that is not n.
    parameters : str
        How many numbers its parameters hold, a formula in the dimensions: ``4n² + 4nm + 4n``.
    """

    derivation: Derivation
    states: tuple[str, ...]
    parameters: str


def rows() -> list[Row]:
    """Every cell of the library, by family, year and name."""
    found = []
    for derivation in by_family(library.derivation(name) for name in library.names()):
        layouts = read_layouts(derivation.name)
        found.append(Row(derivation, _states(layouts), parameter_count(layouts)))
    return found


def by_family(derivations: Iterable[Derivation]) -> list[Derivation]:
    """Sorted by family (in the order of `FAMILIES`), year and name."""
    return sorted(derivations, key=lambda d: (FAMILIES.index(d.family), d.year, d.name))


def read_layouts(name: str) -> Layouts:
    """The states and parameters of a library cell, from its generated module, which is not run, or else its equations.

    Raises
    ------
    InterfaceError
        If the module is of an older format.
    """
    path = library.generated_folder() / f"{name}.py"
    if path.is_file():
        return read_interface(table_of(path.read_text(encoding="utf-8")))
    from gatedsym.equations import read_equations

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)  # the library's: what it shares, it shares on purpose
        return read_equations(library.derivation(name).equations, name=name)


def _states(found: Layouts) -> tuple[str, ...]:
    def shape(axes: Sequence[Sequence[str]]) -> str:
        text = ",".join("+".join(axis) for axis in axes)
        return "" if text == "n" else f"({text})" if text else "(1)"

    return tuple(f"{name}{shape(axes)}" for name, axes in ((layout.name, layout.axes) for layout in found.states))


def _domains(found: Layouts) -> str:
    """Words on what inputs may be, where the equations say it."""
    said = ", ".join(f"{name} in {domain}" for name, domain in found.domains.items())
    return f"; inputs {said}" if said else ""


_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def parameter_count(found: Layouts) -> str:
    """The number of numbers that the parameters hold, as a polynomial in the dimensions' names."""
    terms: Counter[tuple[str, ...]] = Counter()
    for layout in found.parameters:
        for dims in layout.part_dims.values():
            factor = 1
            for dim in dims:
                factor *= int(dim) if dim.isdigit() else 1
            terms[tuple(sorted(d for d in dims if not d.isdigit()))] += factor
    order = sorted(terms, key=lambda dims: (-len(dims), -dims.count("n"), dims))
    return " + ".join(_monomial(terms[dims], dims) for dims in order) or "0"


def _monomial(coefficient: int, dims: tuple[str, ...]) -> str:
    powers = Counter(dims)
    names = sorted(powers, key=lambda d: (d != "n", d))
    factors = [name + (str(powers[name]).translate(_POWERS) if powers[name] > 1 else "") for name in names]
    text = ("" if all(len(name) == 1 for name in names) else "·").join(factors)
    return text if coefficient == 1 and text else f"{coefficient}{text}"


def listing() -> Iterator[str]:
    """Lines: every cell with year, states, number of parameters and title."""
    found = rows()
    widths = [
        max(len(text) for text in column)
        for column in zip(*((row.derivation.name, ", ".join(row.states), row.parameters) for row in found), strict=True)
    ]
    for family, group in groupby(found, key=lambda row: row.derivation.family):
        members = list(group)
        yield f"{family} ({len(members)})"
        for row in members:
            d = row.derivation
            cells = (d.name, ", ".join(row.states), row.parameters)
            name, states, parameters = (text.ljust(width) for text, width in zip(cells, widths, strict=True))
            yield f"  {name}  {d.year}  {states}  {parameters}  {d.title}{'' if d.has_second_source else ' *'}"
    unchecked = sum(not row.derivation.has_second_source for row in found)
    yield f"{len(found)} cells" + (f"; * {UNCHECKED}: {unchecked}" if unchecked else "")


def page(name: str) -> Iterator[str]:
    """Lines: everything that the library says of one cell."""
    d = library.derivation(name)
    layouts = read_layouts(name)
    yield f"{d.name}: {d.title} ({d.year}, family {d.family})"
    yield from wrap(d.reference, _PAGE_WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield from wrap(d.purpose, _PAGE_WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield f"  {parameter_count(layouts)} parameters; states {', '.join(_states(layouts)) or 'none'}{_domains(layouts)}"
    yield from _section("Equations", d.equations.strip("\n").splitlines())
    yield from _wrapped("Descent", _descent(d))
    yield from _wrapped("Readings", [d.readings] if d.readings else [])
    yield from _wrapped("Initialisation that is prescribed (scheme paper)", _initialisation(d))
    sources = [f"{s.kind}: {s.text}{'' if s.read else ' (not read; known by others’ account)'}" for s in d.sources]
    yield from _wrapped("Sources", sources if d.has_second_source else [*sources, UNCHECKED])
    compared = [f"{'agrees' if c.agrees else 'DISAGREES'}: {c.implementation}: {c.text}" for c in d.comparisons]
    yield from _wrapped("Compared once with", compared)
    yield from _wrapped("Contradictions", [line for c in d.contradictions for line in _contradiction(c)])
    claims = [line for claim in d.claims for line in (claim.text, f"    {told(d.name, claim)}")]
    yield from _wrapped("Claims (gatedsym prove proves them)", claims)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if not number:
            yield ""
            yield title
        yield f"  {line}".rstrip()


def _wrapped(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A section of sentences: long ones are folded."""
    folded = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        folded += wrap(line.strip(), _PAGE_WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ") or [""]
    return _section(title, folded)


def _descent(d: Derivation) -> list[str]:
    lines = []
    if d.variant is not None:
        lines.append(f"an edit of {d.variant.of}" + ("" if d.variant.edits else " (its equations are the same)") + ":")
        lines += [f"    {line}" for line in d.variant.lines.strip().splitlines()]
        lines += [f"    {name} = {right}" for name, right in d.variant.edits.items()]
    others = [library.derivation(name) for name in library.names()]
    edits = [o.name for o in others if o.variant is not None and o.variant.of == d.name]
    if edits:
        lines.append(f"edited in {', '.join(edits)}")
    also = [
        told(o.name, claim)
        for o in others
        for claim in o.claims
        if isinstance(claim, Equivalence) and claim.other_name == d.name and o.name != d.name
    ]
    return lines + also


def _initialisation(d: Derivation) -> list[str]:
    if d.initialisation is None:
        return []
    rules = [f"{pattern}: {rule}" for pattern, rule in d.initialisation.rules.items()]
    return [*rules, f"{'others' if rules else 'all'}: scheme {d.initialisation.otherwise}", d.initialisation.source]


def _contradiction(c: Any) -> list[str]:
    return [f"{c.project}, {c.place}", f"    says: {c.says}", f"    does: {c.does}"]


def contradictions() -> Iterator[str]:
    """Lines: by project, what others' words and code say against each other, and comparisons that disagree."""
    found: dict[str, list[str]] = {}
    derivations = [library.derivation(name) for name in library.names()]
    for d in derivations:
        for c in d.contradictions:
            lines = found.setdefault(c.project, [])
            lines += [f"  {d.name}: {c.place}", f"    says: {c.says}", f"    does: {c.does}"]
        for comparison in d.comparisons:
            if not comparison.agrees:
                lines = found.setdefault(comparison.implementation, [])
                lines += [f"  {d.name}: values and gradients disagree", f"    {comparison.text}"]
    for project in sorted(found, key=str.lower):
        yield project
        yield from found[project]
    written = sum(len(d.contradictions) for d in derivations)
    differing = sum(not c.agrees for d in derivations for c in d.comparisons)
    compared = sum(len(d.comparisons) for d in derivations)
    yield f"{written} contradictions; {differing} of {compared} comparisons disagree"
