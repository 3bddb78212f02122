"""Powers of two, for kernels that carry a mantissa and an exponent: scaling by them loses no digit."""

from __future__ import annotations

import math
from typing import Any

from gatedsym.runtime.jit.compile import inlined
from gatedsym.runtime.numerics.arithmetic import absolute_value, by_type, like, power_of_two, stored_exponent

_SMALLEST_NORMAL = (2.0**-126, 2.0**-1022)
_RAISE = 64  # a subnormal number times 2**64 is normal
# No product of a number with a larger power of two, or a smaller one, is finite, or other than 0.
_LARGEST_EXPONENT = 2200
_HIGHEST = (127.0, 1023.0)
_LOWEST = (-126.0, -1022.0)
# A step down that leaves a product which is not yet final with all its digits: lowest exponent plus digits.
_DOWN = (-102.0, -969.0)


@inlined
def exponent(value: Any) -> int:
    """The integer e with 1 <= |value| * 2**-e < 2; 0 for 0, infinities and NaN."""
    size = absolute_value(value)
    subnormal = size < by_type(value, _SMALLEST_NORMAL)
    e = stored_exponent(size * like(value, 2.0**_RAISE) if subnormal else size) - (_RAISE if subnormal else 0)
    return e if size > like(value, 0) and size < like(value, math.inf) else 0


@inlined
def _stepped(value: Any, e: Any) -> Any:
    """(value * 2**s, e - s) with a step s that brings e towards the range of one power of two."""
    s = by_type(value, _HIGHEST) if e > by_type(value, _HIGHEST) else like(value, 0)
    s = by_type(value, _DOWN) if e < by_type(value, _LOWEST) else s
    return value * power_of_two(s), e - s


@inlined
def ldexp(value: Any, e: int) -> Any:
    """value * 2**e for any integer e, rounded once (it can only need rounding where the result is subnormal)."""
    e = _LARGEST_EXPONENT if e > _LARGEST_EXPONENT else e
    e = -_LARGEST_EXPONENT if e < -_LARGEST_EXPONENT else e
    value, rest = _stepped(value, like(value, e))
    value, rest = _stepped(value, rest)
    rest = by_type(value, _HIGHEST) if rest > by_type(value, _HIGHEST) else rest
    rest = by_type(value, _LOWEST) if rest < by_type(value, _LOWEST) else rest
    return value * power_of_two(rest)
