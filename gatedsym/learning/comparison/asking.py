"""Arguments of a person → a comparison: contenders, rates, clips, seeds and sizes, all of it checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_whole, shown
from gatedsym.flow.ensemble import read_cells
from gatedsym.learning.clipping import Clipping, read_clipping
from gatedsym.learning.comparison.contenders import (
    Contender,
    Retention,
    contenders_of,
    matched_contenders,
    read_retentions,
)
from gatedsym.learning.feeding import require_task
from gatedsym.learning.optimisers import NAMED, Optimiser, read_optimiser

if TYPE_CHECKING:
    from gatedsym.learning.task import Task

AUTO = "auto"
FIRST_RATES = (1e-3, 3e-3, 1e-2)
"""Rates that ``auto`` begins with."""
FURTHER = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
"""Rates that ``auto`` may go on to, as long as the best one stands at an end."""
CHOOSING = (1000, 1001)
"""Seeds by which a recipe is chosen; those by which it is judged are 0, 1, …, far below."""
LEVELS = (0.8, 0.3, 0.1)
"""Thresholds, as shares of the loss at the baseline."""


@dataclass(frozen=True)
class Sizes:
    """Amount that a comparison trains.

    Attributes
    ----------
    n : int
        Hidden size.
    updates, batch : int
        Of a run.
    seeds : int
        Judged runs of a contender.
    clips : tuple of str
        Clippings that are searched, as they are typed.
    is_matched : bool
        Whether cells are also trained with as many parameters as the first.
    """

    n: int = 32
    updates: int = 1500
    batch: int = 32
    seeds: int = 5
    clips: tuple[str, ...] = ("1", "0.1")
    is_matched: bool = True


FULL, QUICK = Sizes(), Sizes(updates=600, seeds=3, clips=("1",), is_matched=False)


@dataclass(frozen=True)
class Comparison:
    """Plan of a comparison.

    Attributes
    ----------
    task : Task
    contenders, matched : tuple of Contender
        Of one hidden size; and with as many parameters as the first of them.
    unmatched : str
        The reason why no cell is matched, or "".
    rates : tuple of float
        To begin with, ascending.
    is_open : bool
        Whether the search goes on beyond an end at which the best rate stands.
    clips : tuple of Clipping
    optimiser : Optimiser
    updates, batch, seeds, n, layers : int
    readout : str
        Output or state that was named for cells whose equations leave it open.
    levels : tuple of float
        Thresholds, as shares of the baseline, descending.
    """

    task: Task
    contenders: tuple[Contender, ...]
    matched: tuple[Contender, ...]
    unmatched: str
    rates: tuple[float, ...]
    is_open: bool
    clips: tuple[Clipping, ...]
    optimiser: Optimiser
    updates: int
    batch: int
    seeds: int
    n: int
    layers: int
    readout: str = ""
    levels: tuple[float, ...] = LEVELS

    @property
    def all_contenders(self) -> tuple[Contender, ...]:
        """Those of one hidden size, and those that were matched."""
        return (*self.contenders, *self.matched)

    @property
    def judging(self) -> tuple[int, ...]:
        """Seeds of judged runs."""
        return tuple(range(self.seeds))

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Losses that count as reached, in the units of the task."""
        return tuple(share * self.task.baseline.value for share in self.levels)


