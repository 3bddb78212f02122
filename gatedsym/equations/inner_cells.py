"""Cells that a text uses → their equations among its own, each name with the alias behind it: h_inner, W_f_inner.

Inputs, and states and parameters where a text binds them, are what the text says they are; the other states, and the
other parameters, become the text's own. A bound state has no memory of its own: its next value is `h_next_inner`, which
`inner.h'` reads. A cell that is used without an alias keeps its names, its outputs, and inputs that nothing binds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.bindings import Binder, at_lag, bound_constants, lines_of
from gatedsym.equations.declarations import declared_bases, left_name
from gatedsym.equations.other_sizes import axes_in, domain_in
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.scope import Meeting, Scope, Symbol, read_scope
from gatedsym.equations.source import Source, Span
from gatedsym.equations.syntax import (
    Application,
    Declaration,
    DimensionLine,
    EquationLine,
    Keyword,
    Reference,
    Space,
    Statement,
    Variable,
)
from gatedsym.equations.trees import Rewriter
from gatedsym.equations.uses import Use, blocks, circle, whole
from gatedsym.errors import EquationError
from gatedsym.ir.domain import Domain

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
    parts: dict[str, _Inlining] = {}
    for use in source.uses:
        if use.name in above:
            raise circle(source.typed, source.line(Span(use.start, use.end)), (*above, use.name))
        inner, told = _inner_scope(source, use, statements, texts, above, read)
        part = _Inlining(source, use, told, inner, settled or {}, statements)
        parts[use.alias] = part.bind(parts)
        statements = part.statements(statements)
    scope = read_scope(source, statements, given)
    for part in parts.values():
        scope = part.entered(scope)
    return scope


def _inner_scope(
    source: Source,
    use: Use,
    statements: tuple[Statement, ...],
    texts: Mapping[str, str],
    above: tuple[str, ...],
    read: dict[str, Scope],
) -> tuple[Scope, str]:
    """The scope of a cell that a text uses, with the numbers that the line of use gives to constants.

    And the words with which a sentence about the cell names these numbers, ``with a = 1/2, ``.
    """
    text = texts[use.name]
    inner, trees = parse_equations(text)
    numbers = bound_constants(use, statements, trees, source)
    listed = ", ".join(f"{name} = {number}" for name, number in sorted(numbers.items()))
    told = f"with {listed}, " if numbers else ""
    key = f"{listed}\n{text}"
    if key not in read:
        try:
            read[key] = read_whole(inner, trees, numbers or None, None, texts, (*above, use.name), read)
        except EquationError as error:
            if not numbers or error.message == _fault(inner, trees, texts, (*above, use.name), read):
                raise
            raise source.error(
                f"{told}in {use.name}: {error.message}", Span(use.start, use.end), "Bind other numbers, or none."
            ) from None
    return read[key], told


def _fault(
    source: Source,
    statements: tuple[Statement, ...],
    texts: Mapping[str, str],
    above: tuple[str, ...],
    read: dict[str, Scope],
) -> str:
    """The message with which a text is refused as it stands, without numbers of another; "" where it is read."""
    try:
        read_whole(source, statements, None, None, texts, above, read)
    except EquationError as error:
        return error.message
    return ""


class _Inlining:
    """One cell on its way into a text."""

    def __init__(
        self,
        source: Source,
        use: Use,
        told: str,
        inner: Scope,
        settled: Mapping[str, tuple[str, ...]],
        outer: tuple[Statement, ...],
    ) -> None:
        self.source, self.use, self.told, self.inner, self.settled = source, use, told, inner, settled
        self.span = Span(use.start, use.end)
        self.lines = lines_of(use, outer)
        self.binder = Binder(source, use, inner, outer)
        self.bound = self.binder.found
        self.dims = self.bound.sizes
        self.open: set[str] = set()
        self.read, self.late = _read_names(inner)
        self.shared: dict[int, syntax.Node] = {}

    def statements(self, outer: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """The text's statements, the inner cell's where it is used."""
        rest = tuple(s for s in outer if all(s is not line for line in self.lines))
        self._refuse_twice(rest)
        lines = [replace(line, left=self._left(line)) for line in self.bound.defined.values()]
        return (*self._read_outside((*rest, *lines)), *self._own())

    def entered(self, scope: Scope) -> Scope:
        """The text's scope, told what came of the cell: its states, and what bindings may still settle."""
        states = {s.name: self.bound.own[s.name].name if s.name in self.bound.own else self._called(s.name)
                  for s in self.inner.symbols.values() if s.kind == "state"}  # fmt: skip
        own = {name: (self.use.alias or self.use.name, *self.inner.origins.get(inner, ()))
               for inner, name in states.items() if inner not in self.bound.defined}  # fmt: skip
        names = {self._called(name) for name in (*self.bound.defined, *self.inner.meeting.names)}
        sizes = self.open | {self._called(size) for size in self.inner.meeting.sizes}
        meeting = Meeting(scope.meeting.names | names, scope.meeting.sizes | sizes)
        return replace(scope, origins={**scope.origins, **own}, meeting=meeting)

    # What is bound.

    def bind(self, earlier: Mapping[str, _Inlining]) -> _Inlining:
        """Read what the line of use binds; returns the cell."""
        for line in self.lines:
            self.binder.bind(line)
        if self.use.sharing:
            if self.use.sharing not in earlier:
                raise self.source.error(
                    f"no use above is called '{self.use.sharing}', so its parameters cannot be shared.",
                    self.span,
                    f"Write use {self.use.name} as {self.use.sharing}: … above this line.",
                )
            self.binder.share(earlier[self.use.sharing].parameters())
        symbols, sizes = self.inner.symbols, {d.name for d in self.inner.dimensions}
        missing = [s.name for s in symbols.values() if s.kind == "input" and s.name not in self.bound]
        if missing and self.use.alias:
            raise self.source.error(
                f"the input '{missing[0]}' of {self.use.name} is bound to nothing.",
                self.span,
                f"Write use {self.use.name} as {self.use.alias}: {missing[0]} = ….",
            )
        inputs = {
            d
            for name, symbol in symbols.items()
            if symbol.kind == "input" and name in self.bound
            for axis in symbol.axes or ()
            for d in axis
        }
        for size in sizes - self.dims.keys():
            told = self._called(size)
            if self.use.alias and size != "n" and (size in inputs or size != "m"):
                self.open.add(told)
                self.dims[size] = self.settled.get(told, (told,))
            else:
                self.dims[size] = (size,)
        return self

    def parameters(self) -> dict[str, Variable]:
        """The text's name of each parameter of the cell."""
        return {s.name: self.bound.own.get(s.name, Variable(self._called(s.name), self.span))
                for s in self.inner.symbols.values() if s.kind == "parameter"}  # fmt: skip

    def _refuse_twice(self, rest: tuple[Statement, ...]) -> None:
        """Refuse names of the cell that the text around it has as well."""
        bound = {place for use in self.source.uses for place in use.bindings}  # lines of other uses say what theirs are
        rest = tuple(s for s in rest if not isinstance(s, EquationLine) or s.left.span.start not in bound or s.origin)
        defined = {left_name(s) for s in rest if isinstance(s, EquationLine)}
        declared = declared_bases(tuple(s for s in rest if not isinstance(s, Declaration) or s.space is not None))
        for name, symbol in self.inner.symbols.items():
            # The text may declare the shape of what the cell defines without one.
            taken = defined if symbol.axes is None else defined | declared
            if name in self.bound.own and (not self.use.alias or self.bound.own[name].name == self._called(name)):
                continue
            if self._called(name) in taken:
                mend = f"Rename {self._called(name)} in this text."
                if not self.use.alias:
                    mend = f"Write use {self.use.name} as ALIAS: …, or rename {name} in this text."
                raise self.source.error(
                    f"'{self._called(name)}' is a name of this text and of {self.use.name}.", self.span, mend
                )

    # Names and sizes.

    def _called(self, name: str) -> str:
        return self.use.called(name)

    def _left(self, line: EquationLine) -> Reference:
        """The left side of a binding: what the cell reads with a delay becomes a state of the text."""
        name = left_name(line)
        assert isinstance(line.left, Reference)
        return replace(line.left, name=self._called(name), primes=int(name in self.late))

    def _next(self, name: str) -> str:
        """The name of what a bound state would be next."""
        return self._called(f"{name}_next")

    def _read_outside(self, outer: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """The text's lines, with what they read of the cell by its name: `inner.h'` of a bound state, `inner.x`."""
        symbols = self.inner.symbols
        states = {self._called(n): n for n in self.bound.names if symbols[n].kind == "state"}
        own = {self._called(n): v for n, v in self.bound.own.items()} if self.use.alias else {}
        own = {name: variable for name, variable in own.items() if variable.name != name}
        kept = {self._called(n) for n, v in self.bound.own.items() if v.name == self._called(n)}
        late = {self._called(n) for n in self.late if n in self.bound.defined}
        # `inner.d` is d_inner in a plain text, whatever the cell's d is called in the end.
        typed = {f"{n}_{self.use.alias}": self._called(n) for n in symbols if self.use.alias}
        moved = {name: new for name, new in typed.items() if name != new}

        def change(node: object) -> object:
            if not isinstance(node, Reference) or node.name in kept:
                return None
            if node.name in moved:
                return change(replace(node, name=moved[node.name])) or replace(node, name=moved[node.name])
            if node.name in states and node.primes == 1:
                return replace(node, name=self._next(states[node.name]), primes=0)
            if node.name in late and node.time is None and not node.primes:
                return replace(node, primes=1)
            if node.name in own and node.time is None and not node.primes and not node.members:
                new = own[node.name]
                bare = new.time is None and not new.next
                return new if not node.indices else replace(node, name=new.name) if bare else None
            return None

        return Rewriter(change)(outer) if states or own or late or moved else outer

    def _read(self, inner: Variable) -> syntax.Node | None:
        """A variable of the cell as the text has it; None for a name that is none of the cell's."""
        name, kind = inner.name, self.inner.symbols[inner.name].kind
        if kind == "state" and name in self.bound and inner.next:
            return replace(inner, name=self._next(name), next=False, span=self.span)
        lag = -(inner.time or 0) if kind != "state" else -(inner.time or -1) - 1
        if name in self.bound.own and not inner.next:
            return at_lag(self.bound.own[name], max(lag, 0), inner, self.span)
        if name in self.late and name in self.bound.defined:
            time = None if lag < 2 else -lag
            return replace(inner, name=self._called(name), next=lag < 1, time=time, span=self.span)
        return replace(inner, name=self._called(name), span=self.span)

    def _renamed(self, node: syntax.Node, own: tuple[str, ...] = ()) -> syntax.Node:
        symbols, sizes = self.inner.symbols, {d.name for d in self.inner.dimensions}

        def change(inner: object) -> object:
            if isinstance(inner, Span):
                return self.span
            if isinstance(inner, Variable) and inner.name not in own:
                if inner.name in symbols:
                    return self._read(inner)
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
        found: list[Statement] = [
            self._dimension(d.name, d.size)
            for d in self.inner.dimensions
            if d.size is not None and self.dims[d.name] == (self._called(d.name),)
        ]
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
            if symbol.name not in self.read:  # it counts, and is counted out
                return []
            value = self.inner.constants[symbol.name]
            return [EquationLine(name, syntax.Number(value, self.span), self.span)]
        keyword: Keyword = "output" if symbol.kind == "output" and not self.use.alias else ""
        if symbol.axes is None:
            return [Declaration((name,), None, self.span, keyword)] if keyword else []
        names = [] if symbol.name in self.bound.own else [name]
        if symbol.kind == "state" and symbol.name in self.bound:
            names.append(Reference(self._next(symbol.name), self.span))
        if symbol.kind == "input" and symbol.name not in self.bound:
            keyword = "input"
        space = Space(axes_in(symbol.axes, self.dims), self.span, symbol.is_complex)
        domain = None if keyword != "input" or symbol.domain is None else self._domain(symbol.name, symbol.domain)
        return [Declaration(tuple(names), space, self.span, keyword, domain)] if names else []

    def _domain(self, name: str, domain: Domain) -> Domain:
        """The domain of an input that becomes one of the text, by the text's sizes."""
        told = domain_in(domain, self.dims)
        if told is None:
            raise self.source.error(
                f"'{name}' of {self.use.name} is in {domain}, an end of which would be a sum of sizes here.",
                self.span,
                f"Bind it: {name} = ….",
            )
        return told

    def _equation(self, target: Variable, right: syntax.Node, typed: syntax.Node) -> EquationLine:
        bound = target.name in self.bound and target.next
        indices = ((*(Reference(letter, self.span) for letter in target.letters),),) if target.letters else ()
        left = Reference(
            self._next(target.name) if bound else self._called(target.name),
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
        return EquationLine(left, whole, self.span, origin=f"{self.told}in the equation {shown} of {self.use.name}")


def _read_names(inner: Scope) -> tuple[set[str], set[str]]:
    """Names that the equations of a cell read, and inputs among them that are read with a delay."""
    tops = [e.right for e in inner.equations] + [d.body for d in inner.definitions.values()]
    read = [node for top in tops for node in syntax.walk(top) if isinstance(node, Variable)]
    inputs = {s.name for s in inner.symbols.values() if s.kind == "input"}
    return {node.name for node in read}, {node.name for node in read if (node.time or 0) < 0} & inputs
