"""A network and a batch → how much each part of the sequence adds to the gradient of each parameter."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.learning.batches import Batch
from gatedsym.learning.gradient import BatchCall
from gatedsym.learning.probing import is_of_one_step
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.results import Run
    from gatedsym.learning.network import Network

PARTS = 10
"""Parts that a sequence is cut into."""


def why_not_cut(net: Network) -> str:
    """The reason why a sequence cannot be cut for a network, in a sentence; "" if it can."""
    if not net.cell.states:
        return f"{net.cell.name} has no state, so no step depends on an earlier one."
    if not is_of_one_step(net):
        return f"{net.cell.name} reads what is more than a step old, so its sequence cannot be cut into parts."
    return ""


def gradient_by_part(net: Network, batch: Batch, parts: int = PARTS) -> Array:
    """log10 of the norm of what each part of the sequence adds to ∂L/∂θ of the batch's loss, (parameter, part).

    Parameters are the cell's, in their order; -inf where the gradient is exactly 0.
    """
    found = parts_of_gradient(net, batch, parts)
    norms = [[np.linalg.norm(np.asarray(part[name], float)) for part in found] for name in net.cell.parameters]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(norms)).reshape(len(net.cell.parameters), len(found))


def parts_of_gradient(net: Network, batch: Batch, parts: int = PARTS) -> list[dict[str, Array]]:
    """The gradient of the cell's parameters that each part of the sequence adds: their sum is that of the whole."""
    steps = len(batch.weights)
    edges = sorted({int(e) for e in np.round(np.linspace(0, steps, min(parts, steps) + 1))})
    call, runs, before = BatchCall(net, batch, 1, 0), [], None
    for start, stop in pairwise(edges):
        run = _forward(net, call, start, stop, before)
        runs.append(run)
        before = {name: np.array(run.final[name]) for name in net.cell.states}
    found: list[dict[str, Array]] = []
    later: Mapping[str, Array] = {}
    for k in reversed(range(len(runs))):
        cotangents = _cotangents(net, call, runs[k], edges[k], edges[k + 1], later)
        grads = net.cell.backward(net.cell_params, runs[k], cotangents, returns=("params",), threads=1)
        found.append({name: np.array(grads.params[name]) for name in net.cell.parameters})
        later = {name: np.array(grads.initial[name]) for name in net.cell.states}
    return found[::-1]


def _forward(net: Network, call: BatchCall, start: int, stop: int, before: Any) -> Run:
    """The run of some steps, in arrays of its own."""
    batch = call.batch
    lengths = np.clip(batch.lengths - start, 0, stop - start) if batch.ragged else None
    inputs = {name: np.ascontiguousarray(array[start:stop]) for name, array in _named(call.inputs, net).items()}
    return net.cell.forward(net.cell_params, inputs, initial=before, lengths=lengths, threads=1)


def _named(inputs: Any, net: Network) -> Mapping[str, Array]:
    return inputs if isinstance(inputs, Mapping) else {net.cell.inputs[0]: inputs}


def _cotangents(
    net: Network, call: BatchCall, run: Run, start: int, stop: int, later: Mapping[str, Array]
) -> dict[str, Array]:
    """Adjoints of all steps of a part: of its own losses, and at its end what later parts hand back."""
    places, count = call.places.window(start, stop), call.batch.count
    given: dict[str, Any] = {}
    if len(places.steps):
        given = call.read_out(run, places, start, stop)[1]
    found = {}
    for name in dict.fromkeys((*given, *later)):
        value = np.asarray(run[name])
        shape = (stop - start, count, *value.shape[2:])
        found[name] = _dense(given.get(name), shape, value.dtype)
        if name in later:
            found[name][-1] += later[name].reshape(shape[1:])
    return found or {name: np.zeros((stop - start, count, *np.shape(run[name])[2:])) for name in net.cell.states}


def _dense(given: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """Cotangents of every step from those of some, of all, or of the last one."""
    whole = np.zeros(shape, dtype)
    if isinstance(given, tuple):
        np.add.at(whole, np.asarray(given[0]), given[1])
    elif given is not None and np.ndim(given) == len(shape):
        whole += given
    elif given is not None:
        whole[-1] += given
    return whole


__all__ = ["PARTS", "gradient_by_part", "parts_of_gradient", "why_not_cut"]
