"""A network and held-out batches → what a probe measures: loss, skills, gradients in time, gates, spectral radius."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.calculus.gates import gate_names
from gatedsym.learning.batches import Batch
from gatedsym.learning.evaluation import evaluate_batch
from gatedsym.learning.gradient import BatchCall
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.results import Run
    from gatedsym.learning.network import Network
    from gatedsym.learning.task import Task

SEQUENCES = 32
"""Sequences that gradients and gates are measured on."""
_STEPS, _FEW = 4, 2
"""Steps and sequences of which the Jacobian's spectral radius is taken."""
_LN10 = np.log(10.0)


class Probe:
    """Held-out batches of a task, and the measurements of networks on them.

    Parameters
    ----------
    net : Network
        For the names of its gates.
    task : Task
    held_out : int
        Sequences that loss, metric and skills are measured on.
    threads : int, optional
    """

    def __init__(self, net: Network, task: Task, held_out: int, threads: int | None) -> None:
        self.task, self.threads = task, threads
        self.judge = task.batch(0, held_out, held_out=True, dtype=net.dtype)
        self.batch = task.batch(1, SEQUENCES, held_out=True, dtype=net.dtype)
        self.gates = gate_names(net.cell.recurrence.program)

    @cached_property
    def lags(self) -> tuple[int, int, int]:
        """The task's lags, shortest, median, longest."""
        lags = self.task.lags
        return lags.shortest, lags.median, lags.longest

    def evaluate(self, net: Network) -> dict[str, Any]:
        """Loss, metric and skill on each cue."""
        with np.errstate(all="ignore"):  # of a run that blows up: the numbers say so
            found = evaluate_batch(net, self.judge, self.task, threads=self.threads)
        skills = np.array([found.skills[cue.name] for cue in self.task.cues], float)
        return {"held_out_loss": found.loss, "metric": found.metric, "skill": skills}

    def measure(self, net: Network) -> dict[str, Any]:
        """Measurements that a probe holds beside the parameters."""
        call, run = self._run(net)
        norms = self._norms(net, call, run)
        return {
            "gradient": _median(np.where(self._present, norms, np.nan)),
            "gradient_at_lag": np.array([self._at_lag(norms, lag) for lag in self.lags]),
            "gradient_at_cue": self._at_cues(norms),
            "openness": self._openness(run),
            "spectral_radius": self._spectral_radius(net),
        }

    def against_lag(self, net: Network) -> Array:
        """log10 of how much of the gradient at the last answer is left so many steps before, (T + 1,).

        The median over sequences; entry k is for a lag of k steps, NaN where no sequence reaches back so far.
        """
        norms = self._norms(net, *self._run(net))
        lags, columns = np.arange(len(norms)), np.arange(self.batch.count)
        rows = self._last + 1 - lags[:, None]
        at = np.where(rows >= 0, norms[np.maximum(rows, 0), columns], np.nan)
        return _median(_less(at, np.where(rows >= 0, _at_answer(norms, self._last), np.nan)))

    def openness(self, net: Network) -> Array:
        """Mean of each gate over units, (gate, T, B); NaN behind the end of a sequence, and for a gate of no step."""
        return self._openness_of(self._run(net)[1])

    def _run(self, net: Network) -> tuple[BatchCall, Run]:
        call = BatchCall(net, self.batch, self.threads, 0)
        return call, call.forward(0, len(self.batch.weights), None)

    @cached_property
    def _present(self) -> Array:
        """(T + 1, B): whether a sequence has a state at a time."""
        times: Array = np.arange(len(self.batch.weights) + 1)
        return np.asarray(times[:, None] <= self.batch.lengths)

    @cached_property
    def _last(self) -> Array:
        """The last step of each sequence that has a loss."""
        counted = self.batch.weights > 0
        return np.asarray(len(counted) - 1 - counted[::-1].argmax(axis=0))

    def _norms(self, net: Network, call: BatchCall, run: Run) -> Array:
        """log10 of ‖∂L/∂s_t‖ of each sequence, (T + 1, B); -inf where it is exactly 0."""
        steps = len(self.batch.weights)
        if not net.cell.states:
            return np.full((steps + 1, self.batch.count), np.nan)
        _, cotangents, _ = call.read_out(run, call.places, 0, steps)
        flow = net.cell.flow(net.cell_params, run, cotangents, threads=self.threads)
        return np.asarray(flow.log_norm["state"] / _LN10)

    def _at_lag(self, norms: Array, lag: int) -> float:
        """log10 of how much of the gradient at the last answer is left `lag` steps before, the median of sequences."""
        rows, columns = self._last + 1 - lag, np.arange(self.batch.count)
        reach = rows >= 0
        return float(_median(_less(norms[rows[reach], columns[reach]], _at_answer(norms, self._last)[reach])))

    def _at_cues(self, norms: Array) -> Array:
        """The same from the answer that a cue is needed for to the cue itself, (C,)."""
        columns = np.arange(self.batch.count)
        pairs = zip(self.batch.cues, self.batch.answers, strict=True)
        return np.array([_median(_less(norms[cue + 1, columns], _at_answer(norms, answer))) for cue, answer in pairs])

    def _openness_of(self, run: Run) -> Array:
        there = self._present[1:]
        found = np.full((len(self.gates), *there.shape), np.nan)
        for number, gate in enumerate(self.gates):
            values = np.asarray(run[gate], float)
            if values.shape[:2] == there.shape:
                found[number] = np.where(there, values.reshape(*values.shape[:2], -1).mean(axis=2), np.nan)
        return found

    def _openness(self, run: Run) -> Array:
        """The mean of each gate over units and sequences at each step, (gate, T)."""
        found = self._openness_of(run)
        counts = (~np.isnan(found)).sum(axis=2)
        sums = np.where(np.isnan(found), 0.0, found).sum(axis=2)
        return np.asarray(np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0))

    def _spectral_radius(self, net: Network) -> float:
        """The largest modulus of eigenvalues of ∂s_t/∂s_{t-1}, the median of some steps of some sequences.

        NaN for cells without state, and where a state or an input from more than a step ago enters.
        """
        if not is_of_one_step(net):
            return float("nan")
        few = _sequences(self.batch, min(_FEW, self.batch.count))
        call, steps = BatchCall(net, few, self.threads, 0), len(few.weights)
        run = call.forward(0, steps, None)
        states = {name: np.array(run[name]) for name in net.cell.states}
        radii = []
        for t in np.unique(np.linspace(0, int(few.lengths.min()) - 1, _STEPS).astype(int)):
            before = {name: values[t] for name, values in states.items()}
            inputs = {name: array[t : t + 1] for name, array in call.inputs.items()}
            one = net.cell.forward(net.cell_params, inputs, initial=before, threads=1)
            whole = _whole_jacobian(
                net.cell.jacobian(net.cell_params, one, threads=1), net.cell.interface.states, states
            )
            if not np.isfinite(whole).all():
                return float("nan")
            radii.append(np.abs(np.linalg.eigvals(whole)).max(axis=-1))
        return float(np.median(radii))


