"""Texts → which of their expressions are square matrices, told by axes: one that is inverted must have an inverse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gatedsym.equations import syntax
from gatedsym.equations.bindings import declared_spaces
from gatedsym.equations.declarations import declared_bases, flat
from gatedsym.equations.names import ELEMENTWISE, IDENTITY, MATRIX_POWERS

Axes = tuple[tuple[str, ...], ...]
"""For each axis the dimensions whose sizes add up to its length."""

ANY_SQUARE: Axes = (("any",), ("any",))
"""Of a matrix that is square, of whatever size: an identity."""

_DEEP = 12
"""Definitions are followed so far."""


def declared_axes(statements: Iterable[syntax.Statement]) -> dict[str, Axes]:
    """The axes of what a text declares, of each member of a family ``A_{f,i}`` or ``A_*``, and of an identity."""
    statements = tuple(statements)
    found = {name: space.axes for name, space in declared_spaces(statements)}
    for name in _read(statements) - found.keys():
        family = next((f for f in found if f.endswith("_*") and name.startswith(f[:-1])), None)
        if family is not None:
            found[name] = found[family]
    return found if IDENTITY in declared_bases(statements) else found | {IDENTITY: ANY_SQUARE}


def _read(statements: Iterable[syntax.Statement]) -> set[str]:
    """The names that the right sides of a text read."""
    lines = (s for s in flat(tuple(statements)) if isinstance(s, syntax.EquationLine))
    return {node.name for line in lines for node in syntax.walk(line.right) if isinstance(node, syntax.Reference)}


def is_matrix(node: syntax.Node, declared: Mapping[str, Axes], defined: Mapping[str, syntax.Node]) -> bool:
    """Whether an expression is a square matrix, as far as its form says it."""
    axes = _Axes(declared, defined).of(node)
    return len(axes) == 2 and axes[0] == axes[1]


class _Axes:
    """The axes of expressions; none of a number, and of what their form does not tell."""

    def __init__(self, declared: Mapping[str, Axes], defined: Mapping[str, syntax.Node]) -> None:
        self.declared, self.defined = declared, defined

    def of(self, node: syntax.Node, depth: int = 0) -> Axes:
        """The axes of one node; `depth` counts the definitions followed to it."""

        def of(inner: syntax.Node) -> Axes:
            return self.of(inner, depth)

        match node:
            case syntax.Reference() | syntax.Variable():
                return self._of_name(node, depth)
            case syntax.Sum(terms=terms):
                return _of_entries([of(term) for _, term in terms])
            case syntax.Negative(operand=operand):
                return of(operand)
            case syntax.Transpose(operand=operand):
                return of(operand)[::-1]
            case syntax.Power(base=base):
                return of(base)
            case syntax.Product(items=items, operators=operators):
                return _of_product(items, operators, [of(item) for item in items])
            case syntax.Juxtaposition(items=items):
                return _of_product(items, ("@",) * (len(items) - 1), [of(item) for item in items])
            case syntax.Call(function=name, arguments=arguments):
                return _of_call(name, [of(a) for a in arguments])
            case syntax.Application(head=head, arguments=arguments):
                return _of_call(head.name, [of(a) for a in arguments])
            case _:
                return ()

    def _of_name(self, node: syntax.Reference | syntax.Variable, depth: int) -> Axes:
        axes = self.declared.get(node.name)
        if axes is None:
            known = depth < _DEEP and node.name in self.defined
            return self.of(self.defined[node.name], depth + 1) if known else ()
        entry = isinstance(node, syntax.Reference) and sum(map(len, node.indices)) == len(axes)
        return () if entry and len(axes) > 1 else axes


def _of_entries(parts: Iterable[Axes]) -> Axes:
    """The axes of what is made entry by entry: those of the part with most, of one that says its size."""
    return max(parts, key=lambda axes: (len(axes), axes != ANY_SQUARE), default=())


def _of_product(items: Sequence[syntax.Node], operators: Sequence[str], parts: Sequence[Axes]) -> Axes:
    """The axes of a chain of products, from left to right."""
    found = parts[0]
    for position, operator in enumerate(operators, 1):
        one, other = items[position - 1 : position + 1]
        if operator not in ("@", "·") or not found or not parts[position]:
            found = _of_entries([found, parts[position]])
        elif ANY_SQUARE in (found, parts[position]):
            found = parts[position] if found == ANY_SQUARE else found
        elif len(found) == len(parts[position]) == 1 and _is_row(other) and not _is_row(one):
            found = found + parts[position]
        else:
            found = found[:-1] + parts[position][1:]
    return found


def _is_row(node: syntax.Node) -> bool:
    return isinstance(node, syntax.Transpose)


def _of_call(name: str, arguments: Sequence[Axes]) -> Axes:
    """The axes of what a function of the language gives."""
    if not arguments or name == "eye":
        return ANY_SQUARE if arguments else ()
    if name in ELEMENTWISE or name in ("inv", "matrix_power"):
        return arguments[0]
    if name == "solve":
        return arguments[-1]
    if name == "outer":
        return tuple(axis for axes in arguments for axis in axes)
    return arguments[0] * 2 if name == "diag" and len(arguments[0]) == 1 else ()


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
