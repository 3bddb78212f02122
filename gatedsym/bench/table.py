"""Measured rows → a table for the terminal, and the rows of a CSV file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from gatedsym.bench.compare import Comparison, Row
from gatedsym.bench.libraries import OURS
from gatedsym.bench.points import BOTH, DTYPES, FORWARD, MEASURES

SHORT = {"onnxruntime": "ort", "torch-eager": "eager", "torch-compiled": "compiled", OURS: "ours"}
SMALL = 128
"""Hidden sizes up to this are small, in the summary."""


@dataclass(frozen=True)
class Table:
    """Columns of text with a sentence on what they are.

    Attributes
    ----------
    name : str
        For a file.
    head : tuple of str
    rows : list of list of str
    note : str
    """

    name: str
    head: tuple[str, ...]
    rows: list[list[str]]
    note: str

    @property
    def text(self) -> str:
        """For a terminal."""
        return "\n".join([*aligned([self.head, *self.rows]), self.note])

    @property
    def csv(self) -> str:
        """One line a row; numbers without marks between thousands."""
        plain = [[cell.replace(",", "") for cell in row] for row in self.rows]
        return str(pd.DataFrame(plain, columns=list(self.head)).to_csv(index=False, lineterminator="\n"))


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Lines of cells with columns flush right."""
    widths = [max(len(line[c]) for line in lines) for c in range(len(lines[0]))]
    return ["  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in lines]


def threads_words(threads: int) -> str:
    """1 thread, 2 threads."""
    return f"{threads} thread{'s' if threads > 1 else ''}"


def milliseconds(seconds: float) -> str:
    """Three digits."""
    return f"{1e3 * seconds:#.3g}".rstrip(".") if seconds < 1 else f"{1e3 * seconds:.0f}"


def comparison_table(comparison: Comparison) -> str:
    """Every row: milliseconds of each library, how many times longer the fastest peer takes, fraction of the peak."""
    libraries = [OURS, *(p for p in comparison.peers if p not in comparison.skipped)]
    head, over = ["cell", "dtype", "T", "B", "n"], ["", "", "", "", ""]
    for measure in MEASURES:
        columns = _columns(comparison.rows, libraries, measure)
        head += [SHORT.get(c, c) for c in columns] + ([] if columns == [OURS] else ["ratio"])
        over += [measure if c == OURS else "" for c in columns] + ([] if columns == [OURS] else [""])
    lines = [[*head, "of peak", "params"]]
    for row in comparison.rows:
        p = row.point
        line = [p.cell, p.dtype, str(p.steps), str(p.batch), str(p.hidden)]
        for measure in MEASURES:
            columns = _columns(comparison.rows, libraries, measure)
            line += [_time(row, c, measure) for c in columns]
            line += [] if columns == [OURS] else [_ratio(row.ratio(measure))]
        lines.append([*line, f"{100 * row.fraction_of_peak():.0f} %", f"{100 * row.parameters_share():.1f} %"])
    note = "params: of forward + backward the share in which parameters are copied and compared with the copy"
    return "\n".join([_measures_over(over, lines), *aligned(lines), note])


def _columns(rows: Iterable[Row], libraries: Sequence[str], measure: str) -> list[str]:
    """Libraries that make a measurement at all, or that were refused everywhere."""
    rows = list(rows)
    return [lib for lib in libraries
            if any(measure in r.seconds.get(lib, {}) for r in rows) or all(lib in r.refused for r in rows)]  # fmt: skip


def _measures_over(over: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """The line above the head that names the measurements, each where its columns begin."""
    widths = [max(len(line[c]) for line in lines) for c in range(len(lines[0]))]
    text = ""
    for column, words in enumerate(over):
        if words:
            text = f"{text}  ".ljust(sum(widths[:column]) + 2 * column) + f"{words}, ms"
    return text


def _time(row: Row, library: str, measure: str) -> str:
    if library in row.refused:
        return "-"
    found = row.seconds[library].get(measure)
    return "-" if found is None else milliseconds(found)


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def summary(comparison: Comparison) -> list[str]:
    """Geometric means of the ratios by dtype and size, and what was left out and why."""
    lines = []
    for dtype in DTYPES:
        for measure in MEASURES:
            for small in (True, False):
                found = [r.ratio(measure) for r in comparison.rows
                         if r.point.dtype == dtype and (r.point.hidden <= SMALL) == small]  # fmt: skip
                ratios = [f for f in found if f is not None]
                if ratios:
                    size = f"n {'≤' if small else '>'} {SMALL}"
                    lines.append(
                        f"{dtype}, {measure}, {size}: {geometric_mean(ratios):.2f} times as fast as the fastest peer"
                        f" (geometric mean of {len(ratios)}; least {min(ratios):.2f})"
                    )
    return [*lines, *left_out(comparison)]


def left_out(comparison: Comparison) -> list[str]:
    """Peers that are not installed, and points that a peer refused, with its reason."""
    lines = [f"skipped {peer}: {why}" for peer, why in comparison.skipped.items()]
    reasons: dict[tuple[str, str], list[Row]] = {}
    for row in comparison.rows:
        for library, why in row.refused.items():
            reasons.setdefault((library, why), []).append(row)
    for (library, why), rows in reasons.items():
        some = rows[0].point.words + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")
        lines.append(f"- {library} at {some}: {why}")
    return lines


def geometric_mean(values: Sequence[float]) -> float:
    """Of positive numbers."""
    return math.exp(sum(map(math.log, values)) / len(values))


def times(comparison: Comparison) -> pd.DataFrame:
    """One line for each point, measurement and library."""
    lines = []
    for row in comparison.rows:
        p = row.point
        for library in (OURS, *(x for x in comparison.peers if x not in comparison.skipped)):
            for measure in MEASURES:
                seconds = row.seconds.get(library, {}).get(measure)
                lines.append({
                    "cell": p.cell, "dtype": p.dtype, "T": p.steps, "B": p.batch, "n": p.hidden, "measure": measure,
                    "library": library, "milliseconds": None if seconds is None else 1e3 * seconds,
                    "ratio": None if seconds is None else seconds / row.seconds[OURS][measure],
                    "fraction_of_peak": row.fraction_of_peak(measure) if library == OURS else None,
                    "parameters_milliseconds": 1e3 * row.parameters if library == OURS else None,
                    "peak_multiply_adds_per_second": row.peak,
                    "refused": row.refused.get(library, "" if seconds is not None else "forward only"),
                })  # fmt: skip
    return pd.DataFrame(lines)


def cells_table(comparison: Comparison, reference: str = "lstm") -> str:
    """For each cell its rate of floating-point operations beside the reference's, and peers for the same cell."""
    libraries = [p for p in comparison.peers if p not in comparison.skipped]
    rates = {(r.point.dtype, r.point.steps, r.point.batch, r.point.hidden): r.rate()
             for r in comparison.rows if r.point.cell == reference}  # fmt: skip
    head = ["cell", "dtype", "T", "B", "n", "forward", BOTH, "GFLOP/s", f"{reference} / it", "chain"]
    lines = [[*head, *(c for p in libraries for c in (SHORT.get(p, p), "ratio"))]]
    for row in comparison.rows:
        p = row.point
        rate = rates.get((p.dtype, p.steps, p.batch, p.hidden))
        ours = row.seconds[OURS]
        lines.append([
            p.cell, p.dtype, str(p.steps), str(p.batch), str(p.hidden), milliseconds(ours[FORWARD]),
            milliseconds(ours[BOTH]), f"{row.rate() / 1e9:.1f}", "-" if rate is None else f"{rate / row.rate():.2f}",
            str(row.operations.chain),
            *(c for lib in libraries for c in (_time(row, lib, BOTH), _ratio(row.ratio(BOTH, lib)))),
        ])  # fmt: skip
    return "\n".join(aligned(lines))
