"""Arrays at which a cell is taken → what the five maps of it give there, computed by the generated kernels.

A call of a cell is a map F from a point p (parameters, inputs, initial states) to trajectories y. Derivatives in all
modes are made of five maps, and each one's derivative is made of them again:

    run   F(p)                 push   F'(p) u                bend   F''(p)(u, v)
                               pull   the transpose of push  hess   the transpose of bend in one direction: the
                                      at cotangents y*              derivative of pull along v

The tangent cell of a cell is a cell, so bend is the push of a push, and hess the pull of a push.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

import numpy as np

from gatedsym.execution.arguments import Call
from gatedsym.execution.backward import BackwardPass, cut_steps, residual_rows, segment_length
from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.layouts import block_places, part_place
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Gradients, Run
from gatedsym.execution.tangent_cells import TangentCell, tangent_cell
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind
from gatedsym.jax.signature import Signature
from gatedsym.typing import Array

Groups = Mapping[str, Mapping[str, Array]]
Chosen = tuple[bool, ...]


def run_map(signature: Signature, point: Sequence[Array], keep: bool) -> list[Array]:
    """Trajectories, and with `keep` the residuals that a backward pass needs."""
    call = _call(signature.cell, signature.named(point), signature)
    run = _run(call, keep)
    found = [run[slot.name] for slot in signature.trajectories]
    return found + [run.arrays[slot.name] for slot in signature.residuals] if keep else found


def push_map(signature: Signature, point: Sequence[Array], u: Sequence[Array], moved: Chosen) -> list[Array]:
    """The derivatives of trajectories along a direction of what is moved."""
    at, direction = signature.named(point), signature.named(u, moved)
    tangent, groups = lift(signature.cell, at, direction, np.zeros_like)
    run = _run(_call(tangent, groups, signature), False)
    return [run[tangent.dots[slot.name]] for slot in signature.trajectories]


def bend_map(
    signature: Signature, point: Sequence[Array], u: Sequence[Array], v: Sequence[Array], moved: tuple[Chosen, Chosen]
) -> list[Array]:
    """The second derivatives of trajectories along two directions."""
    first, groups = lift(signature.cell, signature.named(point), signature.named(u, moved[0]), np.zeros_like)
    second, groups = lift(first, groups, signature.named(v, moved[1]), np.zeros_like)
    run = _run(_call(second, groups, signature), False)
    return [run[second.dots[first.dots[slot.name]]] for slot in signature.trajectories]


def pull_map(
    signature: Signature,
    point: Sequence[Array],
    kept: Sequence[Array],
    cotangents: Sequence[Array],
    given: Chosen,
    wanted: Chosen,
) -> list[Array]:
    """The gradients of what is wanted; without what a run kept, it is run again."""
    call = _call(signature.cell, signature.named(point), signature)
    run = _run(call, True) if not kept else _run_of(call, signature, kept)
    found, first = cotangents_by_name(signature, cotangents, given)
    gradients = _backward(run, call, found, groups_of(signature, wanted))
    return chosen_gradients(signature, gradients, wanted, first)


def hess_map(
    signature: Signature,
    point: Sequence[Array],
    cotangents: Sequence[Array],
    v: Sequence[Array],
    given: Chosen,
    moved: Chosen,
    wanted: Chosen,
) -> list[Array]:
    """The derivatives of gradients along a direction, cotangents held."""
    tangent, groups = lift(signature.cell, signature.named(point), signature.named(v, moved), np.zeros_like)
    call = _call(tangent, groups, signature)
    found, _ = cotangents_by_name(signature, cotangents, given)  # the initial state is given: it has no second one
    dots = {tangent.dots[name]: array for name, array in found.items()}
    gradients = _backward(_run(call, True), call, dots, groups_of(signature, wanted))
    return chosen_gradients(signature, gradients, wanted, {})


def lift(
    cell: RecurrentCell, at: Groups, direction: Groups, zeros: Callable[[Array], Array]
) -> tuple[TangentCell, dict[str, dict[str, Any]]]:
    """The tangent cell for a direction, and the point at which it is taken."""
    # The past of a delayed input moves only in a tangent cell in which inputs do.
    inputs = bool(direction["inputs"]) or any(name in cell.inputs for name in direction["initial"])
    tangent = tangent_cell(cell, bool(direction["params"]), inputs)
    groups = {group: dict(arrays) for group, arrays in at.items()}
    for group in ("params", "inputs"):
        for name, array in at[group].items():
            if name in tangent.dots:
                moved = direction[group].get(name)
                groups[group][tangent.dots[name]] = zeros(array) if moved is None else moved
    groups["initial"] |= {tangent.dots[name]: moved for name, moved in direction["initial"].items()}
    return tangent, groups


def _call(cell: RecurrentCell, groups: Groups, signature: Signature) -> Call:
    """The checked arguments of a call, each array as kernels take it."""
    params, inputs, initial = (
        {name: _as_kernels_take(a) for name, a in groups[g].items()} for g in ("params", "inputs", "initial")
    )
    steps, batch = (None, None) if inputs else (signature.steps, signature.batch)
    sizes = dict(signature.sizes)  # no array shows those of some cells
    return Call.begin(cell, Parameters(params, sizes), inputs or None, False, steps, batch, initial or None)


_SMALL = 2**14
"""Bytes up to which a copy takes less time than another view."""


def _as_kernels_take(array: Array) -> Array:
    """The array, writable: jax's are not, kernels are compiled for those that are, and write to none of these."""
    if array.flags.carray:
        return array
    if array.nbytes <= _SMALL or not (array.flags.c_contiguous and array.flags.aligned):
        return np.array(array, order="C")
    return np.asarray(_Alias(array))


