"""Arrays of other types than the parameters': taken and said once, taken where exact, or refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError, PrecisionWarning

T, B, M, N = 4, 2, 3, 4
RANDOM = np.random.default_rng(0)
X, DH = RANDOM.normal(size=(T, B, M)), RANDOM.normal(size=(T, B, N))


@pytest.fixture
def lstm():
    return gs.cell("lstm")


def single(cell):
    return cell.init(m=M, n=N, dtype="float32")


def equal(one, other):
    return all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("copy", [True, False])
def test_a_float64_input_to_float32_parameters_is_converted_and_said_once(lstm, copy):
    params = single(lstm)
    with pytest.warns(
        PrecisionWarning, match=r"x is float64 and the parameters of lstm are float32.*converts it once"
    ) as told:
        run = lstm.forward(params, X, copy=copy)
    assert told[0].filename == __file__
    assert run["h"].dtype == np.float32
    assert equal(run, lstm.forward(params, X.astype("float32")))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lstm.forward(params, X)
        lstm.forward(params, X[:2])


def test_a_float64_initial_state_is_converted_and_said_once(lstm):
    params, x = single(lstm), X.astype("float32")
    with pytest.warns(
        PrecisionWarning, match=r"initial\['h'\] is float64 and the parameters of lstm are float32"
    ) as told:
        run = lstm.forward(params, x, initial={"h": DH[0]})
    assert len(told) == 1
    assert equal(run, lstm.forward(params, x, initial={"h": DH[0].astype("float32")}))
    lstm.forward(params, x[:2], initial={"h": DH[0]})  # warnings are errors here


@pytest.mark.parametrize("argument", ["cotangents", "sparse cotangents", "directions"])
@pytest.mark.long
def test_cotangents_and_directions_are_converted_in_silence(lstm, argument):
    params, x = single(lstm), X.astype("float32")
    run = lstm.forward(params, x)
    call = {
        "cotangents": lambda a: lstm.backward(params, run, {"h": a(DH)}).params,
        "sparse cotangents": lambda a: lstm.backward(params, run, {"h": (-1, a(DH[:1]))}).params,
        "directions": lambda a: lstm.tangent(params, run, {"h": a(DH[:1])}).states,
    }[argument]
    assert equal(call(lambda a: a), call(lambda a: a.astype("float32")))


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["bool", "int8", "uint16", "int32", "int64", "float16", "float32"])
def test_what_converts_exactly_is_taken_in_silence(lstm, kind, dtype):
    params = lstm.init(m=M, n=N, dtype=dtype)
    x = (10 * np.abs(X)).astype(kind)
    assert equal(lstm.forward(params, x), lstm.forward(params, x.astype(dtype)))
    ones = np.ones((T, B, N), kind)
    run = lstm.forward(params, x, initial={"h": ones[0]})
    found = lstm.backward(params, run, {"h": ones})
    assert equal(found.params, lstm.backward(params, run, {"h": ones.astype(dtype)}).params)


def test_an_integer_that_is_not_exact_is_refused_whatever_came_before(lstm):
    params = single(lstm)
    x = np.ones((T, B, M), "int64")
    lstm.forward(params, x)
    x[1, 1, 1] = 2**24 + 1
    with pytest.raises(
        ArgumentError, match=r"x is int64 and holds numbers that float32 does not hold exactly; convert it"
    ):
        lstm.forward(params, x)
    with pytest.raises(ArgumentError, match=r"initial\['h'\] is int64 and holds numbers"):
        lstm.forward(params, X.astype("float32"), initial={"h": np.full((B, N), 2**24 + 1)})
    with pytest.raises(ArgumentError, match="x is int64 and holds numbers that float64 does not hold exactly"):
        lstm.forward(lstm.init(m=M, n=N), np.full((T, B, M), 2**53 + 1))


MASKED = {
    "x": lambda cell, params, masked: cell.forward(params, masked(X)),
    "initial": lambda cell, params, masked: cell.forward(params, X, initial={"h": masked(DH[0])}),
    "cotangents": lambda cell, params, masked: cell.backward(params, cell.forward(params, X), {"h": masked(DH)}),
    "params": lambda cell, params, masked: cell.forward(params | {"b_f": masked(params["b_f"])}, X),
}


@pytest.mark.parametrize("argument", MASKED)
def test_a_mask_over_an_array_is_refused(lstm, argument):
    def masked(array):
        return np.ma.masked_array(array, mask=np.arange(array.size).reshape(array.shape) == 1)

    params = lstm.init(m=M, n=N)
    with pytest.raises(ArgumentError, match="has masked values: fill them"):
        MASKED[argument](lstm, params, masked)
    MASKED[argument](lstm, params, lambda array: np.ma.masked_array(array, mask=False))
