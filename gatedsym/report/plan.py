"""Records that a report is made from: what a person asked for, the plan of its parts, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatedsym.figures.printed import Printed
from gatedsym.flow import Series
from gatedsym.report.parts import Part

if TYPE_CHECKING:
    from gatedsym.cells import Cell

OURS, OWN = "gatedsym", "own"
"""Who wrote pages beside the report: gatedsym, or a program of the caller's."""


@dataclass(frozen=True)
class Request:
    """Request of a person, as far as a report can be made again from it.

    Attributes
    ----------
    command : str
        What was typed.
    input : str
        As `read_input` takes it; "" where a Series was given.
    lags : int
    quick : bool
    width : str or float
    weights, layout, layer : str
        The file, the framework and the layer, as given, or "".
    alphabet : sequence of str, optional
        The symbols of a text in order, where they were given.
    hidden, seeds : int, optional
        Sizes that were asked for; None where every analysis has its own.
    init : tuple of str
        Initialisations that were asked for.
    match : {"parameters", "operations", ""}
        By which count cells were matched.
    trained : mapping of str to str
        For the name of each cell with given parameters the SHA-256 of their file.
    cells : tuple of str
        Names, in order.
    formats : tuple of str
        Of the figures.
    derivations, errata : {"", "gatedsym", "own"}
        Who wrote these pages; "" where there are none.
    """

    command: str
    input: str
    lags: int
    quick: bool
    width: str | float
    weights: str = ""
    layout: str = ""
    layer: str = ""
    alphabet: Sequence[str] | None = None
    hidden: int | None = None
    seeds: int | None = None
    init: tuple[str, ...] = ()
    match: str = ""
    trained: Mapping[str, str] = field(default_factory=dict)
    cells: Sequence[str] = ()
    formats: Sequence[str] = ()
    derivations: str = ""
    errata: str = ""


@dataclass(frozen=True)
class Plan:
    """Plan of what a report is to hold, all of it checked.

    Attributes
    ----------
    cells : tuple of Cell
    series : Series
        What the networks read.
    parts : tuple of Part
    request : Request
        What the person asked for, for the record.
    """

    cells: tuple[Cell, ...]
    series: Series
    parts: tuple[Part, ...]
    request: Request


@dataclass(frozen=True)
class Shown:
    """A part of the page: its figure, or none where no cell takes part."""

    part: Part
    figure: Printed | None
