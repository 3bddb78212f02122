"""A report: from cells and an input to a folder with a page, figures, data, provenance and citations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError, GatedsymError
from gatedsym.figures.figure import FORMATS, require_format
from gatedsym.figures.printed import Printed
from gatedsym.figures.style import width_of
from gatedsym.files.read import printable
from gatedsym.files.write import write_together
from gatedsym.flow import DataError, Series, read_input, white_noise
from gatedsym.flow.ensemble import Setting, read_cells, require_positive
from gatedsym.flow.inputs.series import read_alphabet
from gatedsym.flow.matching import matching
from gatedsym.flow.trained import TrainedCell, trained_cell
from gatedsym.messages import room
from gatedsym.report.atlas import Asked, chosen_analyses
from gatedsym.report.citation import bibliography, digest, provenance
from gatedsym.report.findings import find_all
from gatedsym.report.kept import keep_files, kept_files
from gatedsym.report.making import Accept, Measure, Teller, make_figures
from gatedsym.report.page import render_page
from gatedsym.report.parts import Part, measured, report_parts
from gatedsym.report.pdf import render_pdf
from gatedsym.report.plan import OURS, OWN, Plan, Request, Shown
from gatedsym.report.subjects import cast_of

Progress = Callable[[float, str], None]
Derivation = Callable[[Any], str]
say = room("report")

ERRATA_PAGE = "errata.html"
DEFAULT_CELLS = ("rnn", "lstm", "gru")


def derivation_page(cell: Cell) -> str:
    """The HTML page that derives a cell's gradient."""
    from gatedsym.typesetting.pages.derivation import derivation, heading, render

    title, reference = heading(cell.record)
    return render(derivation(cell.recurrence, title=title, reference=reference), "html")


def shown_errata() -> str:
    """The HTML page of errors that texts repeat."""
    from gatedsym.report.errata import errata_page

    return errata_page()


def write_report(
    cells: Sequence[str | Cell] | str = DEFAULT_CELLS,
    out: str | Path = "report",
    *,
    input: str | Path | Series = "text",
    quick: bool = False,
    only: str | Sequence[str] | None = None,
    everything: bool = False,
    lags: int | None = None,
    n: int | None = None,
    seeds: int | None = None,
    init: str | Sequence[str] = (),
    match: str | None = None,
    weights: str | Path | None = None,
    layout: str | None = None,
    layer: str | None = None,
    alphabet: str | Path | Sequence[str] | None = None,
    width: str | float = "neurips",
    formats: Sequence[str] = FORMATS,
    command: str = "gatedsym report",
    derivation: Derivation | None = derivation_page,
    errata: Callable[[], str] | None = shown_errata,
    progress: Progress | None = None,
    check: Callable[[Sequence[Any]], None] | None = None,
) -> list[Path]:
    """Measure, draw and explain; write everything under `out`.

    Parameters
    ----------
    cells : cells or names of the library
    out : path
        Folder; made if it is not there. Files of the same names are replaced, each in one step.
    input : "text", "words", "noise", "none", path or Series
        What the networks read (``words:FILE`` reads a text as words); white noise is measured beside it. ``"none"`` is
        for cells without input.
    quick : bool
        Small networks and few seeds: for a look, not for a paper.
    only : str or sequence of str, optional
        Numbers or names of the figures wanted: ``"2,6"``.
    everything : bool
        All figures of the atlas, not those alone that a first reader needs.
    lags : int, optional
        The longest lag: 200, or 100 when quick.
    n, seeds : int, optional
        Hidden size and number of networks, for every analysis that has them; each has its own by default.
    init : str or sequence of str
        Initialisations, for every analysis that draws parameters: ``"uniform"``, ``("xavier", "orthogonal")``; each
        has its own by default. An analysis that shows one shows the first, and the page says so.
    match : "parameters" or "operations", optional
        Give each further cell the hidden size at which it has as many parameters, or operations in a step, as the first
        one (`gatedsym.match`); by default all cells have the same hidden size.
    weights : path, optional
        A file with the parameters of a network trained elsewhere (.npz, .safetensors, .pt, .onnx, .keras, .h5); it is
        measured beside its cell.
    layout : str, optional
        The framework that the weights come from, where their names leave that open.
    layer : str, optional
        Which layer of the file of weights, where several fit: ``encoder.rnn:0``.
    alphabet : str, path or sequence of str, optional
        For a text: its symbols in the order of their features, or a file with them.
    width : str or float
        Venue or inches, for the figures.
    formats : sequence of "pdf", "svg", "png", "pgf"
        Of the figures; the page shows the SVG and report.pdf the PDF, which are always written.
    command : str
        What the person typed, for the record.
    derivation : callable, optional
        (cell) to the HTML page of its derivation, written to ``derivations/`` and linked; None leaves them out.
    errata : callable, optional
        () to the HTML page of errors that texts repeat, ``errata.html``; None leaves it out.
    progress : callable, optional
        Told the finished fraction and what is being done.
    check : callable, optional
        Given the cells after all else is checked and before anything is measured; what it raises ends the report.

    Returns
    -------
    list of Path
        Every file written, the page first.

    Raises
    ------
    GatedsymError
        For input that cannot be used or a folder that cannot be written to, before anything is measured. Files are
        written after everything is measured and drawn, the page last. What is measured is kept at once, so that a run
        cut short goes on from there.
    """
    out = Path(out)
    try:
        plan = plan_report(
            cells, Asked(quick, lags, n, seeds, _words(init), match or ""), input=input, only=only,
            everything=everything, weights=weights, layout=layout, layer=layer, alphabet=alphabet, width=width,
            command=command,
        )  # fmt: skip
        kinds = tuple(dict.fromkeys((*formats, "svg", "pdf")))
        for kind in kinds:
            require_format(kind)
        require_writable(out)
        if check is not None:
            check(plan.cells)
        request = replace(
            plan.request, formats=kinds, derivations=_writer(derivation, derivation_page),
            errata=_writer(errata, shown_errata),
        )  # fmt: skip
        content = _kept_or_rendered(replace(plan, request=request), derivation, errata, progress)
        # All is there before the first file is replaced; the page comes last, so that one cut short is not believed.
        write_together({out / name: whole for name, whole in content.items()})
        *others, page = (out / name for name in content)
        return [page, *others]
    except OSError as error:
        raise GatedsymError(unwritable(Path(error.filename or out), error.strerror or str(error))) from error


