"""Domains, in which a statement is about numbers at all: what its equations divide by, take logarithms and roots of.

A proof cancels: a * b / b is a, exp(log(a)) is a. Each side is defined where no divisor is 0 and no logarithm or root
is of a negative number, so a statement holds there. The conditions are read from the texts as typed, before anything
cancels; those that hold for all values (1 + exp(-a) is not 0) are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.declarations import flat
from gatedsym.equations.names import IDENTITY
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.parse import parse_equations, parse_expression
from gatedsym.equations.schemes import discretised
from gatedsym.equations.uses import blocks
from gatedsym.errors import EquationError
from gatedsym.ir import functions as f
from gatedsym.ir.functions import ALIASES, FUNCTIONS, SHORTHANDS
from gatedsym.ir.ranges import ALL, Range, range_of
from gatedsym.proofs.engine.matrices import ANY_SQUARE, Axes, declared_axes, inverted, is_matrix

_STRICTLY = (f.exp, f.sigmoid, f.softplus, f.sech2, f.normal_cdf, f.normal_pdf, f.cosh, f.erf_slope)
"""Functions that are positive everywhere."""

_ONE = syntax.Number(sp.S.One, Span(0, 0))

INVERSE = "has an inverse"

_DEEP = 12
"""Definitions are followed so far; what lies deeper may be anything."""


def conditions(equations: Iterable[str] = (), expressions: Iterable[str] = ()) -> tuple[str, ...]:
    """Conditions that must hold of the values in some texts for every line to be a number: ``b ≠ 0``, ``a > 0``.

    Parameters
    ----------
    equations : iterable of str
        Texts of cells: names in a condition are looked up in the text that has it.
    expressions : iterable of str
        In names of the first text.
    """
    found: dict[str, None] = {}
    equations = [part for text in equations for part in (text, *_inner_texts(text))]
    first: Mapping[str, syntax.Node] = {}
    known_ranges: dict[sp.Expr, Range] = {}
    first_axes: Mapping[str, Axes] = {IDENTITY: ANY_SQUARE}
    for number, text in enumerate(equations):
        source, statements = parse_equations(text)
        statements = discretised(source, statements)
        lines = [s for s in flat(statements) if isinstance(s, syntax.EquationLine)]
        defined = {_name(s.left): s.right for s in lines if isinstance(s.left, syntax.Reference)}
        defined |= dict.fromkeys(_sizes(statements), _ONE)
        first = first if number else defined
        axes = declared_axes(statements)
        first_axes = first_axes if number else axes
        known_ranges |= _input_ranges(source, statements)
        for line in lines:
            own = {_name(a) for a in _arguments(line.left) if isinstance(a, syntax.Reference)}
            known = {name: node for name, node in defined.items() if name not in own}
            found |= dict.fromkeys(_Values(source, known, known_ranges, axes).conditions(line.right))
    for text in expressions:
        try:
            source, node = parse_expression(text)
        except EquationError:
            continue  # `diag`, which the claim's own reader knows
        found |= dict.fromkeys(_Values(source, first, known_ranges, first_axes).conditions(node))
    return tuple(found)


def _inner_texts(text: str) -> Iterator[str]:
    """The texts of the cells in a cell."""
    for inner in blocks(text).values():
        yield from (inner, *_inner_texts(inner))


def _input_ranges(source: Source, statements: tuple[syntax.Statement, ...]) -> dict[sp.Expr, Range]:
    """The least and the greatest value of inputs whose declarations say it, by their symbols here."""
    starts = {s.space.span.start: s for s in flat(statements) if isinstance(s, syntax.Declaration) and s.space}
    ranges: dict[sp.Expr, Range] = {}
    for found in source.domains:
        line = starts.get(found.start)
        names = [found.name] if found.name else [_name(r).removesuffix("_t") for r in line.names] if line else []
        low, high = found.domain.range
        for name in names:
            before = ranges.get(sp.Symbol(name), ALL)
            least = ALL[0] if low is None else sp.Rational(low.numerator, low.denominator)
            most = ALL[1] if high is None else sp.Rational(high.numerator, high.denominator)
            ranges[sp.Symbol(name)] = (sp.Max(before[0], least), sp.Min(before[1], most))
    return ranges


def _sizes(statements: Iterable[syntax.Statement]) -> Iterator[str]:
    """The names of dimensions that nothing else has: numbers that are 1 at least."""
    lines = [s for s in flat(tuple(statements)) if isinstance(s, syntax.Declaration)]
    others = {reference.name for line in lines for reference in line.names}
    for line in lines:
        if line.space is not None:
            yield from (name for axis in line.space.axes for name in axis if name not in others)


def _arguments(left: syntax.Reference | syntax.Application) -> tuple[syntax.Node, ...]:
    """Of a function that a line defines; its own names hide those of other lines."""
    return left.arguments if isinstance(left, syntax.Application) else ()


def _name(reference: syntax.Reference | syntax.Variable) -> str:
    if isinstance(reference, syntax.Variable):
        return reference.name + "'" * reference.next
    return reference.name + "'" * reference.primes + "".join(f"_{m}" for m in reference.members)


def _children(node: object) -> Iterator[syntax.Node]:
    """The nodes directly below one."""
    for value in (getattr(node, field.name) for field in fields(node)):  # type: ignore[arg-type]
        yield from _nodes(value)


def _nodes(value: object) -> Iterator[syntax.Node]:
    if isinstance(value, tuple):
        for entry in value:
            yield from _nodes(entry)
    elif isinstance(value, syntax.Node):
        yield value


class _Values:
    """The conditions of a text's expressions, and what is known of their values."""

    def __init__(
        self,
        source: Source,
        defined: Mapping[str, syntax.Node],
        ranges: Mapping[sp.Expr, Range] | None = None,
        axes: Mapping[str, Axes] | None = None,
    ) -> None:
        self.source, self.defined, self.ranges, self.axes = source, defined, ranges or {}, axes or {}

    def conditions(self, node: syntax.Node) -> Iterator[str]:
        """Of a node and all below it."""
        for inner, relation in self._own(node):
            if not self._holds(self.value(inner), relation):
                yield f"{self._told(inner)} {relation}"
        for child in _children(node):
            yield from self.conditions(child)

    def _told(self, node: syntax.Node) -> str:
        """A node as typed; a name that a scheme gives stands nowhere in the text."""
        made = isinstance(node, syntax.Reference) and not self.source.plain.startswith(node.name, node.span.start)
        return _name(node) if made else _unwrapped(self.source.excerpt(node.span))  # type: ignore[arg-type]

    def _own(self, node: syntax.Node) -> Iterator[tuple[syntax.Node, str]]:
        """Conditions that a node itself demands of those below it."""
        if isinstance(node, syntax.Product):
            for operator, item in zip(node.operators, node.items[1:], strict=True):
                if operator == "/":
                    yield item, "≠ 0"
        elif isinstance(node, syntax.Power):
            exponent = self.value(node.exponent)
            if exponent.is_Rational and not exponent.is_Integer:
                yield node.base, "≥ 0" if exponent == sp.Rational(1, 2) else "> 0"
            elif exponent.is_Integer and exponent < 0:
                whole = not node.each and is_matrix(node.base, self.axes, self.defined)
                yield node.base, INVERSE if whole else "≠ 0"
            elif not exponent.is_Rational:
                yield node.base, "> 0"
        elif (matrix := inverted(node)) is not None:
            yield matrix, INVERSE
        elif (called := _called(node)) is not None and called[0] in ("log", "sqrt", "log1p"):
            yield called[1][0], {"log": "> 0", "sqrt": "≥ 0", "log1p": "> -1"}[called[0]]

    def _holds(self, value: sp.Expr, relation: str) -> bool:
        if relation == INVERSE:
            return False
        low, high = range_of(value, self.ranges)
        if relation == "≥ 0":
            return bool(low >= 0)
        if relation == "> -1":
            return bool(low > -1)
        return _is_positive(value) or bool(low > 0) or (relation == "≠ 0" and bool(high < 0))

    def value(self, node: syntax.Node, depth: int = 0) -> sp.Expr:
        """An expression that has the node's range: definitions are followed, what is no function is anything."""
        if isinstance(node, syntax.Number):
            return node.value
        if isinstance(node, (syntax.Reference, syntax.Variable)):
            name = _name(node)
            if name in self.defined and depth < _DEEP:
                return self.value(self.defined[name], depth + 1)
            return sp.Symbol(name)
        parts = [self.value(child, depth) for child in _children(node)]
        if isinstance(node, syntax.Negative):
            return -parts[0]
        if isinstance(node, syntax.Sum):
            return sp.Add(*(sign * part for (sign, _), part in zip(node.terms, parts, strict=True)))
        if isinstance(node, syntax.Product) and set(node.operators) <= {"*", "/"}:
            inverted = [1 / p if o == "/" and p != 0 else p for o, p in zip(node.operators, parts[1:], strict=True)]
            return sp.Mul(parts[0], *inverted)
        if isinstance(node, syntax.Power) and parts[1].is_Integer and parts[0] != 0:
            return parts[0] ** parts[1]
        return self._called_value(node, depth)

    def _called_value(self, node: syntax.Node, depth: int) -> sp.Expr:
        called = _called(node)
        if called is not None:
            name, arguments = called[0], [self.value(a, depth) for a in called[1]]
            if name in SHORTHANDS and len(arguments) == 1:
                return SHORTHANDS[name](arguments[0])
            if name in FUNCTIONS and FUNCTIONS[name].arity == len(arguments):
                return FUNCTIONS[name].function(*arguments)
            if name in ("sum", "mean", "max", "min") and len(arguments) == 1:
                return _reduced(arguments[0])
            if name == "dot" and len(arguments) == 2 and arguments[0] == arguments[1]:
                return _reduced(arguments[0] ** 2)
        return _reduced(self.value(node.body, depth)) if isinstance(node, syntax.Reduction) else sp.Dummy()


