"""Legal texts that were probably not meant: a parameter for two gates, two equations with the same right side."""

from __future__ import annotations

from collections.abc import Iterator

from gatedsym.equations import syntax
from gatedsym.equations.names import ELEMENTWISE
from gatedsym.equations.scope import Scope, ScopedEquation
from gatedsym.errors import EquationWarning


def suspicions(scope: Scope) -> list[EquationWarning]:
    """One warning for each thing that looks like a slip of the pen."""
    return [EquationWarning(message) for message in (*_shared_parameters(scope), *_same_right_sides(scope))]


def _shared_parameters(scope: Scope) -> Iterator[str]:
    serves: dict[str, dict[int, ScopedEquation]] = {}
    for equation in scope.equations:
        for name in _inside_functions(equation.right):
            symbol = scope.symbols.get(name)
            if symbol is not None and symbol.kind == "parameter" and symbol.axes:
                # A loop writes one line for all its steps: they share on purpose.
                serves.setdefault(name, {}).setdefault(equation.line.span.start, equation)
    for name, equations in sorted(serves.items()):
        if len(equations) > 1:
            gates = [f"{e.key} (line {scope.source.line(e.line.span)})" for e in list(equations.values())]
            own = name.rpartition("_")[2]
            other = next((e.target.name for e in equations.values() if e.target.name != own), "")
            mend = f"; was {name.rpartition('_')[0]}_{other} meant?" if own != name and other else "."
            yield f"the parameter {name} serves {' and '.join(gates)}{mend}"


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
