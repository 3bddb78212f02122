"""A count in dimensions → its text in a docstring: ``4 n² + 4 n m``, the highest degree first."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

_POWERS = {1: "", 2: "²", 3: "³"}


def size_text(size: sp.Expr) -> str:
    """The text of a polynomial in dimensions.

    Parameters
    ----------
    size : sympy.Expr

    Examples
    --------
    >>> n, m = sp.symbols("n m")
    >>> size_text(4 * n * m + 4 * n**2 - 1)
    '4 n² + 4 n m − 1'
    """
    symbols = sorted(size.free_symbols, key=str, reverse=True)
    if not symbols:
        return _number(sp.Rational(size))
    terms = sp.Poly(size, *symbols).terms()
    ordered = sorted(terms, key=lambda term: (-sum(term[0]), _places(term[0])))
    first = next((term for term in ordered if term[1] > 0), ordered[0])  # a sum begins with no sign where it can
    ordered = [first, *(term for term in ordered if term is not first)]
    text = ""
    for powers, factor in ordered:
        sign = (" − " if text else "−") if factor < 0 else " + " if text else ""
        text += sign + _term(abs(factor), [str(s) for s in symbols], powers)
    return text


def _places(powers: Sequence[int]) -> list[int]:
    return [place for place, power in enumerate(powers) if power]


def _term(factor: sp.Rational, names: Sequence[str], powers: Sequence[int]) -> str:
    letters = [name + _POWERS.get(power, f"^{power}") for name, power in zip(names, powers, strict=True) if power]
    if factor.q != 1:
        above = " ".join(letters if factor.p == 1 else [str(factor.p), *letters])
        return f"({above})/{factor.q}" if " " in above else f"{above}/{factor.q}"
    return " ".join([*([] if factor == 1 and letters else [str(factor)]), *letters])


def _number(value: sp.Rational) -> str:
    return f"{'−' if value < 0 else ''}{abs(value)}"
