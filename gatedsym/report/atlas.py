"""The atlas of a report: atlas.toml and the registry of analyses → what it measures, draws and asks, for any cells."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from inspect import signature
from typing import Any

import xarray as xr

from gatedsym import figures
from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.figures import Figure
from gatedsym.flow.ensemble import SCALABLE
from gatedsym.flow.registry import Analysis, analyses
from gatedsym.messages import room
from gatedsym.report.sentences import listed

say = room("report")
QUICK_LAGS, LAGS = 100, 200


@dataclass(frozen=True)
class Asked:
    """The sizes that a person asks of a whole report.

    Attributes
    ----------
    quick : bool
    lags : int, optional
        The longest lag; 200 by default, 100 when quick.
    n, seeds : int, optional
        Hidden size and number of networks, for every analysis that has them; each has its own by default.
    init : tuple of str
        Initialisations, for every analysis that draws parameters; each has its own by default.
    match : {"parameters", "operations", ""}
        By which count each further cell is made as large as the first; "" gives all cells the same hidden size.
    """

    quick: bool = False
    lags: int | None = None
    n: int | None = None
    seeds: int | None = None
    init: tuple[str, ...] = ()
    match: str = ""

    @property
    def longest(self) -> int:
        """The longest lag."""
        return self.lags if self.lags is not None else QUICK_LAGS if self.quick else LAGS


@dataclass(frozen=True)
class Section:
    """A chapter of the page."""

    id: str


@dataclass(frozen=True)
class Entry:
    """One entry of the atlas.

    Attributes
    ----------
    key : str
        Names the figure, its files and its text.
    number : int
        In the atlas; 0 for what has none.
    section : str
        The chapter that holds it.
    measure : str
        The analysis, by its name in gatedsym.flow.
    default : bool
        Whether a report has it without being asked.
    headline : bool
        Whether it stands at the top of the page.
    draw : str
        The figure, by its name in gatedsym.figures; "" where it is that of the analysis.
    input : str
        ``noise`` where it reads white noise whatever else is read, else "".
    length : str
        The option that takes the report's longest lag, times `length_share`; "" if it has none.
    longest : str
        The option that takes the longest lag only where a person gives one; "" if it has none.
    init : {"all", "first", "scaled", ""}
        Which of the initialisations that a person asks for it shows: all, the first, the first that a gain scales;
        "" where it has no initialisation to choose.
    fitting : bool
        Whether it is left out where no cell takes part, unless it is asked for by name.
    draws : bool
        Whether it scales or redraws parameters, which cannot be done to given ones.
    chaotic : bool
        Whether its numbers may differ between processors beyond rounding.
    weight : float
        Share of the time.
    cells : sequence of str
        Of the library: what it is shown on, whichever cells the report is about. Empty: the report's.
    options, quick : mapping
        Sizes and settings; what replaces them in a quick report.
    """

    key: str
    number: int
    section: str
    measure: str
    default: bool
    headline: bool = False
    draw: str = ""
    input: str = ""
    length: str = ""
    length_share: float = 1.0
    longest: str = ""
    init: str = ""
    fitting: bool = False
    draws: bool = False
    chaotic: bool = False
    weight: float = 1.0
    cells: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """The question that it answers: its heading."""
        return say(f"question-{self.key}")

    @property
    def measured_by(self) -> Analysis:
        """The analysis."""
        return analyses()[self.measure]

    @property
    def drawn_by(self) -> Callable[..., Figure]:
        """The figure."""
        draw: Callable[..., Figure] = getattr(figures, self.draw or self.measure)
        return draw

    def measured(self, cells: Sequence[Cell], series: Any, **options: Any) -> xr.Dataset:
        """The dataset for some cells."""
        return self.measured_by.dataset(cells, series, **options)

    def drawn(self, data: xr.Dataset, width: str | float) -> Figure:
        """The figure of a dataset, under this entry's name."""
        return self.drawn_by(data, width=width, name=self.key)

    @property
    def measuring_module(self) -> str:
        """The module that computes the dataset."""
        return self.measured_by.dataset.__module__

    @property
    def drawing_module(self) -> str:
        """The module that draws the figure."""
        return self.drawn_by.__module__

    def why_not_applicable(self, cell: Cell) -> str:
        """Reason why a cell takes no part, in a sentence, or ""."""
        if self.draws and hasattr(cell, "parameters_digest"):
            return say("why-not-given", cell=cell.name)
        reason = self.measured_by.why_not_applicable(cell).strip()
        return reason and sentence(reason)

    def sizes(self, asked: Asked) -> dict[str, Any]:
        """The options of a report."""
        found = dict(self.options) | (dict(self.quick) if asked.quick else {})
        found |= {k: v for k, v in (("n", asked.n), ("seeds", asked.seeds)) if v is not None and k in found}
        if self.length:
            found[self.length] = max(1, int(asked.longest * self.length_share))
        if self.longest and asked.lags is not None:
            found[self.longest] = _up_to(found.get(self.longest), asked.lags)
        if schemes := self.initialisations(asked.init):
            found["init"] = schemes
        if asked.match and not self.cells and "match" in signature(self.measured_by.dataset).parameters:
            found["match"] = asked.match
        return {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}

    def initialisations(self, asked: Sequence[str]) -> tuple[str, ...]:
        """Those of the initialisations asked for that it shows; none where it keeps its own."""
        if not self.init:
            return ()
        fitting = [s for s in asked if self.init != "scaled" or s in SCALABLE]
        return tuple(fitting if self.init == "all" else fitting[:1])

    def remark(self, asked: Sequence[str]) -> str:
        """Sentence for a reader who asked for other initialisations than it shows, or ""."""
        shown = self.initialisations(asked)
        if not self.init or set(shown) == set(asked):
            return ""
        if not shown:
            return say("remark-scaled", asked=str(listed(list(asked))))
        return say("remark-shown", shown=shown[0])


