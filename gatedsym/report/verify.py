"""Does a report still follow from the code? Its data computed anew, from what its provenance says, and compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from gatedsym import library
from gatedsym.cells import Cell
from gatedsym.cells import cell as from_library
from gatedsym.errors import GatedsymError
from gatedsym.flow import Series, read_input, white_noise
from gatedsym.flow.trained import trained_cell
from gatedsym.report.atlas import Analysis, atlas
from gatedsym.report.citation import digest
from gatedsym.report.parts import Part, computed

Array = np.ndarray[Any, Any]
Progress = Callable[[float, str], None]
TOLERANCE = 1e-6
"""Two numbers agree if they differ by no more than this, absolutely or relatively: rounding, carried through a run."""
STANDARD_ERRORS = 4.0
"""By how many the means of chaotic quantities over seeds may differ."""
SHARE = 0.99
"""Of the means of chaotic quantities, how many must agree."""

Agreement = Literal["values", "statistics", "none"]


@dataclass(frozen=True)
class Verdict:
    """What was found of one figure.

    Attributes
    ----------
    name : str
    agreement : {"values", "statistics", "none"}
        Every value within the tolerance; a chaotic quantity's means over seeds; neither.
    detail : str
        A sentence.
    data_hash : bool
        Whether the recomputed data has the hash that the report records.
    changed : tuple of str
        The figure's files that are not as they were written.
    """

    name: str
    agreement: Agreement
    detail: str
    data_hash: bool = False
    changed: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether the figure follows from the code, and its files are as they were written."""
        return self.agreement != "none" and not self.changed

    def line(self) -> str:
        """For the terminal."""
        word = "follows" if self.follows else "DOES NOT FOLLOW"
        hashes = f"hash of the data {'equal' if self.data_hash else 'differs'}"
        files = f"; not as written: {', '.join(self.changed)}" if self.changed else ""
        return f"{word:16}{self.name:24}{self.detail} ({hashes}{files})"


