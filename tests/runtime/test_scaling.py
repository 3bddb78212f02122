"""Mantissa and exponent: exact, at the ends of the range too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import specification
from gatedsym.runtime import exponent, ldexp

MEANT = specification(NUMPY)
DTYPES = (np.float32, np.float64)
WIDTH = {np.float32: 32, np.float64: 64}


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_exponent_brings_a_number_between_one_and_two(dtype: type, data: Any) -> None:
    value = dtype(data.draw(st.floats(width=WIDTH[dtype], allow_nan=False, allow_infinity=False)))
    e = exponent(value)
    assert e == MEANT["exponent"](value)
    assert value == 0 or 1 <= abs(math.ldexp(float(value), -e)) < 2


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [0.0, -0.0, math.inf, -math.inf, math.nan])
def test_exponent_of_what_has_none_is_zero(dtype: type, value: float) -> None:
    assert exponent(dtype(value)) == 0


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data(), e=st.integers(-5000, 5000) | st.integers(-200, 200))
def test_ldexp_rounds_once(dtype: type, data: Any, e: int) -> None:
    value = dtype(data.draw(st.floats(width=WIDTH[dtype], allow_nan=False)))
    scaled = ldexp(value, e)
    assert dtype(scaled) == MEANT["ldexp"](value, e)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ldexp_takes_any_exponent(dtype: type) -> None:
    assert ldexp(dtype(1.5), 2**62) == math.inf
    assert ldexp(dtype(1.5), -(2**62)) == 0
    assert math.isnan(ldexp(dtype(math.nan), 3))
