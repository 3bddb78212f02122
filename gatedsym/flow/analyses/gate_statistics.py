"""Gates over time: how open each is, how often it is saturated, and what share of what it lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.execution.ragged.lengths import check_lengths
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.flow.attributes import describe
from gatedsym.flow.ensemble import (
    Cells,
    Ensemble,
    Member,
    Networks,
    chrono_horizon,
    own_schemes,
    read_ensemble,
)
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss
from gatedsym.flow.numerics.adjoints import values_along, values_of_steps
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.calculus.gates import GatedProduct
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run
    from gatedsym.ir.program import Program

CLOSED, OPEN = 0.1, 0.9
"""A gate is left-saturated below the first and right-saturated above the second (Karpathy et al. 2015)."""
SERIES = ("mean", "lower", "median", "upper", "left", "right")


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no gate statistics, as one sentence, or ""."""
    from gatedsym.calculus.gates import gate_names

    program = cell.recurrence.program
    if gate_names(program):
        return ""
    if fixed := gate_names(program, fixed=True):
        return (
            f"cell {cell.name} has no gate that opens and closes: {', '.join(fixed)} "
            f"{'is a share' if len(fixed) == 1 else 'are shares'} that parameters alone set, the same at every step."
        )
    return f"cell {cell.name} has no gate: no value that stays between 0 and 1 multiplies another."


