"""Syntax trees of equations: what the grammar finds, before anything is known of names and shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from typing import Literal

import sympy as sp

from gatedsym.equations.notation import Span
from gatedsym.ir.domain import Domain

Keyword = Literal["", "input", "output"]


@dataclass(frozen=True)
class Number:
    """An exact number."""

    value: sp.Rational
    span: Span


@dataclass(frozen=True)
class Reference:
    """A name as typed: ``h_{t-1}``, ``c'``, ``U[p,j]``, ``R_H[l]``.

    Attributes
    ----------
    name : str
        With its subscripts, but for those that are times or lists.
    time : int, optional
        0 of ``h_{t}``, -1 of ``h_{t-1}``.
    members : tuple of str
        Of ``W_{i,f}``; ``("*",)`` of ``W_*``.
    primes : int
        How many ``'``.
    indices : tuple of tuple of Range or node
        What stands in each pair of brackets.
    """

    name: str
    span: Span
    time: int | None = None
    members: tuple[str, ...] = ()
    primes: int = 0
    indices: tuple[tuple[Node, ...], ...] = ()


@dataclass(frozen=True)
class Range:
    """``1..L``."""

    first: Node
    last: Node
    span: Span


@dataclass(frozen=True)
class Slice:
    """``n:2n`` in brackets, from the first end up to the second; an end that misses is that of the axis."""

    first: Node | None
    last: Node | None
    span: Span


@dataclass(frozen=True)
class ImaginaryUnit:
    """``i`` of ``exp(i theta)``, ``1j``."""

    span: Span


@dataclass(frozen=True)
class Variable:
    """A name in its scope: micro-steps counted out, times read.

    Attributes
    ----------
    time : int, optional
        0 for an explicit ``_t``, -k for a delay of k steps.
    next : bool
        With a prime.
    letters : tuple of str, optional
        Indices of the index form.
    """

    name: str
    span: Span
    time: int | None = None
    next: bool = False
    letters: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Sum:
    """Terms with their signs, +1 or -1."""

    terms: tuple[tuple[int, Node], ...]
    span: Span


@dataclass(frozen=True)
class Product:
    """Items with the operators between them, one of ``* × @ · / ./``, from left to right."""

    items: tuple[Node, ...]
    operators: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class Negative:
    """``-a``."""

    operand: Node
    span: Span


@dataclass(frozen=True)
class Juxtaposition:
    """``U x``: things side by side."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True)
class Power:
    """``a ** p``; with `each`, ``a.^p``, the power of each entry; with `whole`, ``A^p``, that of a matrix."""

    base: Node
    exponent: Node
    span: Span
    each: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Transpose:
    """``a.T``; with `conjugate`, ``a.H``, of the complex conjugate."""

    operand: Node
    span: Span
    conjugate: bool = False


@dataclass(frozen=True)
class Application:
    """A name before a bracket: a call of a function, or a product with what stands in the bracket."""

    head: Reference
    arguments: tuple[Node, ...]
    span: Span
    each: bool = False


@dataclass(frozen=True)
class Call:
    """A function of known name, with its arguments; with `each`, ``exp.(A)``, of each entry."""

    function: str
    arguments: tuple[Node, ...]
    span: Span
    each: bool = False


@dataclass(frozen=True)
class Comparison:
    """``u > v``, the sign one of ``> >= < <=``."""

    sign: str
    left: Node
    right: Node
    span: Span