def plan_report(
    cells: Sequence[str | Cell] | str,
    asked: Asked,
    *,
    input: str | Path | Series,
    only: str | Sequence[str] | None,
    everything: bool,
    weights: str | Path | None,
    layout: str | None,
    layer: str | None,
    alphabet: str | Path | Sequence[str] | None,
    width: str | float,
    command: str,
) -> Plan:
    """Everything that can be refused is refused here, before anything is measured."""
    width_of(width)
    analyses = chosen_analyses(only, everything)
    found = read_cells(cells)
    if only is None:
        analyses = [a for a in analyses if not a.fitting or not all(map(a.why_not_applicable, found))]
    trained = () if weights is None else (trained_cell(found, weights, layout, layer),)
    found = [*found, *trained]
    series = with_notes(_series(input, alphabet, found), trained)
    lags = asked.longest
    require_positive(**{k: v for k, v in (("lags", lags), ("n", asked.n), ("seeds", asked.seeds)) if v is not None})
    _require_initialisations(found, series, asked)
    _require_match(found, series, asked)
    parts = report_parts(found, series, analyses, asked)
    # The page reads as one only if its data can be cut for every part: find out before an hour is spent.
    series.windows(2 + lags, 1, 0)
    request = Request(
        command=printable(command),
        input="" if isinstance(input, Series) else str(input),
        lags=lags,
        quick=asked.quick,
        width=width,
        hidden=asked.n,
        seeds=asked.seeds,
        init=asked.init,
        match=asked.match,
        weights="" if weights is None else str(weights),
        layout=layout or "",
        layer=layer or "",
        alphabet=None if alphabet is None else read_alphabet(alphabet),
        trained={c.name: c.file_digest for c in trained},
        cells=tuple(c.name for c in found),
    )
    return Plan(tuple(found), series, tuple(parts), request)


def with_notes(series: Series, trained: Sequence[TrainedCell]) -> Series:
    """A series with what a reader should know of weights that were given, and of how they may read it."""
    notes = [c.description for c in trained if c.description]
    if trained and series.kind == "symbols" and not series.ordered:
        notes.append(say("note-order-of-symbols", cell=trained[0].name))
    return replace(series, notes=(*notes, *series.notes))


def _words(init: str | Sequence[str]) -> tuple[str, ...]:
    """Initialisations from what a person gives: a sequence, or one text with commas."""
    listed = init.split(",") if isinstance(init, str) else [str(s) for s in init]
    return tuple(dict.fromkeys(s.strip() for s in listed if s.strip()))


def _require_initialisations(cells: Sequence[Cell], series: Series, asked: Asked) -> None:
    """Draw one network of each kind that is asked for, so that what cannot be drawn is refused."""
    for cell in cells:
        size = cell.given_sizes.get("n") if isinstance(cell, TrainedCell) else None
        if None not in (size, asked.n) and size != asked.n:
            raise ArgumentError(
                f"the weights of {cell.name} have hidden size {size}, and {asked.n} is asked for: all networks of a "
                "report have one size, so leave it out."
            )
        for scheme in asked.init if cell.states else ():
            Setting(cell, scheme, 1.0, None).initial(series.features, asked.n or size or 8, 0, 1, "float64")


def _require_match(cells: Sequence[Cell], series: Series, asked: Asked) -> None:
    """Match the cells once, at the size asked for or a usual one, so that what cannot be matched is refused."""
    if asked.match:
        matching(cells, series.features, asked.n or 64, asked.match)


