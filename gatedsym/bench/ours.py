"""gatedsym, as a caller has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gatedsym.bench.answer import Answer
from gatedsym.bench.problem import Problem
from gatedsym.execution.arguments import parameters_of_run
from gatedsym.execution.own_parameters import OwnParameters


class Ours:
    """The cell's generated kernels, called as the README calls them: with the defaults of `forward` and `backward`."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def forward(self) -> Any:
        p = self._problem
        if p.inputs:
            return p.cell.forward(p.params, p.inputs, initial=p.initial)
        return p.cell.forward(p.params, initial=p.initial, steps=p.point.steps, batch=p.point.batch)

    def both(self) -> Any:
        p = self._problem
        return p.cell.backward(p.params, self.forward(), p.cotangents)

    def own_parameters(self) -> Callable[[], Any]:
        """A call that does of forward + backward what parameters take: they are copied, and compared with the copy."""
        p = self._problem
        run = self.forward()

        def call() -> OwnParameters:
            arrays = parameters_of_run(p.cell, p.params, run)  # compares them
            return OwnParameters(arrays, run.dtype)

        return call

    def answer(self) -> Answer:
        p = self._problem
        run = self.forward()
        grads = p.cell.backward(p.params, run, p.cotangents)
        first = {n: grads.initial[n] if p.initial[n].shape == grads.initial[n].shape else grads.initial[n][0]
                 for n in p.cell.states}  # fmt: skip
        return Answer({n: run[n][-p.point.steps :] for n in p.cotangents}, grads.params, grads.inputs, first)


def our_hessian_product(problem: Problem) -> Callable[[], Any]:
    """A call that multiplies the Hessian with a direction of all parameters; the run is computed before."""
    generator, cell = np.random.default_rng(1), problem.cell
    run = Ours(problem).forward()
    direction = {n: generator.normal(size=np.shape(v)).astype(run.dtype) for n, v in problem.params.items()}

    def call() -> Any:
        return cell.hessian_product(problem.params, run, problem.cotangents, direction)

    return call


def our_tangents(problem: Problem) -> Callable[[], Any]:
    """A call that carries the n unit vectors of h, for every sequence, along the trajectory."""
    n = problem.point.hidden
    run = problem.cell.forward(problem.params, problem.inputs, initial=problem.initial)
    units = np.repeat(np.eye(n, dtype=problem.point.dtype)[:, None], problem.point.batch, axis=1)

    def call() -> Any:
        return problem.cell.tangent(problem.params, run, {"h": units})

    return call
