"""A call of a watched module → its runs and flows, computed again by the kernels of the library's cell.

Torch's fused kernels show neither the states between layers nor any gradient but those of inputs and weights. What they
do show is enough: layers are computed again from the bottom, the gradients of outputs carried back from the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gatedsym.errors import ArgumentError
from gatedsym.execution.adjoint_norms import Flow
from gatedsym.execution.results import Run
from gatedsym.torch.watching.calls import LayerCall, StepCall, directions_of
from gatedsym.torch.watching.modules import WatchedModule
from gatedsym.typing import Array

TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-3, torch.bfloat16: 0.1, torch.float16: 0.02}
"""Largest difference of outputs, relative to the largest of them, that rounding explains; a wrong mask has about 1."""


@dataclass(frozen=True)
class Passage:
    """One direction of one layer, forward and back.

    Attributes
    ----------
    place : str
    layer : int
    direction : str
    of : WatchedModule
    flow : Flow
        In the direction's own time.
    params, initial, given : dict of str to array
        What its run and its flow were computed with: parameters, initial states and cotangents.
    steps : array of int
        The steps that rows stand for: of a layer 1 … T, of a cell those whose gradient arrived.
    lengths : array (B,) of int, optional
    joined : int
        The number of steps that stand side by side in the batch of a run of one step; 0 of a run through time.
    """

    place: str
    layer: int
    direction: str
    of: WatchedModule
    flow: Flow
    params: Mapping[str, Array]
    initial: Mapping[str, Array]
    given: Mapping[str, Array]
    steps: Array
    lengths: Array | None = None
    joined: int = 0

    @property
    def run(self) -> Run:
        """The trajectory."""
        return self.flow.run

    def in_time(self, rows: Array) -> Array:
        """Rows of steps, (T, B, …) in the direction's own time, in that of the sequence."""
        if self.joined:
            return rows.reshape((self.joined, -1, *rows.shape[2:]))
        return turned(rows, self.lengths) if self.direction == "reverse" else rows

    def is_there(self, count: int, batch: int) -> Array:
        """A mask of the steps that are within their sequences, (count, B)."""
        inside = np.ones((count, batch), bool)
        return inside if self.lengths is None else inside & (np.arange(count)[:, None] < self.lengths)


def turned(rows: Array, lengths: Array | None) -> Array:
    """Rows (T, B, …) in the other direction, each sequence within its own length."""
    if lengths is None:
        return rows[::-1]
    times = np.arange(len(rows))[:, None]
    return np.asarray(rows[np.where(times < lengths, lengths - 1 - times, times), np.arange(rows.shape[1])])


def passages_of_layers(call: LayerCall) -> list[Passage]:
    """Forward through all layers of a call and back.

    Raises
    ------
    ArgumentError
        If what comes out is not what torch gave.
    """
    lengths = call.lengths
    if lengths is not None and (lengths == len(call.outputs["output"])).all():
        lengths = None
    again = _Again(call, lengths, masks_of(call))
    return again.back(again.forward())


