"""Declared derivatives in a text → calls of ``declared(value, derivative, by)``.

``s = step(v - 1) with derivative g`` says that g stands for the derivative of s by the argument v - 1, whatever the
derivative of `step` is; g may be an expression, or the name of a function, which is then taken of that argument.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace

from gatedsym.equations.notation import Span
from gatedsym.equations.syntax import Application, Call, Node, Reference, render

DECLARED = "declared"
HOW = "Write s = step(v - 1) with derivative 1/(1 + 10*abs(v - 1))^2, or s = declared(value, derivative, by)."


def with_derivative(value: Node, derivative: Node, refused: Callable[[Span, str, str], Exception]) -> Application:
    """``f(u) with derivative g`` as ``declared(f(u), g, u)``.

    Parameters
    ----------
    value, derivative : syntax node
        As parsed.
    refused : callable
        Makes an error of a span, a message and a mend.
    """
    span = value.span.to(derivative.span)
    if not isinstance(value, Application) or len(value.arguments) != 1 or value.each:
        raise refused(span, "'with derivative' follows one function of one argument.", HOW)
    head = Reference(DECLARED, Span(span.start, span.start))
    return Application(head, (value, derivative, value.arguments[0]), span)


def rendered(node: Node) -> str:
    """A right side in plain notation, a declared derivative behind the value that it belongs to."""
    match node:
        case Call(function="declared", arguments=(Call(arguments=(argument,)) as value, derivative, by)) if (
            argument == by
        ):
            return f"{render(value)} with derivative {render(derivative)}"
        case _:
            return render(node)


def applied(node: Application, functions: Set[str]) -> Application:
    """``declared(f(u), g, u)`` with a function's name as g: g(u)."""
    if node.head.name != DECLARED or len(node.arguments) != 3:
        return node
    value, derivative, by = node.arguments
    match derivative:
        case Reference(name=name, time=None, members=(), primes=0, indices=()) if name in functions:
            return replace(node, arguments=(value, Application(derivative, (by,), derivative.span), by))
        case _:
            return node
