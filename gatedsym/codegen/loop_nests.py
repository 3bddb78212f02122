"""Phases of a step → its loops as Python text, in which values have a home.

A *home* is the array element where a value lives. Values that only their own loop reads live in a scalar of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import sympy as sp

from gatedsym.codegen.python_text import Constants, ExpressionPrinter, Identifiers, spell
from gatedsym.codegen.step_order import Nest, Node, Phase
from gatedsym.ir.interface import CallSize
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Solve, Statement

ROWS, DIRECTIONS, SEGMENT = CallSize.ROWS, CallSize.DIRECTIONS, CallSize.SEGMENT
"""Axes of a kernel's own arrays: the batch rows that it works on, the directions of each, the steps of a segment."""

Sizes = Callable[[str], str]
"""The text of a dimension's size."""


@dataclass(frozen=True)
class Home:
    """The home of a tensor's entries: ``array[lead…, indices…]``, or flat behind an offset in the last axis.

    Attributes
    ----------
    array : str
    lead : tuple of str
        Text of the leading indices, such as ``t + 1`` and ``b``.
    dims : tuple of str
    offset : str, optional
        Text of the first column in the last axis; None if the tensor's own axes follow the lead.
    add : bool
        True if values are added to what is there.
    """

    array: str
    lead: tuple[str, ...]
    dims: tuple[str, ...]
    offset: str | None = None
    add: bool = False

    def element(self, indices: Sequence[str], size: Sizes) -> str:
        """Text of one entry."""
        if self.offset is None:
            inside = ", ".join((*self.lead, *indices))
            return f"{self.array}[{inside or '()'}]"
        column = flat_index(indices, self.dims, size)
        place = column if self.offset == "0" else self.offset if column == "0" else f"{self.offset} + {column}"
        return f"{self.array}[{', '.join((*self.lead, place))}]"


def flat_index(indices: Sequence[str], dims: Sequence[str], size: Sizes) -> str:
    """Row-major position of an entry."""
    text = ""
    for index, dim in zip(indices, dims, strict=True):
        text = (
            index
            if not text
            else f"({text}) * {size(dim)} + {index}"
            if " " in text
            else (f"{text} * {size(dim)} + {index}")
        )
    return text or "0"


def extent(dims: Sequence[str], size: Sizes) -> str:
    """Text of the number of entries of a tensor."""
    return " * ".join(size(d) for d in dims) or "1"


def add_extents(extents: Sequence[str]) -> str:
    """Text of a sum of numbers of entries; equal ones are counted: n + n + m is 2 * n + m."""
    counts: dict[str, int] = {}
    for text in extents:
        for part in text.split(" + "):
            head, _, tail = part.partition(" * ")
            count, unit = (int(head), tail) if head.isdigit() and tail else (1, part)
            if unit != "0":
                counts[unit] = counts.get(unit, 0) + count
    return " + ".join(unit if count == 1 else f"{count} * {unit}" for unit, count in counts.items()) or "0"


@dataclass(frozen=True)
class StagePhases:
    """The phases of a stage, and whether it is a loop over time; else each phase is done for all steps of a segment."""

    phases: Sequence[Phase]
    is_loop: bool = True


@dataclass(frozen=True)
class _Place:
    """Place of a value: between which calls for all rows, in which nest, for each direction or not.

    `stage` is that of a loop over time; a group of a stage over all steps has loops over time of its own: -1.
    """

    group: int
    nest: int
    inner: bool
    stage: int = 0


def _places(stages: Sequence[StagePhases]) -> dict[str, _Place]:
    """Places of the values of the nests, in order."""
    group, number, places = 0, 0, {}
    for position, stage in enumerate(stages):
        for phase in stage.phases:
            number += 1
            if isinstance(phase, Node):
                group += 1
                continue
            for statement in phase.statements:
                place = _Place(group, number, phase.inner, position if stage.is_loop else -1)
                places[statement.target.name] = place
        group += 1
    return places