@dataclass(frozen=True)
class _Again:
    """A call, computed again.

    Attributes
    ----------
    call : LayerCall
    lengths : array (B,) of int, optional
        Of sequences that differ.
    masks : sequence of array (T, B, …)
        Of dropout above each layer but the last.
    """

    call: LayerCall
    lengths: Array | None
    masks: Sequence[Array]

    def forward(self) -> list[list[tuple[dict[str, Array], Run]]]:
        """The parameters and the run of each layer and direction."""
        call, inputs, found = self.call, self.call.inputs, []
        of = call.of
        for layer in range(of.layers):
            runs, outputs = [], []
            for number, direction in directions_of(call):
                params = of.parameters(call.weights, layer, direction == "reverse")
                initial = {state: array[layer * of.directions + number] for state, array in call.initial.items()}
                x = {name: np.ascontiguousarray(self._turned(rows, direction)) for name, rows in inputs.items()}
                sizes = {} if x else dict(zip(("steps", "batch"), call.outputs["output"].shape))
                run = of.cell.forward(params, x or None, initial=initial, lengths=self.lengths, **sizes)
                runs.append((params, run))
                rows = run[of.readout][1:] if of.readout in of.cell.states else run[of.readout]
                outputs.append(self._turned(rows, direction))
            found.append(runs)
            rows = self._ended(np.concatenate(outputs, axis=-1))
            if layer < len(self.masks):
                rows = rows * self.masks[layer]
            inputs = dict.fromkeys(of.cell.inputs, rows)
        self._compare(rows)
        return found

    def back(self, runs: Sequence[Sequence[tuple[dict[str, Array], Run]]]) -> list[Passage]:
        """The flow of each layer and direction, the top one first."""
        call, of, found = self.call, self.call.of, []
        rows = call.cotangents.get("output", np.zeros_like(call.outputs["output"]))
        for layer in reversed(range(of.layers)):
            below: list[Array] = []
            width = rows.shape[-1] // of.directions
            for number, direction in directions_of(call):
                params, run = runs[layer][number]
                part = rows[..., number * width : (number + 1) * width] if of.directions > 1 else rows
                given = self._cotangents(self._turned(part, direction), layer * of.directions + number)
                flow, steps = of.cell.flow(params, run, given), np.arange(1, len(rows) + 1)
                initial = {name: array[layer * of.directions + number] for name, array in call.initial.items()}
                place = (call.place, layer, direction)
                found.append(Passage(*place, of, flow, params, initial, given, steps, self.lengths))
                if layer:
                    below.append(self._turned(_of_input(flow), direction))
            if layer:
                rows = sum(below[1:], below[0])
                rows = rows * self.masks[layer - 1] if self.masks else rows
        return found

    def _turned(self, rows: Array, direction: str) -> Array:
        return turned(rows, self.lengths) if direction == "reverse" else rows

    def _ended(self, rows: Array) -> Array:
        """Zeros behind the end of each sequence."""
        if self.lengths is None:
            return rows
        inside = np.arange(len(rows))[:, None] < self.lengths
        return np.where(inside[..., None], rows, np.zeros((), rows.dtype))

    def _cotangents(self, own: Array, place: int) -> dict[str, Any]:
        """Of a direction, in its own time: those of what is read out at each step, and of states at the ends."""
        call, (steps, batch) = self.call, own.shape[:2]
        ends = np.full(batch, steps) if self.lengths is None else self.lengths
        found: dict[str, Array] = {call.of.readout: np.array(own)}
        for state, delay in _delays(call.of).items():
            if (arrived := call.cotangents.get(state)) is None:
                continue
            last = arrived[place] if delay > 1 else arrived[place][None]
            whole = found.setdefault(state, np.zeros((steps, *last.shape[1:]), last.dtype))
            for back in range(1, min(delay, steps) + 1):
                reached = np.flatnonzero(ends >= back)
                whole[ends[reached] - back, reached] += last[-back, reached]
        return found

    def _compare(self, rows: Array) -> None:
        """Require that what was computed is what torch gave."""
        given = self.call.outputs["output"]
        largest = float(np.abs(given).max(initial=1.0))
        bound = largest * TOLERANCE[self.call.given_in]
        if given.shape == rows.shape and np.allclose(rows, given, 0, bound, equal_nan=True):
            return
        why = (
            "masks of dropout between its layers are not those of torch's generator on this machine's processor: set "
            "its dropout to 0 and put nn.Dropout between single layers"
            if self.masks
            else "its forward is not that of the module of torch that it is made from: watch torch's own"
        )
        raise ArgumentError(f"{self.call.place} gave what its weights and inputs do not explain; {why}.")


def _of_input(flow: Flow) -> Array:
    """The gradient of the input, (T, B, m); as in torch, what is smaller than the smallest number is 0."""
    exponents = np.clip(flow.exponents[1:], -2200, 2200).astype(np.int32)
    return np.asarray(np.ldexp(flow.mantissas(flow.cell.inputs[0]), exponents[..., None]))


def _delays(of: WatchedModule) -> dict[str, int]:
    """The delay of each state."""
    return {state: of.cell.interface.delays.get(state, 1) for state in of.cell.states}


def masks_of(call: LayerCall) -> list[Array]:
    """The masks of dropout between layers, drawn again as torch drew them, each (T, B, …)."""
    if not call.of.dropout or call.of.layers == 1:
        return []
    ones = torch.ones(call.rows, dtype=call.given_in)
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(call.random)
        drawn = [torch.dropout(ones, call.of.dropout, True) for _ in range(call.of.layers - 1)]
    return [call.of_masks.time_first(mask) for mask in drawn]


def passage_of_steps(calls: Sequence[StepCall]) -> Passage:
    """The steps of a cell in a person's own loop, side by side in the batch of a run of one step.

    Each step has the gradients that reached its outputs from outside, so that no step needs another.
    """
    first, of = calls[0], calls[0].of
    params = of.parameters(first.weights)
    x = np.concatenate([call.inputs["x"] for call in calls])[None]
    initial = {state: np.concatenate([_or_zeros(call.initial, call, state) for call in calls]) for state in of.states}
    run = of.cell.forward(params, x, initial=initial)
    given = {
        state: np.concatenate([_or_zeros(call.cotangents, call, state) for call in calls])[None] for state in of.states
    }
    steps = np.array([call.step for call in calls])
    flow = of.cell.flow(params, run, given)
    return Passage(first.place, 0, "forward", of, flow, params, initial, given, steps, None, len(calls))


def _or_zeros(arrays: Mapping[str, Array], call: StepCall, state: str) -> Array:
    return arrays[state] if state in arrays else np.zeros_like(call.outputs[state])


def series_of(calls: Sequence[StepCall]) -> Iterator[list[StepCall]]:
    """The calls of cells, sequence by sequence, in the order of their steps."""
    groups: dict[tuple[str, int], list[StepCall]] = {}
    for call in sorted(calls, key=lambda call: call.order):
        groups.setdefault((call.place, call.series), []).append(call)
    yield from groups.values()
