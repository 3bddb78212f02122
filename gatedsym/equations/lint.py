"""Legal texts that were probably not meant: a parameter for two gates, two equations with the same right side.

That a gate reads a parameter which is another's is a slip in two cases, and on purpose elsewhere (real and imaginary
parts of one number share all they are made of). Either the name says whose it is: ``W_f`` in f and in i. Or it is a
matrix, applied to the same vector in two gates of its own name: ``W x`` in both.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatedsym.equations import syntax
from gatedsym.equations.names import ELEMENTWISE
from gatedsym.equations.scope import Scope, ScopedEquation
from gatedsym.errors import EquationWarning


def lint_warnings(scope: Scope) -> list[EquationWarning]:
    """One warning for each thing that looks like a slip of the pen, or was left out as no part of the equations."""
    found = (*scope.source.notes, *_left_out_tags(scope), *_shared_parameters(scope), *_same_right_sides(scope))
    return [EquationWarning(message) for message in found]


def _left_out_tags(scope: Scope) -> Iterator[str]:
    source = scope.source
    places = [f"{source.excerpt(span)} (line {source.line(span)})" for span in source.tags]
    if places:
        read = "is read as the number of its equation" if len(places) == 1 else "are read as numbers of equations"
        yield f"{', '.join(places)} {read}; a factor stands in front, as in 2 * tanh(h)."


def _shared_parameters(scope: Scope) -> Iterator[str]:
    reads: dict[str, dict[int, ScopedEquation]] = {}
    for equation in scope.equations:
        for name in _inside_functions(equation.right):
            symbol = scope.symbols.get(name)
            if symbol is not None and symbol.kind == "parameter" and symbol.axes:
                # A loop writes one line for all its steps: they share on purpose.
                reads.setdefault(name, {}).setdefault(equation.line.span.start, equation)
    for name, equations in sorted(reads.items()):
        gates = list(equations.values())
        if len(gates) < 2 or not (_is_anothers(name, gates) or _applied_alike(name, gates, scope)):
            continue
        places = [f"{e.key} (line {scope.source.line(e.line.span)})" for e in gates]
        base, _, own = name.rpartition("_")
        other = next((e.target.name for e in gates if e.target.name != own), "")
        mend = f"; was {base}_{other} meant?" if base and _is_anothers(name, gates) else "."
        yield f"the parameter {name} serves {' and '.join(places)}{mend}"


def _is_anothers(name: str, gates: list[ScopedEquation]) -> bool:
    """Whether a parameter bears the name of one of the gates that read it."""
    base, _, own = name.rpartition("_")
    return bool(base) and any(equation.target.name == own for equation in gates)


def _applied_alike(name: str, gates: list[ScopedEquation], scope: Scope) -> bool:
    """Whether a matrix is contracted with the same thing in two of the gates."""
    axes = scope.symbols[name].axes or ()
    if len(axes) < 2:
        return False
    seen: set[str] = set()
    for equation in gates:
        operands = set(_operands(name, equation.right))
        if operands & seen:
            return True
        seen |= operands
    return False


def _operands(name: str, node: syntax.Node) -> Iterator[str]:
    """Operands behind a matrix in its products, in plain notation."""
    for inner in syntax.walk(node):
        if not isinstance(inner, syntax.Product | syntax.Juxtaposition):
            continue
        for left, right in zip(inner.items, inner.items[1:], strict=False):
            if isinstance(left, syntax.Variable) and left.name == name:
                yield syntax.render(right)


def _inside_functions(node: syntax.Node) -> set[str]:
    """Names inside the arguments of elementwise functions."""
    return {
        inner.name
        for call in syntax.walk(node)
        if isinstance(call, syntax.Call) and call.function in ELEMENTWISE
        for inner in syntax.walk(call)
        if isinstance(inner, syntax.Variable)
    }


def _same_right_sides(scope: Scope) -> Iterator[str]:
    seen: dict[str, ScopedEquation] = {}
    for equation in scope.equations:
        if isinstance(equation.right, syntax.Variable | syntax.Number):
            continue
        text = syntax.render(equation.right)
        first = seen.setdefault(text, equation)
        if (
            first is not equation
            and first.line is not equation.line
            and first.target.letters == equation.target.letters
        ):
            lines = [scope.source.line(e.line.span) for e in (first, equation)]
            yield (
                f"{first.key} (line {lines[0]}) and {equation.key} (line {lines[1]}) have the same right side: {text}"
            )
