"""What equations name and the calculus then cancels: every call gives it all the same, with gradients of zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.execution.kernels import Kernels
from gatedsym.flow.numerics.adjoints import values_along
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")

DECLARED = "input x in R^m; s in R^n; q in R^n; W in R^(n,m)\n"
NAMES = {"u": "input u in R^n", "w": "w in R^n", "V": "V in R^(n,n)"}
CANCELLED = [
    "(u - u)", "0 * u", "V @ (u[-1] - u[-1])", "w * (u - u)", "(w - w)", "V @ (w - w)", "(V @ q - V @ q)", "(q - q)",
    "q * (u[-2] - u[-2]) * w",
]  # fmt: skip
STEPS, BATCH = 5, 2


def cell_of(cancelled: str) -> gs.Cell:
    named = "; ".join(declared for name, declared in NAMES.items() if name in cancelled)
    text = f"{DECLARED}{named}\ny = {cancelled}\ns' = tanh(W @ x + s) + {cancelled}\nq' = s + {cancelled}\noutput y"
    cell = gs.Cell(text, name="cancelling")
    cell.kernels = Kernels(uncompiled(load_module(write_module(cell.recurrence), cell.name), NUMPY))
    return cell


@pytest.fixture(params=CANCELLED)
def cancelling(request: pytest.FixtureRequest) -> tuple[gs.Cell, Any, dict[str, np.ndarray], dict[str, np.ndarray]]:
    cell, rng = cell_of(request.param), np.random.default_rng(3)
    x = {n: rng.normal(size=(STEPS, BATCH, *size)) for n, size in (("x", (2,)), ("u", (3,))) if n in cell.inputs}
    cotangents = {name: rng.normal(size=(STEPS, BATCH, 3)) for name in ("s", "q", "y")}
    return cell, cell.init(n=3, m=2), x, cotangents


def test_a_run_has_every_value_and_the_cancelled_is_zero(cancelling):
    cell, params, x, _ = cancelling
    for keep in ("states", "adjoint", "all"):
        run = cell.forward(params, x, keep=keep)
        values = {name: run[name] for name in run}
        assert_array_equal(values["y"], np.zeros((STEPS, BATCH, 3)))
        if keep != "states":
            for name in x:
                assert_array_equal(values[name], x[name])
            assert set(values_along(cell.recurrence.program, run)) >= {*x, "y"}


def test_gradients_of_the_cancelled_are_zero_by_every_way(cancelling):
    cell, params, x, cotangents = cancelling
    run = cell.forward(params, x)
    flow = cell.flow(params, run, cotangents)
    ways = [
        cell.backward(params, run, cotangents),
        cell.gradients(params, x, cotangents, segments=2, returns=("params", "inputs", "states")),
    ]
    for found in ways:
        zeros = [found.inputs[n] for n in set(x) - {"x"}] + [found.params[n] for n in set(params) - {"W"}]
        assert not any(gradient.any() for gradient in zeros)
        assert found.inputs.keys() == x.keys()
        assert {n: v.shape for n, v in found.params.items()} == {n: v.shape for n, v in params.items()}
        assert np.abs(found.params["W"]).min() > 0
    assert all((flow.log_norm[n] == -np.inf).all() for n in set(x) - {"x"})
    for name in set(params) - {"W"}:
        assert not flow.parameter_steps(name)[0].any()


def test_derivatives_by_directions_pass_the_cancelled_by(cancelling):
    cell, params, x, _ = cancelling
    run = cell.forward(params, x)
    blocks = cell.jacobian(params, run)
    assert not blocks["s'", "q"].any()
    assert not blocks["q'", "q"].any()
    found = cell.tangent(params, run, {"q": np.ones((1, BATCH, 3))})
    assert not found.states["s"].any()
    assert not found.states["q"].any()
