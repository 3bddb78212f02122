"""Text to Recurrence: the way from the typed equations of a cell to its Program."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from gatedsym.equations import complex_calls, complex_numbers, declared, exact, identity, row_vectors, slices, syntax
from gatedsym.equations.array_files import with_arrays
from gatedsym.equations.builder import Builder
from gatedsym.equations.declarations import Axes, is_size, size_of
from gatedsym.equations.inner_cells import MeetError, read_whole
from gatedsym.equations.lint import lint_warnings
from gatedsym.equations.lower import Frame, Lowering
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.propose import declares, propose, refuse_open_marks, undeclared_text
from gatedsym.equations.schemes import told_scheme
from gatedsym.equations.scope import Scope, ScopedEquation, Symbol, shape_text
from gatedsym.equations.source import Source
from gatedsym.equations.uses import whole
from gatedsym.equations.value import Value, letters_of
from gatedsym.errors import EquationError
from gatedsym.ir.program import Equation, Layout, Pointwise, Recurrence, Role, Statement, Tensor, lagged_name, next_name


def read_equations(
    text: str, *, name: str = "cell", constants: Mapping[str, int | float | Fraction] | None = None
) -> Recurrence:
    """Read the equations of a cell.

    Parameters
    ----------
    text : str
        Declarations and equations, in the notation of papers or in plain characters.
    name : str
        What the cell is called.
    constants : mapping of str to number, optional
        Values of constants in place of those in the text, and the counts of micro-steps (``L`` of ``for l in 1..L``).
        A float counts as the decimal that names it.

    Returns
    -------
    Recurrence

    Raises
    ------
    EquationError
        For a text that is not in the language or does not define a cell; with line, caret and the likely mend.

    Warns
    -----
    EquationWarning
        For a parameter that serves two gates, for two equations with the same right side, and for the number of an
        equation that was left out.
    """
    source, statements = parse_equations(with_arrays(whole(text)) if isinstance(text, str) else text)
    refuse_open_marks(source)
    try:
        if not declares(statements) and not source.uses:
            _refuse_undeclared(source, statements, constants)
        scope, recurrence = _read_sizes(source, statements, constants, name)
    except RecursionError:
        raise source.error("this text is nested too deeply.", mend="Give inner parts names of their own.") from None
    if scope.unused:
        first = scope.unused[0]
        raise source.error(first.message, first.span, first.mend)
    for suspicion in lint_warnings(scope):
        warnings.warn(suspicion, stacklevel=2)
    return recurrence


def _read_sizes(
    source: Source, statements: tuple[syntax.Statement, ...], constants: Any, name: str
) -> tuple[Scope, Recurrence]:
    """The scope and the cell; read again as often as a binding tells a size of a cell in it."""
    settled: dict[str, tuple[str, ...]] = {}
    while True:
        scope = read_whole(source, statements, constants, settled)
        try:
            return _read_scoped(scope, name)
        except MeetError as met:
            settled[met.dimension] = met.axis


def _refuse_undeclared(source: Source, statements: tuple[syntax.Statement, ...], constants: Any) -> None:
    """Refuse a text without declarations with those that it decides; what else is wrong with it is told first."""
    proposal = propose(source, statements, constants)
    if proposal.declarations or proposal.open:
        raise undeclared_text(source, proposal)


def _read_scoped(scope: Scope, name: str) -> tuple[Scope, Recurrence]:
    """The cell of a scope, its vectors columns or rows: what a line of the text says, or its products alone allow."""
    batch = row_vectors.without_batch(scope)
    if batch is not None:
        try:
            return batch, _Cell(batch, rows=True).recurrence(name)
        except EquationError:  # no batch, but matrices
            if scope.source.convention == "rows":
                raise
    rows = scope.source.convention == "rows"
    try:
        return scope, _Cell(scope, rows).recurrence(name)
    except row_vectors.RowProductError as refusal:
        if rows or scope.source.convention == "columns":
            raise
        try:
            return scope, _Cell(scope, rows=True).recurrence(name)
        except EquationError:  # a text of both is no text of rows
            raise refusal from None


@dataclass
class _Cell:
    """A cell on its way from scope to Recurrence."""

    scope: Scope
    rows: bool = False
    builder: Builder = field(default_factory=Builder)
    shapes: dict[str, tuple[Axes, tuple[str, ...]]] = field(default_factory=dict)
    equations: dict[str, Equation] = field(default_factory=dict)

    def recurrence(self, name: str) -> Recurrence:
        scope = self.scope
        self.builder.taken |= set(scope.symbols)
        for symbol in scope.symbols.values():
            if symbol.axes is not None:
                self._lay_out(symbol.name, symbol.axes, symbol.is_complex)
            elif symbol.kind in ("input", "state", "parameter"):
                raise scope.source.error(
                    f"nothing gives '{symbol.name}' a shape.",
                    symbol.span,
                    f"Write {symbol.name} in R^n, or {symbol.name} in R for one number; gs.declare(text) proposes it.",
                )
        self._give_sources()
        lowering = Lowering(scope, self.builder, self.shapes, self.rows)
        for together in _lines_of(scope.equations):
            self._carry_out(together, lowering)
        results = [next_name(part) for s in self._of_kind("state") for part in self.shapes[s.name][1]]
        results += [part for s in self._of_kind("output") for part in self.shapes[s.name][1]]
        if not results:
            raise scope.source.error(
                "nothing comes out of this cell: it has no state and no output.", mend="Write h' = … or output y."
            )
        return Recurrence(
            name,
            self.builder.program(results),
            scope.dimensions,
            self._layouts("input"),
            self._layouts("state"),
            self._layouts("output"),
            self._layouts("parameter"),
            self._layouts("local"),
            dict(scope.constants),
            self._delays(),
            tuple(self.equations[key] for key in scope.typed_order),
            scope.source.typed,
            {s.name: s.domain for s in scope.symbols.values() if s.kind == "input" and s.domain is not None},
            told_scheme(scope.source, scope.symbols),
            tuple((use.alias, use.name) for use in scope.source.uses),
            self.rows,
            self._origins(),
        )

    def _origins(self) -> dict[str, tuple[str, ...]]:
        """For each state of a cell in the cell, by its layout, the aliases that lead there."""
        symbols = self.scope.symbols
        return {
            part: path
            for name, path in self.scope.origins.items()
            if name in symbols and symbols[name].kind == "state"
            for part in (complex_numbers.pair_of(name) if symbols[name].is_complex else (name,))
        }

    def _of_kind(self, kind: str) -> list[Symbol]:
        return [symbol for symbol in self.scope.symbols.values() if symbol.kind == kind]

    def _layouts(self, kind: str) -> tuple[Layout, ...]:
        """Layouts of a kind, in order; a complex array has one for its real and one for its imaginary part."""
        found = []
        for symbol in self._of_kind(kind):
            axes, parts = self.shapes[symbol.name]
            halves = (parts[: len(parts) // 2], parts[len(parts) // 2 :])
            pair = complex_numbers.is_pair(axes, parts)
            named = zip(complex_numbers.pair_of(symbol.name), halves, strict=True) if pair else ((symbol.name, parts),)
            found += [Layout(name, axes, own) for name, own in named]
        return tuple(found)

    def _lay_out(self, name: str, axes: Axes, is_complex: bool = False) -> None:
        """Name the parts of a symbol: itself, or one for each block of a stacked one; twice where it is complex."""
        count, names = len(list(product(*axes))), complex_numbers.pair_of(name) if is_complex else (name,)
        taken = next((n for n in names if is_complex and n in self.scope.symbols), None)
        if taken is not None:
            raise self.scope.source.error(
                f"'{taken}' is the name of a part of the complex {name}.",
                self.scope.symbols[taken].span,
                "Choose another name.",
            )
        self.builder.taken |= set(names)
        parts = [
            (n,) if count == 1 else tuple(self.builder.unique(f"{n}_{i + 1}") for i in range(count)) for n in names
        ]
        self.shapes[name] = (axes, tuple(part for own in parts for part in own))

    def _give_sources(self) -> None:
        """Declare the tensors that a step is given, in the order of declaration."""
        read = _lags(self.scope)
        for symbol in self.scope.symbols.values():
            if symbol.kind in ("local", "output"):
                continue
            axes, parts = self.shapes[symbol.name]
            blocks = list(product(*axes))
            for part, dims in zip(parts, blocks * (len(parts) // len(blocks)), strict=True):
                if symbol.kind == "constant":
                    if None in read.get(symbol.name, set()):
                        value = self.scope.constants[symbol.name]
                        self.builder.give(Tensor(part, (), "constant", value=value, named=True))
                elif symbol.kind == "parameter":
                    self.builder.give(Tensor(part, dims, "parameter", named=True))
                else:
                    self._give_delays(symbol, part, dims, read.get(symbol.name, set()))

    def _give_delays(self, symbol: Symbol, part: str, dims: tuple[str, ...], read: set[int | None]) -> None:
        kind: Any = symbol.kind
        ordinary = 1 if kind == "state" else 0
        for lag in sorted({lag for lag in read if lag is not None} | {ordinary}):
            role: Role = kind
            self.builder.give(Tensor(lagged_name(part, lag, kind), dims, role, part, lag, named=True))

    def _delays(self) -> dict[str, int]:
        """For each input and state how many earlier rows a step reads."""
        read = _lags(self.scope)
        found = {}
        for kind, least in (("input", 0), ("state", 1)):
            for symbol in self._of_kind(kind):
                most = max([least, *(lag for lag in read.get(symbol.name, set()) if lag is not None)])
                pair = complex_numbers.pair_of(symbol.name)
                found.update(dict.fromkeys(pair if symbol.is_complex else (symbol.name,), most))
        return found

    def _carry_out(self, together: Sequence[ScopedEquation], lowering: Lowering) -> None:
        """The statements of one line: of one equation, or of those that the line hands out parts to."""
        first, builder = together[0], self.builder
        builder.begin()
        right = first.right.operand if isinstance(first.right, syntax.Part) else first.right
        frame = Frame(first.target.name, dict.fromkeys(first.target.letters or ()))
        if isinstance(right, syntax.Call | syntax.FunctionColumn):
            own = tuple(builder.unique(f"a_{equation.target.name}") for equation in together)
            frame.outermost, frame.own = right, own
        try:
            self._bind_declared(first, frame)
            lowering.begin(right)
            lowering.bind_early(right, frame)
            value = lowering.lower(right, frame)
            for equation, part in zip(together, self._handed_out(together, value), strict=True):
                if part.gated:
                    lowering.gated.add(equation.target.name)
                self._define(equation, self._fit(equation, part, frame))
        except EquationError as error:
            raise self._placed(error, first) from None
        except RecursionError:
            raise self.scope.source.error(
                "this equation is nested too deeply.", first.target.span, "Give inner parts names of their own."
            ) from None
        builder.taken -= {name for name in frame.own if name not in builder.tensors}
        self._check_numbers(first)
        self._record(together, lowering.whole_powers)

    def _placed(self, error: EquationError, equation: ScopedEquation) -> EquationError:
        """The error, told of the line that uses the cell where the equation is one of an inner cell."""
        if not equation.line.origin:
            return error
        message = f"{equation.line.origin}: {error.message}"
        return self.scope.source.error(message, equation.line.span, "Bind what it reads otherwise.")

    def _handed_out(self, together: Sequence[ScopedEquation], value: Value) -> list[Value]:
        """The value of each equation of a line."""
        right, source = together[0].right, self.scope.source
        if not isinstance(right, syntax.Part):
            return [value]
        for equation in together:
            if equation.target.letters is not None:
                raise source.error(
                    "parts are handed out to names without indices.", equation.target.span, "Leave out the brackets."
                )
        wanted = [self.shapes[e.target.name][0] if e.target.name in self.shapes else None for e in together]
        size = None if right.each is None else self._size_of_a_part(right.each)
        return slices.deal(value, wanted, right.span, source, size)

    def _size_of_a_part(self, node: syntax.Node) -> sp.Expr:
        if not is_size(node, {dimension.name for dimension in self.scope.dimensions}):
            raise self.scope.source.error("a part has a size.", node.span, "Write i, f = split(a, n).")
        return size_of(node, self.scope.source)

    def _record(self, together: Sequence[ScopedEquation], powers: Set[syntax.Power]) -> None:
        """Enter each equation of a line with the statements that came of it."""
        made, source = list(self.builder.made), self.scope.source
        of = {s.target.name: s for s in self.builder.statements}
        for equation in together:
            target = equation.target
            own = {next_name(p) if target.next else p for p in self.shapes[target.name][1]}
            mine = set(made) if equation is together[-1] else _needed(own, of, made)
            right = syntax.with_whole_powers(equation.right, powers)
            text = f"{syntax.render_variable(target)} = {declared.rendered(right)}"
            if isinstance(equation.right, syntax.Part):
                text = f"[{'; '.join(equation.right.names)}] = {syntax.render(equation.right.operand)}"
            computes = sorted((name for name in made if name in mine), key=lambda name: name in own)
            made = [name for name in made if name not in mine]
            line = source.line(equation.line.span)
            self.equations[equation.key] = Equation(equation.key, text, line, tuple(computes))

    def _check_numbers(self, equation: ScopedEquation) -> None:
        """Refuse factors and terms, multiplied out, that the arithmetic of a kernel cannot hold."""
        made = set(self.builder.made)
        for statement in self.builder.statements:
            if statement.target.name not in made or not isinstance(statement, Pointwise):
                continue
            for number in sorted(statement.expression.atoms(sp.Rational)):
                if not exact.is_double(number):
                    raise self.scope.source.error(
                        f"the number {exact.told(number)} that comes of this is none that double precision holds.",
                        equation.line.right.span,
                        "Write numbers whose products and quotients lie between 1e-307 and 1e308.",
                    )

    def _bind_declared(self, equation: ScopedEquation, frame: Frame) -> None:
        """Give the indices on the left their dimensions, where the target's shape is declared."""
        target = equation.target
        if target.letters is None or target.name not in self.shapes:
            return
        axes = self.shapes[target.name][0]
        if len(axes) != len(target.letters) or any(len(axis) > 1 for axis in axes):
            raise self._misfit(equation, axes, f"{len(target.letters)} indices")
        for letter, (dim,) in zip(target.letters, axes, strict=True):
            frame.bound[letter] = dim

    def _misfit(self, equation: ScopedEquation, axes: Axes, found: str) -> EquationError:
        name = equation.target.name
        return self.scope.source.error(
            f"'{name}' has shape {shape_text(axes)}, the right side has {found}.",
            equation.line.right.span,
            f"Correct the declaration of {name}, or the right side.",
        )

    def _fit(self, equation: ScopedEquation, value: Value, frame: Frame) -> Value:
        """The value under the shape of the target, under the indices of its rank."""
        target, source = equation.target, self.scope.source
        for part in value.parts:
            if part.has(sp.zoo, sp.nan, sp.oo):
                raise source.error("the right side is not a finite number.", equation.line.right.span, "Correct it.")
        if value.unit:
            declared = None if target.letters is not None else self.shapes.get(target.name, ((), ()))[0]
            value = identity.fit(value, declared, equation.line.right.span, self.builder, source)
        if target.letters is not None:
            value = self._unindex(equation, value, frame)
        value = Value(value.axes, value.parts, value.letters)  # a row vector is kept as a vector
        if target.name not in self.shapes:
            self._lay_out(target.name, value.axes, value.is_complex)
        axes, parts = self.shapes[target.name]
        if value.is_complex and not complex_numbers.is_pair(axes, parts):
            raise complex_calls.real_wanted(source, target.name, equation.line.right.span)
        if not value.rank and axes:
            return Value(axes, value.parts * len(list(product(*axes))))
        if value.axes != axes:
            self._meet(target.name, axes, value.axes)
            raise self._misfit(equation, axes, f"shape {value.shape}")
        return value

    def _meet(self, name: str, axes: Axes, found: Axes) -> None:
        """Tell the size of an inner cell that its bound input has, where that is open."""
        meeting = self.scope.meeting
        if name in meeting.names and len(axes) == len(found):
            for (dim, *more), axis in zip(axes, found, strict=True):
                if not more and dim in meeting.sizes and (dim,) != axis:
                    raise MeetError(dim, axis)

    def _unindex(self, equation: ScopedEquation, value: Value, frame: Frame) -> Value:
        """A right side of the index form as an array."""
        letters, source = equation.target.letters or (), self.scope.source
        if value.rank:
            raise source.error(
                f"the left side has indices, the right side has shape {value.shape}.",
                equation.line.right.span,
                "Give every array its indices.",
            )
        unknown = next((i for i in letters if frame.bound[i] is None), None)
        if unknown is not None:
            raise source.error(
                f"the size of the index '{unknown}' is unknown.", equation.target.span, "Declare the left side."
            )
        return Value(tuple((str(frame.bound[i]),) for i in letters), value.parts)

    def _define(self, equation: ScopedEquation, value: Value) -> None:
        target = equation.target
        kind = self.scope.symbols[target.name].kind
        role: Role = "next" if kind == "state" else "output" if kind == "output" else "local"
        parts = self.shapes[target.name][1]
        blocks, expressions = value.blocks(), list(value.parts)
        if complex_numbers.is_pair(value.axes, parts):
            pairs = [complex_numbers.parts_of(part) for part in value.parts]
            blocks, expressions = blocks * 2, [re for re, _ in pairs] + [im for _, im in pairs]
        elif any(e.has(sp.I) for e in expressions):  # what is real, but for a unit that cancels
            expressions = [complex_numbers.parts_of(e)[0] for e in expressions]
        for part, block, expression in zip(parts, blocks, expressions, strict=True):
            name = next_name(part) if target.next else part
            tensor = Tensor(name, block, role, part if target.next else "", named=True)
            self.builder.define(tensor, target.letters or letters_of(value.rank), expression)


