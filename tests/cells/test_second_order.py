"""Every cell of the library: Hessian–vector products against differences of gradients, adjoints of lines by pushing."""

from dataclasses import replace

import numpy as np
import pytest
from cells.derived import plain_lines, plain_tangent
from cells.problem import TAYLOR_DIRECTION, of_library
from cells.trajectory import BATCH, STEPS

import gatedsym as gs
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.tangent_cell import derive_tangent_cell
from gatedsym.codegen.module import write_module
from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import split_parts
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Program, Ref, Tensor, pointwise
from gatedsym.library import load as library
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.proofs.engine.scalarise import with_sizes
from gatedsym.runtime.jit.compile import load_module

HANDFUL = ("rnn", "lstm", "gru", "lru")
"""The cells of which plain pytest proves and learns; the others are long."""

_handful = [name if name in HANDFUL else pytest.param(name, marks=pytest.mark.long) for name in library.names()]


@pytest.mark.sampled
def test_hessian_products_are_differences_of_gradients(problem):
    """Central differences of steps 2^-12 and 2^-13, extrapolated: rounding leaves some 1e-11 of the gradients."""
    cell = problem.cell
    plain_tangent(cell)
    direction, step = problem.direction(TAYLOR_DIRECTION), 2.0**-12
    if cell.declared:
        pytest.skip("the derivative of a declared gradient is declared too: it is no difference of values")
    found = cell.hessian_product(problem.point["params"], problem.run, problem.cotangents, direction)
    ends = {s: _gradients(problem, problem.moved(direction, s)) for s in (step, -step, step / 2, -step / 2)}
    for group in ("params", "inputs", "states", "initial"):
        for name, value in getattr(found, group).items():
            at = {s: getattr(gradients, group)[name] for s, gradients in ends.items()}
            long, short = ((at[s] - at[-s]) / (2 * s) for s in (step, step / 2))
            scale = max(np.abs(a).max(initial=0) for a in (at[step], short))
            np.testing.assert_allclose(
                value, (4 * short - long) / 3, rtol=1e-7, atol=1e-9 * scale, err_msg=f"{group} {name}"
            )


def _gradients(problem, point):
    run = problem.forward(point)
    return problem.cell.backward(point["params"], run, problem.cotangents)


@pytest.mark.sampled
def test_the_adjoint_of_a_line_is_that_of_what_pushes_it(problem):
    """To each line of the typed equations something is added; adjoints of what is added, step by step in NumPy."""
    cell = problem.cell
    plain_lines(cell)
    gradients = cell.backward(problem.point["params"], problem.run, problem.cotangents)
    expected = _pushed_adjoints(problem)
    found = gradients.locals
    for layout in cell.interface.layouts("locals", "outputs"):
        if layout.is_divided:
            continue
        assert layout.name in found
    assert expected.keys() >= {name for name in found if name in cell.recurrence.program}
    for name, rows in expected.items():
        if name in found:
            np.testing.assert_allclose(found[name], rows, rtol=1e-9, atol=1e-12, err_msg=name)


def _pushed_adjoints(problem):
    program = problem.cell.recurrence.program
    lines = [s.target.name for s in program.statements if program[s.target.name].role != "next"]
    pushed = _with_pushes(program, lines)
    delays = problem.cell.recurrence.delays
    base_of = {p: ly.name for ly in problem.cell.recurrence.states for p in ly.parts}
    moving = [n for n in program.sources if program[n].role == "state"]
    wrt = [*moving, *(f"push {n}" for n in lines)]
    adjoint = derive_adjoint(pushed, wrt)
    results = dict(zip(wrt, adjoint.results, strict=True))
    sized, extra = with_sizes(adjoint, problem.sizes)
    totals = {}
    for layout in problem.cell.recurrence.states:
        for part, rows in split_parts(layout, problem.cotangents[layout.name], problem.sizes, 2):
            totals[part] = np.concatenate([np.zeros((delays[layout.name], *rows.shape[1:])), rows])
    outputs = {}
    for layout in problem.cell.recurrence.outputs:
        outputs |= dict(split_parts(layout, problem.cotangents[layout.name], problem.sizes, 2))
    found = {n: [None] * STEPS for n in lines}
    for t in reversed(range(STEPS)):
        given = dict(problem.typed.values[t])
        for n in program.results:
            tensor = program[n]
            row = totals[tensor.of][t + delays[base_of[tensor.of]]] if tensor.role == "next" else outputs[n][t]
            given[f"d_{n}"] = row
        given |= {f"{n} plain": given[n] for n in lines}
        known = evaluate(sized, {n: given[n] for n in adjoint.sources if n in given} | extra, NUMPY)
        for n in moving:
            base = program[n].of or n
            totals[base][t + delays[base_of[base]] - program[n].lag] += known[results[n]]
        for n in lines:
            value = known[results[f"push {n}"]]
            found[n][t] = np.broadcast_to(value, (BATCH, *np.shape(value)[np.ndim(value) - len(program[n].dims) :]))
    return {n: np.stack(rows) for n, rows in found.items()}


