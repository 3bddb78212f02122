"""Sequences of unlike length → the maps of a cell for them.

After the end of a sequence its states repeat and its outputs are zero. So a cotangent of a row after the end is one of
the state at the end, and the derivative of such a row is that of the state there. Trajectories of a cell and their
gradients cost what the steps cost. For other derivatives sequences of one length are taken together, and their results
are put together again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gatedsym.cells import Cell
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.ragged.lengths import check_lengths
from gatedsym.execution.results import Run
from gatedsym.jax import maps
from gatedsym.jax.signature import Signature, Slot
from gatedsym.typing import Array

Chosen = tuple[bool, ...]
Part = tuple[Signature, Array]
"""A call of sequences of one length, and which rows of the batch they are."""


def parts_of_equal_length(signature: Signature, lengths: Array) -> Iterator[Part]:
    """The sequences by their length, the shortest first."""
    checked = check_lengths(np.asarray(lengths), signature.steps, signature.batch)
    for length in np.unique(checked):
        rows = np.flatnonzero(checked == length)
        yield signature.of_part(int(length), len(rows)), rows


def cut(part: Part, slots: Sequence[Slot], arrays: Sequence[Array]) -> list[Array]:
    """Arrays of slots for the sequences of a part and their steps."""
    return [_cut(part, slot, array) for slot, array in zip(slots, arrays, strict=True)]


def _cut(part: Part, slot: Slot, array: Array) -> Array:
    signature, rows = part
    if slot.rows is None:
        return array
    if slot.group == "inputs":
        array = array[: signature.steps]
    return np.take(array, rows, axis=slot.rows)


def cut_cotangents(part: Part, slots: Sequence[Slot], arrays: Sequence[Array]) -> list[Array]:
    """Cotangents of trajectories for a part: those of the rows in which a state repeats are of its last value."""
    signature, rows = part
    found = []
    for slot, array in zip(slots, arrays, strict=True):
        whole = np.take(array, rows, axis=1)
        count = signature.steps + (slot.group == "states")
        own = whole[:count]
        if slot.group == "states":
            own = np.array(own)
            own[-1] += whole[count:].sum(axis=0)
        found.append(own)
    return found


def joined_trajectories(
    signature: Signature, lengths: Array, compute: Callable[[Part], Sequence[Array]]
) -> list[Array]:
    """Trajectories, or derivatives of them, from those of parts."""
    whole = [np.zeros(slot.shape, signature.numbers) for slot in signature.trajectories]
    for part in parts_of_equal_length(signature, lengths):
        for slot, array, own in zip(signature.trajectories, whole, compute(part), strict=True):
            array[: len(own), part[1]] = own
            if slot.group == "states":
                array[len(own) :, part[1]] = own[-1]
    return whole


def joined_gradients(
    signature: Signature, lengths: Array, slots: Sequence[Slot], compute: Callable[[Part], Sequence[Array]]
) -> list[Array]:
    """Gradients, from those of parts: of parameters the sum, of inputs zero after the end."""
    whole = [np.zeros(slot.shape, signature.numbers) for slot in slots]
    for part in parts_of_equal_length(signature, lengths):
        for slot, array, own in zip(slots, whole, compute(part), strict=True):
            if slot.rows is None:
                array += own
            elif slot.group == "inputs":
                array[: len(own), part[1]] = own
            else:
                array[(slice(None),) * slot.rows + (part[1],)] = own
    return whole


def run_of_lengths(signature: Signature, cell: Cell, point: Sequence[Array], lengths: Array) -> list[Array]:
    """Trajectories of sequences of unlike length."""
    run = _run(signature, cell, point, lengths, "states")
    return [run[slot.name] for slot in signature.trajectories]


def pull_of_lengths(
    signature: Signature,
    cell: Cell,
    point: Sequence[Array],
    lengths: Array,
    cotangents: Sequence[Array],
    given: Chosen,
    wanted: Chosen,
) -> list[Array]:
    """Gradients of what is wanted, of sequences of unlike length."""
    run = _run(signature, cell, point, lengths, "all")
    slots = [slot for slot, there in zip(signature.trajectories, given, strict=True) if there]
    own = [_at_the_end(slot, array, lengths) for slot, array in zip(slots, cotangents, strict=True)]
    found, first = maps.cotangents_by_name(signature, own, given)
    params = signature.named(point)["params"]
    gradients = cell.backward(params, run, found, returns=maps.groups_of(signature, wanted))
    return maps.chosen_gradients(signature, gradients, wanted, first)


def _run(signature: Signature, cell: Cell, point: Sequence[Array], lengths: Array, keep: str) -> Run:
    groups = signature.named(point)
    steps, batch = (None, None) if groups["inputs"] else (signature.steps, signature.batch)
    return cell.forward(
        Parameters(groups["params"], dict(signature.sizes)),
        groups["inputs"] or None,
        initial=groups["initial"] or None,
        keep=keep,
        steps=steps,
        batch=batch,
        lengths=np.asarray(lengths),
    )


def _at_the_end(slot: Slot, cotangents: Array, lengths: Array) -> Array:
    """Cotangents of a trajectory, those of rows after the end added to the row at the end."""
    count = len(cotangents)
    column = (slice(None), slice(None), *[None] * (cotangents.ndim - 2))
    after = (np.arange(count)[:, None] > lengths - (slot.group == "outputs"))[column]
    own = np.where(after, 0, cotangents)
    if slot.group == "states":
        own[lengths, np.arange(len(lengths))] += np.where(after, cotangents, 0).sum(axis=0)
    return own
