"""BibTeX entries for the software and for each figure, and the record of where a report's numbers come from."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from gatedsym.figures.caption import Text, literal
from gatedsym.figures.printed import Printed, key_of
from gatedsym.messages import room
from gatedsym.offers import offer
from gatedsym.report.parts import LIBRARIES, Part, kernels_digest
from gatedsym.report.plan import Plan, Shown
from gatedsym.version import __version__

say = room("report")

YEAR = 2026
"""Of this version."""
SIZES = ("n", "batch", "lags", "horizon", "input_features")


def software_entry() -> str:
    """The BibTeX entry for gatedsym itself; the README shows the same."""
    return (
        "@software{gatedsym,\n"
        "  author  = {{The gatedsym authors}},\n"
        f"  title   = {{{{gatedsym}}: {say('cited-subtitle')}}},\n"
        f"  version = {{{__version__}}},\n"
        f"  year    = {{{YEAR}}},\n"
        "}\n"
    )


def figure_entry(figure: Printed) -> str:
    """The BibTeX entry of one figure."""
    # In braces of their own, titles keep their letters: styles would make the names of cells small. BibTeX counts all
    # braces, also those that LaTeX is to print.
    title = Text(literal(figure.title)).latex
    title = title.replace(r"\{", r"\textbraceleft{}").replace(r"\}", r"\textbraceright{}")
    return (
        f"@misc{{gatedsym-{key_of(figure.name)},\n"
        "  author       = {{The gatedsym authors}},\n"
        f"  title        = {{{{{title}}}}},\n"
        f"  howpublished = {{{say('cited-figure', version=__version__)}}},\n"
        f"  version      = {{{__version__}}},\n"
        f"  year         = {{{YEAR}}},\n"
        f"  note         = {{Data SHA-256 {figure.digest[:16]}}},\n"
        "}\n"
    )


def bibliography(figures: Sequence[Printed]) -> str:
    """figures.bib."""
    return "\n".join([software_entry(), *map(figure_entry, figures)])


@offer("Figure.bibtex")
def entries_of(figure: Printed) -> str:
    """The entries of one figure: of the software, and its own."""
    return bibliography([figure])


def origin(figure: Printed, part: Part, command: str) -> str:
    """Origin of a picture, one line for its metadata."""
    attrs = figure.data.attrs
    cells = ", ".join(f"{c.name} {digest(c.source)[:16]}" for c in part.cells)
    sizes = ", ".join(f"{k}={attrs[k]}" for k in SIZES if k in attrs)
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"equations sha256 {cells}; seeds 0 to {int(attrs.get('seeds', 1)) - 1}; sizes {sizes}; "
        f"libraries {libraries}; command {command}"
    )


def provenance(plan: Plan, shown: Sequence[Shown], files: Mapping[str, str]) -> str:
    """provenance.json: what made the figures, and the SHA-256 of every other file. No date and no machine is in it."""
    from gatedsym.runtime.jit.compile import runtime_hash

    cells, request, series = plan.cells, plan.request, plan.series
    record: dict[str, Any] = {
        "gatedsym": __version__,
        "command": request.command,
        "request": {k: v for k, v in asdict(request).items() if k != "command"},
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "cells": {
            c.name: {
                "equations": c.source,
                "equations_sha256": digest(c.source),
                "constants": {k: str(v) for k, v in c.constants.items()},
                "kernels_sha256": kernels_digest(c),
            }
            for c in {c.name: c for c in [*cells, *(c for s in shown for c in s.part.cells)]}.values()
        },
        "runtime_sha256": runtime_hash(),
        "series": {
            "name": series.name,
            "description": series.description,
            "features": series.features,
            "sha256": series.digest,
        },
        "asked": [{"name": p.name, "options": _listed(p)} for p in plan.parts],
        "figures": {s.figure.name: _about(s.figure, s.part) for s in shown if s.figure is not None},
        "left_out": {s.part.name: dict(s.part.reasons) for s in shown if s.part.reasons},
        "files": dict(files),
    }
    text = json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    # Bytes of a file's name that are no UTF-8: JSON has a way to write them, and UTF-8 has none.
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def digest(content: str | bytes) -> str:
    """SHA-256 of bytes, or of a text in UTF-8."""
    return hashlib.sha256(content.encode("utf-8") if isinstance(content, str) else content).hexdigest()


def _about(figure: Printed, part: Part) -> Mapping[str, Any]:
    attrs = figure.data.attrs
    return {
        "title": figure.title,
        "number": part.analysis.number,
        "caption": figure.caption.plain,
        "data_sha256": figure.digest,
        "cells": [c.name for c in part.cells],
        "options": _listed(part),
        "input": {
            "name": str(attrs.get("input", part.series.name)),
            "description": str(attrs.get("input_description", part.series.description)),
            "sha256": str(attrs.get("input_digest", part.series.digest)),
        },
        "series": {"name": part.series.name, "features": part.series.features, "sha256": part.series.digest},
        "seeds": list(range(int(attrs.get("seeds", 1)))),
        "sizes": {k: int(attrs[k]) for k in SIZES if k in attrs},
        "dtype": str(attrs.get("dtype", "float64")),
        "loss": str(attrs.get("loss", "")),
        "settings": {k: [_plain(v) for v in figure.data[k].values] for k in ("cell", "init", "gain", "retention")
                     if k in figure.data.coords and figure.data[k].ndim},
    }  # fmt: skip


def _listed(part: Part) -> dict[str, Any]:
    """The options of a part as JSON has them."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in part.options.items()}


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "dtype") and value.dtype.kind == "f" else str(value)
