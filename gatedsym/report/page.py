"""The page: findings and captions poured into the template index.html.j2."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gatedsym.cells import Cell
from gatedsym.figures.caption import Caption, Text
from gatedsym.figures.printed import Printed
from gatedsym.figures.words import SCHEMES, listing, own_sizes
from gatedsym.flow import Series
from gatedsym.flow.ensemble import Setting
from gatedsym.flow.matching import Matching, matching
from gatedsym.report.atlas import atlas
from gatedsym.report.citation import figure_entry
from gatedsym.report.plan import Shown
from gatedsym.report.subjects import Cast
from gatedsym.typesetting.mathml import SCROLL_HINT
from gatedsym.version import __version__

BOXES = '.scroll, pre, math[display="block"]'
"""What scrolls sideways by itself where it is wider than the page."""
ALWAYS = ("gate", "cells", "highway")
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
    figures = _figures(shown)
    return page_environment().get_template("index.html.j2").render(
        version=__version__,
        command=command,
        cells=[_about_cell(c, sizes | {"n": of_cells.get(c.name, sizes["n"])}) for c in cells],
        matched=matched,
        cast=cast,
        figures=figures,
        numbers={name: number for number, name in enumerate(figures, 1)},
        sheet=_sheet_sizes(figures),
        found=findings,
        sections=_sections(shown),
        asked=[s.part.name for s in shown],
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
    environment.globals["scroll_hint"] = Markup(SCROLL_HINT.replace("SELECTORS", BOXES))
    environment.filters.update(
        power=_power,
        factor=_factor,
        share=_share,
        number=_number,
        logarithm=_logarithm,
        span=_span,
        listing=listing,
        scheme=_scheme,
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
            found.append({"id": section.id, "title": section.title, "entries": entries})
    return found


def _figures(shown: Sequence[Shown]) -> dict[str, Printed]:
    """The figures by name, in the order in which the page shows and numbers them."""
    order = [section.id for section in atlas()[0]]
    there = [s for s in shown if s.figure is not None]
    there.sort(key=lambda s: order.index(s.part.analysis.section))
    return {s.figure.name: s.figure for s in there if s.figure is not None}


def _sheet_sizes(figures: Mapping[str, Printed]) -> dict[str, int | str]:
    """Hidden size and features for which the sheet of Jacobians counts."""
    if "jacobian-sheet" not in figures:
        return {}
    attrs = figures["jacobian-sheet"].data.attrs
    return {"n": int(attrs["n"]), "m": int(attrs["input_features"]), "own": Text(own_sizes(attrs)).plain}


def _sizes(series: Series, shown: Sequence[Shown]) -> dict[str, int]:
    """Hidden size and features for which parameters are counted: those of the first figure that has them."""
    n = next((int(s.part.options["n"]) for s in shown if "n" in s.part.options), 64)
    return {"n": n, "m": series.features}


def _matched(cells: Sequence[Cell], sizes: Mapping[str, int], shown: Sequence[Shown]) -> Matching | None:
    """The size of each cell at the hidden size for which parameters are counted, where the cells were matched."""
    by = next((str(s.part.options["match"]) for s in shown if "match" in s.part.options), "")
    return matching(cells, sizes["m"], sizes["n"], by) if by else None


def _about_cell(cell: Cell, sizes: Mapping[str, int]) -> dict[str, Any]:
    params = Setting(cell, "uniform", 1.0, None).initial(sizes["m"], sizes["n"], 0, 1, "float64")
    return {
        "name": cell.name,
        "source": cell.source.strip("\n"),
        "states": ", ".join(cell.states),
        "count": f"{sum(p.size for p in params.values()):,}".replace(",", "\u202f"),
    }


def _note(caption: Caption) -> Text:
    """Small print under a figure: the note without the warnings, which stand by themselves."""
    text = caption.note.text
    for warning in reversed(caption.warnings):
        text = text.removesuffix(warning.text).rstrip()
    return Text(text)


def _power(exponent: float) -> Markup:
    """A value given by its log10, as 10 to a power with one decimal."""
    if math.isnan(exponent):
        return Markup("not finite")
    if math.isinf(exponent):
        return Markup("0") if exponent < 0 else Markup("∞")
    if -2 < exponent < 3:
        return Markup(f"{_number(10**exponent)}")
    return Markup(f"10<sup>{_minus(f'{exponent:.1f}')}</sup>")


def _factor(value: float) -> Markup:
    """A factor of a step: three decimals, as a power of ten where these would say nothing."""
    if math.isnan(value):
        return Markup("–")
    if value == 0 or 0.0005 <= value < 1000:
        return Markup(f"{value:.3f}" if value else "0")
    return _power(math.log10(value)) if math.isfinite(value) else Markup("∞")


def _logarithm(factor: float) -> str:
    """The natural logarithm of a factor of a step."""
    if math.isnan(factor):
        return "–"
    if factor == 0 or math.isinf(factor):
        return "−∞" if factor == 0 else "∞"
    return _minus(f"{round(math.log(factor), 3) + 0.0:.3f}")  # + 0.0: no minus before a zero


def _span(ends: Sequence[float], kind: str) -> Markup:
    """One number, or from the least to the greatest where they are printed differently."""
    low, high = ({"factor": _factor, "power": _power}[kind](end) for end in ends)
    return low if low == high else Markup("{} to {}").format(low, high)


def _share(value: float) -> str:
    """A share in per cent; one that rounds to nothing is said to be below what is printed."""
    if math.isnan(value):
        return "–"
    return (
        "less than 0.1 %" if 0 < value < 0.001 else f"{100 * value:.3g} %" if value < 0.9995 else f"{100 * value:.4g} %"
    )


def _number(value: float) -> str:
    return "–" if math.isnan(value) else _minus(f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _scheme(name: str) -> Markup:
    if name == "uniform":
        return Markup("U(±1/√<i>n</i>)")
    return Markup("Xavier") if name == "xavier" else Markup("{}").format(SCHEMES.get(name, (name, name))[1])