@dataclass(frozen=True)
class Stack:
    """``[h, x]``: vectors one above the other."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True)
class Sliced:
    """``a[n:2n]``: blocks of an array, an axis a slice."""

    operand: Node
    slices: tuple[Slice, ...]
    span: Span


@dataclass(frozen=True)
class FunctionColumn:
    """``[sigmoid; tanh](a)``: functions one above the other, each of its part of a vector."""

    functions: tuple[str, ...]
    argument: Node
    span: Span


@dataclass(frozen=True)
class Part:
    """One of the parts that a line hands out, ``[i; f] = a``.

    Attributes
    ----------
    operand : node
        The right side of the line, which all its parts share.
    position : int
    names : tuple of str
        Of all parts, as typed.
    each : node, optional
        The size of a part, where the line says it.
    """

    operand: Node
    position: int
    names: tuple[str, ...]
    span: Span
    each: Node | None = None


@dataclass(frozen=True)
class Reduction:
    """``sum[q,r] a``."""

    kind: Literal["sum", "max", "min", "mean"]
    indices: tuple[str, ...]
    body: Node
    span: Span


Node = (
    Number
    | Reference
    | Range
    | Slice
    | Sliced
    | ImaginaryUnit
    | FunctionColumn
    | Part
    | Variable
    | Sum
    | Product
    | Negative
    | Juxtaposition
    | Power
    | Transpose
    | Application
    | Call
    | Comparison
    | Stack
    | Reduction
)


@dataclass(frozen=True)
class Space:
    """``R^(n, n+m)``: for each axis the dimensions whose sizes add up to its length; complex in ``C^n``."""

    axes: tuple[tuple[str, ...], ...]
    span: Span
    is_complex: bool = False


@dataclass(frozen=True)
class Declaration:
    """``h, c in R^n``; `keyword` says whether ``input`` or ``output`` stands before it, where the space may miss.

    `domain` is that of an input of a cell that the text uses; the text's own are told by where they stand.
    """

    names: tuple[Reference, ...]
    space: Space | None
    span: Span
    keyword: Keyword = ""
    domain: Domain | None = None


@dataclass(frozen=True)
class DimensionLine:
    """``dim r = n/2``."""

    name: Reference
    size: Node
    span: Span


@dataclass(frozen=True)
class EquationLine:
    """``f = sigmoid(W_f @ x)``, also a constant, the size of a dimension, or a definition ``LN(v) = ...``.

    `origin` says of which cell that the text uses it is, and what the line is there, as a sentence about it begins:
    ``in the equation i = sigmoid(a) of lstm``.
    """

    left: Reference | Application
    right: Node
    span: Span
    output: bool = False
    origin: str = ""


@dataclass(frozen=True)
class Loop:
    """``for l in 1..L:`` and its lines."""

    index: str
    first: Node
    last: Node
    body: tuple[Statement, ...]
    span: Span


Statement = Declaration | DimensionLine | EquationLine | Loop


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    match node:
        case Sum(terms=terms):
            return tuple(term for _, term in terms)
        case Product(items=items) | Juxtaposition(items=items) | Stack(items=items):
            return items
        case Negative(operand=operand) | Transpose(operand=operand) | Sliced(operand=operand) | Part(operand=operand):
            return (operand,)
        case FunctionColumn(argument=argument):
            return (argument,)
        case Slice(first=first, last=last):
            return tuple(end for end in (first, last) if end is not None)
        case Power(base=base, exponent=exponent):
            return (base, exponent)
        case Application(head=head, arguments=arguments):
            return (head, *arguments)
        case Comparison(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
        case Reduction(body=body):
            return (body,)
        case Range(first=first, last=last):
            return (first, last)
        case Reference(indices=indices):
            return tuple(item for group in indices for item in group)
        case _:
            return ()


def in_brackets(node: Node) -> bool:
    """Whether brackets of its own stand around a node: its span has them, that of what it begins with has not."""
    first = next(iter(children(node)), None)
    return first is not None and first.span.start > node.span.start and not isinstance(node, Negative | Call | Stack)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, from left to right."""
    yield node
    for child in children(node):
        yield from walk(child)


