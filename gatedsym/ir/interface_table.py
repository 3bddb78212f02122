"""The table of a generated module, a literal of names, numbers and lists ↔ `gatedsym.ir.interface.Interface`.

It can be read without running the module, and every entry is checked as it is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import groupby, product
from typing import Any, NoReturn, TypeVar

from gatedsym.errors import InterfaceError
from gatedsym.ir.domain import Domain, read_domain
from gatedsym.ir.interface import (
    GROUPS,
    ROWS,
    Argument,
    Dimension,
    Dims,
    Gate,
    GradientBlock,
    Interface,
    KernelSignature,
    Kind,
    Layout,
    Member,
    Number,
    OuterBlocks,
    PackedOperand,
    Role,
    Rows,
    Scratch,
    ScratchArray,
    ScratchPiece,
    Terms,
)

FORMAT = 4
"""Raised when generated modules change what they say: an older one is refused, with the command that makes it anew."""

TABLE = "\nINTERFACE = "
"""What the table of a module begins with; it is the last thing there."""

_Found = TypeVar("_Found")
_Word = TypeVar("_Word", Kind, Rows, Number, Role)


def table_of(text: str) -> object:
    """The table in a generated module's text, as it stands there; the module is not run.

    Raises
    ------
    InterfaceError
        If there is none.
    """
    _, found, table = text.rpartition(TABLE)
    try:
        if found:
            return ast.literal_eval(table)
    except (ValueError, SyntaxError):
        pass
    raise InterfaceError("a generated module ends with no table that can be read: run gatedsym generate.")


def read_interface(table: object) -> Interface:
    """Check a table and give its entries their types.

    Parameters
    ----------
    table : object
        The literal ``INTERFACE`` of a generated module.

    Raises
    ------
    InterfaceError
        If it is of another format, or something in it is not what it must be.
    """
    if not isinstance(table, dict) or not isinstance(table.get("cell"), str):
        raise InterfaceError("the table of a generated module does not say of which cell it is: run gatedsym generate.")
    if table.get("format") != FORMAT:
        raise InterfaceError(
            f"the generated module of {table['cell']} is of format {table.get('format')!r}, and this gatedsym reads "
            f"{FORMAT}: run gatedsym generate {table['cell']}."
        )
    return _Reader(table["cell"]).interface(table)


class _Reader:
    """Checks of a table's entries; `path` says where in the table it is."""

    def __init__(self, cell: str) -> None:
        self.cell, self.path = cell, list[str]()
        self.dims: dict[str, Dims] = {}

    def refuse(self, what: str) -> NoReturn:
        place = " → ".join(self.path) or "the whole"
        raise InterfaceError(
            f"the table of the generated module of {self.cell} is wrong: {place} {what}. Run gatedsym generate."
        )

    def at(self, name: object, read: Callable[[Any], _Found], value: object) -> _Found:
        """Read an entry under its name."""
        self.path.append(str(name))
        found = read(value)
        self.path.pop()
        return found

    def fields(self, value: object, needed: set[str], optional: Iterable[str] = ()) -> dict[str, Any]:
        """A dict that has all needed keys and no unknown ones."""
        found = self.mapping(value)
        for name in sorted(needed - found.keys()):
            self.refuse(f"has no {name}")
        for name in sorted(found.keys() - needed - {*optional}):
            self.refuse(f"has {name!r}, which means nothing")
        return found

    def mapping(self, value: object) -> dict[str, Any]:
        if not isinstance(value, dict) or not all(isinstance(key, str) and key for key in value):
            self.refuse(f"is no mapping from names: {value!r}")
        return dict(value)

    def items(self, value: object) -> list[Any]:
        if not isinstance(value, list):
            self.refuse(f"is no list: {value!r}")
        return value

    def text(self, value: object) -> str:
        if not isinstance(value, str):
            self.refuse(f"is no text: {value!r}")
        return value

    def names(self, value: object) -> tuple[str, ...]:
        found = tuple(self.text(item) for item in self.items(value))
        if len(set(found)) < len(found) or "" in found:
            self.refuse(f"names something twice, or nothing: {value!r}")
        return found

    def dims_of(self, value: object) -> Dims:
        return tuple(self.text(item) for item in self.items(value))

    def word(self, words: type[_Word], value: object) -> _Word:
        try:
            return words(self.text(value))
        except ValueError:
            self.refuse(f"is {value!r}, none of {', '.join(words)}")

    # Its parts.

    def interface(self, table: dict[str, Any]) -> Interface:
        own = {"dimensions", "delays", "biases", "gates", "tensors", "arrays", "kernels", "gradients"}
        found = self.fields(table, {"format", "cell", "equations", "parts", *GROUPS, *own}, {"domains", "fan_in"})
        parts = self.at("parts", self.parts, found["parts"])
        groups = {group: self.at(group, lambda v: self.layouts(v, parts), found[group]) for group in GROUPS}
        for layouts in groups.values():
            for layout in layouts:
                self.dims.update(layout.part_dims)
        self.dims.update(self.at("tensors", self.tensors, found["tensors"]))
        shared = self.at("arrays", self.arrays, found["arrays"])
        signatures = self.at("kernels", partial(self.signatures, shared), found["kernels"])
        return Interface(
            cell=self.at("cell", self.text, found["cell"]),
            equations=self.at("equations", self.text, found["equations"]),
            dimensions=self.at("dimensions", self.dimensions, found["dimensions"]),
            delays=self.at("delays", self.delays, found["delays"]),
            biases=self.at("biases", self.names, found["biases"]),
            gates=self.at("gates", lambda v: tuple(self.gate(g) for g in self.items(v)), found["gates"]),
            kernels=signatures,
            gradients=self.at("gradients", self.blocks, found["gradients"]),
            domains=self.at("domains", lambda v: self.domains(v, groups["inputs"]), found.get("domains", {})),
            fan_in=self.at("fan_in", lambda v: self.fan_in(v, groups["parameters"]), found.get("fan_in", {})),
            **groups,
        )

    def parts(self, value: object) -> dict[str, tuple[str, ...]]:
        return {name: self.at(name, self.names, parts) for name, parts in self.mapping(value).items()}

    def layouts(self, value: object, parts: Mapping[str, tuple[str, ...]]) -> tuple[Layout, ...]:
        """Each from the dimensions of its axes, ``n+m`` where they are a sum."""
        found = []
        for name, axes in self.mapping(value).items():
            split = tuple(tuple(axis.split("+")) for axis in self.at(name, self.dims_of, axes))
            layout = Layout(name, split, parts.get(name, (name,)))
            blocks = len(list(product(*split)))
            if len(layout.parts) != blocks or (blocks == 1 and name in parts):
                self.refuse(f"has {name} with {blocks} blocks and the parts {', '.join(layout.parts)}")
            found.append(layout)
        return tuple(found)

    def tensors(self, value: object) -> dict[str, Dims]:
        return {name: self.at(name, self.dims_of, dims) for name, dims in self.mapping(value).items()}

    def members(self, value: object) -> tuple[Member, ...]:
        found = self.names(value)
        for name in found:
            if name not in self.dims:
                self.refuse(f"holds {name!r}, whose dimensions the table does not say")
        return tuple(Member(name, self.dims[name]) for name in found)

    def arrays(self, value: object) -> dict[str, Argument]:
        return {name: self.at(name, partial(self.argument, name), entry) for name, entry in self.mapping(value).items()}

    def argument(self, name: str, value: object) -> Argument:
        found = self.fields(value, {"kind"}, {"of", "rows", "columns"})
        kind = self.word(Kind, found["kind"])
        rows = self.word(Rows, found["rows"]) if "rows" in found else ROWS[kind][0]
        if rows not in ROWS[kind]:
            self.refuse(f"lies as {rows}; arrays of kind {kind} lie as {', '.join(ROWS[kind])}")
        members = self.at("of", self.members, found.get("of", [name]))
        columns = self.at("columns", self.members, found["columns"]) if "columns" in found else ()
        if bool(members) == (kind in (Kind.EXPONENTS, Kind.SQUARES)) or (columns and kind is not Kind.GRADIENT):
            self.refuse("holds what arrays of its kind do not")
        if len(members) > 1 and not (columns or kind in (Kind.RESIDUAL, Kind.WORK)):
            self.refuse("holds several tensors")
        return Argument(name, kind, members, rows, columns)

    def signatures(self, shared: Mapping[str, Argument], value: object) -> dict[str, KernelSignature]:
        read = partial(self.signature, shared=shared)
        return {name: self.at(name, read, entry) for name, entry in self.mapping(value).items()}

    def signature(self, value: object, shared: Mapping[str, Argument]) -> KernelSignature:
        found = self.fields(value, {"numbers", "sizes", "arrays"}, {"own", "scratch"})
        known = {**shared, **self.at("own", self.arrays, found.get("own", {}))}
        names = self.at("arrays", self.names, found["arrays"])
        for name in names:
            if name not in known:
                self.refuse(f"takes {name!r}, which is not described")
        for name in found.get("own", {}):
            if name not in names:
                self.refuse(f"describes {name!r} and does not take it")
        return KernelSignature(
            numbers=tuple(self.word(Number, n) for n in self.at("numbers", self.names, found["numbers"])),
            sizes=self.at("sizes", self.names, found["sizes"]),
            arrays=tuple(known[name] for name in names),
            scratch=self.at("scratch", self.scratch, found["scratch"]) if "scratch" in found else None,
        )

    def scratch(self, value: object) -> Scratch:
        found = self.fields(value, {"name", "pieces"})
        return Scratch(self.text(found["name"]), tuple(p for v in self.items(found["pieces"]) for p in self.pieces(v)))

    def pieces(self, value: object) -> list[ScratchPiece]:
        """One piece, or as many equal ones as `count` says."""
        found = self.fields(value, set(), {"array", "rows", "columns", "outer", "count"})
        count = self.whole(found.pop("count", 1))
        if count < 1:
            self.refuse(f"has a piece that is none: {value!r}")
        piece: ScratchPiece
        match found:
            case {"array": size} if len(found) == 1:
                piece = ScratchArray(self.terms(size))
            case {"rows": rows, "columns": columns} if len(found) == 2:
                piece = PackedOperand(self.terms(rows), self.terms(columns))
            case {"outer": True} if len(found) == 1:
                piece = OuterBlocks()
            case _:
                self.refuse(f"has a piece that is none: {value!r}")
        return [piece] * count

    def terms(self, value: object) -> Terms:
        return tuple(self.dims_of(term) for term in self.items(value))

    def whole(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(f"is no whole number: {value!r}")
        return value

    def dimensions(self, value: object) -> tuple[Dimension, ...]:
        sizes = []
        for name, entry in self.mapping(value).items():
            found = self.at(name, lambda v: self.fields(v, set(), {"size", "fixed"}), entry)
            formula, fixed = found.get("size"), found.get("fixed", False)
            if not isinstance(fixed, bool) or (fixed and formula is None):
                self.refuse(f"has {name} fixed to {fixed!r}")
            sizes.append(Dimension(name, None if formula is None else self.text(formula), fixed))
        return tuple(sizes)

    def delays(self, value: object) -> dict[str, int]:
        return {name: self.at(name, self.whole, delay) for name, delay in self.mapping(value).items()}

    def domains(self, value: object, inputs: tuple[Layout, ...]) -> dict[str, Domain]:
        names = {layout.name for layout in inputs}
        found = {name: self.at(name, self.domain, text) for name, text in self.mapping(value).items()}
        for name in sorted(found.keys() - names):
            self.refuse(f"says what {name!r} may be, which is no input")
        return found

    def fan_in(self, value: object, parameters: tuple[Layout, ...]) -> dict[str, tuple[tuple[int, ...], ...]]:
        """For each weight sets of its axes."""
        ranks = {layout.name: len(layout.axes) for layout in parameters}
        found: dict[str, tuple[tuple[int, ...], ...]] = {}
        for name, ways in self.mapping(value).items():
            if name not in ranks:
                self.refuse(f"says how {name!r} is summed, which is no parameter")
            found[name] = tuple(tuple(self.whole(axis) for axis in self.items(way)) for way in self.items(ways))
            if any(not 0 <= axis < ranks[name] for way in found[name] for axis in way):
                self.refuse(f"sums {name!r} over an axis that it has not")
            if any(not way or list(way) != sorted({*way}) for way in found[name]):
                self.refuse(f"does not name each axis that {name!r} is summed over once and in order")
        return found

    def domain(self, value: object) -> Domain:
        try:
            found = read_domain(self.text(value))
        except ValueError:
            found = None
        if found is None:
            self.refuse(f"is {value!r}, no domain")
        return found

    def gate(self, value: object) -> Gate:
        found = self.fields(value, {"state", "gate", "bias", "sign", "role"})
        state, gate, bias = (self.text(found[name]) for name in ("state", "gate", "bias"))
        return Gate(state, gate, bias, self.whole(found["sign"]), self.word(Role, found["role"]))

    def blocks(self, value: object) -> tuple[GradientBlock, ...]:
        found = []
        for array, tensors in self.mapping(value).items():
            for tensor, entry in self.at(array, self.mapping, tensors).items():
                meet = self.at(tensor, lambda v: self.fields(v, {"row", "column"}), entry)
                found.append(GradientBlock(tensor, array, self.text(meet["row"]), self.text(meet["column"])))
        return tuple(found)


def as_table(interface: Interface) -> dict[str, Any]:
    """The table that `read_interface` reads: what several kernels take is described once.

    Raises
    ------
    ValueError
        If a tensor has other dimensions in one array than in another, or a table cannot say them.
    """
    shared = _shared(interface.kernels.values())
    layouts = interface.layouts()
    return {
        "format": FORMAT,
        "cell": interface.cell,
        "equations": interface.equations,
        "dimensions": {d.name: _dimension(d) for d in interface.dimensions},
        **{g: {ly.name: ["+".join(axis) for axis in ly.axes] for ly in interface.layouts(g)} for g in GROUPS},
        "parts": {ly.name: list(ly.parts) for ly in layouts if ly.parts != (ly.name,)},
        "delays": dict(interface.delays),
        "biases": list(interface.biases),
        "gates": [{"state": g.state, "gate": g.gate, "bias": g.bias, "sign": g.sign, "role": g.role.value}
                  for g in interface.gates],
        "tensors": _tensors(interface),
        "arrays": {a.name: _array(a) for a in shared.values()},
        "kernels": {name: _signature(kernel, shared) for name, kernel in interface.kernels.items()},
        "gradients": _gradients(interface.gradients),
        **({"domains": {n: str(d) for n, d in interface.domains.items()}} if interface.domains else {}),
        **({"fan_in": {n: [*map(list, ways)] for n, ways in interface.fan_in.items()}} if interface.fan_in else {}),
    }  # fmt: skip


def _shared(kernels: Iterable[KernelSignature]) -> dict[str, Argument]:
    """For each name what the first kernel that takes an array of it means."""
    shared: dict[str, Argument] = {}
    for kernel in kernels:
        for argument in kernel.arrays:
            shared.setdefault(argument.name, argument)
    return shared


def _dimension(d: Dimension) -> dict[str, Any]:
    return {**({} if d.formula is None else {"size": d.formula}), **({"fixed": True} if d.fixed else {})}


def _tensors(interface: Interface) -> dict[str, list[str]]:
    """The dimensions of tensors that are no part of a layout."""
    known, found = dict(interface.part_dims), dict[str, list[str]]()
    for kernel in interface.kernels.values():
        for argument in kernel.arrays:
            for member in (*argument.members, *argument.columns):
                if member.name not in known:
                    known[member.name], found[member.name] = member.dims, list(member.dims)
                if known[member.name] != member.dims:
                    raise ValueError(f"{member.name} is {member.dims} in {argument.name}, else {known[member.name]}.")
    return found


def _array(a: Argument) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": a.kind.value}
    if a.tensors != (a.name,):
        found["of"] = list(a.tensors)
    if a.rows is not ROWS[a.kind][0]:
        found["rows"] = a.rows.value
    if a.columns:
        found["columns"] = [member.name for member in a.columns]
    return found


def _signature(kernel: KernelSignature, shared: Mapping[str, Argument]) -> dict[str, Any]:
    own = {a.name: _array(a) for a in kernel.arrays if shared[a.name] != a}
    scratch = kernel.scratch
    return {
        "numbers": [number.value for number in kernel.numbers],
        "sizes": list(kernel.sizes),
        "arrays": [a.name for a in kernel.arrays],
        **({"own": own} if own else {}),
        **({} if scratch is None else {"scratch": {"name": scratch.name, "pieces": _pieces(scratch.pieces)}}),
    }


def _pieces(pieces: Iterable[ScratchPiece]) -> list[dict[str, Any]]:
    found = []
    for piece, equal in groupby(pieces):
        count = len(list(equal))
        found.append(_piece(piece) | ({"count": count} if count > 1 else {}))
    return found


def _piece(piece: ScratchPiece) -> dict[str, Any]:
    match piece:
        case ScratchArray(size):
            return {"array": [list(term) for term in size]}
        case PackedOperand(rows, columns):
            return {"rows": [list(term) for term in rows], "columns": [list(term) for term in columns]}
        case OuterBlocks():
            return {"outer": True}


def _gradients(blocks: Iterable[GradientBlock]) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for block in blocks:
        found.setdefault(block.array, {})[block.tensor] = {"row": block.row, "column": block.column}
    return found
