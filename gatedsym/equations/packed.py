"""Lines that hand out the parts of a vector, ``[i; f] = a``, and columns of functions → equations of one name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gatedsym.equations import syntax
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.syntax import EquationLine, Node, Reference, Statement

MOST_PARTS = 64
"""Parts that an axis may be a multiple of: each has statements and loops of its own."""


@dataclass(frozen=True)
class Lines:
    """The equations that one typed line is: one for each name on its left."""

    lines: tuple[EquationLine, ...]


def hand_out(targets: tuple[Reference, ...], right: Node, span: Span) -> Lines:
    """``[i; f] = a`` as the equations of i and of f; ``[i; f] = [u; v]`` as i = u and f = v."""
    if isinstance(right, syntax.Stack) and len(right.items) == len(targets):
        pairs = zip(targets, right.items, strict=True)
        return Lines(tuple(EquationLine(left, item, left.span.to(item.span)) for left, item in pairs))
    names = tuple(reference.name + "'" * reference.primes for reference in targets)
    return Lines(
        tuple(EquationLine(left, syntax.Part(right, k, names, right.span), span) for k, left in enumerate(targets))
    )


def unpacked(items: Iterable[Statement | Lines]) -> tuple[Statement, ...]:
    """Statements in order, every equation by itself."""
    found: list[Statement] = []
    for item in items:
        found.extend(item.lines if isinstance(item, Lines) else (item,))
    return tuple(found)


_DEALERS = ("split", "chunk")


def is_dealer(name: str, functions: frozenset[str]) -> bool:
    """Whether a name before a bracket is that of a function which hands out parts."""
    return name in _DEALERS and name not in functions


def without_dealer(node: syntax.Part, call: syntax.Application, source: Source) -> syntax.Part:
    """``i, f = split(a)``: the part of `a`.

    Raises
    ------
    EquationError
        For a second argument that two libraries read in two ways, or another number of parts than there are names.
    """
    function, (operand, *more), count = call.head.name, call.arguments, len(node.names)
    names, inner = ", ".join(node.names), source.excerpt(operand.span)
    if not more:
        return replace(node, operand=operand)
    number = more[0].value if isinstance(more[0], syntax.Number) else None
    if len(more) > 1 or (function == "chunk" and number is None):
        raise source.error(
            f"'{function}' takes a vector and one number.", call.span, f"Write {names} = chunk({inner}, {count})."
        )
    if function == "split" and number is not None:
        raise source.error(
            f"the {number} of 'split' is the number of parts to one library, the size of each to another.",
            call.span,
            f"Write chunk({inner}, {count}) for {count} parts, or split({inner}, n) for parts of size n.",
        )
    if number is not None and number != count:
        raise source.error(
            f"these are {number} parts for {count} names.", call.span, f"Write {names} = chunk({inner}, {count})."
        )
    return replace(node, operand=operand, each=None if function == "chunk" else more[0])


def misplaced_dealer(call: syntax.Application, source: Source) -> Exception:
    """The refusal of a ``split`` that no names stand before."""
    inner = source.excerpt(call.arguments[0].span)
    return source.error(
        f"'{call.head.name}' hands out parts to several names.",
        call.span,
        f"Write a line i, f = {call.head.name}({inner}), or slices: a = {inner} and then a[:n].",
    )


def functions_before(node: Node, functions: frozenset[str]) -> tuple[syntax.Stack, Node] | None:
    """A column of functions and what stands behind it: ``[sigmoid; tanh](a)``, ``[sigmoid; tanh] W @ x``."""
    match node:
        case syntax.Juxtaposition(items=(syntax.Stack() as column, *rest)) if _are_functions(column, functions):
            return column, rest[0] if len(rest) == 1 else replace(node, items=tuple(rest), span=_over(rest))
        case syntax.Product(items=(first, *rest), operators=operators) if set(operators) <= {"@", "·"}:
            found = functions_before(first, functions)
            if found is None or syntax.in_brackets(first) or syntax.in_brackets(found[1]):
                return None
            column, head = found
            return column, syntax.Product((head, *rest), operators, head.span.to(node.span))
        case _:
            return None


def _over(items: list[Node]) -> Span:
    return items[0].span.to(items[-1].span)


def _are_functions(column: syntax.Stack, functions: frozenset[str]) -> bool:
    return all(_function_name(item) in functions for item in column.items)


def _function_name(item: Node) -> str:
    match item:
        case Reference(name=name, time=None, members=(), primes=0, indices=()):
            return "sigmoid" if name == "sigma" else name
        case _:
            return ""


def column_of(column: syntax.Stack, argument: Node, span: Span) -> syntax.FunctionColumn:
    """The functions of a column before what they are taken of."""
    return syntax.FunctionColumn(tuple(map(_function_name, column.items)), argument, span)


def refuse_open_column(node: syntax.Sum, functions: frozenset[str], source: Source) -> None:
    """``[sigmoid; tanh] W x + b``: are the functions taken of the sum, or of its first term?"""
    for _, term in node.terms:
        found = functions_before(term, functions)
        if found is None or syntax.in_brackets(found[1]):
            continue
        column = source.excerpt(found[0].span)
        first, rest = source.excerpt(found[1].span), source.excerpt(Span(term.span.end, node.span.end))
        raise source.error(
            "are the functions taken of the whole sum, or of the term behind them?",
            node.span,
            f"Write {column}({first}{rest}) for the one, or {column}({first}){rest} for the other.",
        )
