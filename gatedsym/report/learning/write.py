"""Cells and a task → a folder with a page, figures, data, provenance, and the runs that they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from gatedsym.cells import Cell
from gatedsym.errors import GatedsymError
from gatedsym.expect import expect_path
from gatedsym.figures.figure import FORMATS, Figure, require_format
from gatedsym.figures.learning.steps import moments, slides
from gatedsym.figures.style import width_of
from gatedsym.files.read import printable
from gatedsym.files.write import write_together
from gatedsym.flow.ensemble import read_cells
from gatedsym.learning.comparison.asking import AUTO, Comparison, plan_comparison
from gatedsym.learning.comparison.carrying_out import Estimate, carry_out_all
from gatedsym.learning.comparison.datasets import datasets_of
from gatedsym.report.citation import bibliography, digest
from gatedsym.report.learning.page import SLIDES, render_page
from gatedsym.report.learning.record import Request, provenance
from gatedsym.report.learning.sections import ENTRIES
from gatedsym.report.record import RECORD
from gatedsym.report.write import require_writable, unwritable

if TYPE_CHECKING:
    from gatedsym.learning.optimisers import Optimiser
    from gatedsym.learning.task import Task

Progress = Callable[[float, str], object]
PAGE = "index.html"


@dataclass(frozen=True)
class Made:
    """All that a page is made from.

    Attributes
    ----------
    comparison : Comparison
    request : Request
    cells : tuple of Cell
    command : str
    runs : tuple of str
        Files of the runs, in the folder.
    run_digests : mapping of str to str
    """

    comparison: Comparison
    request: Request
    cells: tuple[Cell, ...]
    command: str
    runs: tuple[str, ...] = ()
    run_digests: Mapping[str, str] | None = None


def write_learning(
    cells: Sequence[str | Cell] | str,
    task: Task,
    out: str | Path = "learning",
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
    width: str | float = "neurips",
    formats: Sequence[str] = FORMATS,
    command: str = "gatedsym learn",
    progress: Progress | None = None,
    told: Callable[[Comparison, Estimate], object] | None = None,
) -> list[Path]:
    """Train cells on a task, and write a page about how it went.

    The search for a recipe comes first; what it finds is judged on other seeds. Whatever interrupts, runs that were
    begun go on from their files in ``runs`` when the same is asked again.

    Parameters
    ----------
    cells : cells or names of the library
    task : Task
    out : path
        Folder; made if it is not there.
    rates, clip, optimiser, retention, init, layers, readout, updates, batch, n, seeds, match, quick
        As `gatedsym.learning.comparison.asking.plan_comparison` takes them.
    width : str or float
        Venue or inches, for the figures.
    formats : sequence of "pdf", "svg", "png"
        Of the figures; SVG and PDF are always written.
    command : str
        What the person typed, for the record.
    progress : callable, optional
        Told the finished fraction and what is being done.
    told : callable, optional
        Told the plan and the time that it takes, before anything is trained.

    Returns
    -------
    list of Path
        Every file written beside the runs, the page first.

    Raises
    ------
    GatedsymError
        For what cannot be used, before anything is trained.
    """
    folder, tell = expect_path("out", out), progress or (lambda fraction, text: None)
    found = tuple(read_cells(cells))
    kinds = tuple(dict.fromkeys((*formats, "svg", "pdf")))
    for kind in kinds:
        require_format(kind)
    width_of(width)
    comparison = plan_comparison(
        found, task, rates=rates, clip=clip, optimiser=optimiser, retention=retention, init=init, layers=layers,
        readout=readout, updates=updates, batch=batch, n=n, seeds=seeds, match=match, quick=quick,
    )  # fmt: skip
    request = request_of(comparison, found, width, kinds)
    try:
        require_writable(folder)
        results = carry_out_all(comparison, folder, tell, lambda estimate: told(comparison, estimate) if told else None)
        tell(0.96, "drawing")
        digests = {name: digest((folder / name).read_bytes()) for name in results.files}
        made = Made(comparison, request, found, printable(command), tuple(results.files), digests)
        content = render(made, datasets_of(results))
        write_together({folder / name: whole for name, whole in content.items()})
    except OSError as error:
        reason = error.strerror or str(error)
        raise GatedsymError(unwritable(Path(error.filename or folder), reason)) from error
    tell(1.0, "done")
    *others, page = (folder / name for name in content)
    return [page, *others]


def request_of(comparison: Comparison, cells: Sequence[Cell], width: str | float, kinds: tuple[str, ...]) -> Request:
    """The request that leads to a comparison, with every default written out."""
    retention = tuple(dict.fromkeys(c.retention for c in comparison.contenders))
    optimiser = type(comparison.optimiser).__name__.lower()
    return Request(
        cells=tuple(cell.name for cell in cells),
        rates=AUTO if comparison.is_open else comparison.rates,
        clip=tuple(clipping.words for clipping in comparison.clips),
        optimiser=optimiser,
        retention=retention,
        init=comparison.contenders[0].scheme,
        readout=comparison.readout,
        layers=comparison.layers,
        updates=comparison.updates,
        batch=comparison.batch,
        n=comparison.n,
        seeds=comparison.seeds,
        match=bool(comparison.matched) or bool(comparison.unmatched),
        width=width,
        formats=kinds,
    )


def render(made: Made, datasets: Mapping[str, xr.Dataset]) -> dict[str, str | bytes]:
    """Every file of a page by its name in the folder, the page last; nothing is written."""
    figures = drawn(datasets, made.request.width)
    content: dict[str, str | bytes] = {}
    for name, figure in figures.items():
        beside = figure.content(Path("figures") / name, made.request.formats, Path("data") / name)
        content |= {path.as_posix(): whole for path, whole in beside.items()}
    pages = 0
    if "gradient-by-lag" in figures:
        content[SLIDES] = slides(datasets["learning"], datasets["gradient-by-lag"])
        pages = len(moments(datasets["gradient-by-lag"]))
    printed = {name: figure.printed for name, figure in figures.items()}
    page = render_page(datasets, printed, made.request.formats, made.command, pages)
    content["figures.bib"] = bibliography(list(printed.values()))
    files = {name: digest(whole) for name, whole in content.items()} | {PAGE: digest(page)}
    files |= dict(made.run_digests or {})
    record = provenance(
        made.comparison, made.request, made.command, made.cells, list(printed.values()), made.runs, files
    )
    return {**content, RECORD: record, PAGE: page}


def drawn(datasets: Mapping[str, xr.Dataset], width: str | float) -> dict[str, Figure]:
    """The figures whose datasets hold anything, in the order of the page."""
    return {
        entry.name: entry.draw(datasets[entry.name], name=entry.name, width=width)
        for entry in ENTRIES
        if entry.name in datasets and entry.shows(datasets[entry.name])
    }


__all__ = ["PAGE", "Made", "drawn", "render", "request_of", "write_learning"]
