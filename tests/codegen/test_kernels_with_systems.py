"""Kernels with linear systems: what they compute, proven; and what they compute once."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.errors import EquationWarning
from gatedsym.ir.program import Recurrence
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.runtime import load_module

CELLS = {
    "cayley": "x in R^m; h in R^n; A in R^(n,n); W in R^(n,m)\nh' = tanh((I + A)^{-1} (I - A) h + W x)",
    "bilinear": (
        "x in R^m; h in R^n; A in R^(n,n); B in R^(n,m); s in R\n"
        "h' = (I - s/2 * A)^{-1} (I + s/2 * A) h + (I - s/2 * A)^{-1} (s B) x"
    ),
    "steps": (
        "x in R^m; h in R^n; A in R^(n,n); B in R^(n,m); dt in R; dt >= 0\n"
        "h' = solve(I - dt/2 * A, h + dt/2 * (A @ h) + dt * (B @ x))"
    ),
    "state": "h, k, b in R^n; A in R^(n,n)\nh' = (A + outer(h, h))^{-1} b\nk' = (A^T)^{-1} h + A^3 k",
    "columns": "x in R^m; M in R^(n,m); A in R^(n,n); U in R^(m,m)\noutput y\n"
    "y = inv(U) x\nM' = solve(A + M M^T, M) + outer(M x, x)",
    "outputs": "h, b in R^n; A in R^(n,n); output v, B\nv = solve(A, b)\nB = inv(A)\nh' = h * v",
    "delays": "x in R^n; h in R^n; A in R^(n,n)\nh' = inv(A + outer(x, x_{t-1})) h_{t-2}",
}


def read(name: str) -> Recurrence:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(CELLS[name])


def kernel(text: str, name: str) -> list[str]:
    """The lines of one kernel."""
    lines = text[text.index(f"def {name}(") :].splitlines()
    return lines[
        : next(k for k, line in enumerate(lines) if line.startswith("@kernel") or line.startswith("INTERFACE"))
    ]


@pytest.mark.parametrize("name", CELLS)
def test_kernels_with_systems_are_proven(name):
    recurrence = read(name)
    proof = prove_emitted(recurrence, load_module(write_module(recurrence), "systems"))
    assert proof.error_bound is not None
    assert proof.error_bound < 1e-20
    assert "taking by specification that the runtime solves linear systems" in str(proof)


def test_a_cayley_matrix_is_made_before_the_first_step_and_its_gradient_after_the_last():
    text = write_module(read("cayley"))
    forward, backward, finish = (kernel(text, name) for name in ("forward", "backward", "finish"))
    for lines in (forward, backward):
        at = [k for k, line in enumerate(lines) if line.lstrip().startswith("solve(")]
        first = next(k for k, line in enumerate(lines) if line.lstrip().startswith("for t in"))
        assert len(at) == 1
        assert at[0] < first
    step = forward[next(k for k, line in enumerate(forward) if line.lstrip().startswith("for t in")) :]
    assert sum("multiply_add(" in line for line in step) == 1
    assert sum(line.lstrip().startswith("solve(") for line in finish) == 2  # the matrix, and the way back


def test_a_matrix_that_changes_is_solved_with_transposed_on_the_way_back():
    text = write_module(read("steps"))
    solves = [line for line in kernel(text, "backward") if line.lstrip().startswith("solve(")]
    assert len(solves) == 1
    assert ".T, " in solves[0]


@pytest.mark.long
def test_compiled_kernels_solve_in_each_row_of_each_step():
    """Values against NumPy's solve; gradients against difference quotients, whose error is about 1e-9 of the sum."""
    cell = gs.Cell(CELLS["steps"], name="steps_with_systems")
    params = cell.init(m=2, n=3, seed=0)
    rng = np.random.default_rng(0)
    given = {"x": rng.standard_normal((4, 5, 2)), "dt": rng.uniform(0.1, 0.5, (4, 5))}
    dh = rng.standard_normal((4, 5, 3))

    def loss(changed):
        return float((cell.forward(changed, given)["h"][1:] * dh).sum())

    run = cell.forward(params, given)
    h = np.zeros((5, 3))
    for t in range(4):
        half = given["dt"][t][:, None, None] / 2
        driven = h + (half * params["A"] @ h[:, :, None])[..., 0] + 2 * half[:, 0] * (given["x"][t] @ params["B"].T)
        h = np.linalg.solve(np.eye(3) - half * params["A"], driven[:, :, None])[..., 0]
        assert_allclose(run["h"][t + 1], h, rtol=1e-12, atol=1e-14)
    gradients = cell.backward(params, run, {"h": dh})
    for name in params:
        way = rng.standard_normal(params[name].shape)
        ends = [loss({**params, name: params[name] + sign * 1e-6 * way}) for sign in (1, -1)]
        assert_allclose((gradients.params[name] * way).sum(), (ends[0] - ends[1]) / 2e-6, rtol=1e-6)
    alone, together = (cell.forward(params, given, threads=count) for count in (1, 3))
    assert_array_equal(alone["h"], together["h"])
    ways = [cell.backward(params, run, {"h": dh}, threads=count).params["A"] for count in (1, 3)]
    assert_array_equal(*ways)
