"""Refusals of wrong arguments: a ValueError whose sentence names the argument, what it got and what it needs."""

import re

import numpy as np
import pytest

import gatedsym as gs

NAMES = "W_i, W_f, W_g, W_o, U_i, U_f, U_g, U_o, b_i, b_f, b_g, b_o"
X = np.zeros((5, 2, 3))
DH = np.ones((5, 2, 4))


@pytest.fixture(scope="module")
def lstm():
    cell = gs.cell("lstm")
    params = cell.init(m=3, n=4)
    return cell, params, cell.forward(params, X)


def refused(sentence, action, *arguments, **options):
    with pytest.raises(ValueError, match=re.escape(sentence)) as error:
        action(*arguments, **options)
    assert isinstance(error.value, gs.GatedsymError)


def test_a_further_dimension_without_a_size_may_get_one_in_the_equations():
    memory = gs.Cell("x in R^m; s in R^d; A in R^(d,d); B in R^(d,m)\ns' = A @ s + B @ x", name="memory")
    with pytest.raises(gs.GatedsymError, match=r"pass d=…, or say in the equations .*: d = n\.$"):
        memory.init(m=2)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"m": 3}, "lstm needs the size of n: pass n=…"),
        ({"m": 3, "n": 0}, "size n=0 must be a positive integer"),
        ({"m": 3, "n": 2.5}, "size n=2.5 must be a positive integer"),
        ({"m": 3, "n": True}, "size n=True must be a positive integer"),
        ({"m": 3, "n": 4, "k": 2}, "lstm has no dimension 'k'; its dimensions are m, n"),
        ({"m": 3, "n": 4, "dtype": "float16"}, "dtype must be 'float64' or 'float32', not 'float16'"),
        ({"m": 3, "n": 4, "dtype": "number"}, "dtype must be 'float64' or 'float32', not 'number'"),
        ({"m": 3, "n": 4, "dtype": None}, "dtype must be 'float64' or 'float32', not None"),
        ({"m": 3, "n": 4, "scheme": "he"}, "scheme 'he' is unknown; choose one of uniform, xavier, xavier-stacked"),
        ({"m": 3, "n": 4, "gain": 2.0}, "gain=2.0 has no meaning for scheme 'uniform'; it belongs to 'orthogonal'"),
        ({"m": 3, "n": 4, "scheme": "gaussian", "gain": np.nan}, "gain must be a finite number, not nan"),
        ({"m": 3, "n": 4, "scheme": "gaussian", "gain": "big"}, "gain must be a finite number, not 'big'"),
        ({"m": 3, "n": 4, "seed": -1}, "seed must be an integer of at least 0, not -1"),
        ({"m": 3, "n": 4, "seed": None}, "seed must be an integer of at least 0, not None"),
        ({"m": 3, "n": 4, "retention": "long"}, "retention must be a finite number or 'chrono', not 'long'"),
        ({"m": 3, "n": 4, "retention": [1, 2]}, "retention must be a finite number or 'chrono', not [1, 2]"),
        ({"m": 3, "n": 4, "retention": np.inf}, "retention must be a finite number or 'chrono', not inf"),
        ({"m": 3, "n": 4, "retention": "chrono"}, "retention='chrono' needs horizon, the longest time to remember"),
        ({"m": 3, "n": 4, "retention": "chrono", "horizon": 2}, "an integer of at least 3 steps, not 2"),
    ],
)
def test_init(options, sentence):
    refused(sentence, gs.cell("lstm").init, **options)


def test_retention_of_a_cell_that_retains_nothing():
    refused("no gate with a bias that retains its state is found in rnn", gs.cell("rnn").init, m=3, n=4, retention=1.0)


