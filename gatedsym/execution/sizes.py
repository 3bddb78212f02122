"""Sizes of a cell's dimensions, from what a caller gives and what the equations say."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from gatedsym.errors import ArgumentError
from gatedsym.expect import is_whole, shown
from gatedsym.ir.interface import Dimension


def resolve_sizes(dimensions: Sequence[Dimension], given: Mapping[str, int | None], cell: str) -> dict[str, int]:
    """The size of every dimension.

    Parameters
    ----------
    dimensions : sequence of Dimension
        As a generated module lists them.
    given : mapping of str to int
        What the caller gives; None counts as not given.
    cell : str
        Name for messages.

    Raises
    ------
    ArgumentError
        If a size is missing, unknown, not a positive integer, or breaks a constraint.
    """
    names = [d.name for d in dimensions]
    chosen = {k: v for k, v in given.items() if v is not None}
    for name, value in chosen.items():
        if name not in names:
            raise ArgumentError(f"{cell} has no dimension {name!r}; its dimensions are {', '.join(names)}.")
        if not is_whole(value) or int(value) < 1:
            raise ArgumentError(f"size {name}={shown(value)} must be a positive integer.")
    sizes = {k: int(v) for k, v in chosen.items()}
    waiting = [d for d in dimensions if d.formula is not None]
    for _ in range(len(waiting) + 1):
        for dimension in waiting:
            name, formula = dimension.name, str(dimension.formula)
            size = _evaluate(formula, sizes)
            if size is None or (name in sizes and not dimension.fixed):
                continue
            if size.denominator != 1 or size < 1:
                raise ArgumentError(f"{cell} says {name} = {formula}, which is {size} here; choose sizes that divide.")
            if sizes.setdefault(name, int(size)) != size:
                raise ArgumentError(f"{cell} needs {name} = {formula} = {size}, but {name} is {sizes[name]}.")
    missing = [n for n in names if n not in sizes and not n.isdigit()]
    if missing:
        raise ArgumentError(
            f"{cell} needs the size of {', '.join(missing)}: pass {', '.join(f'{n}=…' for n in missing)}"
            + _default_hint(missing)
        )
    return {**sizes, **{n: int(n) for n in names if n.isdigit()}}


def size_in_sums(
    dimensions: Sequence[Dimension],
    known: Mapping[str, int],
    lengths: Iterable[tuple[Sequence[str], int]],
    cell: str,
) -> dict[str, int]:
    """The one size that arrays show only inside a sum: n, where an axis n + p is 10 long and p = 3.

    Parameters
    ----------
    dimensions : sequence of Dimension
    known : mapping of str to int
        The sizes that arrays show by themselves.
    lengths : iterable of (axis, length)
        Axes of arrays, each the dimensions that add up to its length.
    cell : str

    Returns
    -------
    dict of str to int
        Empty where no size is missing, or more than one, or none fits.
    """
    missing = [d.name for d in dimensions if d.is_free and d.name not in known]
    if len(missing) != 1:
        return {}
    for axis, length in lengths:
        for size in range(1, length + 1) if len(axis) > 1 else ():
            try:
                sizes = resolve_sizes(dimensions, {**known, missing[0]: size}, cell)
            except ArgumentError:  # a size that the equations exclude
                continue
            if sum(sizes.get(d, 0) if not d.isdigit() else int(d) for d in axis) == length:
                return {missing[0]: size}
    return {}


def _default_hint(missing: list[str]) -> str:
    """A line by which the equations could say a size; n and m are nobody's to say."""
    further = [name for name in missing if name not in ("m", "n")]
    return f", or say in the equations what it is unless told otherwise: {further[0]} = n." if further else "."


def _evaluate(text: str, sizes: Mapping[str, int]) -> Fraction | None:
    """The value of + - * / over names and integers; None if a name has no size yet."""

    def value(node: ast.expr) -> Fraction | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return Fraction(node.value)
        if isinstance(node, ast.Name):
            return Fraction(sizes[node.id]) if node.id in sizes else None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = value(node.operand)
            return None if inner is None else -inner
        if isinstance(node, ast.BinOp):
            left, right = value(node.left), value(node.right)
            if left is None or right is None:
                return None
            if isinstance(node.op, ast.Add):
                return left + right
            if isinstance(node.op, ast.Sub):
                return left - right
            if isinstance(node.op, ast.Mult):
                return left * right
            if isinstance(node.op, ast.Div):
                return left / right
        raise ArgumentError(f"not a size: {text}.")

    return value(ast.parse(text, mode="eval").body)
