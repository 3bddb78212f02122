"""Arrays returned without a name → the adjoints that they equal, and those of which nothing is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gatedsym.checking.axes import restorations
from gatedsym.checking.calls import Convention
from gatedsym.checking.deviation import SINGLE, deviation
from gatedsym.checking.readings import Label, Reading, expected
from gatedsym.checking.reference import Gradient, Probe, Values
from gatedsym.typing import Array


def recognised(
    reading: Reading, convention: Convention, probe: Probe, values: Sequence[Values], right: Gradient
) -> Reading:
    """A reading with the nameless arrays that equal one of our adjoints under that one's name.

    Nothing is said of the others: an array that differs from an adjoint of its shape may be another thing altogether.
    A state that is handed on is no adjoint, and needs none said.
    """
    found, left = dict(reading.found), []
    for array in reading.nameless:
        same = [
            (label, ours)
            for label, ours in _readings(array, convention, probe)
            if all(known[:2] != label[:2] for known in found)
            and deviation(expected([label], right, convention.level)[label], ours) <= SINGLE
        ]
        if same:
            found[same[0][0]] = same[0][1]
        elif not _is_state(array, convention, probe, values):
            left.append(array)
    return replace(reading, found=found, nameless=tuple(left))


def _readings(array: Array, convention: Convention, probe: Probe) -> Iterator[tuple[Label, Array]]:
    """Adjoints whose shape an array has, each with the array in our axes."""
    timed = convention.level == "sequence"
    for of, steps in probe.inputs.items():
        shape = (probe.steps, *steps[0].shape) if timed else steps[0].shape
        for ours in restorations(array, shape, steps[0].ndim - 1, convention.axes):
            yield ("input", of, f"d{of}"), ours
    for of, start in probe.initial.items():
        for ours in restorations(array, start.shape, start.ndim - 1, convention.axes):
            yield ("state", of, f"d{of}"), ours
    for key, arrangement in convention.layout.arrays.items():
        blocks = arrangement.unpack(array, probe.sizes, convention.style) or ()
        if len(blocks) == 1:
            yield ("param", blocks[0][0], f"d{key}"), blocks[0][1]


def _is_state(array: Array, convention: Convention, probe: Probe, values: Sequence[Values]) -> bool:
    """Whether an array is a state of the forward pass at some step."""
    for state, start in probe.initial.items():
        steps = [start, *(v[f"{state}'"] for v in values)]
        for ours in restorations(array, start.shape, start.ndim - 1, convention.axes):
            if any(deviation(one, ours) <= SINGLE for one in steps):
                return True
    return False