def _lines_of(equations: Sequence[ScopedEquation]) -> list[list[ScopedEquation]]:
    """Equations line by line: those that a line hands out parts to, in the order of its parts."""
    lines: dict[object, list[ScopedEquation]] = {}
    for equation in equations:
        typed = equation.line.right
        shared = (id(typed.operand), *equation.counters.values()) if isinstance(typed, syntax.Part) else equation.key
        lines.setdefault(shared, []).append(equation)
    return [sorted(line, key=_position) for line in lines.values()]


def _position(equation: ScopedEquation) -> int:
    return equation.right.position if isinstance(equation.right, syntax.Part) else 0


def _needed(names: set[str], of: Mapping[str, Statement], among: Sequence[str]) -> set[str]:
    """These names and what they are computed from, `among` those of a line."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in among and name not in found:
            found.add(name)
            pending.extend(ref.name for ref in of[name].operands)
    return found


def _lags(scope: Scope) -> dict[str, set[int | None]]:
    """For every symbol the delays at which it is read; None for the value of the step itself."""
    found: dict[str, set[int | None]] = {}
    bodies = [(e.right, ()) for e in scope.equations] + [(d.body, d.parameters) for d in scope.definitions.values()]
    for top, bound in bodies:
        for node in syntax.walk(top):
            if isinstance(node, syntax.Variable) and node.name in scope.symbols and node.name not in bound:
                symbol, lag = scope.lookup(node)
                found.setdefault(symbol.name, set()).add(lag)
    return found
