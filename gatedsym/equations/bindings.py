"""Bindings of a line of use → what each name of the cell is in the text: a name of its own, an expression, a number.

``use lstm as two: x = one.h'; U_f = one.U_f; alpha = 0.9``: where a binding is a bare name that the text declares, the
cell reads that name itself, at its own times; where it is an expression, an equation of the text computes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from gatedsym.equations import syntax
from gatedsym.equations.declarations import Axes, declared_bases, dimension_names, flat, left_name, spelled
from gatedsym.equations.other_sizes import axes_in, axis_in
from gatedsym.equations.resolve import number_of
from gatedsym.equations.scope import Scope, Symbol, shape_text
from gatedsym.equations.source import Source, Span
from gatedsym.equations.syntax import Declaration, DimensionLine, EquationLine, Reference, Space, Statement, Variable
from gatedsym.equations.uses import Use

BINDABLE = ("input", "state", "parameter")


@dataclass
class Bindings:
    """A cell's names that the text around it binds.

    Attributes
    ----------
    own : dict of str to Variable
        For names that are names of the text themselves, what the cell reads in their place.
    defined : dict of str to EquationLine
        For names that an expression gives, the line.
    sizes : dict of str to tuple of str
        Sizes of the cell that the text has told, each the sum of sizes of the text.
    """

    own: dict[str, Variable] = field(default_factory=dict)
    defined: dict[str, EquationLine] = field(default_factory=dict)
    sizes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that is bound, sizes aside."""
        return (*self.own, *self.defined)

    def __contains__(self, name: str) -> bool:
        return name in self.own or name in self.defined


def lines_of(use: Use, statements: tuple[Statement, ...]) -> list[EquationLine]:
    """The bindings of a line of use, as the grammar read them."""
    return [s for s in statements if isinstance(s, EquationLine) and s.left.span.start in use.bindings]


def bound_constants(
    use: Use, outer: tuple[Statement, ...], inner: tuple[Statement, ...], source: Source
) -> dict[str, Fraction]:
    """Numbers that a line of use gives to constants of the cell, and to the counts of its micro-steps."""
    declared = declared_bases(inner) | dimension_names(inner)
    named = {n.name for top in _tops(inner) for n in syntax.walk(top) if isinstance(n, Reference)}
    found: dict[str, Fraction] = {}
    for line in lines_of(use, outer):
        value = number_of(line.right, source, {})
        if value is not None and left_name(line) in named - declared:
            found[left_name(line)] = Fraction(int(value.p), int(value.q))
    return found


def _tops(statements: tuple[Statement, ...]) -> Iterator[syntax.Node]:
    for statement in flat(statements):
        if isinstance(statement, EquationLine):
            yield from (statement.left, statement.right)
        elif isinstance(statement, syntax.Loop):
            yield from (statement.first, statement.last)


