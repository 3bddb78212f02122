"""The state of a training run between two updates ↔ a checkpoint file; and, when it has ended, its history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gatedsym.errors import DataError
from gatedsym.files.write import write_atomically
from gatedsym.learning.archive import pack, unpack
from gatedsym.learning.history import LAGS, History
from gatedsym.learning.records import Records

if TYPE_CHECKING:
    from gatedsym.learning.network import Network
    from gatedsym.learning.probing import Probe
    from gatedsym.learning.recipe import Recipe
    from gatedsym.learning.task import Task

SCHEMA = "gatedsym checkpoint 1"
_MEANINGS = {
    "loss": "{loss} of the batch, before the update",
    "gradient_norm": "2-norm of the gradient of the parameters, before clipping",
    "held_out_loss": "{loss} of held-out batches",
    "metric": "{metric} of held-out batches",
    "skill": "skill on each cue, of held-out batches",
    "gradient": "log10 of the 2-norm of the gradient by the states",
    "gradient_at_lag": "log10 of the share of the gradient that is left at a lag of the task",
    "gradient_at_cue": "log10 of the share of the gradient that is left at a cue",
    "openness": "mean of the units of a gate",
    "spectral_radius": "spectral radius of the Jacobian of one step",
    "theta": "parameters",
}
"""Names that a dataset shows on axes and in tables."""


class Course:
    """State of a run: all that it has come to.

    Attributes
    ----------
    update : int
        Updates that are done.
    ended : str
        The sentence that says why it ended; "" while it goes on.
    theta, before, moments : array
        Parameters now and before the last update; what the optimiser remembers.
    losses, norms : array (updates,)
    records : Records
        Checks and probes.
    """

    def __init__(self, net: Network, recipe: Recipe, facts: Mapping[str, Any]) -> None:
        self.net, self.recipe, self.facts = net, recipe, dict(facts)
        self.update, self.ended = 0, ""
        self.theta, self.before = net.theta, net.theta.copy()
        self.moments = np.zeros((recipe.optimiser.moments, net.layout.size), net.theta.dtype)
        self.losses, self.norms = np.full(recipe.updates, np.nan), np.full(recipe.updates, np.nan)
        self.records = Records()

    def save(self, path: Path) -> None:
        """Write a checkpoint: the old one stays until the new one is whole."""
        arrays = {"losses": self.losses[: self.update], "norms": self.norms[: self.update]}
        arrays |= {"theta": self.theta, "before": self.before, "moments": self.moments}
        arrays |= {f"records/{name}": array for name, array in self.records.arrays().items()}
        facts = {"run": self.facts, "update": self.update, "ended": self.ended}
        write_atomically(path, pack(SCHEMA, facts, arrays))

    def load(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises
        ------
        DataError
            If it is damaged, or another run's.
        """
        facts, arrays = unpack(path, SCHEMA)
        if (other := _difference(facts["run"], self.facts)) is not None:
            raise DataError(
                f"{path} is the checkpoint of a run with another {other}: give the same arguments, or another file."
            )
        self.update, self.ended = int(facts["update"]), str(facts["ended"])
        self.losses[: self.update], self.norms[: self.update] = arrays["losses"], arrays["norms"]
        for name in ("theta", "before", "moments"):
            getattr(self, name)[...] = arrays[name]
        prefix = "records/"
        self.records = Records.of({n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)})

    def history(self, task: Task, probe: Probe) -> History:
        """The run as a labelled dataset."""
        checks, probes = self.records.stacked("check"), self.records.stacked("probe")
        steps = task.steps
        variables = {
            "loss": (("seed", "update"), self.losses[None, : self.update]),
            "gradient_norm": (("seed", "update"), self.norms[None, : self.update]),
            "held_out_loss": (("seed", "check"), checks["held_out_loss"][None]),
            "metric": (("seed", "check"), checks["metric"][None]),
            "skill": (("seed", "check", "cue"), checks["skill"][None]),
            "gradient": (("seed", "probe", "time"), probes["gradient"][None]),
            "gradient_at_lag": (("seed", "probe", "lag"), probes["gradient_at_lag"][None]),
            "gradient_at_cue": (("seed", "probe", "cue"), probes["gradient_at_cue"][None]),
            "openness": (("seed", "probe", "gate", "step"), probes["openness"][None]),
            "spectral_radius": (("seed", "probe"), probes["spectral_radius"][None]),
            "theta": (("seed", "probe", "parameter"), probes["theta"][None]),
            "is_kept": (("seed", "probe"), np.ones((1, len(probes["update"])), bool)),
            "ended": (("seed",), np.array([self.ended])),
        }
        coords = {
            "seed": [self.net.seed], "update": np.arange(1, self.update + 1), "check": checks["update"],
            "probe": probes["update"], "cue": [cue.name for cue in task.cues], "time": np.arange(steps + 1),
            "step": np.arange(steps), "lag": list(LAGS), "lag_steps": ("lag", list(probe.lags)),
            "gate": list(probe.gates), "level": [task.baseline.value, *(level.value for level in task.plateaus)],
        }  # fmt: skip
        data = xr.Dataset(variables, coords, self._attributes(task))
        for name, meaning in _MEANINGS.items():
            is_loss = name in ("loss", "held_out_loss")
            told = meaning.format(loss=task.loss, metric=task.metric)
            data[name].attrs |= {"long_name": told, "units": "nat" if is_loss and task.classes else "1"}
        return History(data, self.net.with_seed(self.net.seed))

    def _attributes(self, task: Task) -> dict[str, Any]:
        return {
            "title": f"training of {self.net.cell.name} on {task.name}",
            "task": str(task),
            "recipe": self.recipe.words,
            "cell": self.net.cell.name,
            "baseline": task.baseline.value,
            "metric": task.metric,
            "loss": task.loss,
            "run": json.dumps(self.facts, sort_keys=True),
        }


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """The first name under which two runs differ, in words; None where they are the same."""
    for name in [*other, *(n for n in one if n not in other)]:
        if one.get(name) != json.loads(json.dumps(other.get(name))):
            return name.replace("_", " ")
    return None


__all__ = ["SCHEMA", "Course"]