def is_of_one_step(net: Network) -> bool:
    """Whether the next states follow from the states, each one array, and from the input of the same step."""
    delays, states = net.cell.interface.delays, net.cell.interface.states
    return (
        bool(states)
        and all(delays.get(layout.name, 1) == 1 and not layout.is_divided for layout in states)
        and not any(delays.get(name, 0) for name in net.cell.inputs)
    )


def _whole_jacobian(blocks: Any, layouts: Any, states: dict[str, Array]) -> Array:
    """The Jacobian of one step by all states side by side, (B, s, s)."""
    widths = {layout.name: int(np.prod(states[layout.name].shape[2:])) for layout in layouts}
    batch = next(iter(states.values())).shape[1]
    rows = []
    for into in widths:
        row = [
            blocks[f"{into}'", by][0].reshape(batch, widths[into], widths[by])
            if (f"{into}'", by) in blocks
            else np.zeros((batch, widths[into], widths[by]))
            for by in widths
        ]
        rows.append(np.concatenate(row, axis=2))
    return np.concatenate(rows, axis=1).astype(np.float64)


def _sequences(batch: Batch, count: int) -> Batch:
    """The first sequences of a batch."""
    arrays: dict[str, Any] = {f.name: getattr(batch, f.name) for f in fields(batch)}
    ones = ("lengths",)
    cut = {name: a[:count] if name in ones else a[:, :count] for name, a in arrays.items() if isinstance(a, np.ndarray)}
    arrays |= {name: np.ascontiguousarray(a) for name, a in cut.items()}
    return Batch(**arrays)


def _at_answer(norms: Array, steps: Array) -> Array:
    """The norm at an answer: after its step; where an output is read, which no state after it enters, before it."""
    columns = np.arange(norms.shape[1])
    after, before = norms[steps + 1, columns], norms[steps, columns]
    return np.where(np.isneginf(after), before, after)


def _less(at: Array, end: Array) -> Array:
    """Differences of logarithms; of a gradient that is exactly 0 it is -inf, and NaN where there is none at the end."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(end), at - end, np.nan)


def _median(values: Array) -> Array:
    """The median over the last axis, without NaN; NaN where nothing else is."""
    ordered = np.sort(values, axis=-1)  # NaN last
    counts = (~np.isnan(values)).sum(axis=-1)
    middle = np.maximum(counts - 1, 0)
    low, high = (np.take_along_axis(ordered, k[..., None], axis=-1)[..., 0] for k in (middle // 2, (middle + 1) // 2))
    with np.errstate(invalid="ignore"):
        return np.where(counts > 0, np.where(low == high, low, (low + high) / 2), np.nan)


__all__ = ["SEQUENCES", "Probe", "is_of_one_step"]
