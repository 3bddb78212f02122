"""Products, powers and functions with two readings → refusals that offer both, typed out.

What is offered stands in place of what the caret underlines, in the brackets that its surroundings ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.resolve import number_of
from gatedsym.equations.scope import shape_text
from gatedsym.equations.syntax import Node
from gatedsym.equations.value import Value, kind_of

_WRITTEN_OUT = 4  # powers up to this one are offered as products


def power_of_a_matrix(source: Source, node: syntax.Power, exponent: sp.Rational) -> Exception:
    """The refusal of ``U**2``: a product of matrices to one reader, the squares of entries to another."""
    base, span = source.excerpt(node.base.span), node.span
    if base == source.excerpt(span):  # in LaTeX a bracket ends behind its scripts
        base = re.sub(r"\s*\^\s*(\{[^{}]*\}|\S)$", "", base)
    entries = f"{base}.^{exponent if exponent.is_Integer else f'({exponent})'}"
    if exponent.is_Integer and 2 <= exponent <= _WRITTEN_OUT:
        whole, entries = (source.within(span, f" {sign} ".join([base] * int(exponent))) for sign in "@*")
        mend = f"Write {whole} for the matrix's power, or {entries} for the power of each entry."
    elif exponent == -1:
        mend = f"Write inv({base}) for the matrix's inverse, or {entries} for the power of each entry."
    elif exponent.is_Integer and exponent != 0:
        whole = f"matrix_power({base}, {exponent})"
        mend = f"Write {whole} for the matrix's power, or {entries} for the power of each entry."
    else:
        mend = f"Write {entries} for the power of each entry; a matrix's own has a whole exponent other than 0."
    return source.error(
        "a power of a matrix is a product of matrices to one reader, the power of each entry to another.",
        span,
        mend,
    )


def quotient_by_a_matrix(source: Source, above: Value, spans: tuple[Span, Span]) -> Exception:
    """The refusal of ``b / A``: a product with the inverse to one reader, a quotient of entries to another."""
    inverse = "solve({b}, {a}) for the solution of a system"
    if above.rank != 1:
        inverse = f"[{{a}} {'@' if above.rank else '*'} inv({{b}})] for the product with the inverse"
    return product_in_doubt(
        source,
        "dividing by a matrix takes its inverse to one reader, a quotient of entries to another.",
        f"Write {{a}} ./ {{b}} for the quotient of entries, or {inverse}.",
        spans,
    )


def function_of_a_matrix(source: Source, function: str, node: syntax.Call, value: Value) -> Exception:
    """The refusal of ``exp(A)``: the matrix's exponential to one reader, that of each entry to another."""
    arguments = ", ".join(source.excerpt(argument.span) for argument in node.arguments)
    return source.error(
        f"'{function}' of a matrix of shape {value.shape} is of the whole to one reader, of each entry to another.",
        node.span,
        f"Write {function}.({arguments}) for each entry; the matrix's own is for a later version.",
    )


def divisor(source: Source, node: syntax.Product, position: int, lower: Callable[[Node], Value]) -> Exception:
    """The refusal of ``a / b (c)``: both readings typed out, in the brackets that each needs."""
    item, start = node.items[position], node.span.start
    divisor, *rest = _factors(item)
    quotient = Span(start, divisor.span.end)
    above = syntax.Product((*node.items[:position], divisor), node.operators[:position], quotient)
    sign = " * " if len(rest) == 1 and lower(above).rank < 2 else " "
    factors = source.excerpt(Span(rest[0].span.start, item.span.end))
    over = source.excerpt(Span(start, item.span.start)).rstrip()
    return source.error(
        "what does this divide by, the first factor or the whole product?",
        Span(start, item.span.end),
        f"Write ({source.excerpt(quotient)}){sign}{factors} for the one, "
        f"or {over} ({source.excerpt(item.span)}) for the other.",
    )


def refuse_number_behind(source: Source, node: syntax.Juxtaposition) -> None:
    """A number behind a factor may be the equation's; as a factor it stands in front."""
    for position, item in enumerate(node.items[1:], 1):
        alone = item.items[0] if isinstance(item, syntax.Stack) and len(item.items) == 1 else item
        if number_of(alone, source, {}) is None:
            continue
        factors = [source.excerpt(i.span) for n, i in enumerate(node.items) if n != position]
        number = source.plain[item.span.start : item.span.end]
        if isinstance(alone, syntax.Number):
            number = number.strip("([{ )]}")
        raise _number_or_factor(source, node.span, number, factors)


def refuse_letter_behind(source: Source, node: syntax.Juxtaposition, values: list[Value]) -> None:
    """``(2a)`` or ``(s)`` behind everything else on a line may be the equation's number."""
    typed = source.excerpt(node.items[-1].span)
    ends = re.match(r" *[.,;)\]}]*(?:\n|;|\Z)", source.plain[node.span.end :])
    label = re.fullmatch(r"\(\s*(?:(\d+)\s*([a-z]{1,2})|[A-Za-z])\s*\)", typed)
    if not ends or label is None or (values[-1].rank and not label[1]):
        return
    factors = [source.excerpt(i.span) for i in node.items[:-1]]
    if not values[-1].rank:
        raise _number_or_factor(source, node.span, typed, factors)
    sign = "*" if values[-2].rank < 2 else "@"
    product = f"{' '.join(factors)} {sign} ({label[1]} * {label[2]})"
    raise _number_or_factor(source, node.span, typed, factors, product)


