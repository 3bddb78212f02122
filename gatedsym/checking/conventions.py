"""A person's forward pass → the convention under which it gives a cell's numbers, found by trying."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from gatedsym.checking.axes import SEQUENCE, STEP, restorations
from gatedsym.checking.calls import Caller, Convention, Sheet, UnknownArgumentError
from gatedsym.checking.deviation import deviation
from gatedsym.checking.functions import Function
from gatedsym.checking.layouts import STYLES, Layout, plain, vocabulary
from gatedsym.checking.losses import PLAIN, Coding, coded, scale_of
from gatedsym.checking.meanings import Meanings
from gatedsym.checking.process import Failure, Process, Returned
from gatedsym.checking.reference import Probe, Values
from gatedsym.typing import Array

CHUNK = 60


@dataclass(frozen=True)
class Trial:
    """One way to call her forward pass.

    Attributes
    ----------
    convention : Convention
    returned : Returned
    probe : Probe
    """

    convention: Convention
    returned: Returned
    probe: Probe


def levels_of(function: Function) -> tuple[str, ...]:
    """Whether a function is one step or a sequence, the likely one first."""
    name = function.name.casefold()
    if any(word in name for word in ("step", "cell")):
        return ("step", "sequence")
    if any(word in name for word in ("seq", "bptt", "through_time", "unroll", "layer", "loss")):
        return ("sequence", "step")
    text = {a.name for a in function.arguments}
    steplike = any(a.endswith(("_t", "t_1")) or "prev" in a or a == "xt" for a in text)
    return ("step", "sequence") if steplike else ("sequence", "step")


def conventions(
    layouts: Sequence[Layout], level: str, torch: bool, codings: Sequence[Coding] = (PLAIN,)
) -> Iterator[Convention]:
    """Conventions to be tried, gates in their first order."""
    first: dict[tuple[object, ...], Layout] = {}
    for layout in layouts:
        first.setdefault((layout.shapes, layout.joint, bool(layout.order)), layout)
    known = STEP if level == "step" else SEQUENCE
    alone = [replace(a, alone=True) for a in known if a.batched]  # numbers in place of vectors have no axis to tell by
    axes = (*known, *alone) if any(c.index or c.loss for c in codings) else known
    for coding, layout, a, style in product(codings, first.values(), axes, STYLES):
        yield Convention(level, a, layout, style, coding=coding)
        if torch:
            yield Convention(level, a, layout, style, True, coding)


def orders(convention: Convention, layouts: Sequence[Layout]) -> list[Convention]:
    """The same convention with gates in every order."""
    own = convention.layout
    return [
        replace(convention, layout=layout)
        for layout in layouts
        if layout.arrays.keys() == own.arrays.keys()
        and layout.joint == own.joint
        and bool(layout.order) == bool(own.order)
    ]


def try_forward(
    process: Process, caller: Caller, function: Function, several: Sequence[Convention], probe: Probe
) -> tuple[list[Trial], Failure | None]:
    """Results of a forward pass under several conventions, and the last failure.

    Raises
    ------
    UnknownArgumentError
    """
    found: list[Trial] = []
    last: Failure | None = None
    unknown: UnknownArgumentError | None = None
    for start in range(0, len(several), CHUNK):
        sheet, jobs, called = Sheet(), [], []
        for convention in several[start : start + CHUNK]:
            own = caller.starting(function, probe if convention.axes.batched else probe.with_batch(1))
            own = coded(own.without(convention.layout.missing), convention.coding)
            try:
                jobs.append(caller.forward(function, convention, own, sheet))
                called.append((convention, own))
            except UnknownArgumentError as error:
                unknown = error
        for (convention, own), returned in zip(called, process.call(jobs, sheet.arrays) if jobs else (), strict=True):
            if returned.failure is None:
                found.append(Trial(convention, returned, own))
                continue
            if last is None or (returned.failure.line or 0) >= (last.line or 0) or returned.failure.kind != "raised":
                last = returned.failure
            if last.kind in ("long", "died", "printed"):
                return found, last
    if unknown is not None and not found and last is None:
        raise unknown
    return found, last


@dataclass(frozen=True)
class Shown:
    """States that a forward pass may have returned.

    Attributes
    ----------
    named : mapping of str to list of array
        For each state that her names speak of, the readings of it in our axes: (T, B, …), or (B, …) of a step.
    others : mapping of str to list of array
        Arrays without a telling name, by the state whose shape they have.
    probe : Probe
    loss : float, optional
        What she returns under the name of a loss.
    """

    named: Mapping[str, Sequence[Array]]
    others: Mapping[str, Sequence[Array]]
    probe: Probe
    loss: float | None = None

    def deviation(self, ours: Mapping[str, Array], judged: float | None = None) -> float:
        """Deviation from ours: the worst state that she names, else the best array that may be a state.

        Where she returns a loss, and `judged` is ours, it must be that loss or a mean of it.
        """
        if self.loss is not None and judged is not None:
            known = max((min(_deviation(ours[s], a) for a in several) for s, several in self.named.items()), default=0)
            return max(known, 0.0 if scale_of(self.loss, judged, self.probe) is not None else np.inf)
        if self.named:
            return max(min(_deviation(ours[s], a) for a in several) for s, several in self.named.items())
        return min((_deviation(ours[s], a) for s, several in self.others.items() for a in several), default=np.inf)


def shown_states(trial: Trial, meanings: Meanings, function: Function) -> Shown:
    """The states in what a forward pass returned."""
    named: dict[str, list[Array]] = {}
    others: dict[str, list[Array]] = {}
    for path, array in trial.returned.leaves:
        name = leaf_name(path, function)
        known = meanings.of_state(name) if name and len(path) < 2 else ""
        for state in trial.probe.initial:
            for ours in _state_readings(array, state, trial):
                if known == state:
                    named.setdefault(state, []).append(ours)
                elif not known:
                    others.setdefault(state, []).append(ours)
    return Shown(named, others, trial.probe, loss_in(trial.returned, function))


def loss_in(returned: Returned, function: Function) -> float | None:
    """The number that a function returned as its loss, if it did."""
    words = vocabulary()["words"]["loss"]
    numbers = [(leaf_name(path, function), array) for path, array in returned.leaves if array.size == 1]
    return next((float(array.reshape(())) for name, array in numbers if plain(name) in words), None)


def _deviation(ours: Array, hers: Array) -> float:
    """Deviation of a trajectory, or of its last row where she returns that alone."""
    return deviation(ours if ours.ndim == hers.ndim else ours[-1], hers)


def _state_readings(array: Array, state: str, trial: Trial) -> Iterator[Array]:
    """An array as the trajectory of a state, with or without its first row, or as a step's."""
    start, timed = trial.probe.initial[state], trial.convention.level == "sequence"
    steps = trial.probe.steps
    for ours in restorations(array, start.shape, start.ndim - 1, trial.convention.axes.step) if timed else ():
        yield ours  # the last one alone
    for rows in (steps, steps + 1) if timed else (0,):
        shape = (rows, *start.shape) if timed else start.shape
        for ours in restorations(array, shape, start.ndim - 1, trial.convention.axes):
            yield ours[1:] if rows > steps else ours
            if rows > steps:  # hs[-1] is the state before the first step
                yield ours[:-1]


def leaf_name(path: tuple[str, ...], function: Function) -> str:
    """Her name for an array that a function returned; "" where she gives none."""
    named = [part for part in path if not part.isdigit()]
    if named:
        return named[-1]
    if function.single:
        return function.returns[0] if function.returns and not path else ""
    if path and path[0].isdigit() and int(path[0]) < len(function.returns) and len(path) == 1:
        return function.returns[int(path[0])]
    if len(path) == 2 and int(path[0]) < len(function.inner) and int(path[1]) < len(function.inner[int(path[0])]):
        return function.inner[int(path[0])][int(path[1])]
    return ""


def states_of(values: Sequence[Values], probe: Probe, level: str) -> Mapping[str, Array]:
    """The next states of a trajectory, (T, B, …), or (B, …) of its one step."""
    found = {}
    for state, start in probe.initial.items():
        rows = [np.broadcast_to(v[f"{state}'"], start.shape) for v in values]
        found[state] = np.stack(rows) if level == "sequence" else rows[0]
    return found