@cache
def atlas() -> tuple[tuple[Section, ...], tuple[Entry, ...]]:
    """The sections and the analyses, in the order of the page."""
    table = tomllib.loads((files("gatedsym.report") / "atlas.toml").read_text("utf-8"))
    return tuple(Section(**s) for s in table["section"]), tuple(Entry(**a) for a in table["analysis"])


def chosen_analyses(only: str | Sequence[str] | None = None, everything: bool = False) -> list[Entry]:
    """The analyses of a report: the default ones, all, or those named by number or key.

    Parameters
    ----------
    only : str or sequence of str, optional
        ``"2,6"``, ``"paths,truncation"``.
    everything : bool

    Raises
    ------
    ArgumentError
        For a number or key that the atlas does not have.
    """
    analyses = atlas()[1]
    if only is None:
        return [a for a in analyses if a.default or everything]
    wanted = [w.strip() for w in (only.split(",") if isinstance(only, str) else only) if w.strip()]
    known = {a.key for a in analyses} | {str(a.number) for a in analyses if a.number}
    for name in wanted:
        if name not in known:
            listed = ", ".join(_entry(a) for a in analyses)
            raise ArgumentError(f"there is no figure {name!r}: choose from {listed}.")
    if not wanted:
        raise ArgumentError("no figure is named: give numbers or names, such as 1,truncation.")
    return [a for a in analyses if a.key in wanted or (a.number and str(a.number) in wanted)]


def sentence(text: str) -> str:
    """The first line with a capital letter, where its first word is no name, and a full stop."""
    text = text.split("\n")[0].rstrip()
    capital = text[0].upper() + text[1:] if text.startswith(("cell ", "no ", "the ", "a ")) else text
    return capital if capital.endswith((".", "!", "?")) else f"{capital}."


def _up_to(lags: Any, longest: int) -> Any:
    """The longest lag, or, where there is a list of lags, those up to it."""
    if not isinstance(lags, list | tuple):
        return longest
    return (*(k for k in lags if k < longest), longest)


def _entry(analysis: Entry) -> str:
    return f"{analysis.number} ({analysis.key})" if analysis.number else analysis.key


__all__ = ["Asked", "Entry", "Section", "atlas", "chosen_analyses", "sentence"]
