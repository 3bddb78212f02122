"""Texts → which of their expressions are square matrices: where such a one is inverted, it must have an inverse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gatedsym.equations import syntax
from gatedsym.equations.bindings import declared_spaces
from gatedsym.equations.declarations import declared_bases, flat
from gatedsym.equations.names import IDENTITY, MATRIX_POWERS

_MADE = frozenset({"inv", "matrix_power", "diag", "eye"})
_DEEP = 12
"""Definitions are followed so far."""


def square_matrices(statements: Iterable[syntax.Statement]) -> frozenset[str]:
    """The names that a text declares with two equal axes, those of a family ``A_{f,i}`` or ``A_*`` each."""
    statements = tuple(statements)
    spaces = dict(declared_spaces(statements))
    for name in _read(statements) - spaces.keys():
        family = next((f for f in spaces if f.endswith("_*") and name.startswith(f[:-1])), None)
        if family is not None:
            spaces[name] = spaces[family]
    found = {name for name, space in spaces.items() if len(space.axes) == 2 and space.axes[0] == space.axes[1]}
    return frozenset(found if IDENTITY in declared_bases(statements) else found | {IDENTITY})


def _read(statements: Iterable[syntax.Statement]) -> set[str]:
    """The names that the right sides of a text read."""
    lines = (s for s in flat(tuple(statements)) if isinstance(s, syntax.EquationLine))
    return {node.name for line in lines for node in syntax.walk(line.right) if isinstance(node, syntax.Reference)}


def is_matrix(node: syntax.Node, matrices: frozenset[str], defined: Mapping[str, syntax.Node], depth: int = 0) -> bool:
    """Whether an expression is a square matrix, as far as its form says it."""

    def again(inner: syntax.Node) -> bool:
        return is_matrix(inner, matrices, defined, depth + 1)

    if depth > _DEEP:
        return False
    match node:
        case syntax.Reference() | syntax.Variable():
            return node.name in matrices or (node.name in defined and again(defined[node.name]))
        case syntax.Sum(terms=terms):
            return any(again(term) for _, term in terms)
        case syntax.Negative(operand=operand) | syntax.Transpose(operand=operand):
            return again(operand)
        case syntax.Power(base=base):
            return again(base)
        case syntax.Product(items=items) | syntax.Juxtaposition(items=items):
            return again(items[-1])
        case syntax.Call(function=name):
            return name in _MADE
        case syntax.Application(head=head):
            return head.name in _MADE
        case _:
            return False


def inverted(node: syntax.Node) -> syntax.Node | None:
    """The matrix that a function of the language inverts; a power whose exponent is a plain number inverts none."""
    match node:
        case syntax.Call(function=name, arguments=(matrix, *rest)):
            pass
        case syntax.Application(head=syntax.Reference(name=name), arguments=(matrix, *rest)):
            pass
        case _:
            return None
    power = name == "matrix_power" and bool(rest) and isinstance(rest[0], syntax.Number)
    return matrix if name in MATRIX_POWERS and not power else None
