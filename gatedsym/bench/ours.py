"""gatedsym, as a caller has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gatedsym.bench.answer import Answer
from gatedsym.bench.problem import Problem


class Ours:
    """The cell's generated kernels."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def forward(self) -> Any:
        return self._run("states")

    def _run(self, keep: str) -> Any:
        p = self._problem
        if p.inputs:
            return p.cell.forward(p.params, p.inputs, initial=p.initial, keep=keep)
        return p.cell.forward(p.params, initial=p.initial, keep=keep, steps=p.point.steps, batch=p.point.batch)

    def both(self) -> Any:
        p = self._problem
        return p.cell.backward(p.params, self._run("adjoint"), p.cotangents)

    def answer(self) -> Answer:
        p = self._problem
        run, lean = self._run("adjoint"), self.forward()
        grads = p.cell.backward(p.params, run, p.cotangents)
        first = {n: grads.initial[n] if p.initial[n].shape == grads.initial[n].shape else grads.initial[n][0]
                 for n in p.cell.states}  # fmt: skip
        return Answer({n: lean[n][-p.point.steps :] for n in p.cotangents}, grads.params, grads.inputs, first)


def our_tangents(problem: Problem) -> Callable[[], Any]:
    """A call that carries the n unit vectors of h, for every sequence, along the trajectory."""
    n = problem.point.hidden
    run = problem.cell.forward(problem.params, problem.inputs, initial=problem.initial, keep="adjoint")
    units = np.repeat(np.eye(n, dtype=problem.point.dtype)[:, None], problem.point.batch, axis=1)

    def call() -> Any:
        return problem.cell.tangent(problem.params, run, {"h": units})

    return call
