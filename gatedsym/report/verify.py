"""Does a report still follow from the code? All of it made anew, from what its record says, and compared.

Data is measured anew and compared within rounding. Everything else, the pictures, tables, captions and pages, is made
anew from that data and compared byte by byte. What the record says of files is not believed, but must agree, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import xarray as xr

from gatedsym.cells import Cell
from gatedsym.cells import cell as from_library
from gatedsym.errors import DataError, GatedsymError
from gatedsym.files.netcdf import netcdf, read_netcdf
from gatedsym.files.read import MAX_ARRAYS, read_bytes
from gatedsym.flow import Series, read_input, white_noise
from gatedsym.flow.trained import TrainedCell, trained_cell
from gatedsym.library import load as library
from gatedsym.messages import room
from gatedsym.report.atlas import Asked, Entry, atlas
from gatedsym.report.citation import digest
from gatedsym.report.parts import LIBRARIES, Part, computed, report_parts
from gatedsym.report.plan import Request
from gatedsym.report.record import RECORD, read_record
from gatedsym.report.write import (
    ERRATA_PAGE,
    OURS,
    Plan,
    derivation_page,
    render_report,
    shown_errata,
    with_notes,
)
from gatedsym.typing import Array

say = room("report")

Progress = Callable[[float, str], None]
TOLERANCE = 1e-6
"""Two numbers agree if they differ by no more than this, absolutely or relatively: rounding, carried through a run."""
STANDARD_ERRORS = 4.0
"""By how many the means of chaotic quantities over seeds may differ."""
SHARE = 0.99
"""Of the means of chaotic quantities, how many must agree."""


class Measured(Protocol):
    """Origin of a dataset, as far as a comparison needs to know."""

    @property
    def chaotic(self) -> bool: ...


Agreement = Literal["values", "statistics", "none"]


@dataclass(frozen=True)
class Verdict:
    """Findings about one figure.

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
        The figure's files that are not as the code writes them.
    """

    name: str
    agreement: Agreement
    detail: str
    data_hash: bool = False
    changed: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether the figure follows from the code, and its files are as the code writes them."""
        return self.agreement != "none" and not self.changed

    def line(self) -> str:
        """For the terminal."""
        word = say("verdict-follows") if self.follows else say("verdict-does-not-follow")
        found = say(
            "verdict-found", detail=self.detail, data="equal" if self.data_hash else "other",
            changed="some" if self.changed else "none", files=", ".join(self.changed),
        )  # fmt: skip
        return f"{word:16}{self.name:23} {found}"


