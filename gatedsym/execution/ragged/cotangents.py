"""Cotangents as a caller gives them for sequences of unlike length → packed rows; those in the padding are left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.complex_arrays import in_pairs
from gatedsym.execution.cotangents import END, GivenCotangents, Places, find_cotangents, needed_cotangents
from gatedsym.execution.ragged.gather import gather_steps
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.ragged.run import RaggedRun


class PackedCotangents:
    """The checked cotangents of a run.

    Parameters
    ----------
    run : RaggedRun
    given : mapping
        As `Cell.backward` takes them.
    """

    def __init__(self, run: RaggedRun, given: object) -> None:
        self.rows, call_shape = run.rows, run.call_shape
        given = in_pairs(run.cell, given)
        if isinstance(given, Mapping) and not given:
            raise ArgumentError(needed_cotangents(run.cell))
        checked, places = find_cotangents(run.cell, given, call_shape, run.dtype, run.batch_first)
        for name, found in checked.items():
            if isinstance(found.times, np.ndarray) and found.times.ndim == 2:
                check_own_times(name, found.times, self.rows.episodes.lengths)
        self._set(run, checked, places)

    @classmethod
    def of_parts(cls, run: RaggedRun, given: Mapping[str, GivenCotangents], places: Places) -> PackedCotangents:
        """Those that have been checked, by name, and their parts."""
        found = cls.__new__(cls)
        found._set(run, given, places)
        return found

    def _set(self, run: RaggedRun, given: Mapping[str, GivenCotangents], places: Places) -> None:
        self.rows, self.delays = run.rows, run.call_shape.delays
        self._states = frozenset(run.cell.states)
        self._parts = {part: (name, given[name], place) for part, name, place in places}

    def add(self, part: str, array: Array) -> None:
        """Put the cotangents of a part of a state into its history, of zeros, or of an output to its steps."""
        if part not in self._parts:
            return
        name, (values, times), place = self._parts[part]
        values = values if place is None else values[place]
        rows, delay = self.rows, self.delays[name] if name in self._states else 0
        if times is None:
            gather_steps(rows, values, array, delay)
        elif times is END:
            lengths, sequences = rows.episodes.lengths, np.arange(rows.episodes.batch)
            if name in self._states:
                array[rows.trajectory(delay)[lengths, sequences], 0] += values
            else:
                ended = lengths > 0
                last = rows.steps(delay)[lengths[ended] - 1, sequences[ended]]
                array[last, 0] += values[ended]
        elif not isinstance(times, str):
            self._add_at_times(array, rows.steps(delay), times, values)

    def _add_at_times(self, array: Array, places: Array, times: Array, values: Array) -> None:
        lengths = self.rows.episodes.lengths
        for time, value in zip(times, values, strict=True):
            steps = np.where(time < 0, time + lengths, time) if np.ndim(time) else np.full(len(lengths), time)
            live = steps < lengths
            array[places[steps[live], np.flatnonzero(live)], 0] += value[live]


def check_own_times(name: str, times: Array, lengths: Array) -> None:
    """Refuse times (K, B) of single sequences that are not within them.

    Raises
    ------
    ArgumentError
    """
    wrong = np.argwhere((times >= lengths) | (times < -lengths))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise ArgumentError(
            f"cotangents[{name!r}]: times[{place[0]}, {place[1]}] is {times[place]}, but sequence {place[1]} has"
            f" {lengths[place[1]]} steps; give times within each."
        )
