"""Does a page of a comparison still follow from the code? Its data measured anew from the runs, some of these anew.

Runs are long, and the page has the files of all of them: from these every dataset is measured again, and of each
contender the first judged run is trained anew for its first updates. Everything else is made from that data and
compared byte by byte.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import DataError, GatedsymError
from gatedsym.files.netcdf import read_netcdf
from gatedsym.files.read import MAX_ARRAYS, read_bytes
from gatedsym.learning.comparison.asking import Comparison
from gatedsym.learning.comparison.carrying_out import carry_out_all
from gatedsym.learning.comparison.datasets import datasets_of
from gatedsym.learning.comparison.trials import FOLDER, Trial, taken
from gatedsym.learning.training import prepare
from gatedsym.messages import room
from gatedsym.report.citation import digest
from gatedsym.report.learning.record import Request, comparison_of, read_comparison
from gatedsym.report.learning.sections import ENTRIES
from gatedsym.report.learning.write import Made, render
from gatedsym.report.parts import LIBRARIES
from gatedsym.report.record import RECORD
from gatedsym.report.verify import Verdict, Verification, compare, recorded_cells

say = room("learn")
Progress = Callable[[float, str], object]
CLOSE = 1e-3
"""By how much losses and gradients of a beginning may differ, relatively: float32, on another machine."""
BEGINNING = 20
"""A beginning is one in so many of a run's updates, and so many at least."""


@dataclass(frozen=True)
class _Exact:
    """Numbers that agree or do not."""

    chaotic: bool = False


def verify_comparison(folder: str | Path, *, progress: Progress | None = None) -> Verification:
    """Make a page anew from its runs and compare every file; train the beginnings of some runs anew.

    Raises
    ------
    GatedsymError
        If the folder holds no such page that can be read, or its task is no longer the same.
    """
    folder, tell = Path(folder), progress or (lambda fraction, text: None)
    record, request = read_comparison(folder)
    if not record["figures"]:
        raise GatedsymError(f"{folder / RECORD} names no figure, so there is nothing to verify: make the page again.")
    known = recorded_cells(record, "")
    if missing := [name for name in request.cells if name not in known]:
        raise GatedsymError(f"{folder / RECORD} is damaged (it has no equations of {missing[0]}): make the page again.")
    cells = tuple(known[name] for name in request.cells)
    comparison = comparison_of(record, request, cells)
    old = _data_of(folder, record)
    lost = [name for name in record["runs"] if _digest(folder / name) != record["files"].get(name)]
    new = None if lost else _measured_anew(comparison, folder, record, lambda f, text: tell(0.8 * f, text))
    verdicts = [_verdict(name, old, new) for name in record["figures"]]
    drawn = old if new is None else {n: old[n] if _follows(n, verdicts) and n in old else new[n] for n in new}
    tell(0.85, "drawing")
    content = _rendered(comparison, request, cells, record, drawn)
    changed = _changed(folder, record, content, lost)
    verdicts = [
        replace(v, changed=tuple(f for f in changed if Path(f).name.rpartition(".")[0] == v.name)) for v in verdicts
    ]
    tell(0.9, "training")
    verdicts += _beginnings(comparison, old.get("learning"))
    notes = (say("verify-no-runs", missing=f"{len(lost)}"),) if lost else ()
    tell(1.0, "done")
    return Verification(tuple(verdicts), tuple(changed), tuple(_unknown(folder, record, content)), notes)


def _digest(path: Path) -> str:
    try:
        return digest(read_bytes(path, MAX_ARRAYS, ""))
    except DataError:
        return ""


# Data


def _data_of(folder: Path, record: Mapping[str, Any]) -> dict[str, xr.Dataset]:
    """The datasets in the folder that can be read."""
    found = {}
    for name in record["figures"]:
        try:
            found[name] = read_netcdf(read_bytes(folder / "data" / f"{name}.nc", MAX_ARRAYS, ""))
        except Exception:  # HDF5 fails in many ways on a damaged file
            continue
    return found


def _measured_anew(
    comparison: Comparison, folder: Path, record: Mapping[str, Any], tell: Progress
) -> dict[str, xr.Dataset]:
    """The datasets as they follow from the runs' files, which are read from copies: nothing is trained or written."""
    with tempfile.TemporaryDirectory() as place:
        copies = Path(place)
        (copies / FOLDER).mkdir()
        for name in record["runs"]:
            shutil.copyfile(folder / name, copies / FOLDER / Path(name).name)
        results = carry_out_all(comparison, copies, tell, carry=taken)
    made = datasets_of(results)
    return {entry.name: made[entry.name] for entry in ENTRIES if entry.name in made and entry.shows(made[entry.name])}


