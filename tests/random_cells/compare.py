"""A random cell through text, Program and kernels, at every entry point, against the reference."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from codegen.undefined import undefined_names
from random_cells.cell import RandomCell
from random_cells.numpy_reference import BATCH, STEPS, Group, Point, Reference, api_name, draw
from random_cells.tree import KinkError

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.cell import prove_cell
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

LARGEST = 1e4
"""Beyond it a sum in another order is another number, and a point says nothing."""


class DifferentError(AssertionError):
    """A value of the kernels is not that of the reference."""


def reference_of(cell: RandomCell, tries: int = 3) -> Reference | None:
    """The reference at the first point of a few that is smooth and of moderate size."""
    for attempt in range(tries):
        try:
            with np.errstate(all="ignore"):
                reference = Reference(cell, draw(cell, 1000 * cell.seed + attempt))
                found = [*reference.gradients.values(), reference.jacobian, _values(reference)]
        except KinkError:
            continue
        arrays = [v for group in found for v in group.values()]
        if all(np.isfinite(v).all() and np.max(np.abs(v), initial=0.0) < LARGEST for v in arrays):
            return reference
    return None


def _values(reference: Reference) -> Group:
    return {n: v for step in reference.plain.values for n, v in step.items()}


def equal(what: str, found: Any, expected: Any, relative: float) -> None:
    """Refuse arrays that differ by more than a part of the largest entry."""
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape:
        raise DifferentError(f"{what}: shape {found.shape} is not {expected.shape}")
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    apart = float(np.max(np.abs(found - expected), initial=0.0))
    if not apart <= relative * scale:
        raise DifferentError(f"{what}: {apart:.2g} apart where {scale:.2g} is the largest entry")


class Entry:
    """The entry points of a cell at a point.

    Parameters
    ----------
    cell : RandomCell
    reference : Reference
    compiled : bool
        Otherwise the same source runs as plain Python.
    dtype : str
    """

    def __init__(self, cell: RandomCell, reference: Reference, compiled: bool = False, dtype: str = "float64") -> None:
        self.random, self.reference = cell, reference
        self.dtype, self.relative = dtype, 1e-9 if dtype == "float64" else 2e-3
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.cell = gs.Cell(cell.text(), name="grown")
            text = write_module(self.cell.recurrence)
        if undefined_names(text):
            raise DifferentError(f"generated: nothing defines {', '.join(undefined_names(text))}")
        module = load_module(text, "grown")
        self.cell.kernels = Kernels(module if compiled else uncompiled(module, NUMPY))
        point = reference.point
        self.point = Point(*(self._cast(g) for g in (point.params, point.inputs, point.initial, point.cotangents)))
        self.params = self.cell.init(dtype=dtype, **{d: cell.sizes[d] for d in cell.given})
        for name, value in self.point.params.items():
            self.params[api_name(name)][...] = value
        self.x = self.point.inputs or None
        self.call_shape = {} if self.point.inputs else {"steps": STEPS, "batch": BATCH}

    def _cast(self, group: Mapping[str, Any]) -> Group:
        return {n: np.asarray(v, dtype=self.dtype) for n, v in group.items()}

    def check(self) -> None:
        """Every entry point."""
        self.check_init()
        self.check_forward()
        self.check_backward()
        self.check_checkpoints()
        self.check_flow()
        if self.random.states:
            self.check_tangent()
            self.check_jacobian()

    def check_init(self) -> None:
        """Parameters drawn by the library have the shapes of the text."""
        shapes = {api_name(n): v.shape for n, v in self.point.params.items()}
        found = {n: v.shape for n, v in self.params.items()}
        if shapes != found:
            raise DifferentError(f"init: {found} are not {shapes}")

    def run(self, keep: str) -> Any:
        return self.cell.forward(self.params, self.x, initial=self.point.initial, keep=keep, **self.call_shape)

    def check_forward(self) -> None:
        """States, outputs and locals, however much is kept."""
        plain = self.reference.plain
        lines = [line for line in self.random.lines if line.start is None]
        for keep in ("states", "adjoint", "all"):
            run = self.run(keep)
            for name in self.random.states:
                rows = np.stack(np.broadcast_arrays(*plain.seen[name])).real[:, 0]
                equal(
                    f"run[{name!r}]",
                    run[name],
                    np.broadcast_to(rows, (STEPS + 1, BATCH, *rows.shape[2:])),
                    self.relative,
                )
            for line in lines:
                if line.target.endswith("'") or (keep == "states" and line.target not in self.random.outputs):
                    continue
                value = plain.after(line.target).real[:, 0]
                value = np.broadcast_to(value, (STEPS, BATCH, *value.shape[2:]))
                equal(f"run[{line.target!r}], keep={keep}", run[line.target], value, self.relative)
        for name in run:
            np.asarray(run[name])
        self.result = run

    def check_backward(self) -> None:
        self.grads = self.cell.backward(self.params, self.result, self.point.cotangents)
        self._check_gradients("backward", self.grads)

    def check_checkpoints(self) -> None:
        returns = ("params", "inputs", "states", "trajectory")
        for segments in (2, 3):
            found = self.cell.gradients(
                self.params, self.x, self.point.cotangents, initial=self.point.initial, segments=segments,
                returns=returns, **self.call_shape,
            )  # fmt: skip
            self._check_gradients(f"gradients of {segments} segments", found)

    def _check_gradients(self, what: str, found: Any) -> None:
        expected = self.reference.gradients
        for name, value in expected["params"].items():
            equal(f"{what}, {name}", found.params[api_name(name)], value, self.relative)
        for name, value in expected["inputs"].items():
            equal(f"{what}, {name}", found.inputs[name], value, self.relative)
        for name, value in expected["initial"].items():
            equal(f"{what}, rows of {name} before the first step", found.initial[name], value, self.relative)
        for name, value in expected["totals"].items():
            equal(f"{what}, total adjoint of {name}", found.states[name][1:], value, self.relative)

    def check_flow(self) -> None:
        flow = self.cell.flow(self.params, self.result, self.point.cotangents)
        expected = self.reference.gradients
        for name, value in {**expected["totals"], **expected["inputs"]}.items():
            rows = flow.log_norm[name][1:] if name in self.random.states else flow.log_norm[name]
            norm = np.sqrt((value.reshape((STEPS, BATCH, -1)) ** 2).sum(axis=-1))
            equal(f"flow of {name}", np.exp(rows), norm, self.relative)
        if self.random.states:
            squares = [(v.reshape((STEPS, BATCH, -1)) ** 2).sum(axis=-1) for v in expected["sides"].values()]
            equal("flow of all states", np.exp(flow.log_norm["state"][1:]), np.sqrt(sum(squares)), self.relative)
        for name in list(self.random.parameters)[:2]:
            mantissas, exponents = flow.parameter_steps(api_name(name))
            rows = mantissas * 2.0 ** np.clip(exponents, -1e3, 1e3).reshape((STEPS, *(1,) * (mantissas.ndim - 1)))
            equal(f"flow of {name}", rows.sum(axis=0), expected["params"][name], self.relative)

    def check_tangent(self) -> None:
        generator = np.random.default_rng(self.random.seed)
        given, delays = self.point.initial, self.random.delays
        drawn = {n: generator.normal(size=(2, *given[n].shape)) for n in self.random.states}
        directions = {n: np.swapaxes(v, 0, 1).transpose(0, 1, *range(2, v.ndim)) for n, v in drawn.items()}
        # (delay, k, …) holds for every sequence of the batch.
        own = {n: v[:, :, 0] for n, v in directions.items()}
        passed = {n: v if delays[n] > 1 else v[0] for n, v in ((n, self._spread(v)) for n, v in own.items())}
        tangents = self.cell.tangent(
            self.params, self.result, {n: np.asarray(v, self.dtype) for n, v in passed.items()}
        )
        for k in range(2):
            moves = {n: np.repeat(v[:, k][:, None], BATCH, axis=1) for n, v in own.items()}
            for name, value in self.reference.tangent(moves).items():
                mantissa = tangents.states[name][-1] if delays[name] > 1 else tangents.states[name]
                scale = 2.0 ** tangents.exponents[k].reshape((BATCH, *(1,) * (mantissa.ndim - 2)))
                equal(f"tangent of {name}", mantissa[k] * scale, value, self.relative)

    @staticmethod
    def _spread(rows: np.ndarray) -> np.ndarray:
        return np.repeat(rows[:, :, None], BATCH, axis=2)

    def check_jacobian(self) -> None:
        blocks = self.cell.jacobian(self.params, self.result)
        for key, value in self.reference.jacobian.items():
            if key in blocks:
                equal(f"jacobian of {key}", blocks[key], value, self.relative)
            elif np.abs(value).max(initial=0.0) > 0:
                raise DifferentError(f"jacobian: no block {key}")


def prove(cell: RandomCell) -> list[str]:
    """The proofs of a cell that fail."""
    made = gs.Cell(cell.text(), name="grown")
    return [f"{v.statement}: {v.failure}" for v in prove_cell(made) if v.proof is None and not v.undecided]
