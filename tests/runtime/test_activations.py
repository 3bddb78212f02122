"""The activations against 50 digits, at their limits, and against their specification."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest

import gatedsym.runtime as runtime
from gatedsym.ir.evaluate import NUMPY
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.proofs.specification import specification
from gatedsym.runtime.jit.compile import kernel

Array = np.ndarray[Any, Any]
DTYPES = (np.float32, np.float64)
UNARY = sorted(name for name, entry in FUNCTIONS.items() if entry.arity == 1)
SEVERAL = sorted(name for name, entry in FUNCTIONS.items() if entry.arity > 1)
CONTINUOUS = sorted(set(UNARY) - {"step", "half_step", "sign", "floor"})

number = mpmath.mpf
_context = mpmath.mp.clone()
_context.prec = 170


def _clip(x: Any) -> Any:
    return min(max(x, number(0)), number(1))


REFERENCE: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda x: 1 / (1 + _context.exp(-x)),
    "tanh": _context.tanh,
    "sech2": lambda x: _context.sech(x) ** 2,
    "exp": _context.exp,
    "log": _context.log,
    "sqrt": _context.sqrt,
    "sin": _context.sin,
    "cos": _context.cos,
    "softplus": lambda x: _context.log1p(_context.exp(x)) if x < 0 else x + _context.log1p(_context.exp(-x)),
    "log_sigmoid": lambda x: -_context.log1p(_context.exp(-x)) if x > 0 else x - _context.log1p(_context.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "normal_cdf": lambda x: _context.erfc(-x / _context.sqrt(2)) / 2,
    "normal_pdf": _context.npdf,
    "erf": _context.erf,
    "erf_slope": lambda x: 2 * _context.exp(-x * x) / _context.sqrt(_context.pi),
    "atan": _context.atan,
    "tan": _context.tan,
    "sinh": _context.sinh,
    "cosh": _context.cosh,
    "log1p": _context.log1p,
    "expm1": _context.expm1,
    "norm_root": _context.sqrt,
    "norm_root_inverse": lambda x: 1 / _context.sqrt(x) if x else number(0),
    "pivot": lambda x: x,
    "stop": lambda x: x,
    "hard_tanh": lambda x: min(max(x, number(-1)), number(1)),
    "absolute": abs,
    "relu": lambda x: x if x > 0 else number(0),
    "hard_sigmoid": lambda x: _clip((x + 3) / 6),
    "hard_sigmoid_02": lambda x: _clip((2 * x + 5) / 10),
    "elu": lambda x: x if x > 0 else _context.expm1(x),
    "exp_below": lambda x: _context.exp(x) if x <= 0 else number(0),
}

# Units in the last place.
BOUNDS = {name: 2.0 if name in ("exp", "tanh", "sigmoid") else 4.0 for name in REFERENCE}


@cache
def _loop(name: str) -> Any:
    function = getattr(runtime, name)

    @kernel
    def one(x: Array, out: Array) -> None:
        for i in range(x.size):
            out[i] = function(x[i])

    @kernel
    def two(x: Array, y: Array, out: Array) -> None:
        for i in range(x.size):
            out[i] = function(x[i], y[i])

    @kernel
    def three(x: Array, y: Array, z: Array, out: Array) -> None:
        for i in range(x.size):
            out[i] = function(x[i], y[i], z[i])

    @kernel
    def four(x: Array, y: Array, a: Array, b: Array, out: Array) -> None:
        for i in range(x.size):
            out[i] = function(x[i], y[i], a[i], b[i])

    return (one, two, three, four)[FUNCTIONS[name].arity - 1]


def _apply(name: str, *arguments: Array) -> Array:
    out = np.empty_like(arguments[0])
    _loop(name)(*arguments, out)
    return out


@cache
def _sample(name: str, dtype: type, count: int) -> Array:
    """Numbers of all sizes and both signs, dense where the functions bend, with the edges of the type."""
    random = np.random.default_rng(sum(map(ord, name)))
    info = np.finfo(dtype)
    far = 110.0 if dtype is np.float32 else 760.0
    smallest = math.log10(float(info.smallest_subnormal))
    parts = [random.uniform(-reach, reach, count // 5) for reach in (1.0, 10.0, 40.0, far)]
    sizes = 10 ** random.uniform(smallest, math.log10(far), count // 5)
    parts.append(sizes * random.choice([-1.0, 1.0], count // 5))
    edges = [0.0, -0.0, 0.5, 1.0, 2.5, 3.0, 20.0, 37.0, far]
    edges += [float(info.smallest_subnormal), float(info.tiny), float(info.eps)]
    edges += [0.5 * math.log(2) * k for k in (1, 3, 5)]
    x = np.concatenate([*parts, edges, [-e for e in edges]]).astype(dtype)
    if name in ("log", "sqrt", "norm_root", "norm_root_inverse"):
        x = np.concatenate([np.abs(x), 1 + x[np.abs(x) < 0.5], np.asarray([info.max], dtype)])
    if name == "log1p":
        x = np.concatenate([x[x > -1], np.asarray([info.eps - 1, info.max], dtype)])
    return x[x > 0] if name == "log" else x


def _error_in_ulps(value: Any, exact: Any, dtype: type) -> float:
    """|value - exact| in units in the last place of `exact`; 0 if both are beyond the largest number."""
    info = np.finfo(dtype)
    largest = number(float(info.max))
    if not np.isfinite(value):
        return (
            0.0 if abs(exact) > largest * (1 - float(info.eps)) and np.sign(value) == _context.sign(exact) else math.inf
        )
    exponent = _context.frexp(exact)[1] if exact else -(2**20)
    unit = _context.ldexp(number(1), max(exponent - info.nmant - 1, int(info.minexp) - info.nmant))
    return float(abs(number(float(value)) - exact) / unit)


def _worst_error(name: str, dtype: type, count: int) -> tuple[float, Any]:
    x = _sample(name, dtype, count)
    errors = [_error_in_ulps(y, REFERENCE[name](_context.mpf(float(v))), dtype) for v, y in zip(x, _apply(name, x))]
    worst = int(np.argmax(errors))
    return errors[worst], x[worst]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.sampled
def test_error_is_within_the_bound_over_the_whole_range(name: str, dtype: type, request: pytest.FixtureRequest) -> None:
    count = 1_000_000 if request.config.getoption("--every-point") else 6_000
    error, where = _worst_error(name, dtype, count)
    assert error <= BOUNDS[name], f"{name}({where!r}) is off by {error:.2f} units in the last place"


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_nan_gives_nan(name: str, dtype: type) -> None:
    assert np.isnan(_apply(name, np.full(3, np.nan, dtype))).all()


LIMITS = {
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "sech2": (0, 0),
    "exp": (0, np.inf),
    "log": (np.nan, np.inf),
    "sqrt": (np.nan, np.inf),
    "softplus": (0, np.inf),
    "log_sigmoid": (-np.inf, 0),
    "softsign": (-1, 1),
    "normal_cdf": (0, 1),
    "normal_pdf": (0, 0),
    "erf": (-1, 1),
    "erf_slope": (0, 0),
    "atan": (-np.pi / 2, np.pi / 2),
    "sinh": (-np.inf, np.inf),
    "cosh": (np.inf, np.inf),
    "log1p": (np.nan, np.inf),
    "expm1": (-1, np.inf),
    "norm_root": (np.nan, np.inf),
    "norm_root_inverse": (np.nan, 0),
    "pivot": (-np.inf, np.inf),
    "stop": (-np.inf, np.inf),
    "hard_tanh": (-1, 1),
    "step": (0, 1),
    "half_step": (0, 1),
    "sign": (-1, 1),
    "floor": (-np.inf, np.inf),
    "absolute": (np.inf, np.inf),
    "relu": (0, np.inf),
    "hard_sigmoid": (0, 1),
    "hard_sigmoid_02": (0, 1),
    "elu": (-1, np.inf),
    "exp_below": (0, 0),
}


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(LIMITS))
def test_infinities_give_limits(name: str, dtype: type) -> None:
    np.testing.assert_array_equal(_apply(name, np.array([-np.inf, np.inf], dtype)), np.array(LIMITS[name], dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_log_of_zero_and_below(dtype: type) -> None:
    np.testing.assert_array_equal(_apply("log", np.array([0.0, -0.0, -1.0], dtype)), [-np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(_apply("log1p", np.array([-1.0, -1.5, 0.0], dtype)), [-np.inf, np.nan, 0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_values_at_kinks(dtype: type) -> None:
    x = np.array([-1.0, 0.0, 1.0], dtype)
    expected = {"step": [0, 0, 1], "half_step": [0, 0.5, 1], "sign": [-1, 0, 1], "relu": [0, 0, 1]}
    for name, values in expected.items():
        np.testing.assert_array_equal(_apply(name, x), values, err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_floor_rounds_down_on_either_side_of_zero(dtype: type) -> None:
    np.testing.assert_array_equal(_apply("floor", np.array([-1.5, -1.0, -0.1, 0.9, 2.0], dtype)), [-2, -1, -1, 0, 2])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_maximum_and_minimum_hand_nan_on_from_either_side(name: str, dtype: type) -> None:
    a = np.array([np.nan, 1, np.nan, -1, 2], dtype)
    b = np.array([1, np.nan, np.nan, 3, -np.inf], dtype)
    np.testing.assert_array_equal(_apply(name, a, b), getattr(np, name)(a, b))


@pytest.mark.parametrize("dtype", DTYPES)
def test_derivatives_of_saturated_gates_do_not_cancel(dtype: type) -> None:
    x = np.array([30.0], dtype)
    closing = _apply("sigmoid", -x)
    assert closing == pytest.approx(math.exp(-30), rel=1e-6)
    assert _apply("sech2", x) == pytest.approx(4 * math.exp(-60), rel=1e-6)


@pytest.mark.sampled
@pytest.mark.parametrize("name", UNARY)
def test_every_function_agrees_with_its_specification(name: str) -> None:
    meant = specification(NUMPY)[name]
    x = np.random.default_rng(0).normal(size=200) * 3
    x = np.abs(x) if name in ("log", "sqrt", "log1p", "norm_root", "norm_root_inverse") else x
    np.testing.assert_allclose(_apply(name, x), [meant(v) for v in x], rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("name", SEVERAL)
def test_every_function_of_several_numbers_agrees_with_its_specification(name: str) -> None:
    meant = specification(NUMPY)[name]
    arguments = np.random.default_rng(1).integers(-3, 3, size=(FUNCTIONS[name].arity, 100)).astype(float)
    np.testing.assert_array_equal(_apply(name, *arguments), [meant(*row) for row in zip(*arguments)])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_choice_takes_the_other_value_where_a_number_to_compare_is_none(dtype: type) -> None:
    u, v = np.array([np.nan, 1, np.nan, 2, 1], dtype), np.array([0, np.nan, np.nan, 1, 1], dtype)
    a, b = np.ones(5, dtype), np.array([0, 0, 0, np.nan, 0], dtype)
    np.testing.assert_array_equal(_apply("where_above", u, v, a, b), [0, 0, 0, 1, 0])
    np.testing.assert_array_equal(_apply("where_least", u, v, a, b), [0, 0, 0, 1, 1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_clip_and_a_leaky_rectifier_hand_nan_on(dtype: type) -> None:
    x, low, high = np.array([np.nan, -2, 0.5, 2], dtype), np.full(4, -1, dtype), np.ones(4, dtype)
    np.testing.assert_array_equal(_apply("clip", x, low, high), [np.nan, -1, 0.5, 1])
    np.testing.assert_array_equal(_apply("leaky_relu", x, np.full(4, 0.25, dtype)), [np.nan, -0.5, 0.5, 2])


def test_every_function_of_the_table_is_there() -> None:
    assert sorted(FUNCTIONS) == sorted(name for name in FUNCTIONS if callable(getattr(runtime, name)))


@pytest.mark.parametrize("name", UNARY)
def test_float32_stays_float32(name: str) -> None:
    """No instruction of the compiled loop works on float64."""
    _apply(name, np.ones(1, np.float32))
    loop = _loop(name)
    function = getattr(runtime, name)
    function(np.float32(1))
    signature = next(s for s in function.signatures if str(s[0]) == "float32")
    assert str(function.overloads[signature].signature.return_type) == "float32"
    body = function.inspect_llvm(signature)
    own = body[body.index("define") : body.index("\n}\n")]
    assert " double " not in own, inspect.getsource(loop.py_func)
