"""A plan → its figures: every part measured and drawn, in this process, or in several beside it where that pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import xarray as xr

from gatedsym.errors import ArgumentError, DataError
from gatedsym.execution.processes import Processes, process_count
from gatedsym.figures import Figure
from gatedsym.figures.printed import Printed
from gatedsym.report.atlas import sentence
from gatedsym.report.citation import origin
from gatedsym.report.parts import Part, is_kept, kept_pictures, measured
from gatedsym.report.plan import Plan

Progress: TypeAlias = Callable[[float, str], None]
Tell: TypeAlias = Callable[[float], None]
Measure: TypeAlias = Callable[[Part, Tell], xr.Dataset]
"""From a part to its dataset."""
Accept: TypeAlias = Callable[[Part, xr.Dataset], xr.Dataset]
"""From a part and its dataset to the one that is drawn."""
Reasons: TypeAlias = Mapping[str, str]
DRAWING = 1.5
"""Seconds that a figure takes to be drawn, about."""
QUICK = 0.1
"""Share of the time that parts of a quick report take."""
WORTH = 12.0
"""Seconds of work from which on processes pay: each takes about three to begin."""


@dataclass(frozen=True)
class Made:
    """A part that is finished.

    Attributes
    ----------
    part : Part
        Without the cells that were refused.
    figure : Printed, optional
        None where no cell takes part.
    files : mapping of Path to str or bytes
        Pictures, data and captions, by their paths in the folder.
    """

    part: Part
    figure: Printed | None
    files: Mapping[Path, str | bytes]


class Teller:
    """The finished fraction of the whole, from those of its parts.

    Parameters
    ----------
    parts : sequence of Part
    progress : callable, optional
        Told the fraction and what is being done.
    """

    def __init__(self, parts: Sequence[Part], progress: Progress | None = None) -> None:
        self._progress = progress
        self._weights = {p.name: p.analysis.weight for p in parts}
        self._done = dict.fromkeys(self._weights, 0.0)
        self._begun: dict[str, None] = {}

    def measuring(self, part: Part) -> Tell:
        """Call of a part as it advances."""
        return lambda fraction: self.tell(part.name, fraction)

    def tell(self, name: str, fraction: float) -> None:
        """Take in that so much of a part is measured; a part that is begun again does not go back."""
        self._done[name] = max(self._done[name], fraction)
        self._begun[name] = None
        at_work = sorted({name, *(n for n in self._begun if self._done[n] < 1)})
        if self._progress is not None:
            total = sum(self._weights.values()) or 1.0
            done = sum(weight * self._done[n] for n, weight in self._weights.items())
            self._progress(min(done / total, 1.0), ", ".join(at_work[:2]) + ", …" * (len(at_work) > 2))

    def last(self, text: str) -> None:
        """All parts are measured."""
        if self._progress is not None:
            self._progress(1.0, text)


def make_figures(
    plan: Plan, measure: Measure, accept: Accept, tell: Teller, meanwhile: Callable[[], None], *, keep: bool
) -> list[Made]:
    """Every part of a plan, measured and drawn; the same bytes from any number of processes.

    Parameters
    ----------
    plan : Plan
    measure : callable
        (part, tell) to its dataset; of a module, so that another process finds it.
    accept : callable
        (part, dataset) to the dataset that is drawn: called in this process.
    tell : Teller
    meanwhile : callable
        Called in this process once others are at work, or before the parts where there are none.
    keep : bool
        Whether pictures that were drawn before are used, and new ones kept.
    """
    count = process_count(len(plan.parts)) if seconds_of_work(plan, keep=keep) > WORTH else 0
    if count:
        with Processes(count, (plan,)) as processes:
            return _made_by(processes, plan, measure, accept, tell, meanwhile, keep)
    meanwhile()
    made = []
    for number, part in enumerate(plan.parts):
        reasons, data = measure_part(plan, number, measure, tell.measuring(part))
        left = part.without_all(reasons)
        data = data if data is None else accept(left, data)
        made.append(_finished(left, *draw_part(plan, number, reasons, data, keep)))
    return made


def _made_by(
    processes: Processes, plan: Plan, measure: Measure, accept: Accept, tell: Teller, meanwhile: Callable[[], None],
    keep: bool,
) -> list[Made]:  # fmt: skip
    """The parts, each measured in a process, and then drawn in one."""
    numbers = {part.name: number for number, part in enumerate(plan.parts)}
    left, made = dict(enumerate(plan.parts)), dict[int, Made]()
    for name, number in numbers.items():
        weight = plan.parts[number].analysis.weight  # what takes long is begun first
        processes.call(name, measure_part, number, measure, urgency=weight)
    meanwhile()
    measuring = set(numbers)
    for name, (found, result, *files) in processes.results(tell.tell):
        number = numbers[name]
        if name not in measuring:
            made[number] = _finished(left[number], found, result, *files)
            continue
        measuring.remove(name)
        tell.tell(name, 1.0)
        left[number] = left[number].without_all(found)
        data = result if result is None else accept(left[number], result)
        processes.call(name, draw_part, number, found, data, keep, urgency=DRAWING)
    return [made[number] for number in sorted(made)]


def _finished(part: Part, reasons: Reasons, figure: Printed | None, files: Mapping[Path, str | bytes]) -> Made:
    return Made(part.without_all(reasons), figure, files)


def seconds_of_work(plan: Plan, *, keep: bool) -> float:
    """About how long it takes to measure and draw all that is not kept."""
    share = QUICK if plan.request.quick else 1.0
    whole = 0.0
    for part in plan.parts:
        there = keep and is_kept(part)
        whole += DRAWING if not there else DRAWING / 3  # pictures of data that is kept are mostly kept, too
        whole += 0.0 if there else share * part.analysis.weight
    return whole


def measure_part(plan: Plan, number: int, measure: Measure, tell: Tell) -> tuple[Reasons, xr.Dataset | None]:
    """The dataset of a part; before it why cells take no part in it that were to."""
    planned = plan.parts[number]
    part, data = measured_or_reason(planned, tell, measure)
    return _new_reasons(planned, part), data


def draw_part(
    plan: Plan, number: int, reasons: Reasons, data: xr.Dataset | None, keep: bool, tell: Tell | None = None
) -> tuple[Reasons, Printed | None, Mapping[Path, str | bytes]]:
    """The figure of a part, as pages print it, and its files; before them why further cells take no part."""
    measured_of = plan.parts[number].without_all(reasons)
    if data is None:
        return {}, None, {}
    part, figure = drawn_or_reason(measured_of, data, plan.request.width)
    if figure is None:
        return _new_reasons(measured_of, part), None, {}
    printed = figure.printed
    about = origin(printed, part, plan.request.command)
    kept = kept_pictures(part, plan.request.width, about) if keep else None
    places = Path("figures") / part.name, Path("data") / part.name
    return {}, printed, figure.content(places[0], plan.request.formats, places[1], kept, about)


def _new_reasons(before: Part, after: Part) -> Reasons:
    return {name: reason for name, reason in after.reasons.items() if name not in before.reasons}


def measured_or_reason(
    part: Part, progress: Callable[[float], None], measure: Measure | None = None
) -> tuple[Part, xr.Dataset | None]:
    """The dataset of a part; a cell that the analysis refuses takes no part in it, and the page says why."""
    while part.cells:
        try:
            return part, (measure or measured)(part, progress)
        except DataError:
            raise
        except ArgumentError as error:
            named = [c.name for c in part.cells if f"{c.name}" in str(error).replace(":", " ").split()]
            for name in named[:1] or [c.name for c in part.cells]:
                part = part.without(name, sentence(str(error)))
    return part, None


def drawn_or_reason(part: Part, data: xr.Dataset, width: str | float) -> tuple[Part, Figure | None]:
    """The figure of a part, or none with the reasons why."""
    try:
        return part, part.analysis.drawn(data, width)
    except ArgumentError as error:  # nothing that was measured can be drawn
        for cell in part.cells:
            part = part.without(cell.name, sentence(str(error)))
    return part, None


__all__ = ["Made", "Teller", "make_figures", "measured_or_reason", "seconds_of_work"]