def _reduced(value: sp.Expr) -> sp.Expr:
    """Expression with the sign of a sum or a maximum over entries like this."""
    if _is_positive(value):
        return f.exp(sp.Dummy())
    return f.absolute(sp.Dummy()) if range_of(value)[0] >= 0 else sp.Dummy()


def _unwrapped(text: str) -> str:
    """A text without the brackets around all of it."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth and position < len(text) - 1:
            return text
    return text[1:-1].strip() if text.startswith("(") else text


def _called(node: syntax.Node) -> tuple[str, tuple[syntax.Node, ...]] | None:
    """The function that a node applies, by the table's name, and its arguments."""
    if isinstance(node, syntax.Call):
        name, arguments = node.function, node.arguments
    elif isinstance(node, syntax.Application):
        name, arguments = node.head.name, node.arguments
    else:
        return None
    name = ALIASES.get(name, name)
    pairs = {"max": "maximum", "min": "minimum"}
    return (pairs.get(name, name) if len(arguments) == 2 else name), arguments


def _is_positive(value: sp.Expr) -> bool:
    """Whether a value is above 0 for all values of its symbols."""
    if range_of(value)[0] > 0 or isinstance(value, _STRICTLY):
        return True
    if value.is_Mul or (value.is_Pow and value.exp.is_Integer):
        return all(_is_positive(a) for a in (value.args if value.is_Mul else value.args[:1]))
    if value.is_Add:
        return all(range_of(a)[0] >= 0 for a in value.args) and any(map(_is_positive, value.args))
    if isinstance(value, f.maximum):
        return any(map(_is_positive, value.args))
    return isinstance(value, (f.minimum, f.sqrt)) and all(map(_is_positive, value.args))