def _verdict(name: str, old: Mapping[str, xr.Dataset], new: Mapping[str, xr.Dataset] | None) -> Verdict:
    if name not in old:
        return Verdict(name, "none", say("verify-damaged"))
    if new is None:
        return Verdict(name, "values", say("verify-not-measured"))
    if name not in new:
        return Verdict(name, "none", say("verify-not-shown"))
    agreement, detail = compare(old[name], _as_read(new[name]), _Exact())
    return Verdict(name, agreement, detail, data_hash=agreement != "none")


def _as_read(data: xr.Dataset) -> xr.Dataset:
    """A dataset as a file would hold it."""
    from gatedsym.files.netcdf import netcdf

    return read_netcdf(netcdf(data))


def _follows(name: str, verdicts: list[Verdict]) -> bool:
    return any(v.name == name and v.agreement != "none" for v in verdicts)


# Files


def _rendered(
    comparison: Comparison, request: Request, cells: tuple[Any, ...], record: Mapping[str, Any],
    datasets: Mapping[str, xr.Dataset],
) -> dict[str, str | bytes]:  # fmt: skip
    runs = tuple(record["runs"])
    made = Made(comparison, request, cells, record["command"], runs, {n: record["files"].get(n, "") for n in runs})
    needed = ("learning", "thresholds")
    if any(name not in datasets for name in needed):
        return {}
    return render(made, datasets)


def _changed(folder: Path, record: Mapping[str, Any], content: Mapping[str, str | bytes], lost: list[str]) -> list[str]:
    """Files that are missing, not as the record says, or not as the code writes them."""
    files: Mapping[str, str] = record["files"]
    found = {name for name, then in files.items() if name not in lost and _digest(folder / name) != then}
    found |= {name for name in lost if (folder / name).exists()}
    same = record["libraries"] == {name: version(name) for name in LIBRARIES}
    for name, whole in content.items():
        if name == RECORD or name.endswith(".nc"):
            continue  # data is compared as numbers
        if name not in files or (same and _digest(folder / name) != digest(whole)):
            found.add(name)
    if content:
        found |= {name for name in files if name not in content and name not in record["runs"]}
    return sorted(found)


def _unknown(folder: Path, record: Mapping[str, Any], content: Mapping[str, str | bytes]) -> list[str]:
    """Files beside the page; runs of other comparisons in the same folder are none."""
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    own = content.keys() | record["files"].keys() | {RECORD}
    return sorted(name for name in there - own if not name.startswith(f"{FOLDER}/"))


# Beginnings of runs


def _beginnings(comparison: Comparison, course: xr.Dataset | None) -> list[Verdict]:
    """For each contender the first judged run, trained anew for its first updates."""
    if course is None:
        return []
    found = []
    for contender in comparison.contenders:
        part = course.sel(contender=contender.label, seed=comparison.judging[0])
        trial = Trial(contender, float(part["rate"]), str(part["clip"].values), comparison.judging[0], True)
        found.append(_beginning(comparison, trial, part))
    return found


def _beginning(comparison: Comparison, trial: Trial, then: xr.Dataset) -> Verdict:
    count = min(comparison.updates, max(BEGINNING, comparison.updates // BEGINNING))
    net = trial.contender.network(comparison.task, trial.seed)
    training = prepare(net, comparison.task, **(trial.options(comparison) | {"probes": 0}))
    largest, first = 0.0, 0
    for update in range(1, count + 1):
        batch = comparison.task.batch(update - 1, comparison.batch, seed=trial.seed, dtype=net.dtype)
        if not training.update(update, batch):
            break
        now = np.array([training.course.losses[update - 1], training.course.norms[update - 1]])
        was = np.array([float(then["loss"].sel(update=update)), float(then["gradient_norm"].sel(update=update))])
        gap = float(np.nan_to_num(np.abs(now - was) / np.maximum(np.abs(was), 1e-12), nan=np.inf).max())
        if gap > CLOSE and not first:
            first = update
        largest = max(largest, gap)
    name = say("verify-run", words=trial.words, updates=count)
    if first:
        detail = say("verify-run-differs", update=f"{first}", difference=f"{largest:.2g}")
        return Verdict(name, "none", detail)
    same = say("verify-run-equal") if largest == 0 else say("verify-run-close", tolerance=f"{CLOSE:g}")
    return Verdict(name, "values", same, data_hash=largest == 0)


__all__ = ["verify_comparison"]
