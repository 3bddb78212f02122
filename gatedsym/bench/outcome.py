"""Outcomes of `gatedsym bench`, printed and written, for each thing that it can be asked to measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatedsym.bench.compare import ROOM, Comparison, Progress, compare, estimate_seconds
from gatedsym.bench.libraries import read_peers
from gatedsym.bench.machine import processor, warn_if_busy
from gatedsym.bench.points import GRIDS, Point, points_of_cells
from gatedsym.bench.table import Table, cells_table, comparison_table, left_out, summary, threads_words, times
from gatedsym.errors import ArgumentError
from gatedsym.runtime.threads.pool import thread_count

LAYERS = ("torch", "jax", "onnxruntime")
"""Peers of the three cells, by default; of other cells there are none by default: they are compared with the LSTM."""
REFERENCE = "lstm"


@dataclass(frozen=True)
class Outcome:
    """Text for the terminal, and files by path."""

    text: str
    files: Mapping[Path, str | bytes]


@dataclass(frozen=True)
class Grid:
    """Points that are timed, and the libraries that they are timed against.

    Attributes
    ----------
    name : {"quick", "default", "full"}
    points : tuple of Point
    peers : tuple of str
    cells : bool
        Whether cells were named, which are compared with the LSTM.
    """

    name: str
    points: tuple[Point, ...]
    peers: tuple[str, ...]
    cells: bool = False

    def announcement(self) -> str:
        """Number of points and about how long they take; what makes the times doubtful."""
        there, _ = read_peers(self.peers)
        minutes = sum(estimate_seconds(p, len(there), ROOM[self.name]) for p in self.points) / 60
        about = f"about {minutes:.0f} minutes" if minutes >= 1.5 else "about a minute"
        points = "1 point" if len(self.points) == 1 else f"{len(self.points)} points"
        text = f"{points}, {about}, and what is not yet compiled"
        return "\n".join(line for line in (text, warn_if_busy()) if line)


def choose_grid(name: str, cells: Sequence[str], against: str | None) -> Grid:
    """Read what was asked for.

    Raises
    ------
    ArgumentError
        For a name that is none of a grid, a peer or a cell.
    """
    if name not in GRIDS:
        raise ArgumentError(f"no grid {name!r}; choose one of {', '.join(GRIDS)}.")
    default = "" if cells else ",".join(LAYERS)
    peers = tuple(p.strip() for p in (default if against is None else against).split(",") if p.strip())
    read_peers(peers)  # refuses what is unknown before anything takes long
    if not cells:
        return Grid(name, GRIDS[name], peers)
    points = points_of_cells(dict.fromkeys([REFERENCE, *cells]))
    return Grid(name, points[::5] if name == "quick" else points, peers, cells=True)


def measure_grid(grid: Grid, out: Path, *, threads: int | None = None, progress: Progress | None = None) -> Outcome:
    """Time a grid; the table, and the files: every time, and for the three cells the figure of ratios against size."""
    from gatedsym.bench.dataset import comparison_dataset
    from gatedsym.figures import speed

    comparison = compare(grid.points, grid.peers, threads=threads, room=ROOM[grid.name], progress=progress)
    every = times(comparison).to_csv(index=False, float_format="%.7g", lineterminator="\n")
    if grid.cells:
        text = [cells_table(comparison, REFERENCE), *left_out(comparison), _setting(comparison)]
        return Outcome("\n".join(text), {out / "cells.csv": every})
    figure = speed(comparison_dataset(comparison)).content(out / "speed")
    text = [comparison_table(comparison), *summary(comparison), _setting(comparison)]
    return Outcome("\n".join(text), {out / "times.csv": every, **figure})


def measure_table(
    kind: str,
    out: Path,
    *,
    cells: Sequence[str] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """A further table: ``scaling``, ``first-use`` or ``tangents``; of cells ``second``, ``structure``, ``ragged``,
    ``learning``, ``watching`` or ``layers``."""
    table = _table(kind, cells, thread_count(threads), progress)
    return Outcome(f"{table.text}\nprocessor: {processor()}", {out / f"{table.name}.csv": table.csv})


def _table(kind: str, cells: Sequence[str], threads: int, progress: Progress | None) -> Table:
    if kind == "second":
        from gatedsym.bench.second import second

        return second(cells, threads=threads, progress=progress)
    if kind == "structure":
        from gatedsym.bench.structure import structure

        return structure(cells, threads=threads, progress=progress)
    if kind == "learning":
        from gatedsym.bench.learning import learning

        return learning(cells, threads=threads, progress=progress)
    if kind == "watching":
        from gatedsym.bench.watching import watching

        return watching(cells, threads=threads, progress=progress)
    if kind == "layers":
        from gatedsym.bench.layers import layers

        return layers(cells, threads=threads, progress=progress)
    if kind == "ragged":
        from gatedsym.bench.ragged import ragged

        return ragged(cells, threads=threads, progress=progress)
    if kind == "scaling":
        from gatedsym.bench.scaling import scaling

        return scaling(threads=threads, progress=progress)
    if kind == "first-use":
        from gatedsym.bench.first_use import first_use

        return first_use(progress=progress)
    from gatedsym.bench.tangents import tangents

    return tangents(threads=threads, progress=progress)


def _setting(comparison: Comparison) -> str:
    return (
        "milliseconds; medians of interleaved runs, each library in a process of its own with"
        f" {threads_words(comparison.threads)}; processor: {processor()}"
    )
