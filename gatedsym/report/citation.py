"""BibTeX entries for the software and for each figure, and the record of where a report's numbers come from."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from gatedsym import __version__
from gatedsym.figures import Figure
from gatedsym.report.parts import LIBRARIES, kernels_digest


def software_entry() -> str:
    """The BibTeX entry for gatedsym itself; the README shows the same."""
    return (
        "@software{gatedsym,\n"
        "  author  = {{The gatedsym authors}},\n"
        "  title   = {{gatedsym}: from the typed equations of a recurrent cell to proven gradients and figures},\n"
        f"  version = {{{__version__}}},\n"
        "  year    = {2026},\n"
        "}\n"
    )


def bibliography(figures: Sequence[Figure]) -> str:
    """figures.bib."""
    entries = [software_entry()]
    for figure in figures:
        title = figure.title.replace("{", "").replace("}", "")
        entries.append(
            f"@misc{{gatedsym-{figure.name},\n"
            "  author       = {{The gatedsym authors}},\n"
            f"  title        = {{{title}}},\n"
            f"  howpublished = {{Figure made with gatedsym {__version__}}},\n"
            f"  note         = {{Data SHA-256 {figure.digest[:16]}}},\n"
            "}\n"
        )
    return "\n".join(entries)


def provenance(cells: Sequence[Any], figures: Sequence[Figure], files: Sequence[str], command: str) -> str:
    """provenance.json: what made the figures. Neither a date nor anything of the machine is in it."""
    from gatedsym.runtime.compile import runtime_hash

    record: dict[str, Any] = {
        "gatedsym": __version__,
        "command": command,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "cells": {
            c.name: {
                "equations": c.source,
                "equations_sha256": digest(c.source),
                "constants": {k: str(v) for k, v in c.constants.items()},
                "kernels_sha256": kernels_digest(c),
            }
            for c in cells
        },
        "runtime_sha256": runtime_hash(),
        "figures": {f.name: _about(f) for f in figures},
        "files": sorted(files),
    }
    return json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _about(figure: Figure) -> Mapping[str, Any]:
    attrs = figure.data.attrs
    return {
        "title": figure.title,
        "caption": figure.caption.plain,
        "data_sha256": figure.digest,
        "input": {"name": attrs["input"], "description": attrs["input_description"], "sha256": attrs["input_digest"]},
        "seeds": list(range(int(attrs["seeds"]))),
        "sizes": {k: int(attrs[k]) for k in ("n", "batch", "lags", "horizon", "input_features")},
        "dtype": str(attrs["dtype"]),
        "loss": str(attrs["loss"]),
        "settings": {k: [_plain(v) for v in figure.data[k].values] for k in ("cell", "init", "gain", "retention")
                     if k in figure.data.coords and figure.data[k].ndim},
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "dtype") and value.dtype.kind == "f" else str(value)
