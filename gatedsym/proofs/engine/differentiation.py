"""An expression → its derivatives by all of its symbols; a part that occurs again is differentiated once.

`sympy.diff` differentiates every node by its arguments, and the chain rule goes from node to node. To call it on the
whole expression gives the same, but walks through every part again for each symbol and at each level: of a step that is
written out, that takes longer than all else in a proof.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

import sympy as sp

Gradient = Mapping[sp.Symbol, sp.Expr]
"""For each symbol that an expression contains its derivative; zeros are left out."""


class Differentiator:
    """Derivatives of expressions by some symbols.

    Parameters
    ----------
    symbols : collection of sympy.Symbol
        What is differentiated by; all other symbols are constant.
    """

    def __init__(self, symbols: Collection[sp.Symbol]) -> None:
        self._gradients: dict[sp.Expr, Gradient] = {symbol: {symbol: sp.S.One} for symbol in symbols}

    def gradient(self, expression: sp.Expr) -> Gradient:
        """The derivatives by the symbols that the expression contains, in the order of their names."""
        stack = [expression]
        while stack:  # no recursion: sums can be long
            top = stack[-1]
            missing = [a for a in top.args if a not in self._gradients]
            if top not in self._gradients and missing:
                stack += missing
                continue
            if top not in self._gradients:
                self._gradients[top] = self._by_the_chain_rule(top)
            stack.pop()
        found = self._gradients[expression]
        return {symbol: found[symbol] for symbol in sorted(found, key=str)}

    def _by_the_chain_rule(self, node: sp.Expr) -> Gradient:
        terms: dict[sp.Symbol, list[sp.Expr]] = {}
        for place, argument in enumerate(node.args):
            inner = self._gradients[argument]
            outer = _partial(node, place) if inner else sp.S.Zero
            for symbol, derivative in inner.items():
                terms.setdefault(symbol, []).append(outer * derivative)
        whole = {symbol: sp.Add(*found) for symbol, found in terms.items()}
        return {symbol: derivative for symbol, derivative in whole.items() if derivative != 0}


def _partial(node: sp.Expr, place: int) -> sp.Expr:
    """Derivative of a node by one of its arguments, the others held."""
    given = tuple(a if a.is_number else None for a in node.args)
    letters, derivative = _derivative_of(node.func, given, place)
    return derivative.xreplace({letter: a for letter, a in zip(letters, node.args, strict=True) if letter is not None})


@cache
def _derivative_of(
    function: type[sp.Expr], given: tuple[sp.Expr | None, ...], place: int
) -> tuple[tuple[sp.Expr | None, ...], sp.Expr]:
    """Derivative of a function, sum, product or power by one of its arguments, and the letters that these have."""
    letters = tuple(sp.Dummy(real=True) if number is None else None for number in given)
    arguments = [number if letter is None else letter for letter, number in zip(letters, given, strict=True)]
    return letters, sp.diff(function(*arguments), letters[place])
