"""A run of unlike lengths → ordinary runs, one after the other, for what goes from step to step of all sequences.

Of the steps of such a run the same sequences are alive, and no episode begins but with the first of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Run
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array


class Segment(NamedTuple):
    """Some steps, and the sequences that have them.

    Attributes
    ----------
    start, stop : int
        The first step, and the one after the last.
    alive : array of int
        Rows of the batch, those whose step `start` begins an episode among them.
    begins : array of bool
        For each of these, whether it does.
    """

    start: int
    stop: int
    alive: Array
    begins: Array

    def run(self, run: RaggedRun) -> Run:
        """The run of these steps and sequences alone."""
        from gatedsym.execution.kernels import CallShape

        whole, names = run.call_shape, run.cell.kernels.array_names
        parts = {array: part for (kind, part), array in names.items() if kind in (Kind.STATE, Kind.INPUT)}
        arrays = {
            name: self.steps_of(run, run.arrays[name], whole.delays.get(part, 0))
            for name, part in parts.items()
            if name in run.arrays
        }
        for a in run.cell.kernels.signature("forward").of_kind(Kind.OUTPUT, Kind.RESIDUAL):
            arrays[a.name] = self.steps_of(run, run.arrays[a.name], 0)
        call_shape = CallShape(whole.sizes, self.stop - self.start, len(self.alive), whole.delays)
        return Run(run.cell, call_shape, arrays, run.own, run.dtype, False, FRESH, run.threads)

    def steps_of(self, run: RaggedRun, packed: Array, delay: int) -> Array:
        """The part of a packed array that belongs to these steps, (steps + delay, alive, …)."""
        rows = run.rows
        own = rows.steps(0)[self.start : self.stop][:, self.alive]
        past = [rows.ahead(delay, block)[own[:1]] for block in range(delay)]
        found: Array = packed[np.concatenate([*past, rows.after(delay)[own]]), 0]
        return found


def cut_segments(run: RaggedRun, first: int, last: int, longest: int | None = None) -> list[Segment]:
    """The segments of the steps from `first` to `last`, at most so long; steps that no sequence has are in none."""
    episodes = run.rows.episodes
    edges = np.unique(np.clip(np.concatenate([[first, last], episodes.lengths, episodes.start]), first, last))
    found = []
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        alive = np.flatnonzero(episodes.lengths > start)
        if len(alive):
            begins = np.isin(alive, episodes.sequence[episodes.start == start])
            step = longest or stop - start
            for inner in range(start, stop, step):
                found.append(Segment(inner, min(inner + step, stop), alive, begins & (inner == start)))
    return found
