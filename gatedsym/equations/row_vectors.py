"""Texts whose vectors are rows: products ``x W`` told, and rows of a batch taken for what they are.

A text is one of rows where it says ``convention rows``, or where its products are those of rows and of nothing else:
a vector before a matrix. Where it prints a batch, ``X in R^(B,m)``, with B the first axis of every input and state, and
an axis of no parameter and no other axis of theirs, B is the batch of the arrays and each row a vector.
"""

from __future__ import annotations

from dataclasses import replace

from gatedsym.equations import syntax
from gatedsym.equations.declarations import Axes
from gatedsym.equations.scope import Scope, Symbol
from gatedsym.equations.source import Source, Span
from gatedsym.equations.value import Value, kind_of
from gatedsym.errors import EquationError

_TURNED = {"row": "column", "column": "row"}


class RowProductError(EquationError):
    """A vector before a matrix in a text that is read with vectors as columns: perhaps they are rows."""


def kind(value: Value, rows: bool) -> str:
    """Kind of a value in a matrix product, where vectors are rows or columns unless they are transposed."""
    found = kind_of(value)
    return _TURNED.get(found, found) if rows else found


def mend_of_columns(left: Value, right: Value) -> str:
    """Mend for a matrix before a row, ``W x``; "" for any other product."""
    if (left.rank, right.rank) != (2, 1) or right.row:
        return ""
    if left.axes[1] == right.axes[0]:
        return "Vectors are rows here: write [{b} @ {a}.T], or [{a} @ {b}.T] for a column."
    return "Vectors are rows here: write [{b} @ {a}]."


def entries_before_matrix(source: Source, items: tuple[syntax.Node, ...], span: Span) -> EquationError:
    """The refusal of ``z h W``: the matrix behind the product of entries, or the entries before the product?"""
    first, second, *rest = (source.excerpt(item.span) for item in items)
    behind = " ".join(rest)
    return source.error(
        "what does the matrix multiply, the vector before it or the product of both?",
        span,
        f"Write ({first} * {second}) {behind} for the one, or "
        f"{source.within(span, f'{first} * ({second} {behind})')} for the other.",
    )


def without_batch(scope: Scope) -> Scope | None:
    """The scope with the batch's axis taken off everything that has it; None where no axis is one.

    ``X in R^(B,m); H in R^(B,n); b in R^(1,n)`` are rows in R^m and R^n and a row in R^n.
    """
    symbols = scope.symbols.values()
    moving = [s for s in symbols if s.kind in ("input", "state")]
    first = {s.axes[0] if s.axes is not None and len(s.axes) == 2 else () for s in moving}
    if len(first) != 1 or scope.source.convention == "columns" or all(s.kind == "state" for s in moving):
        return None
    (batch,) = first
    if len(batch) != 1 or any(s.axes is not None and s.axes[1] == batch != ("1",) for s in moving):
        return None
    fixed = [axis for s in symbols if s.kind == "parameter" for axis in (s.axes or ())]
    if (batch in fixed and batch != ("1",)) or _reads_size(scope, batch[0]):
        return None
    found = {s.name: replace(s, axes=_row(s, batch)) for s in symbols}
    dimensions = tuple(d for d in scope.dimensions if d.name != batch[0])
    names = ", ".join(s.name for s in moving)
    note = f"{batch[0]}, the first axis of {names}, is read as the batch of the arrays: each sequence has a row."
    source = replace(scope.source, notes=(*scope.source.notes, note), convention="rows")
    return replace(scope, symbols=found, dimensions=dimensions, source=source)


def _row(symbol: Symbol, batch: tuple[str, ...]) -> Axes | None:
    axes = symbol.axes
    if axes is None or len(axes) != 2 or axes[0] not in (batch, ("1",)):
        return axes
    return axes[1:]


def _reads_size(scope: Scope, name: str) -> bool:
    """Whether an equation speaks of the size of a dimension, or of entries under indices."""
    tops = [e.right for e in scope.equations] + [d.body for d in scope.definitions.values()]
    nodes = [node for top in tops for node in syntax.walk(top) if isinstance(node, syntax.Variable)]
    nodes += [e.target for e in scope.equations]
    return any(node.name == name or node.letters is not None for node in nodes)
