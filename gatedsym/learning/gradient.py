"""A network and a batch → the loss, and its gradient in the network's flat vector: in full, or truncated in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.passes import lent_forward
from gatedsym.expect import expect_whole
from gatedsym.learning.batches import Batch
from gatedsym.learning.head_call import HeadCall
from gatedsym.learning.protocol import Trainable
from gatedsym.learning.readout import Places
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.results import Run


def batch_gradient(net: Trainable, batch: Batch, truncate: int | None, threads: int | None, draw: int) -> float:
    """Put the gradient of the loss of a batch into ``net.grad``; see `Network.gradient`."""
    steps = check_batch(net, batch)
    length = steps if truncate is None else expect_whole("truncate", truncate, 1)
    call = BatchCall(net, batch, threads, draw)
    if length >= steps:
        loss = call.pass_window(0, steps, None)
        net.layout.fill(net.grad, call.gradients)
        return loss
    total, sum_of_grads, before = 0.0, np.zeros_like(net.grad), None
    for start in range(0, steps, length):
        stop = min(start + length, steps)
        total += call.pass_window(start, stop, before)
        if call.gradients:
            net.layout.fill(net.grad, call.gradients)
            sum_of_grads += net.grad
        before = call.final
    net.grad[...] = sum_of_grads
    return total


def check_batch(net: Trainable, batch: Batch) -> int:
    """The steps of a batch.

    Raises
    ------
    ArgumentError
        For a batch that is none, of another dtype or form.
    """
    if not isinstance(batch, Batch):
        raise ArgumentError(
            f"a batch is a gatedsym Batch, not {type(batch).__name__}: give what task.batch(0) returns."
        )
    if batch.weights.dtype != net.dtype:
        raise ArgumentError(
            f"the batch is {batch.weights.dtype} and the network {net.dtype}: ask for "
            f"task.batch(…, dtype={net.dtype!r})."
        )
    width = batch.symbols if batch.tokens is not None else batch.inputs.shape[-1]
    if width != net.form.features:
        raise ArgumentError(
            f"the batch has {width} features and the network reads {net.form.features}: give one of its own task."
        )
    return len(batch.weights)


class BatchCall:
    """The passes of one batch: what they have in common, and what the last of them left.

    Attributes
    ----------
    gradients : list of array
        In the order of the network's layout; empty where the window has no loss.
    final : mapping of str to array
        The states at its end.
    """

    def __init__(self, net: Trainable, batch: Batch, threads: int | None, draw: int) -> None:
        self.net, self.batch, self.threads = net, batch, threads
        self.inputs = net.feeding.inputs(batch, (net.seed, draw))
        self.places = Places.of(batch.weights, batch.times)
        self.total = float(batch.weights[batch.times].sum(dtype=np.float64))
        if not self.total > 0:
            raise ArgumentError("the batch has no loss: all its weights are 0; give a batch in which some step counts.")
        self.gradients: list[Array] = []
        self.final: Any = None

    def forward(self, start: int, stop: int, before: Any) -> Run:
        """The run of the steps from `start` to `stop`, from the states that the last window left."""
        net, inputs = self.net, self.inputs
        if (start, stop) != (0, len(self.batch.weights)):
            inputs = {name: array[start:stop] for name, array in inputs.items()}
        params, store = net.cell_params, net.workspaces[0]
        if not self.batch.ragged:
            return lent_forward(net.cell, params, inputs, before, threads=self.threads, workspace=store)
        lengths = np.clip(self.batch.lengths - start, 0, stop - start)
        return net.cell.forward(
            params, inputs, initial=before, workspace=store, copy=False, lengths=lengths, threads=self.threads
        )

    def pass_window(self, start: int, stop: int, before: Any) -> float:
        """The part of the loss that steps from `start` to `stop` have."""
        net, whole = self.net, (start, stop) == (0, len(self.batch.weights))
        places = self.places if whole else self.places.window(start, stop)
        run = self.forward(start, stop, before)
        self.gradients = []
        if not whole:
            self.final = dict(run.final)
        if not len(places.steps):
            return 0.0
        loss, cotangents, of_head = self.read_out(run, places, start, stop)
        found = net.cell.backward(
            net.cell_params, run, cotangents, returns=("params",), workspace=net.workspaces[0], threads=self.threads
        )
        of_cell = found.params
        self.gradients = [of_cell[name] for name in net.cell_params] + of_head
        return loss

    def read_out(self, run: Run, places: Places, start: int, stop: int) -> tuple[float, dict[str, Any], list[Array]]:
        """The loss, the cotangents of the run, and the gradients of the readout's parameters."""
        net, batch = self.net, self.batch
        given = {
            "y": net.readout.take(run, places),
            "target": places.take(batch.targets[start:stop]),
            "weight": places.take(batch.weights[start:stop]) / batch.weights.dtype.type(self.total),
        }
        if net.head_call is None or not net.head_call.fits(given, self.threads):
            net.head_call = HeadCall(net.head, net.head_params, given, self.threads)
        loss, by_inputs, of_head = net.head_call(given)
        cotangents = net.readout.cotangents(by_inputs["y"], places, (stop - start, batch.count))
        if batch.ragged and places.last:
            # A row (B, n) is for the end of each sequence, and these all count at the last step of all.
            cotangents = {name: ([stop - start - 1], array[np.newaxis]) for name, array in cotangents.items()}
        return loss, cotangents, of_head


__all__ = ["BatchCall", "batch_gradient", "check_batch"]