def rewrite(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """The tree with every node for which `change` returns another one replaced by it; below that nothing is visited."""
    changed = change(node)
    if changed is not None:
        return changed

    def again(items: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(rewrite(item, change) for item in items)

    match node:
        case Sum(terms=terms):
            return Sum(tuple((sign, rewrite(term, change)) for sign, term in terms), node.span)
        case Product(items=items, operators=operators):
            return Product(again(items), operators, node.span)
        case Juxtaposition(items=items):
            return Juxtaposition(again(items), node.span)
        case Stack(items=items):
            return Stack(again(items), node.span)
        case Comparison(sign=sign, left=left, right=right):
            return Comparison(sign, rewrite(left, change), rewrite(right, change), node.span)
        case Negative(operand=operand):
            return Negative(rewrite(operand, change), node.span)
        case Transpose(operand=operand):
            return replace(node, operand=rewrite(operand, change))
        case Sliced(operand=operand) | Part(operand=operand):
            return replace(node, operand=rewrite(operand, change))
        case FunctionColumn(argument=argument):
            return replace(node, argument=rewrite(argument, change))
        case Power(base=base, exponent=exponent):
            return replace(node, base=rewrite(base, change), exponent=rewrite(exponent, change))
        case Call(function=function, arguments=arguments):
            return Call(function, again(arguments), node.span, node.each)
        case Reduction(kind=kind, indices=indices, body=body):
            return Reduction(kind, indices, rewrite(body, change), node.span)
        case _:
            return node


_SUM, _PRODUCT, _UNARY, _SIDE, _POWER, _ATOM = range(6)


def with_whole_powers(node: Node, powers: Set[Power]) -> Node:
    """The tree with these powers said to be of matrices."""

    def change(inner: Node) -> Node | None:
        if isinstance(inner, Power) and inner in powers:
            return rewrite(replace(inner, whole=True), change)
        return None

    return rewrite(node, change) if powers else node


def render(node: Node) -> str:
    """A settled tree in plain notation, with the brackets it needs and no others."""
    return _render(node)[0]


def _bracketed(node: Node, least: int) -> str:
    text, level = _render(node)
    return text if level >= least else f"({text})"


def _render(node: Node) -> tuple[str, int]:
    """The text of a node and how tightly it binds."""
    match node:
        case Number(value=value):
            return str(value), (_ATOM if value.is_Integer else _PRODUCT)
        case ImaginaryUnit():
            return "i", _ATOM
        case Variable():
            return render_variable(node), _ATOM
        case Sum(terms=terms):
            return _render_sum(terms), _SUM
        case Product(items=items, operators=operators):
            text = _bracketed(items[0], _PRODUCT)
            for operator, item in zip(operators, items[1:], strict=True):
                text += f" {'*' if operator == '×' else operator} {_bracketed(item, _SIDE)}"
            return text, _PRODUCT
        case Negative(operand=operand):
            return f"-{_bracketed(operand, _SIDE)}", _UNARY
        case Juxtaposition(items=items):
            return " ".join(_bracketed(item, _POWER) for item in items), _SIDE
        case Power(base=base, exponent=exponent):
            sign = ".^" if node.each else "^" if node.whole else "**"
            return f"{_bracketed(base, _ATOM)}{sign}{_bracketed(exponent, _ATOM)}", _POWER
        case Transpose(operand=operand):
            return f"{_bracketed(operand, _ATOM)}.{'H' if node.conjugate else 'T'}", _ATOM
        case Call(function=function, arguments=arguments):
            return f"{function}{'.' * node.each}({', '.join(map(render, arguments))})", _ATOM
        case Comparison(sign=sign, left=left, right=right):
            return f"{_bracketed(left, _SUM)} {sign} {_bracketed(right, _SUM)}", _SUM
        case Stack(items=items):
            return f"[{', '.join(map(render, items))}]", _ATOM
        case Sliced() | FunctionColumn() | Part():
            return _render_parts(node), _ATOM
        case Reduction(kind=kind, indices=indices, body=body):
            return f"{kind}[{','.join(indices)}] {_bracketed(body, _PRODUCT)}", _SUM
        case _:
            raise TypeError(f"{type(node).__name__} has no plain notation before names are settled.")


def _render_parts(node: Sliced | FunctionColumn | Part) -> str:
    match node:
        case Sliced(operand=operand, slices=slices):
            return f"{_bracketed(operand, _ATOM)}[{', '.join(map(_render_slice, slices))}]"
        case FunctionColumn(functions=functions, argument=argument):
            return f"[{'; '.join(functions)}]({render(argument)})"
        case Part(operand=operand, position=position):
            return f"part {position + 1} of {render(operand)}"


def _render_slice(node: Slice) -> str:
    ends = ("" if end is None else _render_size(end) for end in (node.first, node.last))
    return ":".join(ends)


def _render_size(node: Node) -> str:
    """An end of a slice, whose names of sizes stay as they were typed."""
    return render(rewrite(node, lambda n: Variable(n.name, n.span) if isinstance(n, Reference) else None)).replace(
        " ", ""
    )


def _render_sum(terms: tuple[tuple[int, Node], ...]) -> str:
    (sign, first), *rest = terms
    text = ("-" if sign < 0 else "") + _bracketed(first, _PRODUCT if sign > 0 else _SIDE)
    for sign, term in rest:
        shown = _bracketed(term, _PRODUCT)
        text += f" {'-' if sign < 0 else '+'} {f'({shown})' if shown.startswith('-') else shown}"
    return text


def render_variable(variable: Variable) -> str:
    """A name with what belongs to it: ``c'``, ``x[-1]``, ``U[p,j]``."""
    text = variable.name + ("'" if variable.next else "")
    if variable.time is not None and variable.time < 0:
        text += f"[{variable.time}]"
    if variable.letters:
        text += f"[{','.join(variable.letters)}]"
    return text
