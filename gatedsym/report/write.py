"""A report: from cells and an input to a folder with a page, figures, data, provenance and citations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.errors import GatedsymError
from gatedsym.figures import Figure
from gatedsym.figures.figure import FORMATS
from gatedsym.files import write_atomically
from gatedsym.flow import Series, read_input, white_noise
from gatedsym.flow.settings import read_cells
from gatedsym.report.citation import bibliography, provenance
from gatedsym.report.findings import find_all
from gatedsym.report.page import render_page
from gatedsym.report.parts import Part, kept_pictures, measured, report_parts

Progress = Callable[[float, str], None]
Derivation = Callable[[Any], str]
ERRATA_PAGE = "errata.html"
DEFAULT_CELLS = ("rnn", "lstm", "gru")


def derivation_page(cell: Any) -> str:
    """The HTML page that derives a cell's gradient."""
    from gatedsym.codegen.derivation import derivation, render

    return render(derivation(cell.recurrence), "html")


def shown_errata() -> str:
    """The HTML page of errors that texts repeat."""
    from gatedsym.report.errata import errata_page

    return errata_page()


def write_report(
    cells: Sequence[Any] | str = DEFAULT_CELLS,
    out: str | Path = "report",
    *,
    input: str | Path | Series = "text",
    quick: bool = False,
    lags: int | None = None,
    width: str | float = "neurips",
    formats: Sequence[str] = FORMATS,
    command: str = "gatedsym report",
    derivation: Derivation | None = derivation_page,
    errata: Callable[[], str] | None = shown_errata,
    progress: Progress | None = None,
) -> list[Path]:
    """Measure, draw and explain; write everything under `out`.

    Parameters
    ----------
    cells : cells or names of the library
    out : path
        Folder; made if it is not there. Files of the same names are replaced, each in one step.
    input : "text", "noise", path or Series
        What the networks read; white noise is measured beside it.
    quick : bool
        Small networks and few seeds: for a look, not for a paper.
    lags : int, optional
        The longest lag: 200, or 100 when quick.
    width : str or float
        Venue or inches, for the figures.
    formats : sequence of "pdf", "svg", "png"
        Of the figures; the page shows the SVG, which is always written.
    command : str
        What the person typed, for the record.
    derivation : callable, optional
        (cell) to the HTML page of its derivation, written to ``derivations/`` and linked; None leaves them out.
    errata : callable, optional
        () to the HTML page of errors that texts repeat, ``errata.html``; None leaves it out.
    progress : callable, optional
        Told the finished fraction and what is being done.

    Returns
    -------
    list of Path
        Every file written, the page first.

    Raises
    ------
    GatedsymError
        For input that cannot be used or a folder that cannot be written to, before anything is measured. Files are
        written after everything is measured and drawn, the page last.
    """
    out = Path(out)
    try:
        return _write_all(
            read_cells(cells), out, input, quick, lags, width, formats, command, derivation, errata, progress
        )
    except OSError as error:
        where = error.filename or out
        raise GatedsymError(
            f"{where} cannot be written ({error.strerror}): choose another folder, or mend this one."
        ) from error


def _write_all(
    found: Sequence[Any],
    out: Path,
    input: str | Path | Series,
    quick: bool,
    lags: int | None,
    width: str | float,
    formats: Sequence[str],
    command: str,
    derivation: Derivation | None,
    errata: Callable[[], str] | None,
    progress: Progress | None,
) -> list[Path]:
    series = input if isinstance(input, Series) else read_input(input)
    if not any(c.inputs for c in found):
        series = white_noise()  # stands in for what nothing reads: it is never too short
    parts = report_parts(series, quick, lags or (100 if quick else 200))
    # The page reads as one only if its data can be cut for every part: find out before an hour is spent.
    series.windows(2 + max(p.options.get("lags", p.options.get("steps", 1)) for p in parts), 1, 0)
    _require_writable(out)
    tell = _Teller(parts, progress)
    kinds = tuple(dict.fromkeys((*formats, "svg")))
    figures, datasets = [], {}
    content: dict[Path, str | bytes] = {}
    for part in parts:
        data = measured(part, found, tell.measuring(part))
        figure = part.draw(data, width=width, name=part.name)
        keep = kept_pictures(part, found, width)
        content |= figure.content(out / "figures" / part.name, kinds, out / "data" / part.name, keep)
        figures.append(figure)
        datasets[part.name] = data
    pages = {} if derivation is None else {f"derivations/{c.name}.html": derivation(c) for c in found}
    pages |= {} if errata is None else {ERRATA_PAGE: errata()}
    content |= {out / path: text for path, text in pages.items()}
    tell.last("writing the page")
    texts = _texts(found, parts, figures, datasets, kinds, command, [p.relative_to(out).as_posix() for p in content])
    content |= {out / name: text for name, text in texts.items()}
    # All is there before the first file is replaced, and the page comes last, so that one cut short is not believed.
    for path, whole in content.items():
        write_atomically(path, whole)
    *others, page = content
    return [page, *others]


def _require_writable(out: Path) -> None:
    """Make the folder and try it, before an hour is spent on what could not be kept."""
    out.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=out).close()


def _texts(
    cells: Sequence[Any],
    parts: Sequence[Part],
    figures: Sequence[Figure],
    datasets: Mapping[str, xr.Dataset],
    kinds: Sequence[str],
    command: str,
    names: Sequence[str],
) -> dict[str, str]:
    """The citations, the provenance and the page, by name; `names` are the files beside them."""
    links = {c.name: path for c in cells if (path := f"derivations/{c.name}.html") in names}
    errata = ERRATA_PAGE if ERRATA_PAGE in names else ""
    return {
        "figures.bib": bibliography(figures),
        "provenance.json": provenance(cells, figures, [*names, "figures.bib", "index.html"], command),
        "index.html": render_page(cells, parts, figures, find_all(datasets), links, kinds, command, errata),
    }


class _Teller:
    """Turns each part's own fraction into the fraction of the whole."""

    def __init__(self, parts: Sequence[Part], progress: Progress | None) -> None:
        self._progress = progress
        self._total = sum(p.weight for p in parts)
        starts = [sum(p.weight for p in parts[:k]) for k in range(len(parts))]
        self._start = {p.name: s for p, s in zip(parts, starts)}

    def measuring(self, part: Part) -> Callable[[float], None]:
        """What a part is to call."""

        def tell(fraction: float) -> None:
            if self._progress is not None:
                self._progress((self._start[part.name] + part.weight * fraction) / self._total, part.name)

        return tell

    def last(self, text: str) -> None:
        """All parts are measured."""
        if self._progress is not None:
            self._progress(1.0, text)