def test_names_of_cells_variants_and_constants():
    refused("the library has no cell 'lstmm'", gs.cell, "lstmm")
    refused("`gatedsym cells` lists them", gs.cell, "no such cell")
    refused("with L at least 1", gs.cell, "rhn", L=0)
    refused("no constant 'alpha'", gs.cell, "lstm", alpha=2)
    refused("a cell's name must be an identifier, not 'a b'", gs.Cell, "x", name="a b")
    refused("no equation defines 'q'", gs.cell("lstm").variant, "edited", {"q": "1"})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: None, "params must be a mapping from names to arrays, not NoneType"),
        (lambda p: list(p.values()), "params must be a mapping from names to arrays, not list"),
        (lambda p: {k: v for k, v in p.items() if k != "U_f"}, f"params lacks U_f; lstm needs {NAMES}"),
        (lambda p: {**p, "V": p["b_f"]}, f"params has 'V', which lstm does not know; it needs {NAMES}"),
        (
            lambda p: {**p, "U_f": np.zeros((4, 5))},
            "params['U_f'] has shape (4, 5); its last axes must be (4, 4) (n x n",
        ),
        (
            lambda p: {**p, "W_i": np.zeros((4, 5))},
            "params['W_i'] has shape (4, 5); its last axes must be (4, 3) (n x m",
        ),
        (
            lambda p: {**p, "b_f": np.zeros((4, 1))},
            "params['b_f'] has shape (4, 1); its last axes must be (4,) (n with",
        ),
        (lambda p: {**p, "b_f": np.zeros(4, int)}, "params['b_f'] is int64; it must be float64 or float32"),
        (lambda p: {**p, "b_f": np.zeros(4) + 0j}, "params['b_f'] is complex128; it must be float64 or float32"),
        (lambda p: {**p, "b_f": [[0.0], [1.0, 2.0]]}, "params['b_f'] is not an array: its rows differ in length"),
        (lambda p: {**p, "b_f": np.zeros(4, "f4")}, "params mixes dtypes: b_f is float32, W_i is float64; use one"),
    ],
)
def test_parameters(lstm, change, sentence):
    cell, params, _ = lstm
    refused(sentence, cell.forward, change(params), X)


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        (X[0], "x has shape (2, 3); it needs 3 axes, (T, B, m)"),
        (np.zeros((5, 2, 7)), "x has shape (5, 2, 7); its last axes must be (3,) (m with m=3, n=4)"),
        (X + 0j, "x is complex128, which does not convert safely to the parameters' float64; convert it"),
        (np.full((5, 2, 3), "a"), "x is <U1, which does not convert safely"),
        (np.full((5, 2, 3), None), "x is object, which does not convert safely"),
        ([[1.0], [1.0, 2.0]], "x is not an array: its rows differ in length; make them equal"),
        (None, "x lacks 'x'; the inputs of lstm are x"),
        ({"x": X, "y": X}, "x has 'y'; the inputs of lstm are x"),
    ],
)
def test_input(lstm, x, sentence):
    cell, params, _ = lstm
    refused(sentence, cell.forward, params, x)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"keep": "none"}, "keep must be 'all', 'adjoint' or 'states', not 'none'"),
        ({"threads": 0}, "threads must be an integer of at least 1, not 0"),
        ({"threads": 1.5}, "threads must be an integer of at least 1, not 1.5"),
        ({"steps": 9}, "steps=9, but x has 5; leave steps out where there is input"),
        ({"batch": 1}, "batch=1, but x has 2; leave batch out where there is input"),
        ({"initial": {"z": DH[0]}}, "initial has 'z'; lstm has c, h, x"),
        ({"initial": {"h": np.zeros(4)}}, "initial['h'] has shape (4,); it must be (2, 4)"),
        ({"initial": {"h": DH[0] + 0j}}, "initial['h'] is complex128, which does not convert safely to float64"),
        ({"initial": DH[0]}, "initial must be a mapping from states to arrays, not ndarray"),
        ({"batch_first": True, "initial": {"h": DH[0]}}, "initial['h'] has shape (2, 4); it must be (5, 4)"),
    ],
)
def test_options_of_forward(lstm, options, sentence):
    cell, params, _ = lstm
    refused(sentence, cell.forward, params, X, **options)


