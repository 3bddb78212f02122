"""A network and a held-out batch → what its outputs are worth: loss, metric, skill on each cue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gatedsym.learning.batches import Batch
from gatedsym.learning.gradient import check_batch
from gatedsym.learning.protocol import Trainable
from gatedsym.learning.readout import Places
from gatedsym.learning.skill import Measures, measure
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.learning.task import Task


class _Judged:
    """Judge of a batch where no task is at hand: its loss alone."""

    metric, tolerance, cues = "loss", 0.0, ()

    def __init__(self, loss: str, outputs: int) -> None:
        self.loss, self.outputs = loss, outputs


def outputs_of(net: Trainable, batch: Batch, times: Array, *, threads: int | None = 1, draw: int = 0) -> Array:
    """Logits or predictions at some steps of a batch, (len(times), B, outputs)."""
    check_batch(net, batch)
    inputs = net.feeding.inputs(batch, (net.seed, draw))
    lengths = batch.lengths if batch.ragged else None
    run = net.cell.forward(
        net.cell_params, inputs, keep="states", workspace=net.workspaces[0], lengths=lengths, threads=threads
    )
    y, targets = net.readout.take(run, Places(np.asarray(times))), batch.targets[times]
    given = {"y": y, "target": targets, "weight": np.ones(y.shape[:2], y.dtype)}
    read = net.head.forward(net.head_params, given, workspace=net.workspaces[1], threads=threads)
    return np.array(read[net.head_value])


def evaluate_batch(
    net: Trainable, batch: Batch, task: Task | None = None, *, threads: int | None = 1, draw: int = 0
) -> Measures:
    """Loss, metric and skills of a batch; of the loss alone without a task."""
    outputs = outputs_of(net, batch, batch.times, threads=threads, draw=draw)
    if task is not None:
        return task.measure(outputs, batch)
    return measure(_Judged(net.form.loss, net.form.outputs), outputs, batch)


__all__ = ["evaluate_batch", "outputs_of"]
