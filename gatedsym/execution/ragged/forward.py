"""Sequences of unlike length, and new episodes inside of them → a run, computed without padding."""

from __future__ import annotations

import numpy as np

from gatedsym.execution.arguments import Call, check_domains, check_input_type
from gatedsym.execution.partitions import rows_together
from gatedsym.execution.ragged.gather import gather_steps
from gatedsym.execution.ragged.kernels import PackedKernels
from gatedsym.execution.ragged.lengths import Episodes, divide_sequences
from gatedsym.execution.ragged.recent_rows import RecentRows
from gatedsym.execution.ragged.rows import PackedRows
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.workspace import Store
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array


def ragged_forward(
    call: Call, lengths: object, resets: object, kept: bool, threads: int | None, store: Store
) -> RaggedRun:
    """The trajectory of a batch of which not all sequences have all steps, or some have several episodes.

    Parameters
    ----------
    call : Call
        Begun with ``padded=True``: nothing in the padding has been looked at.
    lengths, resets
        See `divide_sequences`.
    kept : bool
        Whether what derivatives need is kept.
    threads : int, optional
    store : Store
    """
    cell, call_shape = call.cell, call.call_shape
    episodes = divide_sequences(lengths, resets, call_shape.steps, call_shape.batch, call.batch_first)
    rows = pack_rows(call, episodes)
    _check_numbers(call, rows)
    packed = PackedKernels(cell.kernels, rows, call_shape, call.dtype)
    parameters, arrays = call.parameters(store), _histories(call, rows, store)
    own = call.own_parameters(parameters, store) if kept else None
    rest = (Kind.OUTPUT, Kind.WORK, Kind.RESIDUAL) if kept else (Kind.OUTPUT, Kind.WORK)
    arrays |= packed.allocate("forward", rest, store)
    packed.run("forward", {**arrays, **parameters}, threads, kept=kept)
    return RaggedRun(packed, cell, call_shape, arrays, own, call.batch_first, store, threads)


def pack_rows(call: Call, episodes: Episodes) -> PackedRows:
    """The rows of a call's episodes."""
    call_shape, interface = call.call_shape, call.cell.interface
    states = {layout.name for layout in interface.states}
    plan = call.cell.kernels.plan("forward", call_shape)
    size = rows_together(len(episodes.length), plan.weights * call.dtype.itemsize)
    equal = any(delay > (name in states) for name, delay in interface.delays.items())
    return call.cell.memo.of("recent rows", RecentRows).of(episodes, size, equal)


def _histories(call: Call, rows: PackedRows, store: Store) -> dict[str, Array]:
    """Packed arrays of states and inputs: inputs, and the past in front."""
    arrays = dict[str, Array]()
    sequence = rows.owner
    for array, name, place, delay, shape in call.histories:
        found = store.empty(array, (rows.count + delay * rows.episode_count, 1, *shape[2:]), call.dtype)
        if delay:
            past = call.past.get(name)
            part = past if past is None or place is None else past[place]
            if part is not None and part.ndim < len(shape):
                part = part[None]  # one row of the past
            found[rows.past(delay), 0] = 0 if part is None else part[:, sequence]
        given = call.inputs.get(name)
        if given is not None:
            part = given if place is None else given[place]
            gather_steps(rows, part, found, delay)
        arrays[array] = found
    return arrays


def _check_numbers(call: Call, rows: PackedRows) -> None:
    """Refuse whole numbers that are not exact, and numbers outside of their domain, of the steps that there are."""
    for name, given in call.inputs.items():
        if given.dtype.kind in "iu":
            check_input_type(call.cell, name, given[rows.time, rows.sequence], call.dtype)
    if not (domains := call.cell.interface.domains):
        return
    inputs: dict[str, Array] = {}
    if rows.count:
        inputs = {name: np.array(call.inputs[name]) for name in domains if name in call.inputs}
        for array in inputs.values():
            array[rows.is_over] = array[rows.time[0], rows.sequence[0]]
    check_domains(call.cell, inputs, call.past, call.call_shape.sizes, call.batch_first)
