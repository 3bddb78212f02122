"""A direction of parameters, inputs and states, carried along a run of unlike lengths, with those that live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gatedsym.execution.directions import Direction
from gatedsym.execution.moved_tangents import SEGMENT, Carried, exponents_of
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.ragged.second_order import moved_rows
from gatedsym.execution.ragged.segments import cut_segments
from gatedsym.execution.tangent_cells import TangentCell
from gatedsym.typing import Array


class RaggedCarried(Carried):
    """As `Carried`: after its end what moves of a sequence stays, and episodes begin as those of `ragged_tangents`."""

    def __init__(self, tangent: TangentCell, parameters: Mapping[str, Array], run: RaggedRun, moved: Direction) -> None:
        inputs = {name: array.copy() for name, array in moved.inputs.items()}
        for array in inputs.values():
            array[run.rows.is_over] = 0
        super().__init__(tangent, parameters, run, replace(moved, inputs=inputs))
        packed = moved_rows(tangent, run, moved)
        self._ragged, self._packed = run, {name: packed[name] for name in self.inputs}
        self._initial = {part: rows.copy() for part, rows in self.states.items()}

    def pass_steps(self, first: int, last: int, threads: int | None) -> None:
        """As `Carried.pass_steps`."""
        for segment in cut_segments(self._ragged, first, last, SEGMENT):
            if segment.start > first and segment.begins.any():
                self._begin(segment.alive[segment.begins], first == 0)
            self.scale(segment.start)
            alive, steps = segment.alive, segment.stop - segment.start
            states = {part: rows[:, alive] for part, rows in self.states.items()}
            inputs = {
                name: segment.steps_of(self._ragged, rows, len(self.inputs[name]) - self.run.call_shape.steps)
                for name, rows in self._packed.items()
            }
            part = segment.run(self._ragged)
            found = self.carry(part, 0, steps, states, inputs, self.exponents[alive], threads)
            self.states = {name: rows.copy() for name, rows in self.states.items()}
            for name, rows in found.items():
                self.states[name][:, alive] = rows

    def _begin(self, begun: Array, is_initial: bool) -> None:
        """Let the states of some sequences be those with which an episode begins."""
        self.states = {part: rows.copy() for part, rows in self.states.items()}
        largest = np.zeros(len(begun))
        for rows in self._initial.values() if is_initial else ():
            own = np.abs(rows[:, begun])
            largest = np.maximum(largest, own.max(axis=(0, *range(2, own.ndim)), initial=0))
        powers = exponents_of(largest)
        if self.params:  # one exponent for all
            self.divide(np.full(len(self.exponents), max(0, powers.max(initial=0) - self.exponents.max(initial=0))))
        else:
            self.exponents[begun] = powers
        for part, rows in self._initial.items():
            scale = -self.exponents[begun].reshape((-1, *(1,) * (rows.ndim - 2)))
            self.states[part][:, begun] = np.ldexp(rows[:, begun], scale) if is_initial else 0
