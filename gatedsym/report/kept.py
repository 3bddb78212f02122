"""The plan of a report → its files as an earlier run of the same plan made them: an unchanged rerun makes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from gatedsym.files.cache import cache_path, read_kept, write_kept
from gatedsym.files.fingerprint import fingerprint
from gatedsym.report.parts import cell_key, part_key
from gatedsym.report.plan import OWN, Plan


def kept_files(plan: Plan) -> dict[str, str | bytes] | None:
    """Every file of a report by its name in the folder, the page last, or None where none is kept."""
    if not _follows_from_plan(plan):
        return None
    content = read_kept(*_place(plan))
    if content is None:
        return None
    with ZipFile(BytesIO(content)) as archive:  # which holds bytes and nothing that is run
        return {name: archive.read(name) for name in archive.namelist()}


def keep_files(plan: Plan, files: Mapping[str, str | bytes]) -> None:
    """Keep what a plan has led to."""
    if _follows_from_plan(plan):
        whole = BytesIO()
        with ZipFile(whole, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        write_kept(*_place(plan), whole.getvalue())


def _follows_from_plan(plan: Plan) -> bool:
    """Whether the plan has all that the files depend on: it has no program of the caller's, and no TeX installation."""
    request = plan.request
    return OWN not in (request.derivations, request.errata) and "pgf" not in request.formats


def _place(plan: Plan) -> tuple[Path, str]:
    """Path of the files, and the key of all that they depend on."""
    analyses = [p.analysis for p in plan.parts]
    reached_by_name = {name for a in analyses for name in (a.measuring_module, a.drawing_module)}
    made_by = fingerprint("gatedsym.report.write", "gatedsym.runtime", *sorted(reached_by_name))
    series = plan.series
    what = (
        made_by,
        asdict(plan.request),
        (series.name, series.digest, series.description, series.kind, series.ordered, series.features, series.notes),
        [cell_key(c) for c in plan.cells],
        [(part_key(p), sorted(p.reasons.items()), p.remark, repr(p.analysis)) for p in plan.parts],
    )
    key = repr(what)
    return cache_path("reports", "report", key), key


__all__ = ["keep_files", "kept_files"]
