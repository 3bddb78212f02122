"""The gradient of a parameter step by step: the adjoints of `Cell.flow`, each step passed by the backward kernel alone.

The sweep of ``flow`` is made once more, a step at a time. Before each the cotangents of its results (what later steps
sent, and what the caller gave) are brought to one exponent for all rows, and go back through this one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gatedsym.execution.backward import BackwardPass, kept_rows
from gatedsym.execution.workspace import FRESH
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.results import Flow

_FARTHEST = 2200  # a power of two of this exponent takes every number to zero or infinity


class _OneStep:
    """The cotangents of one step, as `BackwardPass.carry` takes them."""

    whole: bool = True

    def __init__(self, rows: Mapping[str, Array]) -> None:
        self._rows = rows

    def place(self, part: str, rows: Array, first: int, fresh: int) -> None:
        """Set the row of the newest value; those of the past have no cotangents of their own."""
        rows[...] = 0
        if part in self._rows:
            rows[-1] = self._rows[part]


class _Sweep:
    """The sweep of a flow, made again."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.run, self.kernels = flow, flow.run, flow.cell.kernels
        extent, spec = self.run.extent, self.kernels.arrays("flow")
        known = {**self.run.arrays, **self.run.parameters}
        known = {a[0]: known[a[0]] for a in spec if a[0] in known and a[1] != "work"}
        known |= {a[0]: flow.given_of(a[2][0]) for a in spec if a[1] == "cotangent"}
        self.arrays = self.kernels.allocate("flow", known, extent, self.run.dtype)
        self.exponents = next(self.arrays[a[0]] for a in spec if a[1] == "exponents")
        self.outputs = [a[2][0] for a in spec if a[1] == "cotangent" and not a[2][0].endswith("'")]

    def cotangents(self, t: int, common: int) -> dict[str, Array]:
        """Of the results of a step, before it is passed, in units of a power of two."""
        found = {}
        for name, kind, tensors, *_ in self.kernels.arrays("flow"):
            if kind == "cotangent" and tensors[0].endswith("'"):
                part = tensors[0].removesuffix("'")
                row = t + self.run.extent.delays[part]
                own = self._adjoint(part)[row]
                found[part] = _scaled(own, self.exponents[t + 1] - common)
                found[part] += _scaled(self.arrays[name][row], np.array(-common))
            elif kind == "cotangent":
                found[tensors[0]] = _scaled(self.arrays[name][t], np.array(-common))
        return found

    def _adjoint(self, part: str) -> Array:
        spec = self.kernels.arrays("flow")
        return next(self.arrays[a[0]] for a in spec if a[1] == "adjoint" and a[2][0] == part)

    def step_back(self, t: int) -> None:
        """Pass one step."""
        delays, rows = self.run.extent.delays, {}
        for name, kind, tensors, lead, *_ in self.kernels.arrays("flow"):
            ahead = {"steps": 1, "history": 1 + (delays.get(tensors[0].rstrip("'"), 0) if tensors else 1)}.get(lead)
            if kind != "room":
                rows[name] = self.arrays[name] if ahead is None else self.arrays[name][t : t + ahead]
        self.kernels.run("flow", rows, self.run.extent.of_steps(1), self.run.threads)


def gradients_of_steps(flow: Flow, name: str) -> tuple[Array, Array]:
    """The gradient of a parameter of every step, summed over the batch: mantissas (T, …) and exponents (T,)."""
    run, cell = flow.run, flow.cell
    run.check_current()
    extent, sweep = run.extent.of_steps(1), _Sweep(flow)
    exponents = flow.exponents[1:].max(axis=1, initial=np.iinfo(np.int64).min)
    shape = cell.parameter_shape(name, extent.sizes)
    found = np.zeros((run.extent.steps, *shape), run.dtype)
    for t in reversed(range(run.extent.steps)):
        wanted = frozenset({"params"})
        step = BackwardPass(cell, run.parameters, extent, run.dtype, wanted, 1, FRESH, run.threads)
        step.carry(0, 1, kept_rows(run, t, t + 1), _OneStep(sweep.cotangents(t, int(exponents[t]))))
        found[t] = step.gradients(False).params[name]
        sweep.step_back(t)
    return found, exponents


def _scaled(rows: Array, exponents: Array) -> Array:
    """Rows (B, …) times a power of two, one for each row or one for all."""
    powers = np.clip(exponents, -_FARTHEST, _FARTHEST).astype(np.int32)
    return np.ldexp(rows, powers.reshape((*powers.shape, *(1,) * (rows.ndim - powers.ndim))) if powers.ndim else powers)
