"""The bench compares equal work: every peer computes the values and the gradients that gatedsym computes."""

from functools import cache

import numpy as np
import pytest

from gatedsym.bench.answer import UnsupportedError
from gatedsym.bench.libraries import NEEDS, make_ready
from gatedsym.bench.ours import Ours, our_tangents
from gatedsym.bench.points import CELLS, Point
from gatedsym.bench.problem import complete_sizes, make_problem
from gatedsym.cells import Cell, cell
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled

# Sums of some tens of products: a thousand times the dtype's rounding.
TOLERANCE = {"float64": {"rtol": 2e-13, "atol": 2e-13}, "float32": {"rtol": 1e-4, "atol": 1e-5}}
OTHERS = ("lru", "slstm_heads", "mlstm", "mamba_s6", "tau_gru", "lstm_layer_norm", "rhn", "hgrn")


@cache
def ours(point):
    """What our kernels compute at a point; three libraries are held against it."""
    return Ours(make_problem(point)).answer()


def run_as_python(problem):
    """The problem of a cell whose kernels are not compiled: of a cell that any peer must know their text is meant."""
    problem.cell.kernels = Kernels(uncompiled(problem.cell.kernels.module, NUMPY))
    return problem


def ready(library, problem):
    for needed in NEEDS[library]:
        pytest.importorskip(needed, reason=f"{needed} is not installed")
    return make_ready(library, problem)


def assert_same(ours, theirs, groups, dtype):
    for group in groups:
        expected, found = getattr(ours, group), getattr(theirs, group)
        assert sorted(expected) == sorted(found)
        assert expected
        for name, value in expected.items():
            assert found[name].dtype == value.dtype
            np.testing.assert_allclose(found[name], value, **TOLERANCE[dtype], err_msg=f"{group} {name}")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("library", ["torch", "jax", "torch-eager"])
@pytest.mark.long
def test_values_and_all_gradients_are_the_same(library, name, dtype):
    point = Point(name, dtype, 7, 3, 5)
    theirs = ready(library, make_problem(point)).answer()
    assert_same(ours(point), theirs, ("values", "params", "inputs", "initial"), dtype)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.long
def test_onnxruntime_computes_the_same_values(name):
    point = Point(name, "float32", 7, 3, 5)
    assert_same(ours(point), ready("onnxruntime", make_problem(point)).answer(), ("values",), "float32")


def test_onnxruntime_says_that_it_has_no_float64_and_no_backward_pass():
    with pytest.raises(UnsupportedError, match="no float64 kernel"):
        ready("onnxruntime", make_problem(Point("lstm", "float64", 2, 1, 2)))
    with pytest.raises(UnsupportedError, match="forward only"):
        ready("onnxruntime", make_problem(Point("lstm", "float32", 2, 1, 2))).both()


@pytest.mark.parametrize("name", OTHERS)
def test_any_cell_has_a_peer_in_torch_operations(name):
    problem = run_as_python(make_problem(Point(name, "float64", 4, 3, 8)))
    theirs = ready("torch-eager", problem).answer()
    found = Ours(problem).answer()
    groups = [g for g in ("values", "params", "inputs", "initial") if getattr(found, g)]
    assert {"values", "params"} <= set(groups)
    assert_same(found, theirs, groups, "float64")


@pytest.mark.parametrize("name", CELLS)
def test_tangents_of_jax_are_the_same(name):
    pytest.importorskip("jax", reason="jax is not installed")
    from gatedsym.bench.jax_scan import tangents_by_jax

    problem = make_problem(Point(name, "float64", 6, 2, 5))
    found, theirs = our_tangents(problem)(), tangents_by_jax(problem)()
    assert len(theirs) == len(problem.cell.states)
    for state, expected in zip(problem.cell.states, theirs, strict=True):
        value = np.ldexp(found.states[state], found.exponents[..., None])
        np.testing.assert_allclose(value, np.asarray(expected), rtol=1e-12, atol=1e-14)


def test_a_peer_without_the_cell_says_so():
    with pytest.raises(UnsupportedError, match="no such cell"):
        ready("torch", make_problem(Point("gru", "float64", 2, 1, 2)))


def test_the_same_point_has_the_same_arrays():
    point = Point("lstm", "float32", 3, 2, 4)
    first, second = make_problem(point), make_problem(point)
    assert first.x.shape == (3, 2, 4)
    assert first.x.dtype == np.float32
    np.testing.assert_array_equal(first.x, second.x)
    np.testing.assert_array_equal(first.cotangents["h"], second.cotangents["h"])


def test_dimensions_that_nothing_says_are_the_root_of_n():
    free = Cell("x in R^m;  s in R^p;  W in R^(p,m)\n\ns' = tanh(W @ x + s)", "free")
    assert complete_sizes(free, 64) == {"m": 64, "p": 8}
    assert complete_sizes(cell("slstm_heads"), 64)["d"] == 64 // complete_sizes(cell("slstm_heads"), 64)["p"]
