"""A network before training → what might foretell whether it learns: gradient, readability, Lyapunov exponent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatedsym.flow.analyses.lyapunov import growth_of
from gatedsym.flow.numerics import tangents
from gatedsym.learning.batches import Batch
from gatedsym.learning.network import Network
from gatedsym.learning.probing import Probe
from gatedsym.learning.task import Task
from gatedsym.trainability.point import read_start
from gatedsym.typing import Array

FITTED, JUDGED = 2048, 512
"""Sequences by which the linear readout of untrained states is fitted, and others by which it is judged."""
RIDGE = 1e-3
"""Its penalty, for states of unit variance."""
WARMUP, AVERAGED = 100, 400
"""Steps of the Lyapunov exponent."""


def measure_untrained(point: Mapping[str, Any]) -> dict[str, Any]:
    """Measure a network before it is trained.

    Parameters
    ----------
    point : mapping
        As `gatedsym.trainability.point.Start`.

    Returns
    -------
    dict
        NaN where there is no number. ``gradient_at_lag``: log10 of what is left of the gradient the task's shortest,
        median and longest lag before the last answer; ``gradient_at_cue``: from an answer back to each cue.
        ``readability``: how far a linear readout of the states at the answer, fitted by ridge regression, says the
        answer, 0 for not at all and 1 for always; of tasks with one answer. ``lyapunov``: the largest exponent in
        natural logarithms per step, on the task's own inputs, one sequence behind the other. ``openness``: the mean of
        each gate. ``lag``, ``steps``.
    """
    start = read_start(point)
    task = start.make_task()
    net = start.make_network(task)
    probe = Probe(net, task, 2, 1).measure(net)
    return {
        "gradient_at_lag": probe["gradient_at_lag"],
        "gradient_at_cue": probe["gradient_at_cue"],
        "readability": readability(net, task),
        "lyapunov": largest_exponent(net, task),
        "spectral_radius": probe["spectral_radius"],
        "openness": np.nanmean(np.asarray(probe["openness"]), axis=-1),
        "steps": task.steps,
        "lag": task.lags.longest,
    }


def readability(net: Network, task: Task) -> float:
    """Skill of a linear readout of the untrained states at the answer; NaN of a task that has not one answer."""
    fitted, judged = task.batch(0, FITTED, seed=net.seed), task.batch(0, JUDGED, held_out=True)
    if ((fitted.weights > 0).sum(axis=0) != 1).any() or not net.cell.states:
        return float("nan")
    design, before = _standardised(_states_at_answer(net, fitted), _states_at_answer(net, judged))
    known, asked = (batch.targets[_answer(batch), np.arange(batch.count)] for batch in (fitted, judged))
    classes = task.loss == "cross-entropy"
    wanted = np.eye(task.outputs)[known] if classes else np.asarray(known, float)
    middle = wanted.mean(axis=0)
    gram = design.T @ design + RIDGE * len(design) * np.eye(design.shape[1])
    said = before @ np.linalg.solve(gram, design.T @ (wanted - middle)) + middle
    if classes:
        chance = np.bincount(asked, minlength=task.outputs).max() / len(asked)
        return float(((said.argmax(axis=1) == asked).mean() - chance) / (1 - chance))
    left = ((said - asked) ** 2).mean() / ((asked - asked.mean(axis=0)) ** 2).mean()
    return float(1 - left)


def _answer(batch: Batch) -> Array:
    """The step of each sequence that has a loss."""
    return np.asarray((batch.weights > 0).argmax(axis=0))


def _states_at_answer(net: Network, batch: Batch) -> Array:
    """All states after the step of the answer, (B, entries)."""
    inputs = net.feeding.inputs(batch, (net.seed, 0))
    lengths = batch.lengths if batch.ragged else None
    run = net.cell.forward(net.cell_params, inputs, keep="states", lengths=lengths, threads=1)
    rows, columns = _answer(batch) + 1, np.arange(batch.count)
    found = [_real(np.asarray(run[name])[rows, columns]) for name in net.cell.states]
    return np.concatenate([values.reshape(batch.count, -1) for values in found], axis=1)


def _real(values: Array) -> Array:
    return np.concatenate([values.real, values.imag], axis=-1) if np.iscomplexobj(values) else values


def _standardised(first: Array, second: Array) -> tuple[Array, Array]:
    """Both in units of the first one's standard deviation, about its mean; what does not vary is left out."""
    first, second = first.astype(float), second.astype(float)
    there = first.std(axis=0) > 0
    first, second = first[:, there], second[:, there]
    middle, width = first.mean(axis=0), first.std(axis=0)
    return (first - middle) / width, (second - middle) / width


def largest_exponent(net: Network, task: Task) -> float:
    """The largest Lyapunov exponent along the task's inputs; NaN where nothing is carried from state to state."""
    if tangents.why_no_tangents(net.cell):
        return float("nan")
    steps = WARMUP + AVERAGED
    batch = task.batch(0, -(-steps // task.steps), seed=net.seed, dtype=net.dtype)
    inputs = {name: _one_behind_the_other(array, steps) for name, array in _inputs(net, batch).items()}
    run = net.cell.forward(net.cell_params, inputs, keep="adjoint", threads=1)
    free = {d.name: net.sizes[d.name] for d in net.cell.interface.dimensions if not d.fixed and not d.name.isdigit()}
    network = tangents.Network(net.cell, net.cell_params, run, tangents.state_shapes(net.cell, free))
    growth, _ = growth_of(network, 1, WARMUP, np.array([0, AVERAGED]), net.seed)
    return float(growth.sum() / AVERAGED)


def _inputs(net: Network, batch: Batch) -> Mapping[str, Array]:
    found: Mapping[str, Array] = net.feeding.inputs(batch, (net.seed, 0))
    return found


def _one_behind_the_other(array: Array, steps: int) -> Array:
    """Sequences (T, B, …) as one, (steps, 1, …)."""
    turned = np.swapaxes(array, 0, 1)
    return np.ascontiguousarray(turned.reshape(-1, 1, *turned.shape[2:])[:steps])


__all__ = ["largest_exponent", "measure_untrained", "readability"]
