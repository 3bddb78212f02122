"""Figures and datasets of a comparison → index.html, every word of it a message, every number from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from markupsafe import Markup

from gatedsym.figures.caption import Caption, Text
from gatedsym.figures.learning.captions import number, reached_sentences
from gatedsym.figures.learning.drawing import of_one_size
from gatedsym.figures.printed import Printed
from gatedsym.figures.words import listing
from gatedsym.learning.comparison.intervals import share_interval
from gatedsym.messages import room
from gatedsym.report.learning.sections import ENTRIES, SECTIONS
from gatedsym.report.page import page_environment
from gatedsym.version import __version__

say = room("learn")
SLIDES = "figures/slides.pdf"
TOLD_WITHOUT = ("gates", "early")
"""Sections that say why they have no figure."""


@dataclass(frozen=True)
class Plate:
    """A figure on the page.

    Attributes
    ----------
    name, heading : str
    caption : Caption
    numbers : Markup
        Links to its files.
    printed : Printed
    """

    name: str
    heading: str
    caption: Caption
    numbers: Markup
    printed: Printed


def render_page(
    datasets: Mapping[str, xr.Dataset], figures: Mapping[str, Printed], formats: Sequence[str], command: str, pages: int
) -> str:
    """The page.

    Parameters
    ----------
    datasets : mapping of str to xarray.Dataset
        By the name of their figure.
    figures : mapping of str to Printed
        Those that are there, in the order of the page.
    formats : sequence of str
        Of the pictures.
    command : str
        What was typed.
    pages : int
        Of the stepped figure; 0 where there is none.
    """
    course = datasets["learning"]
    attrs = course.attrs
    made = say.html("page-made", task=str(attrs["task"]), version=__version__, command=command)
    page = {
        "title": say("page-title", task=str(attrs["task_name"]), cells=listing(_names(attrs["cells"]))),
        "made": made,
        "about": say("page-lead", about=str(attrs["about"])),
        "answers": [Text(sentence).html for sentence in reached_sentences(of_one_size(course))],
        "sections": _sections(datasets, figures, pages),
        "limits": _limits(course),
        "files": say.html("text-files"),
        "formats": formats,
        "words": {
            "contents": say("text-contents"), "limits": say("section-limits"), "files": say("section-files"),
            "slide": say("text-slide"), "cite": say("text-cite"),
        },
    }  # fmt: skip
    return page_environment().get_template("comparison.html.j2").render(page=page).rstrip() + "\n"


def _names(cells: Any) -> list[str]:
    return list(dict.fromkeys(str(cell) for cell in np.ravel(cells)))


def _sections(datasets: Mapping[str, xr.Dataset], figures: Mapping[str, Printed], pages: int) -> list[dict[str, Any]]:
    numbers = {name: place for place, name in enumerate(figures, 1)}
    found = []
    for section in SECTIONS:
        names = [entry.name for entry in ENTRIES if entry.section == section and entry.name in figures]
        if not names and section not in TOLD_WITHOUT:
            continue
        plates = [_plate(figures[name], numbers[name]) for name in names]
        found.append({
            "id": section, "title": say(f"section-{section}"), "figures": plates,
            "paragraphs": _paragraphs(section, datasets, bool(names), pages),
            "table": _table(datasets["thresholds"]) if section == "thresholds" else None,
        })  # fmt: skip
    return found


def _plate(figure: Printed, place: int) -> Plate:
    heading = say("figure-number", number=place, title=figure.title)
    return Plate(figure.name, heading, figure.caption, say.html("text-numbers", name=figure.name), figure)


def _paragraphs(section: str, datasets: Mapping[str, xr.Dataset], is_drawn: bool, pages: int) -> list[Any]:
    course = datasets["learning"]
    attrs = course.attrs
    if section == "search":
        told = [say("text-search", seeds=int(attrs["choosing"]), updates=int(attrs["updates"]))]
        return told + ([say("text-search-auto")] if int(attrs["is_open"]) else [])
    if section == "course":
        return [say("text-course", seeds=int(attrs["seeds"])), *_plateaus(attrs)]
    if section == "thresholds":
        reason = str(attrs.get("unmatched", ""))
        return [say("text-thresholds"), *([say("text-unmatched", reason=reason)] if reason else [])]
    if section == "gradient":
        return [say("text-gradient"), *([say.html("text-slides", file=SLIDES, pages=pages)] if pages else [])]
    if section == "gates":
        return [say("text-gates") if is_drawn else say("gates-none")]
    return [say("text-early"), *([] if is_drawn else _texts(attrs, "not_cut"))]


def _texts(attrs: Mapping[str, Any], name: str) -> list[str]:
    return [str(text) for text in np.ravel(attrs.get(name, []))]


def _plateaus(attrs: Mapping[str, Any]) -> list[str]:
    values, means = np.ravel(attrs.get("plateaus", [])), np.ravel(attrs.get("plateau_means", []))
    each = [say("text-plateau", value=number(float(v)), means=str(m)) for v, m in zip(values, means)]
    return [say("text-plateaus", levels="; ".join(each))] if each else []


def _limits(course: xr.Dataset) -> list[str]:
    updates, seeds = int(course.attrs["updates"]), int(course.attrs["seeds"])
    every = max(1, updates // 50)
    return [
        say("limit-recipe", updates=updates), say("limit-seeds", seeds=seeds), say("limit-looks", every=every),
        say("limit-early"), say("limit-size"),
    ]  # fmt: skip


# The table of updates, sequences and seconds


def _table(data: xr.Dataset) -> dict[str, Any]:
    heads = [
        say("column-cell"), say("column-size"), say("column-parameters"), say("column-level"),
        say("column-runs"), say("column-updates"), say("column-samples"), say("column-seconds"),
    ]  # fmt: skip
    rows = []
    for label in data["contender"].values:
        part = data.sel(contender=label)
        for place in range(data.sizes["level"]):
            rows.append({"first": place == 0, "cells": _row(part.isel(level=place), str(label), place)})
    return {"heads": heads, "rows": rows, "legend": say("table-legend")}


def _row(part: xr.Dataset, label: str, place: int) -> list[str]:
    came = np.sort(part["updates_to"].values[~np.isnan(part["updates_to"].values)])
    of = part.sizes["seed"]
    low, high = share_interval(len(came), of)
    recipe = say("recipe", rate=f"{float(part['rate']):g}", clip=str(part["clip"].values))
    who = {0: [label, str(int(part["n"])), str(int(part["parameters"]))], 1: [recipe, "", ""]}
    return [
        *who.get(place, [""] * 3),
        number(float(part["loss_at_level"])),
        say("table-runs", found=len(came), of=of, low=f"{low:.2f}", high=f"{high:.2f}"),
        _spread(came, 1.0, "{:.0f}"),
        _spread(came, float(part.attrs["batch"]), "{:.0f}"),
        _spread(came, float(part["seconds"]), "{:.2g}"),
    ]


def _spread(came: Any, factor: float, form: str) -> str:
    """The median with the least and the most, in another unit."""
    if not len(came):
        return say("table-never")
    least, median, most = (form.format(factor * v) for v in (came[0], float(np.median(came)), came[-1]))
    return say("table-median", median=median, least=least, most=most)


__all__ = ["SLIDES", "render_page"]
