"""The page: findings and captions poured into the template index.html.j2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gatedsym.cells import Cell
from gatedsym.figures.caption import Caption, Text
from gatedsym.figures.printed import Printed
from gatedsym.figures.words import own_sizes
from gatedsym.flow import Series
from gatedsym.flow.ensemble import Setting
from gatedsym.flow.matching import Matching, matching
from gatedsym.flow.trained import TrainedCell
from gatedsym.messages import room
from gatedsym.report import amounts
from gatedsym.report.abstract import abstract
from gatedsym.report.answers import Told, find_answers
from gatedsym.report.atlas import atlas
from gatedsym.report.citation import figure_entry
from gatedsym.report.clocks import STEPS, clocks, left_of_half
from gatedsym.report.plan import Shown
from gatedsym.report.sentences import enumerated, listed, named
from gatedsym.report.subjects import Cast
from gatedsym.typesetting.mathml import SCROLL_HINT
from gatedsym.version import __version__

say = room("report")
BOXES = '.scroll, pre, math[display="block"]'
"""What scrolls sideways by itself where it is wider than the page."""
ALWAYS = ("gate", "cells", "highway", "training")
"""Chapters that every page has."""


def render_page(
    cells: Sequence[Cell],
    cast: Cast,
    series: Series,
    shown: Sequence[Shown],
    findings: Mapping[str, Any],
    derivations: Mapping[str, str],
    formats: Sequence[str],
    command: str,
    errata: str = "",
) -> str:
    """index.html.

    Parameters
    ----------
    cast : Cast
        What may be said of the cells.
    series : Series
        What the networks read.
    shown : sequence of Shown
        In the order of the page.
    derivations : mapping of str to str
        For a cell's name the path, relative to the page, of its derivation.
    errata : str
        The path of the page of errata, or "".
    """
    notes = dict.fromkeys(note for s in shown for note in s.part.series.notes)
    sizes = _sizes(series, shown)
    matched = _matched(cells, sizes, shown)
    of_cells = {row.cell: row.n for row in matched.rows} if matched else {}
    figures, headline = _figures(shown), _headline(shown)
    about = [_about_cell(c, sizes | {"n": of_cells.get(c.name, sizes["n"])}) for c in cells]
    norms = findings.get("gradient-norm")
    reads = series.description if cast.reading else ""
    told = Told(findings, cast, {c["name"]: c["parameters"] for c in about}, _drawn_from(cells))
    return page_environment().get_template("index.html.j2").render(
        version=__version__,
        command=command,
        abstract=abstract(norms, cast, [c.name for c in cells], len(shown), reads),
        answers=find_answers(told),
        headline=headline,
        headline_warnings=figures[headline].caption.warnings if headline else [],
        cells=about,
        matched=matched,
        cast=cast,
        clocks=clocks(cast, norms),
        clock_steps=STEPS,
        figures=figures,
        numbers={name: number for number, name in enumerate(figures, 1)},
        sheet=_sheet_sizes(figures),
        found=findings,
        norms=norms,
        sections=_sections(shown),
        derivations=derivations,
        errata=errata,
        formats=formats,
        series=series,
        sizes=sizes,
        notes=list(notes),
    ).rstrip() + "\n"  # fmt: skip


@cache
def page_environment() -> Environment:
    """The templates, and the filters that print numbers in them."""
    environment = Environment(
        loader=PackageLoader("gatedsym.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=say.html, left_of_half=left_of_half)
    environment.globals["scroll_hint"] = Markup(SCROLL_HINT.replace("SELECTORS", BOXES))
    environment.filters.update(
        power=amounts.power,
        factor=amounts.factor,
        share=amounts.share,
        number=amounts.number,
        logarithm=amounts.logarithm,
        span=amounts.span,
        listing=listed,
        named=named,
        enumerated=enumerated,
        scheme=amounts.scheme,
        note=_note,
        bibtex=figure_entry,
        float_latex=lambda figure: figure.latex(f"figures/{figure.name}"),
    )
    return environment


def _sections(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """The chapters, each with its entries; what a gate is and what the cells are is told in any case."""
    found = []
    for section in atlas()[0]:
        entries = [
            {
                "key": s.part.name,
                "question": s.part.analysis.question,
                "figure": s.figure,
                "remark": s.part.remark if s.figure is not None else "",
                "reasons": list(dict.fromkeys(s.part.reasons.values())),
            }
            for s in shown
            if s.part.analysis.section == section.id
        ]
        if entries or section.id in ALWAYS:
            found.append({"id": section.id, "entries": entries})
    return found


def _figures(shown: Sequence[Shown]) -> dict[str, Printed]:
    """The figures by name, in the order in which the page shows and numbers them: the headline before all others."""
    order, first = [section.id for section in atlas()[0]], _headline(shown)
    there = [s for s in shown if s.figure is not None]
    there.sort(key=lambda s: (s.part.name != first, order.index(s.part.analysis.section)))
    return {s.figure.name: s.figure for s in there if s.figure is not None}


def _headline(shown: Sequence[Shown]) -> str:
    """The name of the figure that stands at the top, "" where the page has none of that kind."""
    return next((s.part.name for s in shown if s.part.analysis.headline and s.figure is not None), "")


def _drawn_from(cells: Sequence[Cell]) -> dict[str, str]:
    """For each cell whose parameters are given the first one of the same equations whose weights are drawn."""
    given = [c for c in cells if isinstance(c, TrainedCell)]
    drawn = [c for c in cells if not isinstance(c, TrainedCell)]
    same = {g.name: [d.name for d in drawn if (d.source, d.constants) == (g.source, g.constants)] for g in given}
    return {name: names[0] for name, names in same.items() if names}


def _sheet_sizes(figures: Mapping[str, Printed]) -> dict[str, int | str]:
    """Hidden size and features for which the sheet of Jacobians counts."""
    if "jacobian-sheet" not in figures:
        return {}
    attrs = figures["jacobian-sheet"].data.attrs
    return {"n": int(attrs["n"]), "m": int(attrs["input_features"]), "own": Text(own_sizes(attrs)).plain}


def _sizes(series: Series, shown: Sequence[Shown]) -> dict[str, int]:
    """Hidden size and features for which parameters are counted: the sheet's, else the first figure's that has any."""
    ordered = sorted(shown, key=lambda s: s.part.name != "jacobian-sheet")
    n = next((int(s.part.options["n"]) for s in ordered if "n" in s.part.options), 64)
    return {"n": n, "m": series.features}


def _matched(cells: Sequence[Cell], sizes: Mapping[str, int], shown: Sequence[Shown]) -> Matching | None:
    """The size of each cell at the hidden size for which parameters are counted, where the cells were matched."""
    by = next((str(s.part.options["match"]) for s in shown if "match" in s.part.options), "")
    return matching(cells, sizes["m"], sizes["n"], by) if by else None


def _about_cell(cell: Cell, sizes: Mapping[str, int]) -> dict[str, Any]:
    params = Setting(cell, "uniform", 1.0, None).initial(sizes["m"], sizes["n"], 0, 1, "float64")
    parameters = sum(int(p.size) for p in params.values())
    return {
        "name": cell.name,
        "source": cell.source.strip("\n"),
        "states": ", ".join(cell.states),
        "parameters": parameters,
        "count": amounts.grouped(parameters),
    }


def _note(caption: Caption) -> Text:
    """Small print under a figure: the note without the warnings, which stand by themselves."""
    text = caption.note.text
    for warning in reversed(caption.warnings):
        text = text.removesuffix(warning.text).rstrip()
    return Text(text)
