"""A comparison → its runs, carried out in processes beside each other, and all that came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatedsym.errors import DataError
from gatedsym.execution.processes import Processes, process_count
from gatedsym.learning.archive import unpack
from gatedsym.learning.comparison.asking import FURTHER
from gatedsym.learning.comparison.search import Choice, Search
from gatedsym.learning.comparison.speed import Seconds, measured_seconds
from gatedsym.learning.comparison.trials import FEW_LOOKS, LOOKS, Trial, carry_out
from gatedsym.learning.course import SCHEMA

if TYPE_CHECKING:
    from gatedsym.learning.comparison.asking import Comparison

Tell = Callable[[float, str], object]
MEASURING = 1.0
"""Seconds that measuring at the probes of a judged run takes, about."""
STARTING = 6.0
"""Seconds until processes are at work, about."""


@dataclass
class Results:
    """Outcomes of a comparison.

    Attributes
    ----------
    comparison : Comparison
    seconds : Seconds
    searched : dict of Trial to dict
        Of the search for recipes.
    judged : dict of Trial to dict
    choices : dict of str to Choice
        By label.
    files : list of str
        Of the runs, in the folder.
    """

    comparison: Comparison
    seconds: Seconds
    searched: dict[Trial, dict[str, Any]] = field(default_factory=dict)
    judged: dict[Trial, dict[str, Any]] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Estimate:
    """Estimate of what is ahead.

    Attributes
    ----------
    seconds, most : float
        Until all is done: where the search stays within the rates that it begins with, and where it goes on to an end.
    searched, judged : int
        Runs, of the search as it begins.
    done : float
        Share of the search that earlier calls have done.
    processes : int
    """

    seconds: float
    most: float
    searched: int
    judged: int
    done: float
    processes: int


def estimate(comparison: Comparison, folder: Path, seconds: Seconds) -> Estimate:
    """The time that a comparison takes from here on."""
    searches = [Search(comparison, c) for c in comparison.contenders]
    first = [trial for search in searches for trial in search.first_trials()]
    judged = [Trial(c, 0.0, "", seed, True) for c in comparison.all_contenders for seed in comparison.judging]
    search = sum(work_of(t, comparison, seconds) for t in first)
    whole = search + sum(work_of(t, comparison, seconds) for t in judged)
    done = sum(work_of(t, comparison, seconds) * _share_done(t, comparison, folder) for t in first)
    rest = len([r for r in FURTHER if r > comparison.rates[-1]]) if comparison.is_open else 0
    beyond = rest * search / len(comparison.rates)
    count = max(1, process_count(len(first) + len(judged)))
    a_process = seconds.crowding / count
    soon = (whole - done) * a_process + STARTING
    return Estimate(soon, soon + beyond * a_process, len(first), len(judged), done / search, count)


def work_of(trial: Trial, comparison: Comparison, seconds: Seconds) -> float:
    """CPU seconds of a run, about."""
    label, looks = trial.contender.label, LOOKS if trial.is_judged else FEW_LOOKS
    updates, seen = seconds.update[label] * comparison.updates, seconds.look[label] * min(looks, comparison.updates)
    return updates + seen + (MEASURING if trial.is_judged else 0.1)


def _share_done(trial: Trial, comparison: Comparison, folder: Path) -> float:
    """Share of a run that its file has."""
    path = folder / trial.file(comparison, trial.contender.network(comparison.task, trial.seed))
    if not path.exists():
        return 0.0
    try:
        facts, _ = unpack(path, SCHEMA)
    except DataError:
        return 0.0
    return 1.0 if facts.get("ended") else min(1.0, float(facts.get("update", 0)) / comparison.updates)


def carry_out_all(
    comparison: Comparison, folder: Path, tell: Tell, told: Callable[[Estimate], object] = lambda estimate: None, *,
    carry: Callable[..., dict[str, Any]] = carry_out,
) -> Results:  # fmt: skip
    """Carry out a comparison; what an earlier call has done is taken from its files.

    Parameters
    ----------
    comparison : Comparison
    folder : path
        Where the runs' files are; whatever interrupts, they hold all but the last fiftieth of each run.
    tell : callable
        Told the finished fraction and what is being done.
    told : callable
        Told the estimate, once updates are timed and before runs begin.
    carry : callable
        What carries out a run: `trials.carry_out`, or `trials.taken` where nothing may be trained.
    """
    seconds, file = measured_seconds(comparison, folder, lambda fraction, text: tell(0.02 * fraction, text))
    found = estimate(comparison, folder, seconds)
    told(found)
    results = Results(comparison, seconds, files=[file])
    with Processes(process_count(found.searched + found.judged), (comparison, folder)) as processes:
        for trial, outcome in _in_turn(processes, results, tell, carry):
            (results.judged if trial.is_judged else results.searched)[trial] = outcome
            results.files.append(outcome["file"])
    results.files = [file, *sorted(set(results.files) - {file})]
    return results


def _in_turn(
    processes: Processes, results: Results, tell: Tell, carry: Callable[..., dict[str, Any]]
) -> Iterator[tuple[Trial, dict[str, Any]]]:
    """Runs as they end; the recipe of a contender is chosen, and its judged runs begin, once its search has ended."""
    comparison = results.comparison
    searches = {c.label: Search(comparison, c) for c in comparison.contenders}
    board = _Board(results, tell)

    def begin(trials: list[Trial]) -> None:
        for trial in trials:
            board.add(trial)
            # The longest first, so that no process is left alone with one at the end.
            processes.call(trial, carry, trial, urgency=results.seconds.update[trial.contender.label])

    for search in searches.values():
        begin(search.first_trials())
    for trial, outcome in processes.results(board.tell):
        board.tell(trial, 1.0)
        if not trial.is_judged:
            search = searches[trial.contender.label]
            search.take(trial, outcome["final_loss"])
            if not search.is_waiting:
                further = search.further_trials()
                begin(further or _judged(results, search))
        yield trial, outcome


def _judged(results: Results, search: Search) -> list[Trial]:
    """The judged runs of a contender whose recipe is found, and of the same cell with another hidden size."""
    choice, own = search.choice(), search.contender
    same = [c for c in results.comparison.matched if (c.cell.name, c.retention) == (own.cell.name, own.retention)]
    found = []
    for contender in (own, *same):
        results.choices[contender.label] = choice
        found += [Trial(contender, choice.rate, choice.clip, seed, True) for seed in results.comparison.judging]
    return found


class _Board:
    """The finished fraction of all runs that are known of."""

    def __init__(self, results: Results, tell: Tell) -> None:
        self._results, self._tell = results, tell
        self._work: dict[Trial, float] = {}
        self._done: dict[Trial, float] = {}
        comparison = results.comparison
        judged = (Trial(c, 0.0, "", 0, True) for c in comparison.all_contenders)
        self._ahead = comparison.seeds * sum(work_of(trial, comparison, results.seconds) for trial in judged)

    def add(self, trial: Trial) -> None:
        """Take in a run that is to be done; judged ones are counted from the beginning."""
        self._work[trial] = work_of(trial, self._results.comparison, self._results.seconds)
        self._done[trial] = 0.0

    def tell(self, trial: Trial, fraction: float) -> None:
        """Take in how far a run is."""
        self._done[trial] = max(self._done[trial], fraction)
        searching = sum(work for t, work in self._work.items() if not t.is_judged)
        done = sum(self._work[t] * share for t, share in self._done.items())
        self._tell(0.02 + 0.93 * min(1.0, done / (searching + self._ahead)), trial.words)


__all__ = ["Estimate", "Results", "carry_out_all", "estimate"]
