"""Carry out a Program on arrays of anything that adds and multiplies: floats, big floats, symbols, a finite field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from gatedsym.ir.program import Contraction, Pointwise, Program, Ref
from gatedsym.typing import Array


@dataclass(frozen=True)
class Arithmetic:
    """Operations that `evaluate` needs of a kind of number.

    Attributes
    ----------
    number : callable
        A SymPy number (Rational, pi) to a value.
    functions : mapping of str to callable
        For each name in `functions.FUNCTIONS` a function from arrays to an array, elementwise.
    maximum : callable
        (array, axes) to the array reduced by max over the axes.
    dtype : numpy dtype
        ``object`` for anything that is no float.
    """

    number: Callable[[sp.Expr], Any]
    functions: Mapping[str, Callable[..., Any]]
    maximum: Callable[[Array, tuple[int, ...]], Array]
    dtype: Any = object


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
    known: dict[str, Array] = dict(values)
    for name in program.sources:
        tensor = program[name]
        if tensor.role == "constant" and name not in known:
            known[name] = np.asarray(arithmetic.number(tensor.value), dtype=arithmetic.dtype)
    lengths = dict(sizes or {})
    for tensor in program.tensors:
        if tensor.name in known and tensor.dims:
            lengths.update(zip(tensor.dims, np.shape(known[tensor.name])[-len(tensor.dims) :], strict=True))
    lengths.update({d: int(d) for t in program.tensors for d in t.dims if d.isdigit()})
    for name in program.sources:
        if program[name].role == "identity" and name not in known:
            eye = np.array(
                [[arithmetic.number(sp.Integer(j == k)) for k in range(lengths[program[name].dims[1]])]
                 for j in range(lengths[program[name].dims[0]])], dtype=arithmetic.dtype
            )  # fmt: skip
            known[name] = eye
    for statement in program.statements:
        shape = tuple(lengths[d] for d in program[statement.target.name].dims)
        if isinstance(statement, Pointwise):
            value = _pointwise(statement, known, arithmetic)
        else:
            value = _contraction(statement, known, arithmetic, program, lengths)
        lead = np.shape(value)[: np.ndim(value) - len(shape)]
        known[statement.target.name] = np.broadcast_to(value, lead + shape)
    return known


def _aligned(ref: Ref, value: Array, indices: tuple[str, ...]) -> Array:
    """The operand with its axes in the order of `indices`, and an axis of length 1 for each that it lacks."""
    rank = len(ref.indices)
    lead = value.ndim - rank
    order = sorted(range(rank), key=lambda axis: indices.index(ref.indices[axis]))
    value = value.transpose(*range(lead), *(lead + axis for axis in order))
    present = [i in ref.indices for i in indices]
    lengths = iter(value.shape[lead:])
    return value.reshape(value.shape[:lead] + tuple(next(lengths) if there else 1 for there in present))


def _pointwise(statement: Pointwise, known: Mapping[str, Array], arithmetic: Arithmetic) -> Array:
    rank = len(statement.target.indices)
    operands: dict[sp.Expr, Array] = {}
    for ref in statement.operands:
        operands[ref.symbol] = _aligned(ref, np.asarray(known[ref.name]), statement.target.indices)
    value = np.asarray(evaluate_expression(statement.expression, operands, arithmetic), dtype=arithmetic.dtype)
    return value if value.ndim >= rank else value.reshape((1,) * (rank - value.ndim) + value.shape)


def evaluate_expression(expression: sp.Expr, values: Mapping[sp.Expr, Any], arithmetic: Arithmetic) -> Any:
    """The value of a pointwise expression; sub-expressions that occur twice are computed once."""
    memo: dict[sp.Expr, Any] = dict(values)

    def visit(e: sp.Expr) -> Any:
        if e not in memo:
            memo[e] = compute(e)
        return memo[e]

    def compute(e: sp.Expr) -> Any:
        if e.is_Add or e.is_Mul:
            first, *rest = (visit(a) for a in e.args)
            for value in rest:
                first = first + value if e.is_Add else first * value
            return first
        if e.is_Pow and e.exp.is_Integer:
            return _power(visit(e.base), int(e.exp), arithmetic)
        if e.is_Function and type(e).__name__ in arithmetic.functions:
            return arithmetic.functions[type(e).__name__](*(visit(a) for a in e.args))
        if e.is_number:
            return arithmetic.number(e)
        raise ValueError(f"cannot evaluate {e} ({type(e).__name__}).")

    return visit(expression)


def _power(value: Any, exponent: int, arithmetic: Arithmetic) -> Any:
    if exponent < 0:
        return arithmetic.number(sp.S.One) / _power(value, -exponent, arithmetic)
    result: Any = None
    while exponent:
        if exponent & 1:
            result = value if result is None else result * value
        exponent >>= 1
        value = value * value if exponent else value
    return arithmetic.number(sp.S.One) if result is None else result


def _contraction(
    statement: Contraction,
    known: Mapping[str, Array],
    arithmetic: Arithmetic,
    program: Program,
    sizes: Mapping[str, int],
) -> Array:
    if statement.reduction == "max":
        indices = statement.target.indices + statement.summed
        product: Any = None
        for ref in statement.factors:
            value = _aligned(ref, np.asarray(known[ref.name]), indices)
            product = value if product is None else product * value
        axes = tuple(range(-len(statement.summed), 0))
        return arithmetic.maximum(product, axes)
    letters: dict[str, str] = {}
    for ref in (statement.target, *statement.factors):
        for index in ref.indices:
            letters.setdefault(index, chr(ord("a") + len(letters)))
    spelled = ["..." + "".join(letters[i] for i in ref.indices) for ref in statement.factors]
    covered = {i for ref in statement.factors for i in ref.indices}
    free = tuple(i for i in statement.target.indices if i in covered)
    factors = [np.asarray(known[ref.name]) for ref in statement.factors]
    # A summed index that no factor carries multiplies by its length; one of the target's broadcasts.
    value = np.einsum(",".join(spelled) + "->..." + "".join(letters[i] for i in free), *factors)
    dims = program.index_dims(statement)
    for index in statement.summed:
        if index not in covered:
            value = value * arithmetic.number(sp.Integer(sizes[dims[index]]))
    value = np.asarray(value)  # a full sum of objects is a bare object
    lead = value.ndim - len(free)
    lengths = dict(zip(free, value.shape[lead:], strict=True))
    return np.asarray(value).reshape(value.shape[:lead] + tuple(lengths.get(i, 1) for i in statement.target.indices))


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
