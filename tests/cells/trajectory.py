"""The typed Program of any cell carried through time, in any arithmetic: what kernels are held against."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from gatedsym.execution.layouts import join_parts, split_parts
from gatedsym.ir.evaluate import Arithmetic, evaluate
from gatedsym.ir.program import Recurrence

Arrays = Mapping[str, np.ndarray]
STEPS, BATCH = 20 if "GATEDSYM_TEST_EVERY_STEP" in os.environ else 10, 2
"""Half of those with which the project promises its 1e-12, for a run of minutes: `--every-step` takes all, as CI."""


class Trajectory:
    """A cell's states and outputs, step by step, from its equations as they were typed.

    Parameters
    ----------
    recurrence : Recurrence
    sizes : mapping of str to int
    point : mapping
        ``params``, ``inputs`` and ``initial``, as `Cell.forward` takes them; all rows of the past, (delay, B, …).
    arithmetic : Arithmetic
        Of the numbers that the arrays hold.
    steps : int

    Attributes
    ----------
    values : list of dict
        For each step every tensor of the Program.
    """

    def __init__(self, recurrence: Recurrence, sizes, point, arithmetic: Arithmetic, steps: int = STEPS) -> None:
        params, inputs, initial = point["params"], point["inputs"], point["initial"]
        self.recurrence, self.sizes = recurrence, sizes
        self.rows: dict[str, list[np.ndarray]] = {}
        self.delay: dict[str, int] = {}
        for layout in (*recurrence.states, *recurrence.inputs):
            delay = recurrence.delays.get(layout.name, 0)
            whole = list(initial[layout.name]) if delay else []
            whole += list(inputs[layout.name]) if layout.name in inputs else []
            for row in whole:
                for part, block in split_parts(layout, row, sizes, 1):
                    self.rows.setdefault(part, []).append(block)
                    self.delay[part] = delay
        self.parts = {
            part: block
            for layout in recurrence.parameters
            for part, block in split_parts(layout, params[layout.name], sizes, 0)
        }
        self.outputs: dict[str, list[np.ndarray]] = {p: [] for ly in recurrence.outputs for p in ly.parts}
        self.values = [self._step(t, arithmetic) for t in range(steps)]

    def _step(self, t: int, arithmetic: Arithmetic) -> dict[str, np.ndarray]:
        program = self.recurrence.program
        values = evaluate(program, self.sources(program, t), arithmetic)
        self.take({name: values[name] for name in program.results})
        return values

    def take(self, results: Arrays) -> None:
        """Keep what a step computes, one row for each sequence (a result of parameters alone has no such axis)."""
        program = self.recurrence.program
        for name, value in results.items():
            shape = tuple(int(d) if d.isdigit() else self.sizes[d] for d in program[name].dims)
            row = np.broadcast_to(value, (BATCH, *shape))
            if program[name].role == "next":
                self.rows[program[name].of].append(row)
            else:
                self.outputs[name].append(row)

    def sources(self, program, t: int) -> dict[str, np.ndarray]:
        """What a Program reads at step t: parameters, inputs and states."""
        given = {name: block for name, block in self.parts.items() if name in program.sources}
        for name in program.sources:
            tensor = program[name]
            if tensor.role in ("state", "input"):
                base = tensor.of or name
                given[name] = self.rows[base][t + self.delay[base] - tensor.lag]
        return given

    def __getitem__(self, name: str) -> np.ndarray:
        """A state after each step, or an output: (T, B, …)."""
        for layout in (*self.recurrence.states, *self.recurrence.outputs):
            if layout.name == name:
                blocks = [self._after(part) for part in layout.parts]
                return join_parts(layout, blocks, self.sizes)
        raise KeyError(name)

    def _after(self, part: str) -> np.ndarray:
        if part in self.outputs:
            return np.array(self.outputs[part])
        return np.array(self.rows[part][self.delay[part] :])
