"""The history of a judged run → arrays: gradients by lag, gates by place, what early steps add, at its probes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.learning.comparison.early_steps import PARTS, gradient_by_part, why_not_cut
from gatedsym.learning.probing import Probe
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.learning.batches import Batch
    from gatedsym.learning.history import History
    from gatedsym.learning.task import Task

FILLER, QUESTION = "filler", "question"
MOMENTS = ("before", "half time", "after")
HELD_OUT = 256
OF_UPDATES = ("loss", "gradient_norm")
OF_LOOKS = ("held_out_loss", "metric", "skill")
OF_PROBES = ("gradient_at_lag", "gradient_at_cue", "spectral_radius")


def measured_at_probes(history: History, task: Task) -> dict[str, Any]:
    """All that a page shows of one run; see `gatedsym.learning.comparison.datasets` for the axes."""
    data, updates = history.data.isel(seed=0), list(history.updates)
    found: dict[str, Any] = {name: data[name].values for name in (*OF_UPDATES, *OF_LOOKS, *OF_PROBES)}
    found |= {"check": data["check"].values, "probe": np.array(updates), "ended": history.ended[0]}
    net = history.network(updates[0])
    probe = Probe(net, task, HELD_OUT, 1)
    networks = [history.network(update) for update in updates]
    found["gradient_by_lag"] = np.stack([probe.against_lag(net) for net in networks])
    found["gates"] = list(probe.gates)
    chosen = [networks[k] for k in moments_of(updates)]
    open_at = [probe.openness(net) for net in chosen]
    found["openness"] = np.stack([_at_places(values, probe.batch, task) for values in open_at])
    example = example_of(probe.batch)
    found["openness_of_example"] = np.stack([values[:, :, example] for values in open_at])
    found["why_not_cut"] = why_not_cut(net)
    if not found["why_not_cut"]:
        with np.errstate(all="ignore"):
            found["by_part"] = np.stack([gradient_by_part(net, probe.batch) for net in networks])
    return found


def moments_of(updates: list[int]) -> list[int]:
    """Places of the first probe, of the one nearest to half of all updates, and of the last."""
    half = int(np.argmin([abs(update - updates[-1] / 2) for update in updates]))
    return [0, half, len(updates) - 1]


def example_of(batch: Batch) -> int:
    """The shortest sequence, the first of several."""
    return int(np.argmin(batch.lengths))


def places_of(task: Task) -> tuple[str, ...]:
    """Names of the places at which openness is told."""
    return (*(cue.name for cue in task.cues), FILLER, QUESTION)


def _at_places(openness: Array, batch: Batch, task: Task) -> Array:
    """The mean openness at each cue, between, and where an answer is due, (gate, place)."""
    steps, count = batch.weights.shape
    columns = np.arange(count)
    asked = batch.weights > 0
    masks = []
    for cue in batch.cues:
        mask = np.zeros((steps, count), bool)
        mask[cue, columns] = True
        masks.append(mask)
    shown = np.any(masks, axis=0) if masks else np.zeros((steps, count), bool)
    masks += [~shown & ~asked, asked]
    return np.array([[_mean(gate[mask]) for mask in masks] for gate in openness]).reshape(len(openness), len(masks))


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


__all__ = ["FILLER", "MOMENTS", "PARTS", "QUESTION", "example_of", "measured_at_probes", "moments_of", "places_of"]
