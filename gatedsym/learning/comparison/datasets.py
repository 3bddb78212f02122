"""The results of a comparison → labelled datasets: one for each figure of the page, with what its caption needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gatedsym.flow.attributes import declarations
from gatedsym.learning.comparison.asking import CHOOSING
from gatedsym.learning.comparison.measuring import MOMENTS, example_of, places_of
from gatedsym.learning.history import LAGS
from gatedsym.learning.probing import SEQUENCES
from gatedsym.typing import Array
from gatedsym.version import __version__

if TYPE_CHECKING:
    from gatedsym.learning.comparison.carrying_out import Results
    from gatedsym.learning.comparison.contenders import Contender

EARLY = 0.01
"""Share of the gradient of the part that adds most, from which on an early part is said to learn."""
Made = dict[str, Any]


def datasets_of(results: Results) -> dict[str, xr.Dataset]:
    """The datasets of a page by the name of its figure; of one that has nothing to show, none."""
    made = {
        "rate-search": rate_search(results),
        "learning": learning_course(results),
        "thresholds": thresholds(results),
        "gradient-by-lag": gradient_by_lag(results),
        "gates-learnt": gates(results),
        "gates-in-words": gates_in_words(results),
        "early-steps": early_steps(results),
    }
    return {name: data for name, data in made.items() if data is not None}


def rate_search(results: Results) -> xr.Dataset:
    """Final losses (contender, rate, clip, seed), NaN where no run was made, inf where numbers ran out of bounds."""
    comparison = results.comparison
    rates = sorted({trial.rate for trial in results.searched})
    clips = [clipping.words for clipping in comparison.clips]
    labels = [c.label for c in comparison.contenders]
    found = np.full((len(labels), len(rates), len(clips), len(CHOOSING)), np.nan)
    for trial, outcome in results.searched.items():
        place = labels.index(trial.contender.label), rates.index(trial.rate), clips.index(trial.clip)
        found[(*place, CHOOSING.index(trial.seed))] = outcome["final_loss"]
    chosen = [results.choices[label] for label in labels]
    return xr.Dataset(
        {
            "final_loss": (("contender", "rate", "clip", "seed"), found),
            "chosen_rate": ("contender", [choice.rate for choice in chosen]),
            "chosen_clip": ("contender", [choice.clip for choice in chosen]),
        },
        {"contender": labels, "rate": rates, "clip": clips, "seed": list(CHOOSING)},
        attributes(results),
    )


def learning_course(results: Results) -> xr.Dataset:
    """Losses, skills and gradients of all judged runs over updates; see `gatedsym.learning.history.History`."""
    task = results.comparison.task
    axes = {
        "loss": ("update",), "gradient_norm": ("update",), "held_out_loss": ("check",), "metric": ("check",),
        "skill": ("check", "cue"), "gradient_at_lag": ("probe", "lag"), "gradient_at_cue": ("probe", "cue"),
        "spectral_radius": ("probe",),
    }  # fmt: skip
    updates = results.comparison.updates
    coords = {
        "update": np.arange(1, updates + 1), "check": _union(results, "check"), "probe": _union(results, "probe"),
        "cue": [cue.name for cue in task.cues], "lag": list(LAGS),
        "lag_steps": ("lag", [task.lags.shortest, task.lags.median, task.lags.longest]),
    }  # fmt: skip
    data = _stacked(results, axes, coords)
    data["ended"] = (("contender", "seed"), _texts(results, "ended"))
    return data


def thresholds(results: Results) -> xr.Dataset:
    """Updates after which the held-out loss was first below each threshold (contender, seed, level), or NaN."""
    comparison = results.comparison
    levels = comparison.thresholds
    shape = (len(comparison.all_contenders), comparison.seeds, len(levels))
    first, final = np.full(shape, np.nan), np.full(shape[:2], np.nan)
    for place, outcome in _judged(results):
        below = outcome["held_out_loss"][:, None] < np.array(levels)
        reached = np.where(below.any(axis=0), outcome["check"][below.argmax(axis=0)].astype(float), np.nan)
        first[place], final[place] = reached, outcome["final_loss"]
    data = _described(results)
    data["updates_to"] = (("contender", "seed", "level"), first)
    data["final_loss"] = (("contender", "seed"), final)
    return data.assign_coords(level=list(comparison.levels), loss_at_level=("level", list(levels)))


def gradient_by_lag(results: Results) -> xr.Dataset:
    """log10 of what is left of the gradient (contender, seed, probe, distance), median over sequences."""
    steps = results.comparison.task.steps
    coords = {"probe": _union(results, "probe"), "distance": np.arange(steps + 1)}
    return _stacked(results, {"gradient_by_lag": ("probe", "distance")}, coords, attrs={"sequences": SEQUENCES})


def gates(results: Results) -> xr.Dataset | None:
    """Mean openness (contender, seed, moment, gate, place); None where no cell has a gate."""
    return _of_gates(results, "openness", {"place": list(places_of(results.comparison.task))})


def gates_in_words(results: Results) -> xr.Dataset | None:
    """Mean openness under each word of one held-out sequence (contender, seed, moment, gate, step)."""
    task = results.comparison.task
    if not task.symbols:
        return None
    batch = task.batch(1, SEQUENCES, held_out=True)
    chosen = example_of(batch)
    length, tokens = int(batch.lengths[chosen]), batch.tokens
    assert tokens is not None
    data = _of_gates(results, "openness_of_example", {"step": np.arange(task.steps)})
    if data is None:
        return None
    words = [task.symbols[token] for token in tokens[:length, chosen]]
    asked = batch.weights[:length, chosen] > 0
    return data.isel(step=slice(length)).assign_coords(
        word=("step", words), is_cue=("step", np.isin(np.arange(length), batch.cues[:, chosen])),
        is_asked=("step", asked),
    )  # fmt: skip


def _of_gates(results: Results, name: str, coords: Mapping[str, Any]) -> xr.Dataset | None:
    names = list(dict.fromkeys(gate for outcome in results.judged.values() for gate in outcome["gates"]))
    if not names:
        return None
    (last,) = coords
    data = _described(results)
    shape = (data.sizes["contender"], data.sizes["seed"], len(MOMENTS), len(names), len(coords[last]))
    values = np.full(shape, np.nan)
    for place, outcome in _judged(results):
        if outcome["gates"]:
            values[place][:, [names.index(gate) for gate in outcome["gates"]]] = outcome[name]
    data["openness"] = (("contender", "seed", "moment", "gate", last), values)
    data.attrs["sequences"] = SEQUENCES
    return data.assign_coords(moment=list(MOMENTS), gate=names, **coords)


def early_steps(results: Results) -> xr.Dataset | None:
    """Gradient of parameters by parts of the sequence, log10 of norms (contender, seed, probe, parameter, part).

    ``early`` (…, parameter) is that of the first part against that of the part that adds most; ``began`` (contender,
    seed, parameter) the first probe at which it is above `EARLY`, NaN where it never is.
    """
    cut = [outcome for outcome in results.judged.values() if "by_part" in outcome]
    if not cut:
        return None
    comparison = results.comparison
    names = list(dict.fromkeys(name for c in comparison.all_contenders for name in c.cell.parameters))
    probes, parts = _union(results, "probe"), max(outcome["by_part"].shape[-1] for outcome in cut)
    data = _described(results)
    values = np.full((data.sizes["contender"], data.sizes["seed"], len(probes), len(names), parts), np.nan)
    for place, outcome in _judged(results):
        if "by_part" in outcome:
            cell = comparison.all_contenders[place[0]].cell
            rows = np.array([list(probes).index(update) for update in outcome["probe"]])
            columns = [names.index(name) for name in cell.parameters]
            whole = values[place]
            whole[rows[:, None], columns] = outcome["by_part"]
    data["by_part"] = (("contender", "seed", "probe", "parameter", "part"), values)
    data = data.assign_coords(probe=probes, parameter=names, part=np.arange(1, parts + 1))
    most = data["by_part"].max("part")
    data["early"] = (data["by_part"].isel(part=0) - most).where(np.isfinite(most))
    learns = data["early"] > np.log10(EARLY)
    data["began"] = _first_true(learns)
    data.attrs |= {"share": EARLY, "sequences": SEQUENCES}
    return data


def _first_true(learns: xr.DataArray) -> tuple[tuple[str, ...], Array]:
    """The first probe of each that is true; NaN where none is."""
    ordered = learns.transpose("contender", "seed", "parameter", "probe")
    first = ordered["probe"].values[ordered.values.argmax(axis=-1)].astype(float)
    return ("contender", "seed", "parameter"), np.where(ordered.values.any(axis=-1), first, np.nan)


def _reasons(results: Results) -> list[str]:
    return list(dict.fromkeys(o["why_not_cut"] for o in results.judged.values() if o["why_not_cut"]))


# What all of them have


def attributes(results: Results) -> dict[str, Any]:
    """The recipe and the task, for captions; what is empty is left out."""
    comparison, task = results.comparison, results.comparison.task
    found = {
        "task": str(task), "task_name": task.name, "about": task.about, "loss_kind": task.loss, "metric": task.metric,
        "baseline": task.baseline.value, "baseline_means": task.baseline.means,
        "plateaus": [level.value for level in task.plateaus], "plateau_means": [lv.means for lv in task.plateaus],
        "updates": comparison.updates, "batch": comparison.batch, "optimiser": comparison.optimiser.words,
        "n": comparison.n, "layers": comparison.layers, "seeds": comparison.seeds, "choosing": len(CHOOSING),
        "lag_steps": [task.lags.shortest, task.lags.median, task.lags.longest],
        "least_threshold": comparison.thresholds[-1], "source": f"gatedsym {__version__}",
        "declared_derivatives": _declared(comparison.contenders),
        "init": comparison.contenders[0].scheme, "steps": task.steps, "dtype": "float32",
        "clips": [clipping.words for clipping in comparison.clips], "is_open": int(comparison.is_open),
        "unmatched": comparison.unmatched, "cells": [c.cell.name for c in comparison.contenders],
    }  # fmt: skip
    found["not_cut"] = _reasons(results)
    return {name: value for name, value in found.items() if value not in ("", [])}


def _declared(contenders: Sequence[Contender]) -> str:
    cells = {c.cell.name: c.cell for c in contenders}
    return declarations(list(cells.values())).get("declared_derivatives", "")


def _described(results: Results) -> xr.Dataset:
    """A dataset without values: contenders with their sizes and recipes, seeds."""
    comparison = results.comparison
    everyone = comparison.all_contenders
    nets = [c.network(comparison.task, 0) for c in everyone]

    def each(of: Callable[[Contender], Any]) -> tuple[str, list[Any]]:
        return "contender", [of(c) for c in everyone]

    return xr.Dataset(
        coords={
            "contender": [c.label for c in everyone],
            "seed": list(comparison.judging),
            "cell": each(lambda c: c.cell.name),
            "n": each(lambda c: c.n),
            "is_matched": each(lambda c: c.matched),
            "parameters": ("contender", [net.layout.size for net in nets]),
            "rate": each(lambda c: results.choices[c.label].rate),
            "clip": each(lambda c: results.choices[c.label].clip),
            "seconds": each(lambda c: results.seconds.update[c.label]),
        },
        attrs=attributes(results),
    )


def _judged(results: Results) -> list[tuple[tuple[int, int], Made]]:
    """Judged runs with their places (contender, seed)."""
    labels = [c.label for c in results.comparison.all_contenders]
    return [((labels.index(t.contender.label), t.seed), outcome) for t, outcome in results.judged.items()]


def _union(results: Results, name: str) -> Array:
    return np.unique(np.concatenate([np.asarray(o[name]) for o in results.judged.values()]))


_PLACED = {"check": "check", "probe": "probe"}


def _stacked(
    results: Results,
    axes: Mapping[str, Sequence[str]],
    coords: Mapping[str, Any],
    attrs: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Variables of all judged runs, each along axes of its own; NaN where a run has no such update."""
    data = _described(results).assign_coords(dict(coords))
    for name, dims in axes.items():
        shape = (data.sizes["contender"], data.sizes["seed"], *(data.sizes[dim] for dim in dims))
        values = np.full(shape, np.nan)
        for place, outcome in _judged(results):
            array = np.asarray(outcome[name], float)
            if dims[0] in _PLACED:
                values[place][np.searchsorted(data[dims[0]].values, outcome[dims[0]])] = array
            else:
                values[place][: len(array)] = array
        data[name] = (("contender", "seed", *dims), values)
    data.attrs |= dict(attrs or {})
    return data


def _texts(results: Results, name: str) -> Array:
    found = np.full((len(results.comparison.all_contenders), results.comparison.seeds), "", dtype=object)
    for place, outcome in _judged(results):
        found[place] = outcome[name]
    return found.astype(str)


__all__ = ["EARLY", "datasets_of"]
