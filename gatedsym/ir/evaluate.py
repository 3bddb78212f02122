"""Carry out a Program on arrays of anything that adds and multiplies: floats, big floats, symbols, a finite field."""

from __future__ import annotations

import math
import weakref
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from gatedsym.ir.fixed_arrays import LAWS, VALUES, FixedArray
from gatedsym.ir.operations import Arithmetic as Arithmetic
from gatedsym.ir.operations import Formula, operation_of
from gatedsym.ir.program import Program, Tensor
from gatedsym.typing import Array


def evaluate(
    program: Program, values: Mapping[str, Array], arithmetic: Arithmetic, sizes: Mapping[str, int] | None = None
) -> dict[str, Array]:
    """Compute every tensor of a Program.

    Parameters
    ----------
    program : Program
    values : mapping of str to array
        For each source an array with the tensor's dimensions as last axes; batched tensors may have further leading
        axes (time, batch), the same for all.
    arithmetic : Arithmetic
    sizes : mapping of str to int, optional
        Of dimensions that no given array shows.

    Returns
    -------
    dict of str to array
        `values` and everything computed. Constants need not be given.
    """
    return _schedule(program).carry_out(values, arithmetic, sizes or {})


def evaluate_expression(expression: sp.Expr, values: Mapping[sp.Expr, Any], arithmetic: Arithmetic) -> Any:
    """The value of a pointwise expression; sub-expressions that occur twice are computed once."""
    return Formula(expression, list(values)).value(list(values.values()), arithmetic)


class _Schedule:
    """A Program as operations, one after the other."""

    def __init__(self, program: Program) -> None:
        self._shaped = [(t.name, t.dims) for t in program.tensors if t.dims]
        self._digits = {d: int(d) for t in program.tensors for d in t.dims if d.isdigit()}
        given = [program[name] for name in program.sources]
        self._constants = [(t.name, t.value) for t in given if t.role == "constant"]
        self._arrays = [t for t in given if t.role in ("identity", "fixed")]
        self._steps = [
            (s.target.name, program[s.target.name].dims, operation_of(s, program)) for s in program.statements
        ]

    def carry_out(
        self, values: Mapping[str, Array], arithmetic: Arithmetic, sizes: Mapping[str, int]
    ) -> dict[str, Array]:
        """Carry the operations out; see `evaluate`."""
        known: dict[str, Array] = dict(values)
        for name, value in self._constants:
            if name not in known:
                known[name] = np.asarray(arithmetic.number(value), dtype=arithmetic.dtype)
        lengths = {**sizes, **self._lengths(known), **self._digits}
        for tensor in self._arrays:
            if tensor.name not in known:
                known[tensor.name] = given_array(tensor, lengths, arithmetic)
        for name, dims, operation in self._steps:
            value = operation.value(known, lengths, arithmetic)
            lead = value.shape[: value.ndim - len(dims)]
            shape = lead + tuple([lengths[d] for d in dims])
            known[name] = value if value.shape == shape else np.broadcast_to(value, shape)
        return known

    def _lengths(self, known: Mapping[str, Array]) -> dict[str, int]:
        """Lengths of dimensions, from the arrays that show them."""
        found: dict[str, int] = {}
        for name, dims in self._shaped:
            if name in known:
                found.update(zip(dims, np.shape(known[name])[-len(dims) :], strict=True))
        return found


_schedules: dict[int, _Schedule] = {}
"""By the identity of Programs that are still there: to compare them would take longer than to make the schedule."""


def _schedule(program: Program) -> _Schedule:
    """The operations of a Program, found once for each."""
    found = _schedules.get(id(program))
    if found is None:
        found = _schedules[id(program)] = _Schedule(program)
        weakref.finalize(program, _schedules.pop, id(program), None).atexit = False
    return found


