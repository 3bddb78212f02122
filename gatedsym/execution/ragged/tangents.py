"""Directions of states, carried along a run of unlike lengths: segment by segment, with those sequences that live."""

from __future__ import annotations

import numpy as np

from gatedsym.execution.arguments import Arrays, parameters_of_run
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.ragged.segments import cut_segments
from gatedsym.execution.results import Tangents
from gatedsym.execution.state_tangents import carry_states, given_directions
from gatedsym.ir.interface import Kind


def ragged_tangents(
    cell: RecurrentCell, params: Arrays, run: RaggedRun, directions: Arrays, first: int, last: int, threads: int | None
) -> Tangents:
    """As `state_tangents`: after its end the directions of a sequence stay.

    An episode that begins later begins with the given directions if they are those of the initial state (`first` is 0),
    and with none if they are not.
    """
    moving, parameters = given_directions(cell, run, directions), parameters_of_run(cell, params, run)
    exponents = {a.name for a in cell.kernels.signature("tangent").of_kind(Kind.EXPONENTS)}
    # The rows of the batch as the first axis of all.
    by_row = {name: array if name in exponents else np.swapaxes(array, 0, 1) for name, array in moving.items()}
    initial = {name: rows.copy() if first == 0 else np.zeros_like(rows) for name, rows in by_row.items()}
    for segment in cut_segments(run, first, last):
        if segment.start > first:
            begun = segment.alive[segment.begins]
            for name, rows in by_row.items():
                rows[begun] = initial[name][begun]
        own = {name: rows[segment.alive] for name, rows in by_row.items()}
        own = {n: rows if n in exponents else np.ascontiguousarray(np.swapaxes(rows, 0, 1)) for n, rows in own.items()}
        found = carry_states(segment.run(run), parameters, own, 0, segment.stop - segment.start, threads)
        for name, rows in by_row.items():
            rows[segment.alive] = found[name] if name in exponents else np.swapaxes(found[name], 0, 1)
    return Tangents(cell, moving, run.call_shape.sizes)
