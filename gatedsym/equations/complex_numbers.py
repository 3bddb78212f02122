"""Expressions with an imaginary unit → pairs of real ones: a complex array is two real arrays all the way down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import sympy as sp

from gatedsym.ir.interface import Dims

UNITS = ("i", "j", "im")
"""Names of the imaginary unit in a text that declares a complex array, unless it declares or defines them."""

COMPLEX_FUNCTIONS: frozenset[str] = frozenset({"re", "im", "conj", "real", "imag", "Re", "Im"})
"""Functions of a text that declares a complex array."""

_SQUARE = sp.Integer(2)


def pair_of(name: str) -> tuple[str, str]:
    """The names of the real and of the imaginary part of a complex array."""
    return f"{name}_re", f"{name}_im"


def is_pair(axes: Sequence[Dims], parts: Sequence[str]) -> bool:
    """Whether the parts of an array are those of a complex one: each block twice."""
    return len(parts) == 2 * prod(len(axis) for axis in axes)


def joined(symbols: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
    """Blocks of a complex array, from those of its real part and then those of its imaginary part."""
    half = len(symbols) // 2
    return tuple(re + sp.I * im for re, im in zip(symbols[:half], symbols[half:], strict=True))


def is_complex(expression: sp.Expr) -> bool:
    """Whether an expression has an imaginary part."""
    return bool(parts_of(expression)[1] != 0)


def parts_of(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The real and the imaginary part of an expression in real symbols and the imaginary unit."""
    if not expression.has(sp.I):
        return expression, sp.S.Zero
    if expression is sp.I:
        return sp.S.Zero, sp.S.One
    if expression.is_Add:
        pairs = [parts_of(term) for term in expression.args]
        return sp.Add(*(re for re, _ in pairs)), sp.Add(*(im for _, im in pairs))
    if expression.is_Mul:
        return _product([parts_of(factor) for factor in expression.args])
    if expression.is_Pow and expression.exp.is_Integer:
        return _power(parts_of(expression.base), int(expression.exp))
    raise TypeError(f"{expression} has no parts that are known.")


def _product(pairs: Sequence[tuple[sp.Expr, sp.Expr]]) -> tuple[sp.Expr, sp.Expr]:
    """The parts of a product; factors that are real wait, so that they stand in front of sums."""
    reals = sp.Mul(*(re for re, im in pairs if im == 0))
    re, im = sp.S.One, sp.S.Zero
    for a, b in (pair for pair in pairs if pair[1] != 0):
        re, im = re * a - im * b, re * b + im * a
    return reals * re, reals * im


def _power(pair: tuple[sp.Expr, sp.Expr], exponent: int) -> tuple[sp.Expr, sp.Expr]:
    """The parts of an integer power, by squaring."""
    if exponent < 0:
        re, im = _power(pair, -exponent)
        size = re**_SQUARE + im**_SQUARE
        return re / size, -im / size
    found: tuple[sp.Expr, sp.Expr] = (sp.S.One, sp.S.Zero)
    for bit in bin(exponent)[2:]:
        found = _product([found, found])
        found = _product([found, pair]) if bit == "1" else found
    return found


def conjugate(expression: sp.Expr) -> sp.Expr:
    """The complex conjugate; a real expression as it is."""
    re, im = parts_of(expression)
    return expression if im == 0 else re - sp.I * im


def each_part(expression: sp.Expr, make: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """The value of `make` for an expression, or for the two parts of a complex one."""
    re, im = parts_of(expression)
    if im == 0:
        return make(expression if not expression.has(sp.I) else re)
    return (make(re) if re != 0 else sp.S.Zero) + sp.I * make(im)


def contracted(a: sp.Expr, b: sp.Expr, product: Callable[[sp.Expr, sp.Expr], sp.Expr]) -> sp.Expr:
    """A product that is linear in both factors, of two complex ones from those of their parts."""
    (a_re, a_im), (b_re, b_im) = parts_of(a), parts_of(b)
    if a_im == 0 and b_im == 0:
        return product(a_re, b_re)

    def of(left: sp.Expr, right: sp.Expr) -> sp.Expr:
        return sp.S.Zero if left == 0 or right == 0 else product(left, right)

    re = of(a_re, b_re) - of(a_im, b_im)
    return re + sp.I * (of(a_re, b_im) + of(a_im, b_re))
