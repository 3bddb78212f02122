"""Arrays that a text fixes → values: lists of numbers such as ``[[0, 1], [-1, 0]]``, and laws such as ``lower(n)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import sympy as sp

from gatedsym.equations import exact, syntax
from gatedsym.equations.builder import Builder
from gatedsym.equations.notation import Source
from gatedsym.equations.resolve import number_of
from gatedsym.equations.syntax import Node
from gatedsym.equations.value import Value, letters_of
from gatedsym.ir.fixed_arrays import LAWS, VALUES, FixedArray
from gatedsym.ir.program import Ref

MAX_VALUES = 1024
"""Numbers that a text may list, or a file that it names may hold: they stand in its generated module."""

MAX_NUMBER = 2**31
"""Whole numbers behind the sizes of a law stay below it."""

Numbers = Callable[[Node], sp.Rational | None]
"""The value of an expression in numbers and constants, None of any other."""


def read_values(
    node: syntax.Stack, known: Mapping[str, sp.Rational], wanted: str, builder: Builder, source: Source
) -> Value | None:
    """The fixed array that a bracket of numbers is; None if it holds anything else.

    Rows are brackets of their own, or end with a semicolon. One number alone is a vector of one, as everywhere.

    Raises
    ------
    EquationError
        For rows of unlike lengths, and for more numbers than a text may list.
    """
    rows = _rows(node, lambda item: number_of(item, source, known), source)
    if rows is None or (len(rows) == 1 and len(rows[0]) == 1):
        return None
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise source.error(
            f"the rows of a matrix are equally long, these have {lengths} numbers.", node.span, "Fill up the rows."
        )
    values = tuple(number for row in rows for number in row)
    if len(values) > MAX_VALUES:
        raise source.error(
            f"a text lists at most {MAX_VALUES:,} numbers, these are {len(values):,}.",
            node.span,
            "Write a law, such as lower(n), or declare an input or a parameter and pass the values.",
        )
    beyond = next((number for number in values if not exact.is_double(number)), None)
    if beyond is not None:
        raise source.error(
            f"the number {exact.told(beyond)} is none that double precision holds.",
            node.span,
            "Write numbers between 1e-307 and 1e308.",
        )
    column = len(rows) == 1 or (_has_semicolon(node, source) and all(len(row) == 1 for row in rows))
    dims = (str(len(values)),) if column else (str(len(rows)), str(len(rows[0])))
    return value_of(builder, FixedArray(VALUES, values=values), dims, f"{wanted}_values")


def _rows(node: syntax.Stack, number: Numbers, source: Source) -> list[list[sp.Rational]] | None:
    """The numbers of a bracket, row by row; one row where it is a vector."""
    nested = [item for item in node.items if isinstance(item, syntax.Stack)]
    if nested:
        found = [_row(item.items, number) if isinstance(item, syntax.Stack) else None for item in node.items]
        if any(row is not None for row in found) and not all(row is not None for row in found):
            return None
        return None if any(row is None for row in found) else [row for row in found if row is not None]
    flat = _row(node.items, number)
    if flat is None:
        return None
    rows = [[flat[0]]]
    for (before, after), value in zip(pairwise(node.items), flat[1:], strict=True):
        if ";" in source.plain[before.span.end : after.span.start]:
            rows.append([])
        rows[-1].append(value)
    return rows


def _row(items: Sequence[Node], number: Numbers) -> list[sp.Rational] | None:
    found = [number(item) for item in items]
    row = [value for value in found if value is not None]
    return row if len(row) == len(found) else None


def _has_semicolon(node: syntax.Stack, source: Source) -> bool:
    return ";" in source.plain[node.span.start : node.span.end]


def read_law(
    node: syntax.Call,
    known: Mapping[str, sp.Rational],
    dimensions: Mapping[str, str],
    builder: Builder,
    source: Source,
) -> Value:
    """``lower(n)``, ``ones(n, m)``, ``shift(n, 2)``, ``uniform(n, n, 7)``: a law at the sizes of dimensions.

    Parameters
    ----------
    node : Call
    known : mapping of str to sympy.Rational
        The text's constants.
    dimensions : mapping of str to str
        Names of dimensions, with the one that stands for each (``n`` for m where ``m = n``).

    Raises
    ------
    EquationError
        For arguments that are no sizes, and for too many or too few of them.
    """
    law = LAWS[node.function]
    sizes = [_size(argument, known, dimensions, source) for argument in node.arguments]
    count = len(node.arguments) - law.numbers
    optional = node.function == "shift" and len(node.arguments) == 1
    if optional:
        count = 1
    if count not in law.ranks or any(size is None for size in sizes[:count]):
        raise source.error(
            f"'{node.function}' takes {_told(node.function)}.", node.span, f"Write {_example(node.function)}."
        )
    numbers = (1,) if optional else tuple(_number(a, known, source) for a in node.arguments[count:])
    dims = tuple(size for size in sizes[:count] if size is not None) * (2 if law.square else 1)
    wanted = "_".join([node.function, *dict.fromkeys(dims), *map(str, numbers)]).replace("-", "minus")
    return value_of(builder, FixedArray(node.function, numbers), dims, wanted)


def _told(law: str) -> str:
    """The arguments of a law in words."""
    entry = LAWS[law]
    sizes = "the name of a dimension or a size"
    sizes = f"{sizes}, or two of them" if len(entry.ranks) > 1 else sizes
    if law == "shift":
        return f"{sizes}, and by how many places"
    return f"{sizes}, and a whole number as its seed" if entry.numbers else sizes


def _example(law: str) -> str:
    if law == "shift":
        return "shift(n) or shift(n, 2) for the matrix, roll(v, 1) for a vector that is shifted"
    return f"{law}(n, n, 7)" if LAWS[law].numbers else f"{law}(n)"


def _size(node: Node, known: Mapping[str, sp.Rational], dimensions: Mapping[str, str], source: Source) -> str | None:
    """The dimension that an argument names, or its size as digits; None if it is neither."""
    match node:
        case syntax.Variable(name=name, time=None, next=False, letters=None) if name in dimensions:
            return dimensions[name]
    size = number_of(node, source, known)
    return str(size) if size is not None and size.is_Integer and 0 < size < MAX_NUMBER else None


def _number(node: Node, known: Mapping[str, sp.Rational], source: Source) -> int:
    number = number_of(node, source, known)
    if number is None or not number.is_Integer or abs(number) >= MAX_NUMBER:
        raise source.error("this is no whole number below 2**31.", node.span, "Write a number such as 7.")
    return int(number)


def law_matrix(builder: Builder, law: str, dim: str, *numbers: int) -> Value:
    """The square matrix of a law over a dimension."""
    wanted = "_".join([law, dim, *map(str, numbers)]).replace("-", "minus")
    return value_of(builder, FixedArray(law, numbers), (dim, dim), wanted)


def value_of(builder: Builder, array: FixedArray, dims: tuple[str, ...], wanted: str) -> Value:
    """A fixed array under the indices of its rank; `wanted` is its name, if that is free."""
    name = builder.fixed(array, dims, wanted)
    return Value(tuple((dim,) for dim in dims), (builder.symbol(Ref(name, letters_of(len(dims)))),))