@analysis(why_not_applicable, n=64, seeds=5, init="xavier", retention=(0.0, 1.0))
def gate_statistics(
    cells: Cells,
    x: Reading = "text",
    *,
    steps: int = 200,
    batch: int = 4,
    lengths: Sequence[int] | Array | None = None,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Openness of every gate along a run from the zero state.

    A gate is a computed value that stays between 0 and 1 and multiplies another value, whatever it is called; of
    matrix gates every entry is a unit.

    Parameters
    ----------
    steps : int
        Steps that are run; `horizon` is as long where it is not given.
    batch : int
        Sequences for each network.
    lengths : (B,) array of int, optional
        Steps of each sequence, where they differ: what is measured at a step is of the sequences that have it, NaN
        where none has, and what is measured over time is of all steps that there are.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, …); NaN where a cell lacks the gate, unit or setting. (…, gate, time), over
        units and sequences: ``mean``, ``lower``, ``median`` and ``upper`` (quantiles 0.1, 0.5, 0.9) of the openness;
        ``left`` and ``right``: the shares of units below 0.1 and above 0.9. (…, gate, unit), over time and sequences:
        ``unit_left``, ``unit_right``. (…, passage): ``through``, ``mean |factor ⊙ operand|`` over ``mean |operand|``:
        the factor is the gate, or 1 minus it, as the product has it; ``before``, ``mean |operand|``.

    Raises
    ------
    ArgumentError
        For data or sizes that cannot be used, or a cell for which `why_not_applicable` has a reason.

    References
    ----------
    Karpathy, Johnson, Fei-Fei 2016, Visualizing and understanding recurrent networks, for saturation. What passes is
    our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.gate_statistics("gru", "noise", n=4, seeds=2, steps=10)
    >>> list(data)[:3]
    ['mean', 'lower', 'median']
    """
    source = read_source(x)
    if source.array is not None and 0 in source.array.shape:
        raise ArgumentError(f"x has shape {source.array.shape}, (time, batch, feature): none may be 0.")
    steps, batch = source.steps_and_batch(steps, batch)
    ensemble = read_ensemble(
        cells, source, networks, horizon=chrono_horizon(steps), why_not_applicable=why_not_applicable, steps=steps,
        batch=batch,
    )  # fmt: skip
    gates, ends = {c.name: _Gates.of(c) for c in ensemble.cells}, None
    if lengths is not None:
        ends = check_lengths(lengths, steps, batch)
        if not ends.any():
            raise ArgumentError("lengths are 0 for every sequence: give one of them a step at least.")
    measured = ensemble.map(lambda member: gates[member.cell.name].measure(member.run(steps, batch, lengths=ends).run))
    results = [(member, gates[member.cell.name], result) for member, result in measured]
    attrs = described(
        ensemble, n=ensemble.n, batch=batch, horizon=ensemble.horizon, dtype=ensemble.dtype, seeds=len(ensemble.seeds),
        steps=steps,
    )  # fmt: skip
    attrs |= {"title": "gates over time", "closed_below": CLOSED, "open_above": OPEN}
    if ends is not None:
        attrs["lengths"] = ends
    return _dataset(results, ensemble.axes, attrs)


def described(ensemble: Ensemble, *, laws_followed: bool = True, **sizes: Any) -> dict[str, Any]:
    """Attributes as `ensemble.describe` gives them, without what is asked of a state: a gate needs none."""
    cells, source = ensemble.cells, ensemble.source
    reading = [c for c in cells if c.inputs]
    attrs = describe([c for c in reading if c.states], source, Loss(), laws_followed=laws_followed, **sizes)
    attrs |= {"cells": [c.name for c in cells], **own_schemes(ensemble.settings)}
    if reading and not any(c.states for c in reading):
        attrs |= {"input": source.name, "input_description": source.description, "input_features": source.features}
        attrs["input_digest"] = source.series.digest if source.series is not None else ""
    return {k: v for k, v in attrs.items() if k not in ("loss", "compared_states")}


@dataclass(frozen=True)
class _Measured:
    """Of one network: series (gate, kind, time), saturation of units (gate: (2, units)), passages (passage, 2)."""

    series: Array
    units: Sequence[Array]
    passages: Array


@dataclass(frozen=True)
class _Gates:
    """The gates of a cell, and its Program with what passes through each."""

    names: tuple[str, ...]
    passages: tuple[GatedProduct, ...]
    program: Program

    @staticmethod
    def of(cell: Cell) -> _Gates:
        from gatedsym.calculus.gates import find_gated_products, gate_names, with_gated_products

        program = cell.recurrence.program
        passages = find_gated_products(program)
        return _Gates(gate_names(program), passages, with_gated_products(program, passages))

    @property
    def labels(self) -> list[str]:
        """Of passages; two that read alike are told apart by what they add to."""
        texts = [p.text for p in self.passages]
        return [t if texts.count(t) == 1 else f"{t} in {p.result}" for t, p in zip(texts, self.passages)]

    def measure(self, run: Run) -> _Measured:
        if isinstance(run, RaggedRun):
            values, (rows, batch) = values_of_steps(self.program, run), (run.rows.count, 1)
            opened = [values[g].reshape((rows, batch, -1)) for g in self.names]
            series = np.array([_over_units_that_live(g[:, 0], run) for g in opened])
        else:
            values, (rows, batch) = values_along(self.program, run), (run.call_shape.steps, run.call_shape.batch)
            opened = [values[g].reshape((rows, batch, -1)) for g in self.names]
            series = np.array([_over_units(g) for g in opened])
        units = [np.stack([(g < CLOSED).mean(axis=(0, 1)), (g > OPEN).mean(axis=(0, 1))]) for g in opened]
        return _Measured(series, units, np.array([self._passing(p, values) for p in self.passages]))

    @staticmethod
    def _passing(passage: GatedProduct, values: Mapping[str, Array]) -> tuple[float, float]:
        """(share that is let through, mean size of what stands before the gate)."""
        factor, operand = values[passage.factor.target.name], values[passage.operand.target.name]
        before = float(np.abs(operand).mean())
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(np.float64(np.abs(factor * operand).mean()) / before), before


def _over_units(opened: Array) -> Array:
    """(kind, time) in the order of `SERIES`, of openness (T, B, units)."""
    flat = opened.reshape(len(opened), -1)
    low, middle, high = np.quantile(flat, [0.1, 0.5, 0.9], axis=1)
    return np.stack([flat.mean(axis=1), low, middle, high, (flat < CLOSED).mean(axis=1), (flat > OPEN).mean(axis=1)])


def _over_units_that_live(opened: Array, run: RaggedRun) -> Array:
    """The same of openness (steps, units) at the steps that there are; NaN at a time that no sequence has."""
    found = np.full((len(SERIES), run.call_shape.steps), np.nan)
    for time in range(int(run.lengths.max())):
        found[:, time] = _over_units(opened[run.rows.time == time][None])[:, 0]
    return found


def _dataset(
    results: Sequence[tuple[Member, _Gates, _Measured]],
    axes: Mapping[str, Any],
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    gates = list(dict.fromkeys(g for _, of, _ in results for g in of.names))
    labels = list(dict.fromkeys(p for _, of, _ in results for p in of.labels))
    steps = results[0][2].series.shape[-1]
    most = max(u.shape[1] for *_, r in results for u in r.units)
    lead = tuple(len(a) for a in axes.values())
    series = np.full((len(SERIES), *lead, len(gates), steps), np.nan)
    units = np.full((2, *lead, len(gates), most), np.nan)
    passing = np.full((2, *lead, len(labels)), np.nan)
    for member, of, result in results:
        for k, gate in enumerate(of.names):
            where: Any = (slice(None), *member.place, gates.index(gate))
            series[where] = result.series[k]
            units[where][:, : result.units[k].shape[1]] = result.units[k]
        for k, label in enumerate(of.labels):
            which: Any = (slice(None), *member.place, labels.index(label))
            passing[which] = result.passages[k]
    over_time, over_units = (*axes, "gate", "time"), (*axes, "gate", "unit")
    data = xr.Dataset(
        {name: (over_time, part) for name, part in zip(SERIES, series)}
        | {name: (over_units, part) for name, part in zip(("unit_left", "unit_right"), units)}
        | {name: ((*axes, "passage"), part) for name, part in zip(("through", "before"), passing)},
        coords={**axes, "gate": gates, "passage": labels, "time": np.arange(1, steps + 1), "unit": np.arange(most)},
        attrs=attrs,
    )
    words = {
        "mean": "mean openness over units and sequences",
        "lower": "0.1 quantile of the openness over units and sequences",
        "median": "median openness over units and sequences",
        "upper": "0.9 quantile of the openness over units and sequences",
        "left": f"share of units and sequences with an openness below {CLOSED}",
        "right": f"share of units and sequences with an openness above {OPEN}",
        "unit_left": f"share of time in which the unit's openness is below {CLOSED}",
        "unit_right": f"share of time in which the unit's openness is above {OPEN}",
        "through": "mean |factor * operand| over mean |operand|",
        "before": "mean |operand|",
    }
    for name, text in words.items():
        data[name].attrs = {"long_name": text, "units": "1"}
    data["time"].attrs = {"long_name": "step", "units": "step"}
    return data
