"""The specification runs kernels' source on exact numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from gatedsym.ir.evaluate import Arithmetic
from gatedsym.proofs.specification import specification

EXACT = Arithmetic(
    number=lambda n: Fraction(int(sp.Rational(n).p), int(sp.Rational(n).q)),
    functions={"relu": lambda x: np.where(x > 0, x, Fraction(0))},
    maximum=lambda a, axes: np.max(a, axis=axes),
)


def _fractions(*shape: int) -> np.ndarray[Any, Any]:
    return np.array([Fraction(k + 1, k + 3) for k in range(int(np.prod(shape)))], object).reshape(shape)


def test_products_are_exact() -> None:
    names = specification(EXACT)
    a, b, out = _fractions(2, 3), _fractions(3, 4), _fractions(2, 4)
    expected = out + a.dot(b)
    names["multiply_add"](out, a, 0, 2, b)
    assert (out == expected).all()
    grown = _fractions(2, 4)
    expected = grown + _fractions(5, 3)[:, 1:3].T.dot(_fractions(5, 4))
    names["outer_add"](grown, 1, _fractions(5, 3), _fractions(5, 4), None)
    assert (grown == expected).all()


def test_products_write_into_slices() -> None:
    names = specification(EXACT)
    whole = _fractions(3, 2, 4)
    expected = whole[1] + _fractions(2, 3).dot(_fractions(3, 4))
    names["multiply_add"](whole[1], _fractions(2, 3), 0, 2, _fractions(3, 4))
    assert (whole[1] == expected).all()


def test_a_mantissa_and_its_exponent_give_the_number_back() -> None:
    names = specification(EXACT)
    value, seen = Fraction(5, 7), set()
    for _ in range(6):
        e = names["exponent"](value)
        seen.add(e)
        assert names["ldexp"](names["ldexp"](value, -e), e) == value
    assert len(seen) > 1


def test_activations_are_those_of_the_arithmetic() -> None:
    names = specification(EXACT)
    assert names["relu"](Fraction(-1, 2)) == 0
    assert names["relu"](Fraction(1, 2)) == Fraction(1, 2)
    assert "tanh" not in names


def test_shapes_that_do_not_fit_are_refused() -> None:
    names = specification(EXACT)
    with pytest.raises(ValueError, match="multiply_add"):
        names["multiply_add"](_fractions(2, 4), _fractions(2, 3), 0, 2, _fractions(4, 4))
    with pytest.raises(ValueError, match="outer_add"):
        names["outer_add"](_fractions(2, 4), 2, _fractions(5, 3), _fractions(5, 4), None)