class _Alias:
    """The memory of an array, which lives as long as what is made of this."""

    def __init__(self, array: Array) -> None:
        self._array, interface = array, array.__array_interface__
        self.__array_interface__ = {**interface, "data": (interface["data"][0], False)}


def _run(call: Call, keep: bool) -> Run:
    """The run of a call."""
    arrays, parameters = call.arrays(copy=False, kept=keep), call.parameters()
    call.cell.kernels.run("forward", {**arrays, **parameters}, call.call_shape, None)
    return Run(call.cell, call.call_shape, arrays, None, call.dtype, False)


def _run_of(call: Call, signature: Signature, kept: Sequence[Array]) -> Run:
    """The run that was kept, as trajectories and residuals."""
    cell, shape = call.cell, call.call_shape
    whole = {slot.name: _as_kernels_take(a) for slot, a in zip(signature.kept, kept, strict=True)}
    arrays = call.arrays(copy=False)
    names = cell.kernels.array_names
    for kind, layouts in ((Kind.STATE, cell.interface.states), (Kind.OUTPUT, cell.interface.outputs)):
        for layout in layouts:
            delay = shape.delays.get(layout.name, 1)
            for part, where in block_places(layout, shape.sizes):
                name, place, found = names[kind, part], part_place(layout, where), whole[layout.name]
                if place is None and (kind is Kind.OUTPUT or delay == 1) and found.flags.carray:
                    arrays[name] = found
                else:
                    rows = found[1:] if kind is Kind.STATE else found
                    arrays[name][delay if kind is Kind.STATE else 0 :] = rows if place is None else rows[place]
    arrays |= {slot.name: whole[slot.name] for slot in signature.residuals}
    return Run(cell, shape, arrays, None, call.dtype, False)


def _backward(run: Run, call: Call, cotangents: Mapping[str, Array], returns: frozenset[str]) -> Gradients:
    """The backward pass of a run."""
    given, shape = Cotangents.of_run(run, dict(cotangents)), call.call_shape
    length = segment_length(call.cell, shape, call.dtype)
    back = BackwardPass(call.cell, call.parameters(), shape, call.dtype, returns, length, FRESH, None)
    for start, stop in reversed(cut_steps(shape.steps, length)):
        back.carry(start, stop, residual_rows(run, start, stop), given)
    return back.gradients(False)


def cotangents_by_name(
    signature: Signature, cotangents: Sequence[Array], given: Chosen
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Cotangents of what steps give, (T, B, …), and those of initial states, (B, …)."""
    slots = [*compress(signature.trajectories, given)]
    found = {slot.name: array for slot, array in zip(slots, cotangents, strict=True)}
    states = {slot.name for slot in slots if slot.group == "states"}
    steps = {name: array[1:] if name in states else array for name, array in found.items()}
    return steps, {name: found[name][0] for name in states}


def groups_of(signature: Signature, wanted: Chosen) -> frozenset[str]:
    """The groups of gradients that are wanted."""
    chosen = compress(signature.slots, wanted)
    groups = {"inputs" if slot.name in signature.cell.inputs else slot.group for slot in chosen}
    return frozenset(groups - {"initial"})


def chosen_gradients(
    signature: Signature, gradients: Gradients, wanted: Chosen, first: Mapping[str, Array]
) -> list[Array]:
    """The gradients of what is wanted; `first` are cotangents of initial states themselves."""
    groups = {group: getattr(gradients, group) for group in ("initial", *groups_of(signature, wanted))}
    found = []
    for slot in compress(signature.slots, wanted):
        array = groups[slot.group][slot.name]
        if slot.group == "initial":
            if slot.name in first:
                array = np.array(array)
                array[-1] += first[slot.name]
            array = array.reshape(slot.shape)
        found.append(array)
    return found
