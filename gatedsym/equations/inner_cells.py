"""Cells that a text uses → their equations among its own, each name with the alias behind it: h_inner, W_f_inner.

Inputs, and states where a text binds them, are what the text says they are; the other states, and the parameters,
become the text's own. A bound state has no memory of its own: its next value is `h_next_inner`, which `inner.h'` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.declarations import Axes
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.scope import Scope, Symbol, read_scope
from gatedsym.equations.source import Source, Span
from gatedsym.equations.syntax import (
    Application,
    Declaration,
    DimensionLine,
    EquationLine,
    Reference,
    Space,
    Statement,
    Variable,
)
from gatedsym.equations.trees import Rewriter
from gatedsym.equations.uses import Use, blocks, circle, whole

MOST_USES = 100
"""A text uses no more cells than this."""


class MeetError(Exception):
    """A size of an inner cell that a binding settles: the cell is read again with it."""

    def __init__(self, dimension: str, axis: tuple[str, ...]) -> None:
        super().__init__(dimension)
        self.dimension, self.axis = dimension, axis


def read_whole(
    source: Source,
    statements: tuple[Statement, ...],
    given: Mapping[str, Any] | None,
    settled: Mapping[str, tuple[str, ...]] | None = None,
    known: Mapping[str, str] | None = None,
    above: tuple[str, ...] = (),
    read: dict[str, Scope] | None = None,
) -> Scope:
    """The scope of a text with the equations of the cells that it uses.

    Parameters
    ----------
    source : Source
    statements : tuple of Statement
    given : mapping, optional
        Values of constants.
    settled : mapping, optional
        Of sizes of inner cells that bindings have told, the sizes of the text that they are.
    known : mapping of str to str, optional
        Texts of cells that the text around this one brings with it.
    above : tuple of str
        The cells that this text is used in, and itself.
    read : dict, optional
        Scopes of the texts of cells that were read before.

    Raises
    ------
    EquationError
        As `read_scope`, and for an input of an inner cell that nothing binds.
    """
    read = {} if read is None else read
    if len(source.uses) > MOST_USES:
        last = source.uses[-1]
        raise source.error(
            f"this text uses more than {MOST_USES} cells.",
            Span(last.start, last.end),
            "Write those that repeat as definitions, F(v) = …, or split the cell.",
        )
    texts = {**(known or {}), **(blocks(whole(source.typed, above, known or {})) if source.uses else {})}
    for use in source.uses:
        if use.name in above:
            raise circle(source.typed, source.line(Span(use.start, use.end)), (*above, use.name))
        text = texts[use.name]
        if text not in read:
            read[text] = read_whole(*parse_equations(text), None, None, texts, (*above, use.name), read)
        inner = read[text]
        statements = _Inlining(source, use, inner, settled or {}).statements(statements)
    return read_scope(source, statements, given)


class _Inlining:
    """One cell on its way into a text."""

    def __init__(self, source: Source, use: Use, inner: Scope, settled: Mapping[str, tuple[str, ...]]) -> None:
        self.source, self.use, self.inner, self.settled = source, use, inner, settled
        self.span = Span(use.start, use.end)
        self.dims: dict[str, tuple[str, ...]] = {}
        self.bound: set[str] = set()
        self.shared: dict[int, syntax.Node] = {}

    def statements(self, outer: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """The text's statements, the inner cell's where it is used."""
        bindings = [s for s in outer if isinstance(s, EquationLine) and s.left.span.start in self.use.bindings]
        self._bind(bindings)
        rest = tuple(s for s in outer if all(s is not binding for binding in bindings))
        lines = [replace(line, left=self._named(line.left)) for line in bindings if _name(line) in self.bound]
        return (*self._read_next(rest), *lines, *self._own())

    # What is bound.

    def _bind(self, bindings: list[EquationLine]) -> None:
        symbols, sizes = self.inner.symbols, {d.name for d in self.inner.dimensions}
        for line in bindings:
            name, kind = _name(line), symbols[_name(line)].kind if _name(line) in symbols else ""
            if kind in ("input", "state") and name not in self.bound:
                self.bound.add(name)
            elif name in sizes and isinstance(line.right, Reference):
                self.dims[name] = (line.right.name,)
            else:
                given = [s.name for s in symbols.values() if s.kind in ("input", "state")]
                raise self.source.error(
                    f"'{name}' is no input, state or size of {self.use.name}, or bound twice.",
                    line.left.span,
                    f"Bind {', '.join(given)}, or a size, n = p.",
                )
        missing = [s.name for s in symbols.values() if s.kind == "input" and s.name not in self.bound]
        if missing:
            raise self.source.error(
                f"the input '{missing[0]}' of {self.use.name} is bound to nothing.",
                self.span,
                f"Write use {self.use.name} as {self.use.alias}: {missing[0]} = ….",
            )
        inputs = {
            d for name in self.bound if symbols[name].kind == "input" for axis in symbols[name].axes or () for d in axis
        }
        for size in sizes - self.dims.keys():
            told = f"{size}_{self.use.alias}"
            open_ = size != "n" and (size in inputs or size != "m")
            self.dims[size] = self.settled.get(told, (told,)) if open_ else (size,)

    # Names and sizes.

    def _called(self, name: str) -> str:
        return f"{name}_{self.use.alias}"

    def _named(self, left: Reference | Application) -> Reference:
        assert isinstance(left, Reference)
        return replace(left, name=self._called(left.name))

    def _axes(self, axes: Axes) -> Axes:
        return tuple(tuple(d for dim in axis for d in self.dims.get(dim, (dim,))) for axis in axes)

    def _read_next(self, outer: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """The text's lines, with the next value of a bound state by its name."""
        states = {self._called(n): n for n in self.bound if self.inner.symbols[n].kind == "state"}

        def change(node: object) -> object:
            if isinstance(node, Reference) and node.name in states and node.primes == 1:
                return replace(node, name=self._called(f"{states[node.name]}_next"), primes=0)
            return None

        return Rewriter(change)(outer) if states else outer

    def _renamed(self, node: syntax.Node, own: tuple[str, ...] = ()) -> syntax.Node:
        symbols, sizes = self.inner.symbols, {d.name for d in self.inner.dimensions}

        def change(inner: object) -> object:
            if isinstance(inner, Span):
                return self.span
            if isinstance(inner, Variable) and inner.name not in own:
                if inner.name in self.bound and symbols[inner.name].kind == "state" and inner.next:
                    return replace(inner, name=self._called(f"{inner.name}_next"), next=False, span=self.span)
                if inner.name in symbols:
                    return replace(inner, name=self._called(inner.name), span=self.span)
                if inner.name in sizes:
                    return self._size(inner.name)
            if isinstance(inner, syntax.Call) and inner.function in self.inner.definitions:
                arguments = tuple(rewriter(argument) for argument in inner.arguments)
                return replace(inner, function=self._called(inner.function), arguments=arguments, span=self.span)
            if isinstance(inner, syntax.Part):
                operand = self.shared.setdefault(id(inner.operand), rewriter(inner.operand))
                return replace(inner, operand=operand, names=tuple(map(self._part, inner.names)), span=self.span)
            return None

        rewriter = Rewriter(change)
        return rewriter(node)

    def _part(self, name: str) -> str:
        return self._called(name.rstrip("'")) + "'" * name.endswith("'")

    def _size(self, name: str) -> syntax.Node:
        terms = tuple((1, Variable(d, self.span)) for d in self.dims[name])
        return terms[0][1] if len(terms) == 1 else syntax.Sum(terms, self.span)

    # What is the inner cell's.

    def _own(self) -> list[Statement]:
        found: list[Statement] = [self._dimension(d.name, d.size) for d in self.inner.dimensions if d.size is not None
                                  and self.dims[d.name] == (f"{d.name}_{self.use.alias}",)]  # fmt: skip
        for symbol in self.inner.symbols.values():
            found += self._declared(symbol)
        for definition in self.inner.definitions.values():
            left = Application(
                Reference(self._called(definition.name), self.span),
                tuple(Reference(p, self.span) for p in definition.parameters),
                self.span,
            )
            found.append(EquationLine(left, self._renamed(definition.body, definition.parameters), self.span))
        order = {key: place for place, key in enumerate(self.inner.typed_order)}
        for equation in sorted(self.inner.equations, key=lambda e: order[e.key]):
            found.append(self._equation(equation.target, equation.right, equation.line.right))
        return found

    def _dimension(self, name: str, size: sp.Expr) -> DimensionLine:
        def tree(e: sp.Expr) -> syntax.Node:
            if e.is_Symbol:
                return Reference("+".join(self.dims.get(str(e), (str(e),))), self.span)
            if e.is_Rational:
                return syntax.Number(e, self.span)
            if e.is_Add:
                return syntax.Sum(tuple((1, tree(a)) for a in e.args), self.span)
            if e.is_Pow and e.exp == -1:
                return syntax.Product((syntax.Number(sp.S.One, self.span), tree(e.base)), ("/",), self.span)
            return syntax.Product(tuple(map(tree, e.args)), ("*",) * (len(e.args) - 1), self.span)

        return DimensionLine(Reference(self._called(name), self.span), tree(size), self.span)

    def _declared(self, symbol: Symbol) -> list[Statement]:
        name = Reference(self._called(symbol.name), self.span)
        if symbol.kind == "constant":
            value = self.inner.constants[symbol.name]
            return [EquationLine(name, syntax.Number(value, self.span), self.span)]
        if symbol.axes is None:
            return []
        names = [name]
        if symbol.kind == "state" and symbol.name in self.bound:
            names.append(Reference(self._called(f"{symbol.name}_next"), self.span))
        return [Declaration(tuple(names), Space(self._axes(symbol.axes), self.span, symbol.is_complex), self.span)]

    def _equation(self, target: Variable, right: syntax.Node, typed: syntax.Node) -> EquationLine:
        bound = target.name in self.bound and target.next
        indices = ((*(Reference(letter, self.span) for letter in target.letters),),) if target.letters else ()
        left = Reference(
            self._called(f"{target.name}_next" if bound else target.name),
            self.span,
            primes=int(target.next and not bound),
            indices=indices,
        )
        if isinstance(right, syntax.Part) and isinstance(typed, syntax.Part):
            operand = self.shared.setdefault(id(typed.operand), self._renamed(right.operand))
            names = tuple(map(self._part, right.names))
            whole: syntax.Node = replace(right, operand=operand, names=names, span=self.span)
        else:
            whole = self._renamed(right)
        shown = f"{syntax.render_variable(target)} = {syntax.render(right)}"
        return EquationLine(left, whole, self.span, origin=f"{self.use.name}: {shown}")


def _name(line: EquationLine) -> str:
    return line.left.name if isinstance(line.left, Reference) else ""
