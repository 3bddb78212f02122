"""What the runtime means, in plain Python: the names that kernels import, for arrays of exact numbers.

Proofs run emitted source with these in place of the runtime. Numbers may be of any class with + - * /; the activations
are those of the arithmetic. Tests hold the runtime against this on floats.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy as sp

from gatedsym.evaluate import Arithmetic, Array
from gatedsym.functions import FUNCTIONS


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Leave a kernel the Python function that it is."""
    return function


def pack(b: Array) -> Array:
    """A copy: how panels are arranged is the runtime's affair."""
    return b.copy()


def multiply_add(out: Array, a: Array, panels: Array) -> None:
    """Add ``a @ b`` to `out`, upwards in k; `panels` is ``pack(b)``."""
    if out.shape != (a.shape[0], panels.shape[1]) or a.shape[1] != panels.shape[0]:
        raise ValueError(f"multiply_add: out {out.shape} is not a {a.shape} @ b {panels.shape}")
    for k in range(a.shape[1]):
        out[...] = out + a[:, k, None] * panels[k]


def outer_add(out: Array, first: int, a: Array, b: Array) -> None:
    """Add ``a[:, first:first + R].T @ b`` to `out`, upwards in s."""
    rows, columns = out.shape
    if b.shape != (a.shape[0], columns) or first < 0 or first + rows > a.shape[1]:
        raise ValueError(f"outer_add: out {out.shape} does not fit first {first}, a {a.shape}, b {b.shape}")
    for s in range(a.shape[0]):
        out[...] = out + a[s, first : first + rows, None] * b[s]


def _exponent(others: Iterator[int]) -> Callable[[Any], int]:
    def exponent(value: Any) -> int:
        """Of a float the e with 1 <= |value| * 2**-e < 2, or 0; of another number any integer.

        Exact numbers may have no order (symbols, a finite field). What a kernel computes with mantissa and exponent
        must not depend on how it divides them, so calls give changing integers: a kernel that forgets one is found.
        """
        if not isinstance(value, (float, np.floating)):
            return next(others)
        return math.frexp(value)[1] - 1 if math.isfinite(value) and value != 0 else 0

    return exponent


def _ldexp(arithmetic: Arithmetic) -> Callable[[Any, int], Any]:
    def ldexp(value: Any, e: int) -> Any:
        """value * 2**e"""
        if isinstance(value, (float, np.floating)):
            with np.errstate(over="ignore", under="ignore"):
                return np.ldexp(value, int(np.clip(e, -5000, 5000)))
        return value * arithmetic.number(sp.Integer(2) ** int(e))

    return ldexp


def _activation(function: Callable[..., Any], dtype: Any) -> Callable[..., Any]:
    def activation(*arguments: Any) -> Any:
        operands = []
        for argument in arguments:
            operand = np.empty((), dtype=dtype)
            operand[()] = argument
            operands.append(operand)
        return np.asarray(function(*operands), dtype=dtype)[()]

    activation.__name__ = getattr(function, "__name__", "activation")
    return activation


def specification(arithmetic: Arithmetic) -> dict[str, Callable[..., Any]]:
    """The names that stand in for the runtime when emitted source is run on exact numbers.

    Parameters
    ----------
    arithmetic : Arithmetic
        Gives the activations (elementwise, on arrays) and the powers of two.

    Returns
    -------
    dict of str to callable
        `kernel`, `pack`, `multiply_add`, `outer_add`, `exponent`, `ldexp`, and for every name in `functions.FUNCTIONS`
        that the arithmetic has a function from scalars to a scalar.
    """
    names: dict[str, Callable[..., Any]] = {
        "kernel": kernel,
        "pack": pack,
        "multiply_add": multiply_add,
        "outer_add": outer_add,
        "exponent": _exponent(itertools.cycle((1, -2, 3))),
        "ldexp": _ldexp(arithmetic),
    }
    for name in FUNCTIONS:
        if name in arithmetic.functions:
            names[name] = _activation(arithmetic.functions[name], arithmetic.dtype)
    return names
