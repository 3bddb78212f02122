"""A report: from cells and an input to a folder with a page, figures, data, provenance and citations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.errors import GatedsymError
from gatedsym.figures import Figure
from gatedsym.figures.figure import FORMATS
from gatedsym.files import write_atomically
from gatedsym.flow import Series, read_input
from gatedsym.flow.settings import read_cells
from gatedsym.report.citation import bibliography, provenance
from gatedsym.report.findings import find_all
from gatedsym.report.page import render_page
from gatedsym.report.parts import Part, kept_pictures, measured, report_parts

Progress = Callable[[float, str], None]
Derivation = Callable[[Any], str]
DEFAULT_CELLS = ("rnn", "lstm", "gru")


def derivation_page(cell: Any) -> str:
    """The HTML page that derives a cell's gradient."""
    from gatedsym.codegen.derivation import derivation, render

    return render(derivation(cell.recurrence), "html")


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
    progress : callable, optional
        Told the finished fraction and what is being done.

    Returns
    -------
    list of Path
        Every file written, the page first.

    Raises
    ------
    GatedsymError
        For input that cannot be used or a folder that cannot be written to. What was in `out` is then as it was, or
        already new, file by file.
    """
    out = Path(out)
    try:
        return _write_all(read_cells(cells), out, input, quick, lags, width, formats, command, derivation, progress)
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
    progress: Progress | None,
) -> list[Path]:
    series = input if isinstance(input, Series) else read_input(input)
    parts = report_parts(series, quick, lags or (100 if quick else 200))
    # The page reads as one only if its data can be cut for every part: find out before an hour is spent.
    series.windows(2 + max(p.options.get("lags", p.options.get("steps", 1)) for p in parts), 1, 0)
    tell = _Teller(parts, progress)
    kinds = tuple(dict.fromkeys((*formats, "svg")))
    figures, datasets, written = [], {}, []
    for part in parts:
        data = measured(part, found, tell.measuring(part))
        figure = part.draw(data, width=width, name=part.name)
        keep = kept_pictures(part, found, width)
        written += figure.save(out / "figures" / part.name, kinds, out / "data" / part.name, keep)
        figures.append(figure)
        datasets[part.name] = data
    links = _write_derivations(found, out, derivation)
    written += [out / link for link in links.values()]
    tell.last("writing the page")
    return _write_texts(out, found, parts, figures, datasets, links, kinds, command, written)


def _write_texts(
    out: Path,
    cells: Sequence[Any],
    parts: Sequence[Part],
    figures: Sequence[Figure],
    datasets: Mapping[str, xr.Dataset],
    links: Mapping[str, str],
    kinds: Sequence[str],
    command: str,
    written: Sequence[Path],
) -> list[Path]:
    page = render_page(cells, parts, figures, find_all(datasets), links, kinds, command)
    names = [p.relative_to(out).as_posix() for p in written] + ["figures.bib", "index.html"]
    texts = {
        "index.html": page,
        "figures.bib": bibliography(figures),
        "provenance.json": provenance(cells, parts, figures, names, command),
    }
    for name, text in texts.items():
        write_atomically(out / name, text)
    first, *others = (out / name for name in texts)
    return [first, *written, *others]


def _write_derivations(cells: Sequence[Any], out: Path, derivation: Derivation | None) -> dict[str, str]:
    if derivation is None:
        return {}
    links = {c.name: f"derivations/{c.name}.html" for c in cells}
    for cell in cells:
        write_atomically(out / links[cell.name], derivation(cell))
    return links


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
