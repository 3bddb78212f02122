"""Arguments of a training run → a recipe: checked, complete, and told in words and to a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_several, expect_whole, is_whole, shown
from gatedsym.learning.clipping import Clipping, read_clipping
from gatedsym.learning.optimisers import Optimiser, read_optimiser

if TYPE_CHECKING:
    from gatedsym.learning.network import Network
    from gatedsym.learning.task import Task

_LOG_SPACED = 16
_CHECKS = 50


@dataclass(frozen=True)
class Recipe:
    """Recipe by which a network is trained.

    Attributes
    ----------
    updates : int
        At most.
    rate : float
    batch : int
        Sequences of an update.
    clipping : Clipping
    optimiser : Optimiser
    frozen : tuple of str
        Names of parameters that do not move.
    truncate : int, optional
    probes : tuple of int
        Updates after which a probe is made; 0 and the last are among them.
    every : int
        Updates between two looks at held-out batches, and between two checkpoints.
    held_out : int
        Sequences of such a look.
    stop : float, optional
        Held-out loss below which training ends.
    patience : int, optional
        Looks without a lower held-out loss after which it ends.
    seed : int
        Of the batches.
    """

    updates: int
    rate: float
    batch: int
    clipping: Clipping
    optimiser: Optimiser
    frozen: tuple[str, ...]
    truncate: int | None
    probes: tuple[int, ...]
    every: int
    held_out: int
    stop: float | None
    patience: int | None
    seed: int

    def looks(self, update: int) -> bool:
        """Whether held-out batches are looked at after an update."""
        return update % self.every == 0 or update == self.updates or update in self.probes

    @property
    def words(self) -> str:
        """For a caption."""
        parts = [
            f"{self.optimiser.words}, rate {self.rate:g}, batches of {self.batch}",
            f"clipping by {self.clipping.words}" if self.clipping.by else "no clipping",
        ]
        parts += [f"{', '.join(self.frozen)} frozen"] if self.frozen else []
        parts += [f"gradients through {self.truncate} steps at most"] if self.truncate else []
        return ", ".join(parts)

    def facts(self, net: Network, task: Task) -> dict[str, Any]:
        """All that decides what a run computes, as JSON says it."""
        return {
            "network": net.facts(),
            "task": str(task),
            "task_digest": task.digest,
            "updates": self.updates,
            "rate": self.rate,
            "batch": self.batch,
            "clip": self.clipping.words,
            "clip_limit": repr(self.clipping.limit),
            "optimiser": self.optimiser.words,
            "frozen": list(self.frozen),
            "truncate": self.truncate,
            "probes": list(self.probes),
            "every": self.every,
            "held_out": self.held_out,
            "stop": self.stop,
            "patience": self.patience,
            "batch_seed": self.seed,
        }


def read_recipe(net: Network, options: Mapping[str, Any]) -> Recipe:
    """A recipe from the arguments of `learn`.

    Raises
    ------
    ArgumentError
        For a value that is none of its kind.
    """
    updates = expect_whole("updates", options["updates"], 1)
    every, patience, truncate = options["every"], options["patience"], options["truncate"]
    return Recipe(
        updates=updates,
        rate=_positive("rate", options["rate"]),
        batch=expect_whole("batch", options["batch"], 1),
        clipping=read_clipping(options["clip"]),
        optimiser=read_optimiser(options["optimiser"]),
        frozen=net.layout.matching(options["freeze"]),
        truncate=None if truncate is None else expect_whole("truncate", truncate, 1),
        probes=probe_updates(updates, options["probes"]),
        every=max(1, updates // _CHECKS) if every is None else expect_whole("every", every, 1),
        held_out=expect_whole("held_out", options["held_out"], 2),
        stop=None if options["stop"] is None else _positive("stop", options["stop"]),
        patience=None if patience is None else expect_whole("patience", patience, 1),
        seed=expect_whole("seed", options["batch_seed"]),
    )


def probe_updates(updates: int, asked: int | Iterable[int] | None) -> tuple[int, ...]:
    """Updates at which a probe is made.

    Parameters
    ----------
    updates : int
        Of the run.
    asked : int, iterable of int or None
        How many, spaced in the logarithm; or which. By default 16 in the logarithm, and each tenth of the run.

    Raises
    ------
    ArgumentError
        For an update that the run has not.
    """
    if asked is None:
        tenths = [updates * k // 10 for k in range(1, 10)]
        found = {*_spaced(updates, _LOG_SPACED), *tenths}
    elif is_whole(asked):
        found = set(_spaced(updates, expect_whole("probes", asked)))
    else:
        found = set()
        for update in expect_several("probes", asked, "updates, [0, 100, 1500]"):
            if not is_whole(update) or not 0 <= update <= updates:
                raise ArgumentError(f"probes has {shown(update)}: give updates from 0 to {updates}.")
            found.add(int(update))
    return tuple(sorted({0, updates, *found}))


def _spaced(updates: int, count: int) -> list[int]:
    return [int(u) for u in np.unique(np.round(np.geomspace(1, updates, count)))] if count else []


def _positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < math.inf:
        raise ArgumentError(f"{name}={shown(value)} must be a positive number.")
    return float(value)


__all__ = ["Recipe", "probe_updates", "read_recipe"]
