"""Final losses by rate and clip → the recipe of a contender, or rates that are still to be tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import mean
from typing import TYPE_CHECKING

from gatedsym.learning.comparison.asking import CHOOSING, FURTHER
from gatedsym.learning.comparison.trials import Trial

if TYPE_CHECKING:
    from gatedsym.learning.comparison.asking import Comparison
    from gatedsym.learning.comparison.contenders import Contender


@dataclass(frozen=True)
class Choice:
    """Recipe of a contender.

    Attributes
    ----------
    rate : float
    clip : str
    """

    rate: float
    clip: str


@dataclass
class Search:
    """Search of a contender's recipe.

    Attributes
    ----------
    losses : dict of (rate, clip) to dict of seed to float
        Final losses that are known; inf where a run ran out of bounds.
    """

    comparison: Comparison
    contender: Contender
    losses: dict[tuple[float, str], dict[int, float]] = field(default_factory=dict)

    def first_trials(self) -> list[Trial]:
        """The runs that it begins with."""
        return [t for rate in self.comparison.rates for t in self._of_rate(rate)]

    def _of_rate(self, rate: float) -> list[Trial]:
        found = []
        for clipping in self.comparison.clips:
            self.losses[rate, clipping.words] = {}
            found += [Trial(self.contender, rate, clipping.words, seed, False) for seed in CHOOSING]
        return found

    def take(self, trial: Trial, loss: float) -> None:
        """Take in a run's final loss."""
        self.losses[trial.rate, trial.clip][trial.seed] = loss

    @property
    def is_waiting(self) -> bool:
        """Whether runs that were asked for are not there yet."""
        return any(len(by_seed) < len(CHOOSING) for by_seed in self.losses.values())

    def further_trials(self) -> list[Trial]:
        """Runs beyond an end of the rates at which the best one stands; none where the search has ended."""
        if not self.comparison.is_open:
            return []
        rates, best = sorted({rate for rate, _ in self.losses}), self.choice().rate
        beyond = [r for r in FURTHER if r > rates[-1]][:1] if best == rates[-1] else []
        beyond += [r for r in FURTHER if r < rates[0]][-1:] if best == rates[0] else []
        return [t for rate in beyond for t in self._of_rate(rate)]

    def choice(self) -> Choice:
        """The recipe with the least mean of final losses; the smaller rate and the first clip of several."""
        return choose(self.losses)


def choose(losses: Mapping[tuple[float, str], Mapping[int, float]]) -> Choice:
    """The rate and clip of the least mean of final losses; the smaller rate, and the first clip, of equal ones."""
    rate, clip = min(losses, key=lambda one: (mean(losses[one].values()), one[0]))
    return Choice(rate, clip)


__all__ = ["Choice", "Search", "choose"]