def _readers(phases: Sequence[Phase]) -> dict[str, list[Statement]]:
    """The statements of the nests that read each value."""
    readers: dict[str, list[Statement]] = {}
    for phase in phases:
        for statement in phase.statements if isinstance(phase, Nest) else ():
            for name in {r.name for r in statement.operands}:
                readers.setdefault(name, []).append(statement)
    return readers


@dataclass
class StepText:
    """Writes the phases of a step.

    Attributes
    ----------
    program : Program
    homes : dict of str to Home
        Of everything that lives in an array.
    identifiers, constants
    size : callable
        Text of a dimension's size.
    take : callable
        From the name of an array and its axes (dimensions; ROWS or DIRECTIONS): makes it, before the first step.
    row, first_row, last_row : str
        The loop over batch rows.
    direction, first_direction, last_direction : str
        The loop over directions inside it, where there is one.
    step_of_segment : str
        The number of a step in its segment.
    comment : callable
        For a tensor the equation to print above its statement, or "".
    """

    program: Program
    homes: dict[str, Home]
    identifiers: Identifiers
    constants: Constants
    size: Sizes
    take: Callable[[str, tuple[str, ...]], None]
    row: str = "b"
    first_row: str = "b0"
    last_row: str = "b1"
    direction: str = "d"
    first_direction: str = "d0"
    last_direction: str = "d1"
    step_of_segment: str = "t - first"
    comment: Callable[[str], str] = lambda _: ""
    _variables: list[str] = field(default_factory=list)
    _sums: list[str] = field(default_factory=list)
    _single: dict[str, str] = field(default_factory=dict)
    _views: dict[Home, str] = field(default_factory=dict)
    _targets: dict[str, None] = field(default_factory=dict)
    _work: dict[str, str] = field(default_factory=dict)
    _names_of_targets: set[str] | None = None
    _written: set[str] = field(default_factory=set)

    def write(self, stages: Sequence[StagePhases]) -> list[list[tuple[bool, list[str]]]]:
        """For each stage its pieces: lines of one step, or (False) of a call for all rows."""
        self._find_homes(stages)
        nests = (p for stage in stages for p in stage.phases if isinstance(p, Nest))
        self._targets = dict.fromkeys(s.target.name for p in nests for s in p.statements)
        self._names_of_targets = None
        return [self._stage(stage.phases) for stage in stages]

    def _stage(self, phases: Sequence[Phase]) -> list[tuple[bool, list[str]]]:
        pieces: list[tuple[bool, list[str]]] = []
        position = 0
        while position < len(phases):
            phase = phases[position]
            if isinstance(phase, Node):
                pieces.append((False, list(phase.lines)))
                position += 1
                continue
            group: list[Nest] = []
            while position < len(phases) and isinstance(phases[position], Nest):
                group.append(phases[position])  # type: ignore[arg-type]
                position += 1
            loop = f"for {self.row} in range({self.first_row}, {self.last_row}):"
            pieces.append((True, [loop, *indent(self._row(group))]))
        return pieces

    def write_plain(self, phases: Sequence[Phase]) -> list[str]:
        """The lines of statements that run once, not for each row."""
        return [line for phase in phases if isinstance(phase, Nest) for line in self._nest(phase)]

    def _row(self, group: Sequence[Nest]) -> list[str]:
        """The lines for one row: first those that hold for all of its directions, then one loop over these.

        One, because a row's arrays hold the values of one direction.
        """
        self._views.clear()
        self._written = {s.target.name for nest in group for s in nest.statements}
        lines = [line for nest in group if not nest.inner for line in self._nest(nest)]
        inner = [line for nest in group if nest.inner for line in self._nest(nest)]
        if inner:
            inner = [*self._view_lines(of_direction=True), *inner]
            loop = f"range({self.first_direction}, {self.last_direction})"
            lines += [f"for {self.direction} in {loop}:", *indent(inner)]
        return [*self._view_lines(of_direction=False), *lines]

    @property
    def _own_direction(self) -> str:
        """The index of a direction in the kernel's own arrays."""
        return f"{self.direction} - {self.first_direction}"

    def _view_lines(self, of_direction: bool) -> list[str]:
        """Definitions of the row views that the statements just written use."""
        lines, used = [], []
        for home, name in self._views.items():
            if bool({self.direction, self._own_direction} & {*home.lead}) == of_direction:
                used.append(home)
                lead = ", ".join(home.lead)
                if home.offset is None:
                    lines.append(f"{name} = {home.array}[{lead}]")
                else:
                    width = extent(home.dims, self.size)
                    end = width if home.offset == "0" else add_extents([home.offset, width])
                    lines.append(f"{name} = {home.array}[{lead}, {home.offset}:{end}]")
        for home in used:
            del self._views[home]
        return lines

    def _entry(self, name: str, indices: Sequence[str]) -> str:
        """Text of an entry of a tensor that lives in an array: through a view of its row where it has rows.

        A view's entry ``c_f[j]`` is one that LLVM sees to be contiguous; ``c[t, b, n + j]`` is not, because a negative
        index would count from the end.
        """
        home = self.homes[name]
        if self._is_number_of_segment(home) and name in self._written:
            return self._scalar(name)
        if not home.lead or not (home.dims or self._is_number_of_segment(home)):
            return home.element(indices, self.size)
        if home not in self._views:
            self._views[home] = self._named(f"view:{home}", self._view_wish(name, home))
        if not home.dims:
            return self._views[home]
        column = flat_index(indices, home.dims, self.size) if home.offset is not None else ", ".join(indices)
        return f"{self._views[home]}[{column}]"

    def _is_number_of_segment(self, home: Home) -> bool:
        """Whether a home holds one number for each row of the steps of a segment: loops within a row read a scalar."""
        return self.step_of_segment in home.lead and home.offset is None and not home.dims

    def _view_wish(self, name: str, home: Home) -> str:
        plain = self.identifiers.of(name)
        tensor = self.program[name]
        if self.row not in home.lead:
            return f"{plain}_row"
        if tensor.role == "state" or (
            tensor.role in ("adjoint", "tangent") and home.array == spell(name) and home.offset is None
        ):
            return f"{spell(name)}_prev"
        taken = self.identifiers.is_reserved(plain) or name in self._targets
        return f"{plain}_row" if taken else plain

    def _find_homes(self, stages: Sequence[StagePhases]) -> None:
        """Give an array to each value that is read outside of its loop over time, or of its loop over rows."""
        places = _places(stages)
        readers = _readers([phase for stage in stages for phase in stage.phases])
        for name, place in places.items():
            if name in self.homes:
                continue
            outside, axes = self._is_read_elsewhere(name, place, readers.get(name, ()), places)
            if axes or (outside and self.program[name].dims):
                self._give_array(name, axes, place.inner)

    def _is_read_elsewhere(
        self, name: str, place: _Place, readers: Iterable[Statement], places: Mapping[str, _Place]
    ) -> tuple[bool, tuple[CallSize, ...]]:
        """Whether another loop reads the value; and of what all values are held for one behind a call, or for a later
        loop over time: of all rows, or of all steps of a segment too."""
        outside, crosses, later = not isinstance(self.program.definitions.get(name), Pointwise | None), False, False
        for reader in readers:
            at = places[reader.target.name]
            outside |= at.nest != place.nest or not isinstance(reader, Pointwise)
            crosses |= at.group != place.group
            later |= at.group != place.group and (at.stage != place.stage or at.stage < 0)
        return outside, (SEGMENT, ROWS) if later else (ROWS,) if crosses else ()

    def _give_array(self, name: str, held: tuple[CallSize, ...], inner: bool) -> None:
        dims = self.program[name].dims
        ending = {0: "row", 1: "rows", 2: "steps"}[len(held)]
        array = self.identifiers.fresh(f"{self.identifiers.of(name)}_{ending}")
        self.take(array, (*held, *((DIRECTIONS,) if inner and held else ()), *dims))
        own = {SEGMENT: self.step_of_segment, ROWS: f"{self.row} - {self.first_row}"}
        lead = (*(own[size] for size in held), *((self._own_direction,) if inner and held else ()))
        self.homes[name] = Home(array, lead, dims)

    def _nest(self, nest: Nest) -> list[str]:
        if isinstance(nest.statements[0], Solve):
            return self._solve(nest.statements[0])
        variables = self.loop_variables(len(nest.dims))
        lines: list[str] = []
        here = {s.target.name for s in nest.statements}
        last_read = {r.name: n for n, s in enumerate(nest.statements) for r in s.operands}
        for number, statement in enumerate(nest.statements):
            renaming = dict(zip(statement.target.indices, variables, strict=True))
            if isinstance(statement, Pointwise):
                read_later = last_read.get(statement.target.name, -1) > number
                lines += self._assign(statement, renaming, here, read_later)
            elif isinstance(statement, Contraction):
                lines += self._accumulate(statement, renaming)
        for variable, dim in reversed(list(zip(variables, nest.dims, strict=True))):
            lines = [f"for {variable} in range({self.size(dim)}):", *indent(lines)]
        return lines

    def loop_variables(self, count: int) -> tuple[str, ...]:
        """Names of the loop variables of `count` nested loops."""
        while len(self._variables) < count:
            letters = "jklpqrsuvw"
            wish = letters[len(self._variables)] if len(self._variables) < len(letters) else "j"
            self._variables.append(self.identifiers.fresh(wish))
        return tuple(self._variables[:count])

    def _summed_variables(self, count: int) -> tuple[str, ...]:
        while len(self._sums) < count:
            wish = "qsuvw"[len(self._sums)] if len(self._sums) < 5 else "q"
            self._sums.append(self.identifiers.fresh(wish))
        return tuple(self._sums[:count])

    def _assign(
        self, statement: Pointwise, renaming: Mapping[str, str], here: AbstractSet[str], read_later: bool
    ) -> list[str]:
        name = statement.target.name
        lines = [f"# {line}" for line in self.comment(name).splitlines()]
        text = self._expression(statement, renaming, here)
        home = self.homes.get(name)
        if home is None:
            return [*lines, f"{self.identifiers.of(name)} = {text}"]
        if self._is_number_of_segment(home):
            return [*lines, *self._number(name, home, text)]
        element = self._entry(name, [renaming[i] for i in statement.target.indices])
        if home.add:
            return [*lines, f"{element} += {text}"]
        if read_later:
            scalar = self._scalar(name)
            return [*lines, f"{scalar} = {text}", f"{element} = {scalar}"]
        return [*lines, f"{element} = {text}"]

    def _number(self, name: str, home: Home, text: str) -> list[str]:
        """Lines that set a number of a row, in a scalar and in its array."""
        scalar = self._scalar(name)
        return [f"{scalar} = {text}", f"{home.element((), self.size)} = {scalar}"]

    def _scalar(self, name: str) -> str:
        """The local variable of a value; not its array's name, where it has one."""
        home, plain = self.homes.get(name), self.identifiers.of(name)
        if home is None or not self.identifiers.is_reserved(plain):
            return plain
        return self._named(name, f"{plain}_here")

    def _named(self, key: str, wish: str) -> str:
        if key not in self._single:
            if self._names_of_targets is None:
                self._names_of_targets = {self.identifiers.of(n) for n in self._targets}
            claimed = wish in self._names_of_targets
            self._single[key] = self.identifiers.fresh(wish) if claimed else self.identifiers.claim(wish)
        return self._single[key]

    def _expression(self, statement: Pointwise, renaming: Mapping[str, str], here: AbstractSet[str]) -> str:
        """The right side; what the same nest computes, `here`, is read from its scalar."""
        table: dict[sp.Symbol, str] = {}
        for ref in statement.operands:
            scalar = ref.name in here and ref.name != statement.target.name
            table[ref.symbol] = self.element(ref, renaming, scalar)
        return ExpressionPrinter(self.constants, table.__getitem__)(statement.expression)

    def element(self, ref: Ref, renaming: Mapping[str, str], scalar: bool = False) -> str:
        """Text of an operand; with `scalar`, of one that the same nest has computed."""
        indices = [renaming.get(i, i) for i in ref.indices]
        tensor = self.program[ref.name]
        if tensor.role == "identity":
            one, zero = self.constants.name(sp.S.One), self.constants.name(sp.S.Zero)
            return f"({one} if {indices[0]} == {indices[1]} else {zero})"
        if tensor.role == "constant":
            return self.constants.define(self.identifiers.of(ref.name), tensor.value)
        if scalar:
            return self._scalar(ref.name)
        return self._entry(ref.name, indices) if ref.name in self.homes else self._scalar(ref.name)

    def _accumulate(self, statement: Contraction, renaming: Mapping[str, str]) -> list[str]:
        dims = self.program.index_dims(statement)
        variables = self._summed_variables(len(statement.summed))
        names = {**renaming, **dict(zip(statement.summed, variables, strict=True))}
        product = " * ".join(self.element(f, names) for f in statement.factors)
        comment = [f"# {line}" for line in self.comment(statement.target.name).splitlines()]
        if not statement.summed:
            return [*comment, *self._store(statement, renaming, product)]
        total = self._named("~total", "total")
        if statement.reduction == "max":
            first = {**renaming, **dict.fromkeys(statement.summed, "0")}
            start = " * ".join(self.element(f, first) for f in statement.factors)
            body = [f"{total} = maximum({total}, {product})"]
        else:
            start = self.constants.name(sp.S.Zero)
            body = [f"{total} += {product}"]
        for index, variable in reversed(list(zip(statement.summed, variables, strict=True))):
            body = [f"for {variable} in range({self.size(dims[index])}):", *indent(body)]
        return [*comment, f"{total} = {start}", *body, *self._store(statement, renaming, total)]

    def _store(self, statement: Contraction, renaming: Mapping[str, str], text: str) -> list[str]:
        """Lines that put what a contraction gives where it lives."""
        name, home = statement.target.name, self.homes.get(statement.target.name)
        if home is None:
            return [f"{self.identifiers.of(name)} = {text}"]
        if self._is_number_of_segment(home):
            return self._number(name, home, text)
        element = self._entry(name, [renaming[i] for i in statement.target.indices])
        return [f"{element} {'+=' if home.add else '='} {text}"]

    def _solve(self, statement: Solve) -> list[str]:
        """A call: of the inverse where the right side is the identity."""
        dim = self.program[statement.right.name].dims[0]
        if dim not in self._work:
            self._work[dim] = self.identifiers.fresh("eliminated")
            self.take(self._work[dim], (dim, dim))
        matrix = self._two_axes(statement.matrix.name)
        arguments = [self._two_axes(statement.target.name), f"{matrix}{'.T' if statement.transposed else ''}"]
        inverse = self.program[statement.right.name].role == "identity"
        if not inverse:
            arguments.append(self._two_axes(statement.right.name))
        lines = [f"# {line}" for line in self.comment(statement.target.name).splitlines()]
        name = "invert" if inverse else "solve"
        return [*lines, f"{name}({', '.join(arguments)}, {self._work[dim]})"]

    def _two_axes(self, name: str) -> str:
        """A whole tensor as an array of two axes: its first one, and all others side by side."""
        home = self.homes[name]
        first, *others = home.dims
        array = home.array
        if home.lead:
            self._entry(name, [""] * len(home.dims))
            array = self._views[home]
        if home.offset is None and len(others) == 1:
            return array
        return f"{array}.reshape(({self.size(first)}, {extent(others, self.size)}))"


def indent(lines: Iterable[str], by: int = 1) -> list[str]:
    """The lines, moved right."""
    return [f"{'    ' * by}{line}" if line else line for line in lines]