def verify_report(
    folder: str | Path,
    *,
    input: str | None = None,
    weights: str | Path | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Recompute the data of every figure of a report; nothing that was kept from earlier runs is used.

    Parameters
    ----------
    folder : path
        Where `write_report` wrote.
    input, weights : path, optional
        Where the data and the weights lie now, if not where they were.

    Raises
    ------
    GatedsymError
        If the folder holds no report that can be read, or its input or weights are not those that it names.
    """
    folder = Path(folder)
    record = _record(folder)
    request = record["request"]
    cells = _cells(record, weights or request["weights"])
    verdicts: list[Verdict] = []
    known = {a.key: a for a in atlas()[1]}
    weights_of = [known[name].weight if name in known else 0.0 for name in record["figures"]]
    changed = changed_files(folder)
    for k, (name, about) in enumerate(record["figures"].items()):
        if progress is not None:
            progress(sum(weights_of[:k]) / (sum(weights_of) or 1.0), name)
        if name not in known:
            verdicts.append(Verdict(name, "none", "this version has no such figure"))
            continue
        series = _series(about, input or request["input"], request["alphabet"])
        taking = tuple(cells[c] for c in about["cells"])
        options = {o: tuple(v) if isinstance(v, list) else v for o, v in about["options"].items()}
        part = Part(known[name], series, taking, {}, options)
        own = [f for f in changed if Path(f).name.rpartition(".")[0] == name]
        verdicts.append(_verdict(folder, part, about, request["width"], own))
    if progress is not None:
        progress(1.0, "compared")
    return verdicts


def changed_files(folder: str | Path) -> list[str]:
    """The files of a report, relative to its folder, that are missing or not as they were written.

    Raises
    ------
    GatedsymError
        If the folder holds no report that can be read.
    """
    folder = Path(folder)
    files: Mapping[str, str] = _record(folder)["files"]
    return [name for name, then in sorted(files.items()) if _file_digest(folder / name) != then]


def _file_digest(path: Path) -> str:
    return digest(path.read_bytes()) if path.is_file() else ""


def _verdict(folder: Path, part: Part, about: Mapping[str, Any], width: str | float, changed: Sequence[str]) -> Verdict:
    path = folder / "data" / f"{part.name}.nc"
    try:
        old = xr.load_dataset(path, engine="h5netcdf")
    except FileNotFoundError:
        return Verdict(part.name, "none", f"{path} is missing")
    except (OSError, ValueError, KeyError):
        return Verdict(part.name, "none", f"{path} is damaged")
    new = _as_written(computed(part))
    agreement, detail = compare(old, new, part.analysis)
    same = part.analysis.drawn(new, width).digest == about["data_sha256"]
    return Verdict(part.name, agreement, detail, same, tuple(changed))


def compare(old: xr.Dataset, new: xr.Dataset, analysis: Analysis) -> tuple[Agreement, str]:
    """How well two datasets of an analysis agree, with a sentence."""
    if set(old.variables) != set(new.variables):
        odd = ", ".join(sorted({str(v) for v in set(old.variables) ^ set(new.variables)}))
        return "none", f"only one of the two has {odd}"
    largest, strange = 0.0, ""
    for name in sorted(map(str, old.variables)):
        one, two = old[name], new[name]
        if one.dims != two.dims or one.shape != two.shape:
            return "none", f"{name} has another shape"
        difference = _difference(one.values, two.values)
        if difference > TOLERANCE and not (analysis.chaotic and _alike(one, two)):
            return "none", f"{name} differs by {difference:.2g}, more than {TOLERANCE:g}"
        if difference > TOLERANCE:
            strange = strange or name
        else:
            largest = max(largest, difference)
    if strange:
        return (
            "statistics",
            f"{strange} is chaotic: its means over seeds agree within {STANDARD_ERRORS:g} standard errors",
        )
    return (
        "values",
        "all values are equal" if largest == 0 else f"values agree within {TOLERANCE:g} (at most {largest:.1g})",
    )


def _difference(one: Array, two: Array) -> float:
    """The largest difference, absolute or relative, whichever is less; infinite where only one is a number."""
    if one.dtype.kind not in "fiub" or two.dtype.kind not in "fiub":
        return 0.0 if np.array_equal(one.astype(str), two.astype(str)) else np.inf
    a, b = one.astype(float), two.astype(float)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    with np.errstate(invalid="ignore"):
        gap = np.abs(a - b) / np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    return float(np.where(same, 0.0, np.where(np.isfinite(gap), gap, np.inf)).max())


def _alike(one: xr.DataArray, two: xr.DataArray) -> bool:
    """Whether means over seeds differ by no more than chance makes them, nearly everywhere."""
    if "seed" not in one.dims or one.sizes["seed"] < 2 or one.dtype.kind != "f":
        return False
    a, b = (v.transpose("seed", ...).values.astype(float) for v in (one, two))
    a, b = (np.where(np.isfinite(v), v, np.nan) for v in (a, b))
    first, second = ((~np.isnan(v)).sum(axis=0) > 1 for v in (a, b))
    usable = first & second
    if not usable.any() or (first != second).mean() > 1 - SHARE:
        return False
    a, b = a[:, usable], b[:, usable]
    error = np.sqrt(sum(np.nanvar(v, axis=0, ddof=1) / (~np.isnan(v)).sum(axis=0) for v in (a, b)))
    return bool(
        (np.abs(np.nanmean(a, axis=0) - np.nanmean(b, axis=0)) <= STANDARD_ERRORS * error + TOLERANCE).mean() >= SHARE
    )


def _as_written(data: xr.Dataset) -> xr.Dataset:
    """A dataset as it comes back from a file."""
    import io

    from gatedsym.figures.figure import netcdf

    return xr.load_dataset(io.BytesIO(netcdf(data)), engine="h5netcdf")


def _record(folder: Path) -> dict[str, Any]:
    path = folder / "provenance.json"
    try:
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if not {"request", "cells", "figures", "files"} <= record.keys() or not isinstance(record["files"], dict):
            raise ValueError("incomplete")
    except FileNotFoundError:
        raise GatedsymError(f"there is no {path}: name a folder that gatedsym report wrote.") from None
    except (OSError, ValueError) as error:
        raise GatedsymError(f"{path} cannot be read ({error}): make the report again.") from None
    return record


def _cells(record: Mapping[str, Any], weights: str | Path) -> dict[str, Any]:
    """The cells of a report by name, from the equations that it records."""
    trained = record["request"]["trained"]
    found: dict[str, Any] = {}
    for name, about in record["cells"].items():
        if name in trained:
            continue
        constants = {k: _number(v) for k, v in about["constants"].items()}
        own = from_library(name) if name in library.names() else None
        if own is not None and own.source == about["equations"] and not constants:
            found[name] = own
        else:
            found[name] = Cell(about["equations"], name, **constants)
    for name, then in trained.items():
        request = record["request"]
        again = trained_cell(list(found.values()), weights, request["layout"] or None, request["layer"] or None)
        if (again.name, again.file_digest) != (name, then):
            raise GatedsymError(f"{weights} does not hold the weights of the report: give the file with --weights.")
        found[name] = again
    return found


def _series(about: Mapping[str, Any], source: str, alphabet: Sequence[str] | None) -> Series:
    """What the networks of a figure read, the same as then."""
    then = about["series"]
    noise = white_noise(int(then["features"]))
    if noise.digest == then["sha256"]:
        return noise
    if not source:
        raise GatedsymError("the report was made from data in memory: give the file that holds it with --input.")
    series = read_input(source, alphabet)
    if series.digest != then["sha256"]:
        raise GatedsymError(f"{source} is not the data of the report: give the file that is with --input.")
    return series


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("+-").isdigit() else float(text)


__all__ = ["Verdict", "changed_files", "compare", "verify_report"]
