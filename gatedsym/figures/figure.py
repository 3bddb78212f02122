"""A figure with all that belongs to it: the drawing, the data behind it, the numbers drawn, and a caption to lift."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_path, expect_several, shown
from gatedsym.figures.caption import Caption
from gatedsym.figures.fonts import outlines_only
from gatedsym.figures.panels import mark_empty_panels
from gatedsym.figures.pgf import render_pgf, tex_system
from gatedsym.figures.printed import COLUMN, Printed
from gatedsym.figures.style import drawing_style
from gatedsym.figures.texts import lay_out
from gatedsym.figures.words import listing
from gatedsym.files.cache import read_kept, write_kept
from gatedsym.files.netcdf import netcdf
from gatedsym.files.write import write_atomically
from gatedsym.offers import offered

FORMATS = ("pdf", "svg", "png")
SUFFIXES = (*FORMATS, "pgf", "csv", "nc", "txt", "tex")
"""Of all files that belong to a figure."""


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A finished figure: no panel of it is empty without saying so.

    Attributes
    ----------
    name : str
        For file names and labels: ``gradient-norm``.
    title : str
    drawing : matplotlib.figure.Figure
    data : xarray.Dataset
        Everything measured, every seed.
    table : pandas.DataFrame
        The numbers that are drawn.
    caption : Caption
    rc : mapping, optional
        Settings of Matplotlib under which it was drawn, over ours; files are written under the same.
    ax : Axes, optional
        The one panel, where a person's own axes were drawn into; `drawing` is then that person's.

    Raises
    ------
    ArgumentError
        Where nothing that was measured is finite.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.bound("rnn", "noise", n=4, seeds=2, lags=10)
    >>> figure = gs.figures.bound(data)
    >>> figure.name, figure.csv().splitlines()[0][:10], [path.suffix for path in figure.save("bound", formats=["png"])]
    ('bound', 'cell,init,', ['.png', '.csv', '.nc', '.txt', '.tex'])
    >>> figure.render("svg")[:5], figure.latex("bound.pdf").splitlines()[0]
    (b'<?xml', '\\\\begin{figure*}')
    """

    name: str
    title: str
    drawing: Drawing
    data: xr.Dataset
    table: pd.DataFrame
    caption: Caption
    rc: Mapping[str, Any] | None = None
    ax: Axes | None = None

    def __post_init__(self) -> None:
        if not mark_empty_panels(self.drawing.axes if self.ax is None else [self.ax]):
            cells = listing([str(c) for c in np.atleast_1d(self.data.attrs.get("cells", []))])
            raise ArgumentError(
                f"nothing that was measured {f'of {cells} ' if cells else ''}is finite, so there is nothing to draw: "
                "values overflow, or are not defined."
            )

    def __eq__(self, other: object) -> bool:
        """Whether both show the same numbers of the same data under the same caption."""
        if not isinstance(other, Figure):
            return NotImplemented
        said = (self.name, self.title, self.caption, self.csv())
        return said == (other.name, other.title, other.caption, other.csv()) and self.data.identical(other.data)

    def _repr_html_(self) -> str:
        """The picture inline, its caption below."""
        picture = self.render("svg").decode("utf-8")
        drawn = base64.b64encode(picture.encode("utf-8")).decode("ascii")
        return str(
            Markup(
                '<figure style="margin: 0"><img alt="{}" src="data:image/svg+xml;base64,{}"/>'
                '<figcaption style="max-width: 46em">{}</figcaption></figure>'
            ).format(self.title, drawn, self.caption.html)
        )

    def __repr__(self) -> str:
        return f"Figure({self.name!r}: {self.title})"

    def save(
        self,
        stem: str | Path,
        formats: Sequence[str] = FORMATS,
        data: str | Path | None = None,
        keep: Path | None = None,
    ) -> list[Path]:
        """Write the picture, its data (csv: what is drawn; nc: every seed) and its caption (txt and tex).

        Parameters
        ----------
        stem : path
            Without suffix; that of a file that is written here (.pdf, .csv, …) is taken off.
        formats : sequence of "pdf", "svg", "png"
        data : path without suffix, optional
            Where the data goes; beside the picture by default.
        keep : path, optional
            A folder for pictures of exactly this figure: what is there is used, what is not is drawn and put there.

        Returns
        -------
        list of Path
            What was written. The same data gives the same bytes (under the same library versions).
        """
        content = self.content(stem, formats, data, keep)
        for path, whole in content.items():
            write_atomically(path, whole)
        return list(content)

    def content(
        self,
        stem: str | Path,
        formats: Sequence[str] = FORMATS,
        data: str | Path | None = None,
        keep: Path | None = None,
        about: str = "",
    ) -> dict[Path, str | bytes]:
        """The files that `save` would write, by path; `about` stands in the metadata of every picture."""
        formats = expect_several("formats", formats, f"one of {', '.join(FORMATS)}")
        for kind in formats:
            require_format(kind)
        stem = _without_suffix(expect_path("stem", stem))
        beside = stem if data is None else _without_suffix(expect_path("data", data))
        numbers = self.csv()
        drawn = _digest(numbers)
        content: dict[Path, str | bytes] = {_with(stem, f): self._kept(f, keep, about, drawn) for f in formats}
        content[_with(beside, "csv")] = numbers
        content[_with(beside, "nc")] = netcdf(self.data)
        content[_with(stem, "txt")] = self.caption.plain + "\n"
        kind = next((f for f in ("pdf", "png") if f in formats), "pdf")
        content[_with(stem, "tex")] = self.latex_beside(f"{stem.name}.{kind}")
        return content

    def render(self, kind: str, about: str = "") -> bytes:
        """The picture as bytes; its origin and the hash of its data stand in its metadata, no date does.

        Parameters
        ----------
        kind : {"pdf", "svg", "png", "pgf"}
        about : str
            What stands in the metadata besides.

        Returns
        -------
        bytes
            The same data gives the same bytes (under the same library versions).

        Raises
        ------
        ArgumentError
            For another format.
        """
        require_format(kind)
        return self._rendered(kind, about, self.digest)

    def _rendered(self, kind: str, about: str, drawn: str) -> bytes:
        """The same; `drawn` is the digest of the numbers drawn."""
        about = f"{self.data.attrs.get('source', 'gatedsym')}; data sha256 {drawn}" + (about and f"; {about}")
        metadata: dict[str, dict[str, Any]] = {
            "pdf": {"Title": self.title, "Subject": about, "CreationDate": None, "ModDate": None},
            "svg": {"Title": self.title, "Description": about, "Date": None},
            "png": {"Title": self.title, "Source": about},
        }
        buffer = io.BytesIO()
        with drawing_style(self.rc), outlines_only():
            if self.ax is None:
                FigureCanvasAgg(self.drawing)
                lay_out(self.drawing)
            if kind == "pgf":
                return render_pgf(self.drawing, self.name, about)
            with _as_laid_out(self.drawing) if self.ax is None else nullcontext():
                self.drawing.savefig(buffer, format=kind, metadata=metadata[kind])
        return buffer.getvalue()

    def _kept(self, kind: str, keep: Path | None, about: str, drawn: str) -> bytes:
        path = None if keep is None else keep / f"{self.name}.{kind}"
        if path is None:
            return self._rendered(kind, about, drawn)
        key = repr((self.name, kind, about, drawn, path.parent.name))
        picture = read_kept(path, key)
        if picture is None:
            picture = self._rendered(kind, about, drawn)
            write_kept(path, key, picture)
        return picture

    def csv(self) -> str:
        """The numbers drawn, one row a point, seven digits."""
        return str(self.table.to_csv(index=False, float_format="%.7g", lineterminator="\n"))

    def latex(self, file: str) -> str:
        """A LaTeX float that includes the picture `file`, as wide as a column or as the page, under its caption."""
        return self.printed.latex(file)

    def latex_beside(self, picture: str) -> str:
        """The same for a file of its own, which finds the picture that lies beside it wherever it is taken in from."""
        return self.printed.latex_beside(picture)

    def bibtex(self) -> str:
        """BibTeX entries for the software and for this figure, with the hash of its data.

        Returns
        -------
        str
            Two entries, ``@software`` and ``@misc``, as a report's ``figures.bib`` has them.

        Examples
        --------
        >>> import gatedsym as gs
        >>> figure = gs.figures.bound(gs.flow.bound("rnn", "noise", n=4, seeds=2, lags=10))
        >>> [line for line in figure.bibtex().splitlines() if line.startswith("@")]
        ['@software{gatedsym,', '@misc{gatedsym-bound,']
        """
        return str(offered("Figure.bibtex")(self.printed))

    @property
    def printed(self) -> Printed:
        """All but the drawing: what pages print beside the picture."""
        across = self.drawing.get_figwidth() > COLUMN
        return Printed(self.name, self.title, self.data, self.caption, self.digest, across)

    @property
    def digest(self) -> str:
        """SHA-256 of the numbers drawn."""
        return _digest(self.csv())


def require_format(kind: str) -> None:
    """Raise ArgumentError unless a picture can be written in a format; ``pgf`` needs a TeX installation."""
    if isinstance(kind, str) and kind == "pgf":
        tex_system()
    elif not isinstance(kind, str) or kind not in FORMATS:
        raise ArgumentError(f"format {shown(kind)}: choose from {', '.join(FORMATS)}, or pgf where TeX is installed.")


@contextmanager
def _as_laid_out(drawing: Drawing) -> Iterator[None]:
    """The drawing without a layout engine, for the time of writing: with one, even an idle one, all is drawn twice."""
    engine = drawing.get_layout_engine()
    with matplotlib.rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
        drawing.set_layout_engine(None)
    try:
        yield
    finally:
        drawing.set_layout_engine(engine)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _without_suffix(stem: Path) -> Path:
    return stem.with_suffix("") if stem.suffix.lower().lstrip(".") in SUFFIXES else stem


def _with(stem: Path, suffix: str) -> Path:
    # Not with_suffix: a stem may hold a dot.
    return stem.with_name(f"{stem.name}.{suffix}")
