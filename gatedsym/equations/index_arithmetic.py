"""Indices that are moved, ``H[p-1]`` → a refusal that types out what may stand beyond the border.

An array shifted along an axis is its product with a fixed array: the language has that already, and one rule for it.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.notation import Source
from gatedsym.equations.syntax import Node, Reference


def shift_of(item: Node, bound: frozenset[str], known: Mapping[str, sp.Rational]) -> tuple[str, int] | None:
    """The index and the whole number that is added to it; None for anything else."""
    if not isinstance(item, syntax.Sum) or len(item.terms) != 2:
        return None
    (sign, first), (other_sign, second) = item.terms
    if sign < 0 or not isinstance(first, Reference) or first.name not in bound:
        return None
    number = known.get(second.name) if isinstance(second, Reference) else getattr(second, "value", None)
    return None if number is None or not number.is_Integer else (first.name, other_sign * int(number))


def border(name: str, group: tuple[Node, ...], at: int, moved: tuple[str, int], source: Source) -> Exception:
    """The refusal of ``H[p-1]``: around the end to one reader, zero beyond the border to another."""
    index, shift = moved
    places, rank = -shift, len(group)
    half = "lower" if places > 0 else "upper"
    around, filled = f"shift(n, {places})", f"(shift(n, {places}) * strictly_{half}(n))"
    ways = [f"{name} @ {m}.T" if at else f"{m} @ {name}" for m in (around, filled)]
    if rank == 1:
        ways[0] = f"roll({name}, {places})"
    rest = ", ".join(source.excerpt(item.span) for item in group)
    typed = rest.replace(source.excerpt(group[at].span), index, 1)
    return source.error(
        f"'{name}[{rest}]' reads beyond the border at one end: what stands there?",
        group[at].span,
        f"Write a line {name}_1 = {ways[1]} for zeros, or {name}_1 = {ways[0]} to go around the end, "
        f"n the size of that axis, and read {name}_1[{typed}].",
    )
