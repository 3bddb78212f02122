"""Errata as they are shown → errata.html, with the equations set as formulas."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gatedsym.equations import read_equations
from gatedsym.errata import ERRATA, Erratum, Shown, show
from gatedsym.errata.text import differing_lines
from gatedsym.errors import EquationError, EquationWarning
from gatedsym.report.page import page_environment
from gatedsym.typesetting.mathml import formula_mathml
from gatedsym.typesetting.pages.equations import typeset_lines
from gatedsym.version import __version__


@dataclass(frozen=True)
class Line:
    """An equation: what it is called, as typed, and as a formula (empty where it means nothing)."""

    label: str
    typed: str
    formula: Markup


def errata_page(errata: Sequence[Erratum] = ERRATA) -> str:
    """errata.html; everything on it is shown anew.

    Raises
    ------
    NotShownError
        If something that an erratum says is not so.
    """
    entries = [{"shown": show(e), "lines": equation_lines(e)} for e in errata]
    return (
        page_environment().get_template("errata.html.j2").render(version=__version__, entries=entries).rstrip() + "\n"
    )


def equation_lines(erratum: Erratum) -> list[Line]:
    """The equations in which the cells of an erratum differ."""
    found = []
    for label, texts in differing_lines(erratum):
        formulas = _formulas(erratum.cells[label])
        found += [Line(label, text, formulas.get(text, Markup(""))) for text in texts]
    return found


def _formulas(source: str) -> dict[str, Markup]:
    """Each typed line as MathML; nothing for equations that are refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        try:
            recurrence = read_equations(source, name="erratum")
        except EquationError:
            return {}
    return {
        text: Markup("").join(
            Markup(f"<math><mrow>{formula_mathml(f.left)}<mo>=</mo>{formula_mathml(f.right[0])}</mrow></math>")
            for f in formulas
        )
        for text, formulas in typeset_lines(recurrence).items()
    }


__all__ = ["Line", "Shown", "equation_lines", "errata_page"]