def _with_pushes(program, lines):
    """The Program in which to each line something that is given is added."""
    tensors, statements = list(program.tensors), []
    for s in program.statements:
        name = s.target.name
        if name not in lines:
            statements.append(s)
            continue
        plain, push = Ref(f"{name} plain", s.target.indices), Ref(f"push {name}", s.target.indices)
        statements.append(replace(s, target=plain))
        statements.append(pointwise(s.target, plain.symbol + push.symbol, (plain, push)))
        tensors += [Tensor(plain.name, program[name].dims), Tensor(push.name, program[name].dims, "input")]
    return Program(tuple(tensors), tuple(statements), program.results).check()


@pytest.mark.parametrize("name", _handful)
def test_the_kernels_of_the_tangent_cell_are_proven(name):
    """Its backward kernel is the Hessian–vector product; the tangent itself is among the cell's own proofs."""
    recurrence = derive_tangent_cell(gs.cell(name).recurrence)
    prove_emitted(recurrence, load_module(write_module(recurrence), recurrence.name))


@pytest.mark.parametrize("name", _handful)
def test_real_time_learning_by_the_influence_is_backpropagation(name):
    """P ← J P + ∂s'/∂θ, carried forward, gives the gradient of every parameter to 1e-10 of its size."""
    problem = of_library(name, compiled=False)
    if not problem.cell.states:
        with pytest.raises(ArgumentError, match="has no state"):
            problem.cell.influence(problem.point["params"], problem.run)
        return
    found, parts = problem.cell.influence(problem.point["params"], problem.run), _Parts(problem)
    gradients = problem.cell.backward(problem.point["params"], problem.run, parts.of_states)
    for layout in problem.cell.interface.parameters:
        for part, expected in split_parts(layout, gradients.params[layout.name], problem.sizes, 0):
            value = parts.carried_forward(found, part)
            assert np.abs(value - expected).max(initial=0) < 1e-10 * (1 + np.abs(expected).max(initial=0)), part


class _Parts:
    """Influences as matrices, entries of states by entries of a parameter, carried through the steps of a problem."""

    def __init__(self, problem):
        self.program, self.delays = problem.cell.recurrence.program, {}
        self.of_states = {n: c for n, c in problem.cotangents.items() if n in problem.cell.states}
        self.cotangents = {}
        for layout in problem.cell.interface.states:
            for part, rows in split_parts(layout, self.of_states[layout.name], problem.sizes, 2):
                self.cotangents[part] = rows.reshape(STEPS, BATCH, -1)
                self.delays[part] = problem.cell.interface.delays[layout.name]

    def carried_forward(self, influence, parameter):
        history = {part: [] for part in self.cotangents}
        gradient = 0.0
        for t in range(STEPS):
            moved = {part: self._step(influence, part, parameter, history, t) for part in history}
            for part, value in moved.items():
                history[part].append(value)
                gradient = gradient + np.einsum("bi,bij->j", self.cotangents[part][t], value)
        return gradient.reshape(influence.immediate[f"{part}'", parameter].shape[2 + len(self.program[part].dims) :])

    def _step(self, influence, part, parameter, history, t):
        size = self.cotangents[part].shape[2]
        value = influence.immediate[f"{part}'", parameter].dense()[t].reshape(BATCH, size, -1)
        for (of, wrt), block in influence.jacobian.items():
            before = t - self.program[wrt].lag
            if of == f"{part}'" and before >= 0:
                past = history[self.program[wrt].of or wrt][before]
                value = value + block[t].reshape(BATCH, size, past.shape[1]) @ past
        return value
