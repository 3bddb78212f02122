"""Sequences of unlike length, and new episodes inside of them → a run, computed without padding."""

from __future__ import annotations

import numpy as np

from gatedsym.execution.arguments import Arrays, Call, check_domains, check_input_type
from gatedsym.execution.own_parameters import OwnParameters
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
    check_numbers(call, episodes.lengths)
    rows = pack_rows(call, episodes)
    packed = PackedKernels(cell.kernels, rows, call_shape, call.dtype)
    parameters, arrays = call.parameters(store), packed_histories(call, rows, store)
    own = call.own_parameters(parameters, store) if kept else None
    return run_rows(call, packed, arrays, own, kept, threads, store, parameters)


def run_rows(
    call: Call,
    packed: PackedKernels,
    arrays: dict[str, Array],
    own: OwnParameters | None,
    kept: bool,
    threads: int | None,
    store: Store,
    parameters: Arrays | None = None,
) -> RaggedRun:
    """The trajectory over packed rows, whose inputs and past are there; by its own parameters, or by others."""
    given = own.arrays if parameters is None and own is not None else parameters or {}
    rest = (Kind.OUTPUT, Kind.WORK, Kind.RESIDUAL) if kept else (Kind.OUTPUT, Kind.WORK)
    arrays = arrays | packed.allocate("forward", rest, store)
    packed.run("forward", {**arrays, **given}, threads, kept=kept)
    return RaggedRun(packed, call.cell, call.call_shape, arrays, own, call.batch_first, store, threads)


def pack_rows(call: Call, episodes: Episodes) -> PackedRows:
    """The rows of a call's episodes."""
    call_shape, interface = call.call_shape, call.cell.interface
    states = {layout.name for layout in interface.states}
    plan = call.cell.kernels.plan("forward", call_shape)
    size = rows_together(len(episodes.length), plan.weights * call.dtype.itemsize)
    equal = any(delay > (name in states) for name, delay in interface.delays.items())
    return call.cell.memo.of("recent rows", RecentRows).of(episodes, size, equal)


def packed_histories(call: Call, rows: PackedRows, store: Store) -> dict[str, Array]:
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


def check_numbers(call: Call, lengths: Array) -> None:
    """Refuse whole numbers that are not exact, and numbers outside of their domain, of the steps that there are."""
    domains, inputs = call.cell.interface.domains, dict[str, Array]()
    whole = {name: given for name, given in call.inputs.items() if given.dtype.kind in "iu"}
    if not domains and not whole:
        return
    there = np.arange(call.call_shape.steps)[:, None] < lengths
    for name, given in whole.items():
        check_input_type(call.cell, name, given[there], call.dtype)
    if there.any():
        inputs = {name: np.array(call.inputs[name]) for name in domains if name in call.inputs}
        for array in inputs.values():
            array[~there] = array[there][0]
    check_domains(call.cell, inputs, call.past, call.call_shape.sizes, call.batch_first)