def _series(input: str | Path | Series, alphabet: str | Path | Sequence[str] | None, cells: Sequence[Cell]) -> Series:
    """Input of the networks, after a look at what they can read."""
    if isinstance(input, Series) and alphabet is not None:
        raise DataError("an alphabet is given, and a series has its own: leave one of them out.")
    series = input if isinstance(input, Series) else read_input(input, alphabet)
    reading = [c for c in cells if c.inputs]
    if not reading:
        return white_noise()  # stands in for what nothing reads: it is never too short
    if input == "none":
        raise DataError(f"{reading[0].name} has an input: give it text, noise or a file instead of none.")
    for cell in reading:
        size = cell.given_sizes.get("m") if isinstance(cell, TrainedCell) else None
        if size is not None and series.kind == "noise":
            series = white_noise(size)
        elif size is not None and size != series.features:
            raise DataError(
                f"the weights of {cell.name} read {size} features, and {series.name} has {series.features}: "
                "give the data that the network was trained on, or --input noise."
            )
    return series


def _writer(given: object, ours: object) -> str:
    """Writer of a page, for the record."""
    return "" if given is None else OURS if given is ours else OWN


def _kept_or_rendered(
    plan: Plan, derivation: Derivation | None, errata: Callable[[], str] | None, progress: Progress | None
) -> dict[str, str | bytes]:
    """Every file of a report by its name in the folder: of an earlier run of the same plan, or made now."""
    content = kept_files(plan)
    if content is None:
        content = render_report(plan, derivation, errata, measured, as_measured, progress, keep=True)
        keep_files(plan, content)
        return content
    tell = Teller(plan.parts, progress)
    for part in plan.parts:
        tell.measuring(part)(1.0)
    tell.last(say("progress-unchanged"))
    return content


def as_measured(part: Part, data: xr.Dataset) -> xr.Dataset:
    """The dataset itself: what was measured is drawn."""
    return data


def render_report(
    plan: Plan,
    derivation: Derivation | None,
    errata: Callable[[], str] | None,
    measure: Measure,
    accept: Accept,
    progress: Progress | None = None,
    *,
    keep: bool,
) -> dict[str, str | bytes]:
    """Every file of a report by its name in the folder, the page last; nothing is written.

    Parameters
    ----------
    plan : Plan
    derivation, errata : callable, optional
        As in `write_report`.
    measure, accept : callable
        (part, tell) to its dataset, and (part, dataset) to the one that is drawn, as in `make_figures`.
    progress : callable, optional
    keep : bool
        Whether pictures that were drawn before are used, and new ones kept.
    """
    tell = Teller(plan.parts, progress)
    pages: dict[str, str | bytes] = {}

    def write_pages() -> None:
        pages.update({} if derivation is None else {f"derivations/{c.name}.html": derivation(c) for c in plan.cells})
        pages.update({} if errata is None else {ERRATA_PAGE: errata()})

    made = make_figures(plan, measure, accept, tell, write_pages, keep=keep)
    tell.last(say("progress-page"))
    beside = {p.as_posix(): whole for one in made for p, whole in one.files.items()} | pages
    shown = [Shown(one.part, one.figure) for one in made]
    pictures = {s.figure.name: beside[f"figures/{s.figure.name}.pdf"] for s in shown if s.figure is not None}
    return beside | _texts(plan, shown, beside, pictures)


def unwritable(path: Path, reason: str) -> str:
    """Mend where a file of the report cannot be written."""
    return f"{path} cannot be written ({reason}): choose another folder, or mend this one."


def require_writable(out: Path) -> None:
    """Try the folder before an hour is spent on what could not be kept; one that was not there is not left behind."""
    missing = [p for p in (out, *out.parents) if not p.exists()]
    out.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=out).close()
    for folder in missing:
        folder.rmdir()


def _texts(
    plan: Plan,
    shown: Sequence[Shown],
    beside: Mapping[str, str | bytes],
    pictures: Mapping[str, Any],
) -> dict[str, str | bytes]:
    """The citations, the PDF, the provenance and the page, by name; `beside` are the other files."""
    figures: list[Printed] = [s.figure for s in shown if s.figure is not None]
    links = {c.name: path for c in plan.cells if (path := f"derivations/{c.name}.html") in beside}
    cast = cast_of(plan.cells)
    findings = find_all({f.name: f.data for f in figures}, cast)
    errata = ERRATA_PAGE if ERRATA_PAGE in beside else ""
    page = render_page(
        plan.cells, cast, plan.series, shown, findings, links, plan.request.formats, plan.request.command, errata
    )
    texts: dict[str, str | bytes] = {"figures.bib": bibliography(figures), "report.pdf": render_pdf(page, pictures)}
    files = {name: digest(whole) for name, whole in (*beside.items(), *texts.items(), ("index.html", page))}
    return {**texts, "provenance.json": provenance(plan, shown, files), "index.html": page}


__all__ = ["OURS", "Plan", "plan_report", "render_report", "require_writable", "unwritable", "write_report"]
