"""Passages of an update → its numbers: norms of gradients, openness of gates, what each step gives to the weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import xarray as xr

from gatedsym.flow.analyses.gate_statistics import CLOSED, OPEN
from gatedsym.flow.analyses.gradient_norm import LN10, quartiles
from gatedsym.torch.watching.modules import gates_of
from gatedsym.torch.watching.recompute import Passage
from gatedsym.torch.watching.weight_steps import shares_of_steps, step_gradients
from gatedsym.typing import Array

SERIES = ("openness", "left", "right")


class Place(NamedTuple):
    """A direction of a layer of a module."""

    module: str
    layer: int
    direction: str


@dataclass
class Numbers:
    """The measurements of a place at one update; row t of each array is step t, 0 that of the initial state.

    Attributes
    ----------
    cell : str
    norms : dict of str to array (4, T + 2)
        log10 of norms of gradients: quartiles over sequences, and that of all sequences together.
    gates : dict of str to array (3, T + 2)
        As `SERIES` names them.
    weights : dict of str to array (2, T + 2)
        log10 of the norm of what a step gives to a weight's gradient, and its share of the whole.
    """

    cell: str
    norms: dict[str, Array]
    gates: dict[str, Array]
    weights: dict[str, Array] = field(default_factory=dict)


def measure(passages: Iterable[Passage], *, scale: float, gates: bool, weights: bool) -> dict[Place, Numbers]:
    """The numbers of each place; passages of one place are more sequences of the same update.

    Parameters
    ----------
    scale : float
        By which the loss had been multiplied.
    gates, weights : bool
        Whether they are measured.
    """
    found = {}
    for place, those in by_place(passages).items():
        cell = those[0].flow.cell.name
        norms = {q: _quantiles(rows - np.log(scale)) for q, rows in _joined([_norms(p) for p in those]).items()}
        opened = _joined([_openness(p) for p in those]) if gates else {}
        found[place] = Numbers(cell, norms, {name: _mean(rows) for name, rows in opened.items()})
        if weights:
            found[place].weights = {n: shares_of_steps(rows) for n, rows in step_gradients(those, scale).items()}
    return found


def by_place(passages: Iterable[Passage]) -> dict[Place, list[Passage]]:
    """The passages of each place."""
    places: dict[Place, list[Passage]] = {}
    for passage in passages:
        places.setdefault(Place(passage.place, passage.layer, passage.direction), []).append(passage)
    return places


def _norms(passage: Passage) -> dict[str, Array]:
    """Natural logarithms of norms (T + 2, B), NaN where a sequence has no such step."""
    cell, found = passage.flow.cell, {}
    for name in (*cell.states, "state", *cell.inputs):
        log_norm = np.asarray(passage.flow.log_norm[name], float)
        of_state = name not in cell.inputs
        rows = _placed(passage, passage.in_time(log_norm[1:] if of_state else log_norm))
        if of_state:
            _place_initial(passage, rows, log_norm[0])
        found[name] = rows
    return found


def _placed(passage: Passage, rows: Array) -> Array:
    """Rows of steps (T, B, …) in an array from step 0 to T + 1, NaN elsewhere and behind the ends of sequences."""
    whole = np.full((int(passage.steps[-1]) + 2, *rows.shape[1:]), np.nan)
    whole[passage.steps] = rows
    if passage.lengths is not None:
        whole[1:-1][~passage.is_there(*rows.shape[:2])] = np.nan
    return whole


def _place_initial(passage: Passage, rows: Array, initial: Array) -> None:
    """Enter the initial state: before the first step, or of the reverse direction behind the end."""
    batch = rows.shape[1]
    if passage.joined:
        if passage.steps[0] == 1:
            rows[0] = initial[:batch]
    elif passage.direction == "forward":
        rows[0] = initial
    else:
        ends = len(rows) - 2 if passage.lengths is None else passage.lengths
        rows[ends + 1, np.arange(batch)] = initial


def _openness(passage: Passage) -> dict[str, Array]:
    """Of every gate (T + 2, B, 3): mean over its units, and the shares of them below `CLOSED` and above `OPEN`."""
    found = {}
    for gate in gates_of(passage.of.cell):
        values = passage.run[gate]
        units = tuple(range(2, values.ndim))
        parts = [values.mean(units), (values < CLOSED).mean(units), (values > OPEN).mean(units)]
        found[gate] = _placed(passage, passage.in_time(np.stack(parts, axis=-1)))
    return found


def _joined(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """The sequences of several passages side by side, the shorter ones with NaN behind their ends."""
    found = {}
    for name in parts[0]:
        arrays = [part[name] for part in parts]
        steps = max(map(len, arrays))
        longer = [np.pad(a, [(0, steps - len(a)), *[(0, 0)] * (a.ndim - 1)], constant_values=np.nan) for a in arrays]
        found[name] = np.concatenate(longer, axis=1)
    return found


def _quantiles(rows: Array) -> Array:
    """log10 of quartiles over sequences, and of the norm over all of them, (4, T + 2)."""
    values = xr.DataArray(rows / LN10, dims=("step", "seed"))
    together = np.full(len(rows), np.nan)
    there = ~np.isnan(rows).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        largest = np.max(rows, axis=1, where=~np.isnan(rows), initial=-np.inf)
        shift = np.where(np.isfinite(largest), largest, 0.0)
        sums = np.nansum(np.exp(2 * (rows - shift[:, None])), axis=1)
        together[there] = ((0.5 * np.log(sums) + shift) / LN10)[there]
    return np.stack([*(q.values for q in quartiles(values)), together])


def _mean(rows: Array) -> Array:
    """Means over sequences, (3, T + 2)."""
    there = ~np.isnan(rows)
    counts = there.sum(axis=1)
    sums = np.where(there, rows, 0).sum(axis=1)
    return np.asarray(np.where(counts, sums / np.maximum(counts, 1), np.nan).T)