def plan_comparison(
    cells: Sequence[str | Cell] | str,
    task: Task,
    *,
    rates: str | float | Sequence[float] = AUTO,
    clip: str | float | Sequence[Any] | None = None,
    optimiser: str | Optimiser = "adam",
    retention: Any = None,
    init: str = "uniform",
    layers: int = 1,
    readout: str = "",
    updates: int | None = None,
    batch: int | None = None,
    n: int | None = None,
    seeds: int | None = None,
    match: bool | None = None,
    quick: bool = False,
) -> Comparison:
    """Check everything that can be refused, before anything is trained.

    Parameters
    ----------
    cells : cells or names of the library
    task : Task
    rates : "auto", a number or several
        ``"auto"`` begins with 0.001, 0.003 and 0.01, and goes on while the best one stands at an end, from 1e-4 to 0.1.
    clip : text, number or several
        Limits of the gradient that are searched beside rates: ``"1,0.1"``, ``"value 1"``, ``"none"``. By default 1 and
        0.1 by norm, 1 alone when quick.
    optimiser : str or Optimiser
    retention : number, "chrono", text or several
        Biases of gates that retain, ``"none,1"``: each cell that has such a gate takes part with each of them.
    init : str
        Scheme of the initial parameters.
    layers : int
    readout : str
        The output or state that is read, of cells whose equations leave it open.
    updates, batch, n, seeds : int, optional
        By default 1500 (600 when quick), 32, 32, 5 (3).
    match : bool, optional
        Whether cells are trained with as many parameters as the first, too; by default unless quick.
    quick : bool
        Fewer updates, seeds and clips: for a look.

    Raises
    ------
    ArgumentError
        For what cannot be used, and where the task does not fit a cell.
    """
    require_task(task)
    usual = QUICK if quick else FULL
    found = read_cells(cells)
    size = usual.n if n is None else expect_whole("n", n, 1)
    several = expect_whole("layers", layers, 1)
    biases: tuple[Retention, ...] = read_retentions(retention)
    contenders = contenders_of(found, task, n=size, layers=several, retentions=biases, scheme=init, readout=readout)
    is_matched = usual.is_matched if match is None else match
    matched, unmatched = matched_contenders(contenders, task) if is_matched else ((), "")
    first, is_open = read_rates(rates)
    return Comparison(
        task=task,
        contenders=contenders,
        matched=matched,
        unmatched=unmatched,
        rates=first,
        is_open=is_open,
        clips=read_clips(usual.clips if clip is None else clip),
        optimiser=_named_optimiser(optimiser),
        updates=_size("updates", updates, usual.updates, 20),
        batch=_size("batch", batch, usual.batch, 1),
        seeds=_size("seeds", seeds, usual.seeds, 1),
        n=size,
        layers=several,
        readout=readout,
    )


def _size(name: str, given: int | None, usual: int, least: int) -> int:
    return usual if given is None else expect_whole(name, given, least)


def _named_optimiser(given: str | Optimiser) -> Optimiser:
    if isinstance(given, str) and given.lower() not in NAMED:
        raise ArgumentError(f"optimiser={shown(given)}: choose from {', '.join(NAMED)}.")
    return read_optimiser(given)


def read_rates(given: str | float | Sequence[float]) -> tuple[tuple[float, ...], bool]:
    """Rates, ascending, and whether the search may go on beyond them.

    Raises
    ------
    ArgumentError
        For what is no rate.
    """
    if given == AUTO:
        return FIRST_RATES, True
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, Sequence) else (given,)
    rates = tuple(sorted({_rate(one) for one in listed if one != ""}))
    if not rates:
        raise ArgumentError("no rate is named: give numbers with commas between them, 0.001,0.003, or auto.")
    return rates, False


def _rate(one: Any) -> float:
    try:
        value = float(one)
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(one, bool) or not 0 < value < math.inf:
        raise ArgumentError(f"rates has {shown(one)}: give positive numbers, 0.001,0.003, or auto.")
    return value


def read_clips(given: Any) -> tuple[Clipping, ...]:
    """Clippings from a number, a text with commas, or several of them.

    Raises
    ------
    ArgumentError
        For what is none.
    """
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, list | tuple) else (given,)
    found = [read_clipping(_clip(one)) for one in listed if not (isinstance(one, str) and not one.strip())]
    if not found:
        raise ArgumentError("no clipping is named: give limits with commas between them, 1,0.1, or none.")
    return tuple(dict.fromkeys(found))


def _clip(one: Any) -> Any:
    """A bare number in a text is a limit of the norm."""
    if isinstance(one, str):
        try:
            return float(one)
        except ValueError:
            return one.strip()
    return one


__all__ = [
    "AUTO",
    "CHOOSING",
    "FIRST_RATES",
    "FURTHER",
    "LEVELS",
    "Comparison",
    "Sizes",
    "plan_comparison",
    "read_clips",
    "read_rates",
]
