"""One run of a comparison → what it came to: trained, or taken from the file of an earlier call, and measured."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import DataError, LearningWarning
from gatedsym.learning.archive import unpack
from gatedsym.learning.comparison.contenders import Contender
from gatedsym.learning.comparison.measuring import measured_at_probes
from gatedsym.learning.course import SCHEMA
from gatedsym.learning.recipe import read_recipe
from gatedsym.learning.training import learn

if TYPE_CHECKING:
    from gatedsym.learning.comparison.asking import Comparison
    from gatedsym.learning.history import History
    from gatedsym.learning.network import Network

FOLDER = "runs"
"""Of the files of runs, in the folder of a page."""
LAST = 0.9
"""The final loss of a run is the median of the looks at held-out batches from this share of its updates on."""
LOOKS, FEW_LOOKS = 50, 20
"""Looks of a judged run, and of one of the search."""
Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """One run.

    Attributes
    ----------
    contender : Contender
    rate : float
    clip : str
        As `read_clipping` reads it.
    seed : int
        Of parameters and batches.
    is_judged : bool
        Whether it is one of those that a recipe is judged by, and is measured throughout.
    """

    contender: Contender
    rate: float
    clip: str
    seed: int
    is_judged: bool

    @property
    def words(self) -> str:
        """For a line of progress."""
        return f"{self.contender.label}, rate {self.rate:g}, clip {self.clip}, seed {self.seed}"

    def options(self, comparison: Comparison) -> dict[str, Any]:
        """Arguments of `learn`."""
        return {
            "updates": comparison.updates, "rate": self.rate, "batch": comparison.batch, "clip": self.clip,
            "optimiser": comparison.optimiser, "batch_seed": self.seed, "probes": None if self.is_judged else 0,
            "every": max(1, comparison.updates // (LOOKS if self.is_judged else FEW_LOOKS)),
        }  # fmt: skip

    def file(self, comparison: Comparison, net: Network) -> str:
        """Name of its file, which follows from all that decides what it computes."""
        rest = dict(freeze="", truncate=None, held_out=256, stop=None, patience=None)  # noqa: C408
        facts = read_recipe(net, {**rest, **self.options(comparison)}).facts(net, comparison.task)
        text = json.dumps(facts, sort_keys=True, default=str)
        return f"{FOLDER}/{self.contender.slug}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.run"


def carry_out(comparison: Comparison, folder: Path, trial: Trial, tell: Callable[[float], object]) -> dict[str, Any]:
    """Train, or go on from the run's file, and measure.

    Returns
    -------
    dict
        ``file``, its name; ``final_loss``, inf where numbers ran out of bounds; ``reached``, updates made; of judged
        runs what `measured_at_probes` gives beside.
    """
    net = trial.contender.network(comparison.task, trial.seed)
    name = trial.file(comparison, net)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LearningWarning)  # the page tells it, of all runs together
        history = learn(
            net, comparison.task, checkpoint=path, progress=lambda fraction, text: tell(fraction),
            **trial.options(comparison),
        )  # fmt: skip
    found: dict[str, Any] = {"file": name, **outcome(history, comparison.updates)}
    return found | (measured_at_probes(history, comparison.task) if trial.is_judged else {})


def taken(comparison: Comparison, folder: Path, trial: Trial, tell: Callable[[float], object]) -> dict[str, Any]:
    """Outcome, as `carry_out` gives it, of a run that an earlier call has finished; nothing is trained.

    Raises
    ------
    DataError
        If its file is missing or it has not ended.
    """
    path = folder / trial.file(comparison, trial.contender.network(comparison.task, trial.seed))
    if not path.exists() or not unpack(path, SCHEMA)[0].get("ended"):
        raise DataError(f"the run {trial.words} has no finished file {path.name}: make the page again.")
    return carry_out(comparison, folder, trial, tell)


def outcome(history: History, updates: int) -> dict[str, float]:
    """The final loss of a run and how far it went."""
    made = int(history.data.sizes["update"])
    late = history["held_out_loss"].values[history.data["check"].values >= LAST * updates]
    is_whole = (
        made == updates and np.isfinite(history["loss"].values).all() and np.isfinite(late).all() and len(late) > 0
    )
    return {"final_loss": float(np.median(late)) if is_whole else float("inf"), "reached": float(made)}


__all__ = ["FEW_LOOKS", "FOLDER", "LAST", "LOOKS", "Trial", "carry_out", "outcome", "taken"]