def _number_or_factor(source: Source, span: Span, number: str, factors: list[str], product: str = "") -> Exception:
    product = source.within(span, product or " * ".join([number, " ".join(factors)]))
    return source.error(
        f"'{number}' behind a factor is the number of the equation to one reader, a factor to another.",
        span,
        f"Write {product} for the product, or {' '.join(factors)} without the number.",
    )


def product_in_doubt(source: Source, message: str, mend: str, spans: tuple[Span, Span]) -> Exception:
    """The refusal of a product with two readings; what stands in [ ] is bracketed where it has to be."""
    return source.error(message, spans[0].to(spans[1]), typed_out(source, mend, spans))


def typed_out(source: Source, mend: str, spans: tuple[Span, Span]) -> str:
    """A mend with the two factors as typed; products in [ ] get the brackets that their surroundings ask for."""
    a, b = (source.excerpt(span) for span in spans)
    parts = re.split(r"\[(.+?)\]", mend)
    whole = spans[0].to(spans[1])
    filled = [part.format(a=a, b=b) for part in parts]
    return "".join(source.within(whole, part) if n % 2 else part for n, part in enumerate(filled))


def stands_open(node: Node) -> bool:
    """Whether a node is things side by side without brackets around them."""
    return isinstance(node, syntax.Juxtaposition) and not syntax.in_brackets(node)


def leaves(node: Node) -> list[Node]:
    """Factors side by side, brackets left closed."""
    if isinstance(node, syntax.Juxtaposition):
        first, *rest = node.items
        inner = leaves(first) if stands_open(first) else [first]
        return inner + [leaf for item in rest for leaf in (leaves(item) if stands_open(item) else [item])]
    return [node]


def _factors(node: Node) -> list[Node]:
    """Factors side by side, from left to right."""
    items = node.items if isinstance(node, syntax.Juxtaposition) and stands_open(node) else (node,)
    return [*_factors(items[0]), *items[1:]] if len(items) > 1 else [node]


def mend_stack(source: Source, node: syntax.Sum, values: list[Value]) -> str:
    """Mend for a plus between columns of unlike sizes, which pseudo-code has for one above the other; else empty."""
    columns = all(value.rank == 1 and not value.row for value in values)
    if not columns or any(sign < 0 for sign, _ in node.terms) or len({value.axes for value in values}) < 2:
        return ""
    terms = ", ".join(source.excerpt(term.span) for _, term in node.terms)
    return f"Write [{terms}] for one vector above the other, or make the shapes equal."


def mend_kinds(left: Value, right: Value) -> str:
    """Mend for a product of these two shapes, {a} and {b}, that there is not."""
    kinds = (kind_of(left), kind_of(right))
    if kinds == ("column", "column"):
        if left.axes != right.axes:
            return "Write outer({a}, {b}) for every entry times every other, or make the shapes equal."
        return "Write dot({a}, {b}) for their inner product, or [{a} * {b}] for the elementwise one."
    if kinds == ("column", "matrix"):
        row, column = left.axes[0] == right.axes[0], left.axes[0] == right.axes[1]
        if row and column:
            return "Vectors are columns here: write [{b}.T @ {a}] for the row {a} times {b}, or [{b} @ {a}]."
        if row or column:
            return f"Vectors are columns here: write [{{b}}{'.T' if row else ''} @ {{a}}]."
        return f"Vectors are columns here: a matrix before {{a}} is in R^(…, {'+'.join(left.axes[0])})."
    if "indexed" in kinds:
        return "In the index form write * and sum[q]."
    return "Write the product in the index form, a[j] = sum[q] U[j,q] * h[q]."


def mend_contraction(left: Value, right: Value) -> str:
    if sorted(left.axes[-1]) == sorted(right.axes[0]):
        return "Put the blocks in the same order on both sides."
    if left.rank == 2:
        fitting = shape_text((left.axes[0], right.axes[0]))
        if left.axes[0] == right.axes[0]:
            return f"Write [{{a}}.T @ {{b}}] for the transposed matrix, or declare a matrix in {fitting}."
        return f"Here a matrix in {fitting} is needed."
    return "Correct the declaration of one of the two."


def slope_of_a_leaky_relu(source: Source, name: str, node: syntax.Call) -> Exception:
    """``leaky_relu(a)``: frameworks disagree about its slope."""
    argument = source.excerpt(node.arguments[0].span)
    return source.error(
        f"'{name}' takes its slope as well: torch has 0.01 where none is given, Keras 0.3.",
        node.span,
        f"Write {name}({argument}, 0.01) for the one, or {name}({argument}, 0.3) for the other.",
    )
