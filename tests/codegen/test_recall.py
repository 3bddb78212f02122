"""The kernel `recall`: what equations define and no kernel keeps, of any cell, as the typed equations say it."""

from __future__ import annotations

import numpy as np
import pytest
from codegen.test_kernels_of_any_cell import ALL, Problem

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")

HEAD = "x in R^m;  h in R^n;  W in R^(n,m);  U, V in R^(n,n);  b, v in R^n\n"
UNUSED = {
    "a gate that nothing reads": "q = sigmoid(V @ h + v)\nh' = tanh(W @ x + U @ h + b)",
    "a gate of a product that is there": "q = sigmoid(U @ h + v)\np = V @ q\nh' = tanh(W @ x + U @ h + b)",
    "of another unread one": "q = V @ x_next\nr = tanh(q) * v\nx_next = W @ x\nh' = tanh(x_next + U @ h + b)",
    "of parameters alone": "q = exp(v)\nr = sum(q * b)\nS = outer(v, b) + V\nh' = tanh(W @ x + U @ h + b)",
    "of the next state": "q = V @ h'\nr = max(q) * v\nh' = tanh(W @ x + U @ h + b)",
    "a number": "q = sum(h * v)\nr = q * q\nS = V @ h\nh' = tanh(W @ x + U @ h + b)",
    "a matrix of the batch": "q = outer(h, v) @ h\nS = outer(h, V @ h)\nh' = tanh(W @ x + U @ h + b)",
    "two names for one": "q = U @ h\nr = q\ns = V @ (q * v)\nh' = tanh(W @ x + q + b)",
    "of parameters alone, and read": "q = sigmoid(v)\nr = V @ q\nh' = q * h + tanh(W @ x + U @ h + b)",
}


def plain(name, text):
    """A cell whose kernels run as plain Python."""
    cell = gs.Cell(text, name=name)
    cell.kernels = Kernels(uncompiled(load_module(write_module(cell.recurrence), name), NUMPY))
    return cell


def values_step_by_step(cell, problem, run):
    """Every value that an equation defines, by the typed Program at each step of a run."""
    program, found = cell.recurrence.program, {}
    read = {r.name for s in program.statements for r in s.operands}
    for t in range(problem.steps):
        known = {}
        for name in program.sources:
            tensor = program[name]
            if tensor.role == "parameter":
                known[name] = run.parameters.get(cell.kernels.array_names.get(("parameter", name)))
            elif tensor.role in ("state", "input"):
                array = cell.kernels.array_names.get((tensor.role, tensor.of or name))
                ahead = run.call_shape.delays.get(tensor.of or name, 0) - tensor.lag
                known[name] = None if array is None else run.arrays[array][t + ahead]
        known = {n: a for n, a in known.items() if n in read}
        values = evaluate(program, known, NUMPY)
        for layout in cell.recurrence.locals:
            for part in layout.parts:
                shape = (problem.batch, *run.call_shape.lengths(list(program[part].dims)))
                found.setdefault(part, []).append(np.broadcast_to(values[part], shape))
    return {part: np.stack(rows) for part, rows in found.items()}


def check(cell):
    problem = Problem(cell)
    run = problem.run(problem.point())
    expected = values_step_by_step(cell, problem, run)
    for layout in cell.recurrence.locals:
        value = run[layout.name]
        if len(layout.parts) == 1:
            # Stable forms and other orders of sums: a few roundings of numbers of order one.
            np.testing.assert_allclose(value, expected[layout.parts[0]], rtol=1e-10, atol=1e-12, err_msg=layout.name)
        assert value.shape[:2] == (problem.steps, problem.batch)
    return problem, run


@pytest.mark.parametrize("name", ALL)
@pytest.mark.sampled
def test_every_name_of_a_cell_has_the_value_that_its_equation_says(name):
    check(plain(name, ALL[name]))


@pytest.mark.parametrize("case", UNUSED)
def test_an_equation_that_feeds_no_result_has_its_value_and_no_gradient(case):
    cell = plain("unused", HEAD + UNUSED[case])
    problem, run = check(cell)
    grads = cell.backward(problem.params, run, problem.cotangents)
    assert {n: g.shape for n, g in grads.params.items()} == {n: p.shape for n, p in problem.params.items()}
    cell.flow(problem.params, run, problem.cotangents)
    cell.jacobian(problem.params, run)


@pytest.mark.parametrize("case", UNUSED)
def test_the_kernel_is_proven_for_equations_that_feed_no_result(case):
    recurrence = read_equations(HEAD + UNUSED[case], name="unused")
    assert prove_emitted(recurrence, load_module(write_module(recurrence), "unused")).entries > 0


def test_a_parameter_that_reaches_no_result_has_a_gradient_of_zero():
    cell = plain("unused", HEAD + UNUSED["a gate that nothing reads"])
    problem = Problem(cell)
    grads = cell.backward(problem.params, problem.run(problem.point()), problem.cotangents)
    assert not grads.params["V"].any()
    assert not grads.params["v"].any()
    assert grads.params["U"].any()


def test_values_are_computed_when_they_are_first_asked_for_and_once(monkeypatch):
    cell = plain("gates", ALL["gru"])
    problem, called = Problem(cell), []
    run_kernel = Kernels.run
    monkeypatch.setattr(
        Kernels, "run", lambda self, kernel, *a, **k: (called.append(kernel), run_kernel(self, kernel, *a, **k))
    )
    run = problem.run(problem.point())
    assert called == ["forward"]
    run["z"], run["r"], run["z"]
    assert called == ["forward", "recall"]


def test_a_cell_whose_values_are_all_kept_has_no_such_kernel():
    cell = plain("linear", "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\na = W @ x + U @ h\nh' = tanh(a)")
    assert not cell.kernels.has("recall")
    check(cell)
