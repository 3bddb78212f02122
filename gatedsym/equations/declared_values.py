"""Calls of ``declared`` and ``straight_through`` → statements: a value, and what stands for its derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.declared import DECLARED, HOW
from gatedsym.equations.notation import Source
from gatedsym.equations.syntax import Call, Node, Number
from gatedsym.equations.value import Value
from gatedsym.equations.vector_functions import Steps

STRAIGHT_THROUGH = "straight_through"
CALLS = (DECLARED, STRAIGHT_THROUGH)
"""The words by which a derivative is declared."""


def lowered(node: Call, source: Source, lower: Callable[[Node], Value], steps: Steps) -> Value:
    """The value of ``declared(f, g, u)`` or ``straight_through(f(u))``.

    Raises
    ------
    EquationError
        For another number of arguments; for a derivative by a product, which may be meant by a factor of it.
    """
    if node.function == STRAIGHT_THROUGH:
        node = _straight_through(node, source)
    if len(node.arguments) != 3:
        raise source.error(f"'{DECLARED}' takes a value, its derivative, and by what.", node.span, HOW)
    value, derivative, by = node.arguments
    _refuse_doubtful(value, derivative, by, source)
    argument = steps.named(lower(by), "a")
    shown = lower(value)
    return steps.apply(DECLARED, shown, steps.named(lower(derivative), "slope"), argument)


def _straight_through(node: Call, source: Source) -> Call:
    match node.arguments:
        case (Call(arguments=(by,)) as value,):
            return replace(node, arguments=(value, Number(sp.S.One, node.span), by))
        case _:
            raise source.error(
                f"'{STRAIGHT_THROUGH}' takes one function of one argument, by which the derivative is 1.",
                node.span,
                f"Write {STRAIGHT_THROUGH}(step(v)), or {DECLARED}(value, 1, by).",
            )


def _refuse_doubtful(value: Node, derivative: Node, by: Node, source: Source) -> None:
    """``step(k * v) with derivative g``: by k v, or by v? A g that is a function of k v leaves no doubt."""
    typed_short = isinstance(value, Call) and by in value.arguments
    of_argument = isinstance(derivative, Call) and derivative.arguments == (by,)
    if not typed_short or of_argument or not isinstance(by, syntax.Product | syntax.Negative):
        return
    if not set(by.operators if isinstance(by, syntax.Product) else ()) <= {"*", "/", "×", "./"}:
        return
    names = [n.name for n in syntax.walk(by) if isinstance(n, syntax.Variable)]
    if isinstance(derivative, Number) or not names:
        return
    whole, slope, argument = (source.excerpt(n.span) for n in (value, derivative, by))
    raise source.error(
        f"is this the derivative by the argument, {argument}, or by a name in it, {names[0]}?",
        derivative.span,
        f"Write {DECLARED}({whole}, {slope}, {_bare(argument)}) for the one, "
        f"or {DECLARED}({whole}, {slope}, {names[0]}) for the other.",
    )


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith("(") and text.endswith(")") and text.count("(") == 1 else text
