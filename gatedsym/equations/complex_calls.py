"""Functions and products that complex arrays do not have → refusals that offer what they have, typed out."""

from __future__ import annotations

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.syntax import Node


def function(source: Source, name: str, node: Node) -> Exception:
    """The refusal of ``tanh(z)``: of the complex number to one reader, of each of its parts to another."""
    arguments = node.arguments if isinstance(node, syntax.Call) else (node,)
    first = source.excerpt(arguments[0].span)
    typed = node.function if isinstance(node, syntax.Call) else name
    return source.error(
        f"'{typed}' is taken of real numbers, this is complex.",
        node.span,
        f"Of each part alone it is {typed}(re({first})) + i * {typed}(im({first})), of the size {typed}(abs({first})); "
        "of complex arrays there are exp, abs, re, im, conj, sums, products, quotients and whole powers.",
    )


def power(source: Source, node: syntax.Power, exponent: sp.Rational) -> Exception:
    """The refusal of a root of a complex number: there are several."""
    base = source.excerpt(node.base.span)
    return source.error(
        f"a power {exponent} of a complex number has several values.",
        node.span,
        f"Write a whole power, {base}**2, or a power of its size, abs({base})**({exponent}).",
    )


def dot(source: Source, span: Span) -> Exception:
    """The refusal of ``dot(u, v)``: with a conjugate to one reader, without to another."""
    return source.error(
        "'dot' of complex vectors conjugates the first to one reader, neither to another.",
        span,
        "Write sum(conj(u) * v) for the one, or sum(u * v) for the other.",
    )


def order(source: Source, name: str, span: Span) -> Exception:
    """The refusal of ``max(z)``: complex numbers have no order."""
    return source.error(
        f"'{name}' compares, and complex numbers have no order.", span, f"Write {name}(abs(z)), or {name}(re(z))."
    )


def real_wanted(source: Source, name: str, span: Span) -> Exception:
    """The refusal of a complex value under a name that is declared real."""
    return source.error(
        f"'{name}' is declared real, the right side is complex.",
        span,
        "Declare it in C^n, or take re(…), im(…) or abs(…) of the right side.",
    )