@dataclass(frozen=True)
class Verification:
    """Findings about a report.

    Attributes
    ----------
    verdicts : tuple of Verdict
        One for each figure.
    changed : tuple of str
        All files, relative to the folder, that are missing or not as the code writes them.
    unknown : tuple of str
        Files in the folder that are not of the report.
    notes : tuple of str
        What could not be compared, one sentence each.
    """

    verdicts: tuple[Verdict, ...]
    changed: tuple[str, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def follows(self) -> bool:
        """Whether all of the report follows from the code."""
        return bool(self.verdicts) and all(v.follows for v in self.verdicts) and not self.changed


def verify_report(
    folder: str | Path,
    *,
    input: str | None = None,
    weights: str | Path | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Findings of `verify_folder` about the figures of a report."""
    return list(verify_folder(folder, input=input, weights=weights, progress=progress).verdicts)


def verify_folder(
    folder: str | Path,
    *,
    input: str | None = None,
    weights: str | Path | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Make a report anew and compare every file of its folder; nothing that was kept from earlier runs is used.

    Parameters
    ----------
    folder : path
        Where `write_report` wrote.
    input, weights : path, optional
        Where the data and the weights lie now, if not where they were.
    progress : callable, optional
        Told the finished fraction and what is being done.

    Raises
    ------
    GatedsymError
        If the folder holds no report that can be read, or one without figures, or its input or weights are not those
        that it names.
    """
    folder = Path(folder)
    record = read_record(folder)
    if not record["figures"]:
        raise GatedsymError(f"{folder / RECORD} names no figure, so there is nothing to verify: make the report again.")
    known = {a.key: a for a in atlas()[1]}
    gone = {name for name in record["figures"] if name not in known}
    plan = _plan(record, known, input, weights)
    comparer = _Comparer(folder, record)
    derivation, errata = _pages(folder, plan.request)
    try:
        content = render_report(plan, derivation, errata, measured_anew, comparer.accept, progress, keep=False)
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, MemoryError) as error:
        if isinstance(error, GatedsymError):
            raise
        raise GatedsymError(
            f"{folder / RECORD} asks for what cannot be made ({type(error).__name__}: {error}): make the report again."
        ) from error
    changed = _changed(folder, record, content)
    verdicts = [
        replace(v, changed=tuple(f for f in changed if Path(f).name.rpartition(".")[0] == v.name))
        for v in (comparer.verdicts[p.name] for p in plan.parts if p.name in comparer.verdicts)
    ]
    verdicts += [Verdict(name, "none", say("verdict-no-figure")) for name in sorted(gone)]
    verdicts += [
        Verdict(name, "none", say("verdict-not-given"))
        for name in sorted(record["figures"].keys() - gone - {v.name for v in verdicts})
    ]
    return Verification(
        tuple(verdicts),
        tuple(changed),
        tuple(_unknown(folder, record, content)),
        tuple(_notes(record, folder, content)),
    )


def changed_files(folder: str | Path) -> list[str]:
    """The files of a report, relative to its folder, that are missing or not as its record says.

    Raises
    ------
    GatedsymError
        If the folder holds no report that can be read.
    """
    folder = Path(folder)
    files: Mapping[str, str] = read_record(folder)["files"]
    return [name for name, then in sorted(files.items()) if _file_digest(folder / name) != then]


def _file_digest(path: Path) -> str:
    """SHA-256 of a plain file, "" for anything else."""
    try:
        return digest(read_bytes(path, MAX_ARRAYS, ""))
    except DataError:
        return ""


# All files of the folder


def _pages(folder: Path, request: Request) -> tuple[Callable[[Any], str] | None, Callable[[], str] | None]:
    """Writers of the pages beside the report; those of the caller's own program are taken as they are."""

    def there(name: str) -> str:
        try:
            return read_bytes(folder / name, MAX_ARRAYS, "").decode("utf-8", "replace")
        except DataError:
            return ""

    derivations = {"": None, OURS: derivation_page}.get(
        request.derivations, lambda cell: there(f"derivations/{cell.name}.html")
    )
    return derivations, {"": None, OURS: shown_errata}.get(request.errata, lambda: there(ERRATA_PAGE))


def _changed(folder: Path, record: Mapping[str, Any], content: Mapping[str, str | bytes]) -> list[str]:
    """Files that are missing, or neither as the code writes them nor, where that cannot be told, as the record says."""
    files: Mapping[str, str] = record["files"]
    found = set(changed_files(folder))
    for name, whole in content.items():
        there = _file_digest(folder / name)
        if name == RECORD:
            if odd := _odd_entries(record, json.loads(whole)):
                found.add(f"{name} ({', '.join(odd)})")
        elif name not in files or not there:
            found.add(name)
        elif not name.endswith(".nc") and there != digest(whole) and _same_libraries(record):
            found.add(name)  # data is compared as numbers
    found |= {name for name in files if name not in content and not _is_own(name, record)}
    return sorted(found)


def _odd_entries(record: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Entries of a record that are not what the report would record now; versions are told apart."""
    versions = {"gatedsym", "python", "libraries", "runtime_sha256"}
    return [k for k in sorted(record.keys() | again.keys()) if k not in versions | {"files"}
            and _bare(record.get(k)) != _bare(again.get(k))]  # fmt: skip


def _bare(entry: Any) -> Any:
    """An entry without what another machine may give otherwise: hashes of kernels."""
    if isinstance(entry, Mapping):
        return {k: _bare(v) for k, v in entry.items() if k != "kernels_sha256"}
    return [_bare(v) for v in entry] if isinstance(entry, list) else entry


def _is_own(name: str, record: Mapping[str, Any]) -> bool:
    """Whether a page was written by the caller's own program, which cannot be asked again."""
    request = record["request"]
    return (name.startswith("derivations/") and request["derivations"] not in ("", OURS)) or (
        name == ERRATA_PAGE and request["errata"] not in ("", OURS)
    )


def _unknown(folder: Path, record: Mapping[str, Any], content: Mapping[str, str | bytes]) -> list[str]:
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    return sorted(there - content.keys() - record["files"].keys())


def _same_libraries(record: Mapping[str, Any]) -> bool:
    return bool(record["libraries"] == {name: version(name) for name in LIBRARIES})


def _notes(record: Mapping[str, Any], folder: Path, content: Mapping[str, str | bytes]) -> list[str]:
    notes = []
    if not _same_libraries(record):
        now = {name: version(name) for name in LIBRARIES}
        then = record["libraries"]
        odd = [
            say("verify-version", library=k, then=str(then.get(k, say("verify-no-version"))), now=v)
            for k, v in now.items()
            if then.get(k) != v
        ]
        other = [n for n, whole in content.items() if n != RECORD and not n.endswith(".nc")
                 and _file_digest(folder / n) != digest(whole)]  # fmt: skip
        versions = "; ".join(odd) or say("verify-more-libraries")
        notes.append(say("verify-other-versions", versions=versions, count=len(other)))
    if own := [n for n in record["files"] if _is_own(n, record)]:
        notes.append(say("verify-own", files=", ".join(own)))
    return notes


# The data of figures


def measured_anew(part: Part, progress: Callable[[float], None]) -> xr.Dataset:
    """The dataset of a part, computed now, as a file would hold it."""
    return read_netcdf(netcdf(computed(part, progress)))


class _Comparer:
    """Compares each part, measured anew, with the data in the folder, and says which of them is drawn."""

    def __init__(self, folder: Path, record: Mapping[str, Any]) -> None:
        self._folder, self._record = folder, record
        self.verdicts: dict[str, Verdict] = {}

    def accept(self, part: Part, new: xr.Dataset) -> xr.Dataset:
        """The data in the folder if that follows from the code, else what does."""
        about = self._record["figures"].get(part.name)
        if about is None:
            return new
        path = self._folder / "data" / f"{part.name}.nc"
        verdict, old = self._verdict(path, part, new)
        same = part.analysis.drawn(new, self._record["request"]["width"]).digest == about["data_sha256"]
        self.verdicts[part.name] = replace(verdict, data_hash=same)
        return new if old is None or verdict.agreement == "none" else old

    @staticmethod
    def _verdict(path: Path, part: Part, new: xr.Dataset) -> tuple[Verdict, xr.Dataset | None]:
        if not path.exists():
            return Verdict(part.name, "none", say("verdict-missing", path=str(path))), None
        try:
            old = read_netcdf(read_bytes(path, MAX_ARRAYS, ""))
        except Exception:  # HDF5 fails in many ways on a damaged file
            return Verdict(part.name, "none", say("verdict-damaged", path=str(path))), None
        return Verdict(part.name, *compare(old, new, part.analysis)), old


def compare(old: xr.Dataset, new: xr.Dataset, analysis: Measured) -> tuple[Agreement, str]:
    """Agreement of two datasets of an analysis, with a sentence."""
    if set(old.variables) != set(new.variables):
        odd = ", ".join(sorted({str(v) for v in set(old.variables) ^ set(new.variables)}))
        return "none", say("verdict-only-one", names=odd)
    if odd := _odd_attributes(old, new, analysis):
        return "none", say("verdict-said-otherwise", name=odd)
    largest, strange = 0.0, ""
    for name in sorted(map(str, old.variables)):
        one, two = old[name], new[name]
        if one.dims != two.dims or one.shape != two.shape:
            return "none", say("verdict-another-shape", name=name)
        difference = _difference(one.values, two.values)
        if difference > TOLERANCE and not (analysis.chaotic and _alike(one, two)):
            differs = say("verdict-differs", name=name, difference=f"{difference:.2g}", tolerance=f"{TOLERANCE:g}")
            return "none", differs
        if difference > TOLERANCE:
            strange = strange or name
        else:
            largest = max(largest, difference)
    if strange:
        return "statistics", say("verdict-chaotic", name=strange, errors=f"{STANDARD_ERRORS:g}")
    if largest == 0:
        return "values", say("verdict-equal")
    return "values", say("verdict-agree", tolerance=f"{TOLERANCE:g}", largest=f"{largest:.1g}")


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


def _odd_attributes(old: xr.Dataset, new: xr.Dataset, analysis: Measured) -> str:
    """The first attribute in which two datasets differ beyond rounding, or ""."""
    pairs = [("", old.attrs, new.attrs)]
    pairs += [(f"{name}.", old[name].attrs, new[name].attrs) for name in sorted(map(str, old.variables))]
    for where, one, two in pairs:
        for name in sorted(one.keys() | two.keys()):
            if name == "source":  # the version
                continue
            if name not in one or name not in two:
                return f"{where}{name}"
            a, b = np.atleast_1d(one[name]), np.atleast_1d(two[name])
            numbers = a.dtype.kind == b.dtype.kind == "f"
            if a.shape != b.shape or (_difference(a, b) > TOLERANCE and not (numbers and analysis.chaotic)):
                return f"{where}{name}"
    return ""


# What the record asks for


def _plan(
    record: Mapping[str, Any], known: Mapping[str, Entry], source: str | None, weights: str | Path | None
) -> Plan:
    """The report that the record speaks of."""
    own = {f.name for f in fields(Request)}
    request = Request(command=record["command"], **{k: v for k, v in record["request"].items() if k in own})
    found = recorded_cells(record, weights or request.weights)
    cells = tuple(_named(found, name) for name in request.cells)
    trained = [c for c in cells if isinstance(c, TrainedCell)]
    series = with_notes(_series(record["series"], request, source), trained)
    asked = {about["name"]: about["options"] for about in record["asked"] if about["name"] in known}
    settings = Asked(request.quick, request.lags, request.hidden, request.seeds, tuple(request.init), request.match)
    parts = report_parts(cells, series, [known[name] for name in asked], settings)
    return Plan(cells, series, tuple(replace(p, options=_options(p, asked[p.name])) for p in parts), request)


def _options(part: Part, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes of a part, after a look at whether they are of the kinds that its analysis takes."""
    found = {k: tuple(v) if isinstance(v, list) else v for k, v in recorded.items()}
    kinds = [{k: _kind(v) for k, v in options.items()} for options in (found, part.options)]
    if kinds[0] != kinds[1]:
        raise GatedsymError(
            f"{RECORD} is damaged, or of another version (the options of {part.name}): make the report again."
        )
    return found


def _kind(value: object) -> object:
    """Kind of an option's value; numbers are of one kind, and so are all lengths of a list."""
    if isinstance(value, tuple):
        return sorted({str(_kind(v)) for v in value})
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _named(cells: Mapping[str, Any], name: str) -> Any:
    if name not in cells:
        raise GatedsymError(f"{RECORD} is damaged (it has no equations of {name}): make the report again.")
    return cells[name]


def recorded_cells(record: Mapping[str, Any], weights: str | Path) -> dict[str, Any]:
    """The cells of a report by name, from the equations that it records."""
    request = record["request"]
    trained = request.get("trained", {})
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
        own_cells = [found[c] for c in request["cells"] if c in found]
        again = trained_cell(
            own_cells, weights, request["layout"] or None, request["layer"] or None, request["weights"]
        )
        if (again.name, again.file_digest) != (name, then):
            raise GatedsymError(f"{weights} does not hold the weights of the report: give the file with --weights.")
        found[name] = again
    return found


def _series(then: Mapping[str, Any], request: Request, source: str | None) -> Series:
    """Input of a report's networks, the same as then and under the name that it had."""
    noise = white_noise(max(1, int(then["features"])))
    if noise.digest == then["sha256"]:
        return noise
    if not (source or request.input):
        raise GatedsymError("the report was made from data in memory: give the file that holds it with --input.")
    series = read_input(source or request.input, request.alphabet, called=request.input or None)
    if series.digest != then["sha256"]:
        raise GatedsymError(
            f"{source or request.input} is not the data of the report: give the file that is with --input."
        )
    return series if request.input else replace(series, name=then["name"], description=then["description"])


def _number(text: str) -> int | float:
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise GatedsymError(f"{RECORD} is damaged ({text!r} is no number): make the report again.") from None


__all__ = ["Verdict", "Verification", "changed_files", "compare", "recorded_cells", "verify_folder", "verify_report"]