class Binder:
    """The bindings of one line of use, as they are read one after the other.

    Parameters
    ----------
    source : Source
    use : Use
    inner : Scope
        The cell's.
    outer : tuple of Statement
        The text's.
    """

    def __init__(self, source: Source, use: Use, inner: Scope, outer: tuple[Statement, ...]) -> None:
        self.source, self.use, self.inner = source, use, inner
        self.span = Span(use.start, use.end)
        self.found = Bindings()
        self._spaces = dict(declared_spaces(outer))
        self._settled = {s.name.name for s in flat(outer) if isinstance(s, DimensionLine)}
        self._states = {
            left_name(s).removesuffix("_t") for s in flat(outer) if isinstance(s, EquationLine) and _is_next(s.left)
        }
        self._sizes = {dimension.name for dimension in inner.dimensions}

    def bind(self, line: EquationLine) -> None:
        """Take a line, ``x = …``.

        Raises
        ------
        EquationError
            For a name that the cell lacks or that is bound already, and for an array of another shape.
        """
        name, symbols = left_name(line), self.inner.symbols
        kind = symbols[name].kind if name in symbols else ""
        if kind in BINDABLE and name not in self.found:
            self._bind_symbol(symbols[name], line)
        elif name in self._sizes and isinstance(line.right, Reference):
            self.found.sizes[name] = (line.right.name,)
        elif kind != "constant":  # the cell was read with its number
            given = [s.name for s in symbols.values() if s.kind in ("input", "state")]
            raise self.source.error(
                f"'{name}' is no input, state or size of {self.use.name}, nor a parameter, or bound twice.",
                line.left.span,
                f"Bind {', '.join(given)}, a parameter, or a size, n = p.",
            )

    def share(self, parameters: Mapping[str, Variable]) -> None:
        """Take every parameter that no line binds from another use."""
        for symbol in self.inner.symbols.values():
            if symbol.kind != "parameter" or symbol.name in self.found:
                continue
            if symbol.name not in parameters:
                raise self.source.error(
                    f"{self.use.sharing} has no parameter '{symbol.name}' that {self.use.name} could share.",
                    self.span,
                    f"Bind it: {symbol.name} = …; or leave out sharing {self.use.sharing}.",
                )
            self._take(symbol, parameters[symbol.name], self.span)

    def _bind_symbol(self, symbol: Symbol, line: EquationLine) -> None:
        read = self._own_name(line.right)
        if read is None:
            self.found.defined[symbol.name] = line
        else:
            self._take(symbol, read, line.right.span)

    def _take(self, symbol: Symbol, read: Variable, span: Span) -> None:
        """Let a name of the text stand for one of the cell's, and tell the cell's sizes."""
        self.found.own[symbol.name] = read
        space = self._spaces.get(read.name)
        if space is None or symbol.axes is None:
            return
        if len(space.axes) != len(symbol.axes):
            raise self._misfit(symbol, read, space.axes, span)
        for mine, theirs in zip(symbol.axes, space.axes, strict=True):
            told = axis_in(mine, self.found.sizes)
            (first, *more), is_open = mine, mine[0] in self._sizes and mine[0] not in self.found.sizes
            if not more and is_open and (mine[0] != "n" or self.use.alias == ""):
                self.found.sizes[first] = theirs
            elif told != theirs and not self._settled & {*told, *theirs}:
                raise self._misfit(symbol, read, space.axes, span)

    def _misfit(self, symbol: Symbol, read: Variable, axes: Axes, span: Span) -> Exception:
        needed = axes_in(symbol.axes or (), self.found.sizes)
        return self.source.error(
            f"'{symbol.name}' of {self.use.name} has shape {shape_text(needed)}, "
            f"the right side has shape {shape_text(axes)}.",
            span,
            f"Bind {symbol.name} to what has shape {shape_text(needed)}, or declare {read.name} so.",
        )

    def _own_name(self, node: syntax.Node) -> Variable | None:
        """A binding that is a bare name which the text declares, as the cell reads it; None for an expression."""
        if not isinstance(node, Reference) or node.indices or node.members or node.primes > 1:
            return None
        name, time = node.name, node.time
        if name not in self._spaces and name.endswith("_t") and name[:-2] in self._spaces:
            name, time = name[:-2], 0
        if name not in self._spaces or time not in (None, 0) or (time == 0 and node.primes):
            return None
        late = name in self._states and time is None and not node.primes
        return Variable(name, node.span, -1 if late else time, bool(node.primes))


def at_lag(own: Variable, lag: int, read: Variable, span: Span) -> Variable:
    """A name of the text in place of one of a cell, so many steps before the step at which it is bound."""
    if not lag:
        return Variable(own.name, span, own.time, own.next, read.letters)
    return Variable(own.name, span, min(own.time or 0, 0) - lag, False, read.letters)


def declared_spaces(statements: tuple[Statement, ...]) -> Iterator[tuple[str, Space]]:
    """The space of every name that a text declares with one, members of lists and times spelled out."""
    for statement in flat(statements):
        if isinstance(statement, Declaration) and statement.space is not None:
            for reference in statement.names:
                for name in spelled(reference):
                    yield name, statement.space
                    if reference.time is None and name.endswith("_t"):
                        yield name[:-2], statement.space


def _is_next(left: Reference | syntax.Application) -> bool:
    """Whether an equation may give a state its next value: ``h' =``, ``h_t =``."""
    return isinstance(left, Reference) and (left.primes == 1 or left.time == 0 or left.name.endswith("_t"))
