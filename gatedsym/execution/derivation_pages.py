"""A cell → the page that derives its gradient, as text that a notebook shows typeset."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from gatedsym.errors import ArgumentError
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.expect import expect_choice, expect_path
from gatedsym.files.write import write_atomically
from gatedsym.offers import offer
from gatedsym.typesetting.document import Document
from gatedsym.typesetting.pages.derivation import FORMATS, derivation, heading, render


class Page(str):
    """A page as text in one of its formats: a `str`, which a notebook shows typeset.

    Attributes
    ----------
    kind : {"text", "latex", "markdown", "html"}
        Its format.
    document : Document
        What it is written from.

    Examples
    --------
    >>> import gatedsym as gs
    >>> page = gs.cell("rnn").derivation("text")
    >>> page.kind, page.save("rnn.txt").name
    ('text', 'rnn.txt')
    """

    kind: str
    document: Document

    def __new__(cls, document: Document, format: str) -> Page:
        page = super().__new__(cls, render(document, format))
        page.kind, page.document = format, document
        return page

    def __reduce__(self) -> tuple[Any, ...]:
        return Page, (self.document, self.kind)

    def _repr_html_(self) -> str | None:
        """The typeset page in a frame of its own, whose style is none of the notebook's; LaTeX stays its source."""
        if self.kind == "latex":
            return None
        return str(
            Markup(
                '<iframe title="{}" srcdoc="{}" style="width: 100%; height: 34em; border: 1px solid #8884; '
                'resize: vertical; overflow: auto"></iframe>'
            ).format(self.document.title, self if self.kind == "html" else render(self.document, "html"))
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The text itself, where nothing can be typeset: not with its ends of lines spelled out."""
        printer.text(str(self))

    def save(self, path: str | Path) -> Path:
        """Write the page to a file.

        Parameters
        ----------
        path : path

        Returns
        -------
        Path
            What was written.
        """
        whole = expect_path("path", path)
        write_atomically(whole, str(self))
        return whole


class CellDerivation:
    """The derivation of a cell's gradient: called, it gives the page in a format; a notebook shows it typeset.

    What the library says of its own cells, ``title``, ``reference``, ``claims`` and so on, can be read from it too; it
    stands in ``cell.record``.

    Examples
    --------
    >>> import gatedsym as gs
    >>> derivation = gs.cell("gru").derivation
    >>> derivation("latex").kind, derivation.title
    ('latex', 'GRU, reset before the product')
    """

    def __init__(self, cell: RecurrentCell) -> None:
        self._cell = cell

    def __call__(self, format: str = "text", *, reads: Iterable[str] | None = None) -> Page:
        """The page that derives the gradient, line by line with a reason for each.

        Parameters
        ----------
        format : {"text", "latex", "markdown", "html"}
        reads : iterable of str, optional
            States and outputs of the next step that the loss reads, ``["h'"]``; by default the outputs, else the states
            that nothing else in the step reads.

        Returns
        -------
        Page
            A `str`; a notebook shows it typeset, ``.save(path)`` writes it.

        Raises
        ------
        ArgumentError
            For another format, or a name that is no result of the step.

        Examples
        --------
        >>> import gatedsym as gs
        >>> gs.cell("rnn").derivation("markdown").splitlines()[0]
        '# The gradient of the cell rnn: the plain RNN (Elman)'
        """
        expect_choice("format", format, tuple(FORMATS))
        title, reference = heading(self._cell.record)
        try:
            document = derivation(self._cell.recurrence, title=title, reference=reference, reads=reads)
        except ValueError as error:
            raise ArgumentError(str(error)) from None
        return Page(document, format)

    def __getattr__(self, name: str) -> Any:
        """An attribute of the library's record of the cell."""
        if name.startswith("_"):
            raise AttributeError(name)
        if self._cell.record is None:
            raise AttributeError(
                f"{self._cell.name} is a cell of your own, of which the library says no {name}: call derivation() for "
                "the page that derives its gradient."
            )
        return getattr(self._cell.record, name)

    def __repr__(self) -> str:
        return f"<derivation of the gradient of {self._cell.name}: call it, derivation('html')>"

    def _repr_html_(self) -> str | None:
        return self("html")._repr_html_()


@offer("Cell.derivation")
def derivation_of_cell(cell: RecurrentCell) -> CellDerivation:
    """The derivation that `Cell.derivation` hands out."""
    return CellDerivation(cell)
