"""The page: findings and captions poured into the template index.html.j2."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gatedsym import __version__
from gatedsym.figures import Figure
from gatedsym.figures.words import SCHEMES, listing
from gatedsym.report.parts import Part


def render_page(
    cells: Sequence[Any],
    parts: Sequence[Part],
    figures: Sequence[Figure],
    findings: Mapping[str, Any],
    derivations: Mapping[str, str],
    formats: Sequence[str],
    command: str,
    errata: str = "",
) -> str:
    """index.html.

    Parameters
    ----------
    derivations : mapping of str to str
        For a cell's name the path, relative to the page, of its derivation.
    errata : str
        The path of the page of errata, or "".
    """
    environment = Environment(
        loader=PackageLoader("gatedsym.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        power=_power,
        factor=_factor,
        share=_share,
        number=_number,
        listing=listing,
        scheme=_scheme,
        rate_words=_rate_words,
    )
    notes = dict.fromkeys(note for part in parts for note in part.series.notes)
    return environment.get_template("index.html.j2").render(
        version=__version__,
        command=command,
        cells=[{"name": c.name, "source": c.source.strip("\n")} for c in cells],
        figures={f.name: f for f in figures},
        found=findings,
        derivations=derivations,
        errata=errata,
        formats=formats,
        series=parts[0].series,
        reads=any(c.inputs for c in cells),
        notes=list(notes),
    ).rstrip() + "\n"  # fmt: skip


def _power(exponent: float) -> Markup:
    """A value given by its log10, as 10 to a power with one decimal."""
    if math.isnan(exponent):
        return Markup("not finite")
    if math.isinf(exponent):
        return Markup("0") if exponent < 0 else Markup("∞")
    if -2 < exponent < 3:
        return Markup(f"{_number(10**exponent)}")
    return Markup(f"10<sup>{_minus(f'{exponent:.1f}')}</sup>")


def _factor(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _share(value: float) -> str:
    """A share in per cent; one that rounds to nothing is said to be below what is printed."""
    if math.isnan(value):
        return "–"
    return (
        "less than 0.1 %" if 0 < value < 0.001 else f"{100 * value:.3g} %" if value < 0.9995 else f"{100 * value:.4g} %"
    )


def _rate_words(rate: float) -> str:
    """A slope of log10 as the share that a step keeps."""
    return _share(10**rate)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else _minus(f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _scheme(name: str) -> Markup:
    if name == "uniform":
        return Markup("U(±1/√<i>n</i>)")
    return Markup("Xavier") if name == "xavier" else Markup("{}").format(SCHEMES.get(name, (name, name))[1])