@pytest.mark.parametrize(
    ("cotangents", "sentence"),
    [
        ({}, "cotangents must map names to arrays, such as {'h': dh}"),
        (DH, "cotangents must map names to arrays, such as {'h': dh}"),
        ({"i": DH}, "cotangents has 'i'; lstm takes cotangents of h, c"),
        ({"h": DH[:4]}, "cotangents['h'] has shape (4, 2, 4); it must be (5, 2, 4)"),
        ({"h": np.ones((6, 2, 4))}, "cotangents['h'] has shape (6, 2, 4); it must be (5, 2, 4)"),
        ({"h": DH + 0j}, "cotangents['h'] is complex128; it must convert to float64"),
        ({"h": "dh"}, "cotangents['h'] is <U2; it must convert to float64"),
        ({"h": ([5], DH[:1])}, "cotangents['h']: times must lie in -5 … 4"),
        ({"h": ([-6], DH[:1])}, "cotangents['h']: times must lie in -5 … 4"),
        ({"h": ([1.0], DH[:1])}, "cotangents['h']: times must be integers, not float64"),
        ({"h": ([1, 2], DH[:1])}, "cotangents['h'] has shape (1, 2, 4) for 2 times; it must be (2, 2, 4)"),
        ({"h": ([1], DH[:1], 0)}, "cotangents['h'] must be an array or (times, array)"),
    ],
)
@pytest.mark.parametrize("method", ["backward", "flow"])
def test_cotangents(lstm, method, cotangents, sentence):
    cell, params, run = lstm
    refused(sentence, getattr(cell, method), params, run, cotangents)


def test_cotangents_with_the_batch_first_are_told_their_shapes_so(lstm):
    cell, params, _ = lstm
    run = cell.forward(params, np.swapaxes(X, 0, 1), batch_first=True)
    for given, sentence in (
        (DH, "has shape (5, 2, 4); it must be (2, 5, 4), or (2, 4) at the end of each sequence"),
        (([1], np.ones((2, 3, 4))), "has shape (2, 3, 4) for 1 times; it must be (2, 1, 4)"),
    ):
        refused(sentence, cell.backward, params, run, {"h": given})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"directions": {}}, "directions must map states (h, c) to arrays (k, B, n) with one k; got none"),
        ({"directions": DH}, "directions must be a mapping from states to arrays, not ndarray"),
        ({"directions": {"z": DH}}, "directions has 'z'; lstm has the states h, c"),
        ({"directions": {"h": DH[0]}}, "to arrays (k, B, n) with one k; got h (2, 4)"),
        ({"directions": {"h": DH, "c": DH[:2]}}, "with one k; got h (5, 2, 4), c (2, 2, 4)"),
        (
            {"directions": {"h": np.ones((1, 2, 5))}},
            "directions['h'] has shape (1, 2, 5); it must be (k, B, …) = (1, 2, 4)",
        ),
        ({"directions": {"h": DH * 1j}}, "directions['h'] is complex128; it must convert to float64"),
        ({"directions": {"h": DH}, "stop": 9}, "start=0, stop=9 must be integers in order within 0 … 5"),
        ({"directions": {"h": DH}, "start": 1.5}, "start=1.5, stop=None must be integers in order within 0 … 5"),
    ],
)
def test_directions(lstm, options, sentence):
    cell, params, run = lstm
    refused(sentence, cell.tangent, params, run, **options)


@pytest.mark.parametrize("method", ["backward", "flow", "tangent", "jacobian"])
def test_runs_that_do_not_belong_to_the_call(lstm, method):
    cell, params, run = lstm
    more = () if method == "jacobian" else ({"h": DH},)
    gru = gs.cell("gru")
    short = cell.init(m=3, n=4, dtype="float32")
    refused("run must be what lstm.forward returned, not dict", getattr(cell, method), params, dict(run), *more)
    refused("run belongs to lstm, not to gru: pass what gru.forward", getattr(gru, method), gru.init(3, 4), run, *more)
    refused("params are float32, but the run was made with float64", getattr(cell, method), short, run, *more)
    other = cell.init(m=3, n=5)
    refused("params['W_i'] has shape (5, 3); the run was made with (4, 3)", getattr(cell, method), other, run, *more)


def test_names_of_a_run(lstm):
    with pytest.raises(KeyError, match="lstm has no 'q'; it has x, h, c, i, f, g, o"):
        lstm[2]["q"]


def test_a_cell_without_input_asks_for_steps_and_batch():
    free = gs.Cell("h in R^n;  U in R^(n,n)\nh' = tanh(U @ h)", name="free")
    params = free.init(n=3)
    refused("free has no input: pass steps= and batch=", free.forward, params)
    refused("steps=-1 must be an integer of at least 0", free.forward, params, steps=-1, batch=2)
    refused("batch=1.5 must be an integer of at least 0", free.forward, params, steps=1, batch=1.5)
