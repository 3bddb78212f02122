"""Point → one update of training with gatedsym, whole and in parts: adding, a readout of one number, Adam, clipping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gatedsym.bench.points import Point
from gatedsym.learning.catalogue import adding
from gatedsym.learning.network import Network
from gatedsym.learning.training import prepare

UPDATE, CELL, BATCH = "update", "cell alone", "batch"
"""An update of a batch that is there; the cell's forward and backward in it, alone; the making of a batch."""
RATE, CLIP = 1e-3, 1.0


def our_updates(point: Point) -> dict[str, Callable[[], Any]]:
    """Calls for `UPDATE`, `CELL` and `BATCH`."""
    task = adding(T=point.steps)
    net = Network(point.cell, task, n=point.hidden, dtype=point.dtype)
    training = prepare(net, task, updates=1, rate=RATE, clip=CLIP, batch=point.batch, probes=0)
    batch = task.batch(0, point.batch, dtype=point.dtype)
    (state,) = net.readout.names
    rows = np.random.default_rng(0).standard_normal((point.batch, net.readout.size)) / point.batch
    cotangents = {state: rows.astype(point.dtype)}

    def cell() -> Any:
        space = net.workspaces[0]
        run = net.cell.forward(net.cell_params, batch.inputs, workspace=space, copy=False, threads=1)
        return net.cell.backward(net.cell_params, run, cotangents, returns=("params",), workspace=space, threads=1)

    return {
        UPDATE: lambda: training.update(1, batch),
        CELL: cell,
        BATCH: lambda: task.batch(1, point.batch, dtype=point.dtype),
    }


__all__ = ["BATCH", "CELL", "CLIP", "RATE", "UPDATE", "our_updates"]