def given_array(tensor: Tensor, sizes: Mapping[str, int], arithmetic: Arithmetic) -> Array:
    """The entries of an identity or of an array that the equations fix.

    Parameters
    ----------
    tensor : Tensor
    sizes : mapping of str to int
        Of its dimensions that have a name.
    arithmetic : Arithmetic

    Returns
    -------
    array
        Of the tensor's shape.
    """
    shape = tuple(int(d) if d.isdigit() else sizes[d] for d in tensor.dims)
    if arithmetic is NUMPY:
        return _float_array(tensor.array, shape)
    return _filled(tensor.array, shape, arithmetic)


@lru_cache(maxsize=64)
def _float_array(array: FixedArray | None, shape: tuple[int, ...]) -> Array:
    """The entries as float64, read-only: many steps are evaluated at the same sizes."""
    floats = None if array is None or array.law == VALUES else LAWS[array.law].floats
    values = _filled(array, shape, NUMPY) if floats is None else floats(shape)
    values.setflags(write=False)
    return values


def _filled(array: FixedArray | None, shape: tuple[int, ...], arithmetic: Arithmetic) -> Array:
    values = np.empty(shape, dtype=arithmetic.dtype)
    for place in np.ndindex(*shape):
        entry = sp.Integer(place[0] == place[1]) if array is None else array.entry(place, shape)
        values[place] = evaluate_expression(entry, {}, arithmetic)
    return values


@lru_cache(maxsize=4096)
def nearest_float(number: sp.Expr) -> float:
    """The float64 next to a SymPy number: infinity beyond the largest."""
    try:
        return float(number)
    except OverflowError:
        return -math.inf if number.is_negative else math.inf


def _numpy_sigmoid(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _numpy_sech2(x: Any) -> Any:
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def _numpy_erf(x: Any) -> Any:
    from scipy.special import erf

    return erf(x)


def _numpy_norm_root_inverse(x: Any) -> Any:
    return np.where(x == 0, 0.0, 1 / np.sqrt(np.where(x == 0, 1.0, x)))


def _numpy_normal_cdf(x: Any) -> Any:
    from scipy.special import ndtr

    return ndtr(x)


NUMPY = Arithmetic(
    number=nearest_float,
    functions={
        "sigmoid": _numpy_sigmoid,
        "tanh": np.tanh,
        "sech2": _numpy_sech2,
        "exp": np.exp,
        "log": np.log,
        "sqrt": np.sqrt,
        "sin": np.sin,
        "cos": np.cos,
        "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
        "log_sigmoid": lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
        "softsign": lambda x: x / (1 + np.abs(x)),
        "normal_cdf": _numpy_normal_cdf,
        "normal_pdf": lambda x: np.exp(-x * x / 2) * 0.3989422804014327,
        "erf": _numpy_erf,
        "erf_slope": lambda x: np.exp(-x * x) * 1.1283791670955126,
        "atan": np.arctan,
        "tan": np.tan,
        "sinh": np.sinh,
        "cosh": np.cosh,
        "log1p": np.log1p,
        "expm1": np.expm1,
        "norm_root": np.sqrt,
        "norm_root_inverse": _numpy_norm_root_inverse,
        "pivot": lambda x: x,
        "step": lambda x: np.heaviside(x, 0.0),
        "half_step": lambda x: np.heaviside(x, 0.5),
        "sign": np.sign,
        "floor": np.floor,
        "equal": lambda a, b: np.asarray(a == b, dtype=float),
        "absolute": np.abs,
        "relu": lambda x: np.maximum(x, 0),
        "maximum": np.maximum,
        "minimum": np.minimum,
        "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
        "hard_sigmoid_02": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
        "stop": lambda x: x,
        "declared": lambda value, slope, u: value,
        "hard_tanh": lambda x: np.clip(x, -1, 1),
        "leaky_relu": lambda x, slope: np.where(x > 0, x, slope * x),
        "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
        "where_above": lambda u, v, a, b: np.where(u > v, a, b),
        "where_least": lambda u, v, a, b: np.where(u >= v, a, b),
        "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        "exp_below": lambda x: np.where(x > 0, 0.0, np.exp(np.minimum(x, 0))),
    },
    maximum=lambda a, axes: np.max(a, axis=axes),
    dtype=np.float64,
)
"""Float64 arithmetic on NumPy arrays."""
