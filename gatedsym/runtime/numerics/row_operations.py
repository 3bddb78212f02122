"""Functions that the loops over time call beside products: typed numbers, rows, shared exponents."""

from __future__ import annotations

from typing import Any

from gatedsym.runtime.jit.compile import inlined, merged, routine
from gatedsym.runtime.matmul.addresses import address
from gatedsym.runtime.numerics.arithmetic import absolute_value, larger_or_nan
from gatedsym.runtime.numerics.scaling import exponent, ldexp

_ONE_STEP = 120  # a power of two of up to this exponent is a normal number in either type


@inlined
def real(value: Any, array: Any) -> Any:
    """`value` in the dtype of `array`: a float64 literal would draw float32 arithmetic into float64."""
    return array.dtype.type(value)


# Numba compiles an assignment of one array to a slice of another in seconds (it brings the sentence of the exception
# that it may raise, with all that makes strings); these loops take a tenth of that.


@merged
def rows_of_steps(rows: Any, first: int, last: int) -> Any:
    """The rows in which an array holds the steps from `first` to before `last`.

    It has a row for each step, or for as many as are computed at once, which then take turns.
    """
    begin = first if last <= rows.shape[0] else 0
    return rows[begin : begin + last - first]


@routine
def copy(out: Any, source: Any) -> None:
    """Set `out` to `source`, which has its shape."""
    flat, given = out.reshape(out.size), source.reshape(source.size)
    for number in range(out.size):
        flat[number] = given[number]


# What follows takes rows of states: arrays whose entries lie together but for their first axis. Numba's iteration over
# any array (`array.flat`) is not vectorised; loops over addresses are.


@routine
def largest(array: Any) -> Any:
    """The largest magnitude in rows of states; NaN if there is one, 0 if the array is empty."""
    top = array.dtype.type(0)
    if array.ndim == 1:
        for value in array:
            top = larger_or_nan(top, absolute_value(value))
        return top
    for number in range(array.shape[0]):
        row = array[number]
        entries = address(row)
        for place in range(row.size):
            top = larger_or_nan(top, absolute_value(entries[place]))
    return top


@inlined
def larger(a: Any, b: Any) -> Any:
    """The larger of two magnitudes; NaN if one is."""
    return a if a > b or a != a else b


@routine
def square_sum(array: Any) -> Any:
    """The sum of the squares of all entries."""
    total = array.dtype.type(0)
    for value in array.flat:
        total += value * value
    return total


@routine
def align(carried_exponent: int, carried: Any, given: Any) -> int:
    """The exponent under which carried and given adjoints are added: that of the larger one.

    Parameters
    ----------
    carried_exponent : int
        What is carried is mantissas times 2 to this power.
    carried, given : float
        The largest magnitude of the mantissas, and of what is to be added (which has no exponent).
    """
    own: int = carried_exponent + exponent(carried)
    other: int = exponent(given)
    if given == 0:
        return own if carried != 0 else carried_exponent
    if carried == 0:
        return other
    return max(own, other)


@routine
def shift(array: Any, e: int) -> None:
    """Multiply every entry of rows of states by 2**e."""
    if e == 0:
        return
    if array.ndim == 1 or not -_ONE_STEP <= e <= _ONE_STEP:
        for index, value in enumerate(array.flat):
            array.flat[index] = ldexp(value, e)
        return
    factor = ldexp(array.dtype.type(1), e)
    for number in range(array.shape[0]):
        row = array[number]
        entries = address(row)
        for place in range(row.size):
            entries[place] = entries[place] * factor


@routine
def add_shifted(array: Any, given: Any, e: int) -> None:
    """Add ``given * 2**e``, entry by entry."""
    for index, value in enumerate(given.flat):
        array.flat[index] += ldexp(value, e)
