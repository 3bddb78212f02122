"""Runs of a study → all files of its folder: a page to read, figures with their numbers, the runs, and a record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr
from jinja2 import ChoiceLoader, PackageLoader

from gatedsym.errors import ArgumentError
from gatedsym.figures.caption import Text
from gatedsym.figures.figure import Figure
from gatedsym.figures.words import cell_label, listing
from gatedsym.messages import room
from gatedsym.report.citation import digest
from gatedsym.report.page import page_environment
from gatedsym.trainability import drawing
from gatedsym.trainability.claims import claims, verdict_words
from gatedsym.trainability.sentences import coverage, five_sentences, robust_cases
from gatedsym.trainability.table import runs_bytes
from gatedsym.version import __version__

say = room("trainability")

RECORD = "study.json"
RUNS = "runs.nc"
PAGE = "index.html"
FIGURES = (drawing.trainability, drawing.foretelling, drawing.horizon, drawing.control_panels)


def study_files(data: xr.Dataset, grid: Mapping[str, Any], command: str) -> dict[str, str | bytes]:
    """Every file of a study's folder by its name there, the page last; nothing is written.

    Parameters
    ----------
    data : xarray.Dataset
        Of `gatedsym.trainability.table.runs_dataset`.
    grid : mapping
        The tables that the runs were planned by.
    command : str
        What the person typed.
    """
    figures = study_figures(data)
    found: dict[str, str | bytes] = {RUNS: runs_bytes(data)}
    for figure in figures:
        places = Path("figures") / figure.name, Path("data") / figure.name
        content = figure.content(places[0], ("svg", "pdf"), places[1])
        found |= {path.as_posix(): whole for path, whole in content.items() if path.suffix != ".nc"}
    record = {
        "gatedsym": __version__, "command": command, "grid": dict(grid),
        "files": {name: digest(whole) for name, whole in sorted(found.items())},
    }  # fmt: skip
    return found | {
        RECORD: json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
        PAGE: study_page(data, figures, command),
    }


def study_figures(data: xr.Dataset) -> list[Figure]:
    """The figures for which there are runs."""
    found = []
    for draw in FIGURES:
        try:
            found.append(draw(data))
        except ArgumentError:  # nothing that was measured can be drawn: the page says what is missing
            continue
    return found


def study_page(data: xr.Dataset, figures: list[Figure], command: str) -> str:
    """index.html."""
    environment = page_environment().overlay(
        loader=ChoiceLoader([PackageLoader(f"gatedsym.{room}", "templates") for room in ("trainability", "report")])
    )
    cells = listing([cell_label(c) for c in sorted({str(c) for c in data["cell"].values})])
    return environment.get_template("study.html.j2").render(
        title=say("page-title"), lead=say("page-lead", cells=cells, version=__version__),
        headings={
            "sentences": say("page-sentences"), "claims": say("page-claims"), "robust": say("page-robust"),
            "known": say("page-known"),
        },
        sentences=[Text(sentence) for sentence in five_sentences(data)], coverage=coverage(data), figures=figures,
        claims=[{"name": c.name, "title": c.title, "verdict": verdict_words(c), "findings": [*map(Text, c.findings)]}
                for c in claims(data)],
        robust=[Text(case) for case in robust_cases(data)], known=say("study-known"),
        foot=say("page-foot", command=command),
    ).rstrip() + "\n"  # fmt: skip


__all__ = ["PAGE", "RECORD", "RUNS", "study_figures", "study_files", "study_page"]
