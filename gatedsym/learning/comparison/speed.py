"""Contenders → seconds of an update of each, measured turn by turn, and kept beside the runs."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gatedsym.errors import DataError
from gatedsym.files.read import MIB, decode, read_bytes
from gatedsym.files.write import write_atomically
from gatedsym.learning.comparison.trials import FOLDER
from gatedsym.learning.training import prepare

if TYPE_CHECKING:
    from gatedsym.learning.comparison.asking import Comparison
    from gatedsym.learning.training import Training

TURNS = 7
LEAST = 0.02
"""Seconds of a turn, at least."""


@dataclass(frozen=True)
class Seconds:
    """CPU seconds of contenders, by label, on one thread.

    Attributes
    ----------
    update, look : mapping of str to float
        One update, and one look at held-out sequences.
    crowding : float
        Seconds that pass for each of them, where other programs take their share of the machine; 1 at least.
    """

    update: Mapping[str, float]
    look: Mapping[str, float]
    crowding: float


def measured_seconds(comparison: Comparison, folder: Path, tell: Callable[[float, str], object]) -> tuple[Seconds, str]:
    """Seconds of each contender, and the name of the file that keeps them.

    Those of an earlier call are taken, so that a page that is made again says the same.
    """
    name = f"{FOLDER}/seconds-{_digest(comparison)}.json"
    kept = _kept(folder / name, comparison)
    if kept is None:
        kept = _measured(comparison, tell)
        write_atomically(folder / name, json.dumps(asdict(kept), indent=1, ensure_ascii=False) + "\n")
    return kept, name


def _digest(comparison: Comparison) -> str:
    what = [str(comparison.task), comparison.batch, comparison.layers, comparison.optimiser.words]
    cells = [[c.label, c.cell.source, c.n, c.readout] for c in comparison.all_contenders]
    return hashlib.sha256(json.dumps([what, cells], default=str).encode()).hexdigest()[:16]


def _kept(path: Path, comparison: Comparison) -> Seconds | None:
    """Seconds that a file holds, if it is whole."""
    if not path.exists():
        return None
    try:
        found = json.loads(decode(path, read_bytes(path, MIB, "delete it.")))
        kept = Seconds(found["update"], found["look"], found["crowding"])
        labels, values = [c.label for c in comparison.all_contenders], [kept.crowding]
        for table in (kept.update, kept.look):
            if list(table) != labels:
                return None
            values += table.values()
    except (DataError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return kept if all(isinstance(v, float) and 0 < v < 1e6 for v in values) else None


def _measured(comparison: Comparison, tell: Callable[[float, str], object]) -> Seconds:
    ready: dict[str, Training] = {}
    for number, contender in enumerate(comparison.all_contenders):
        tell(number / len(comparison.all_contenders), f"compiling {contender.label}")
        net = contender.network(comparison.task, 0)
        ready[contender.label] = prepare(
            net, comparison.task, updates=1, batch=comparison.batch, probes=0, optimiser=comparison.optimiser
        )
    batch = comparison.task.batch(0, comparison.batch)
    calls: dict[tuple[str, str], Callable[[], object]] = {}
    for label, training in ready.items():
        calls["update", label] = partial(training.update, 1, batch)
        calls["look", label] = partial(training.probe.evaluate, training.net)
    for call in calls.values():
        call()
    start, spent = time.perf_counter(), time.process_time()
    counts = {name: max(1, int(LEAST / max(_turn(call, 1), 1e-6))) for name, call in calls.items()}
    turns = [{name: _turn(call, counts[name]) for name, call in calls.items()} for _ in range(TURNS)]
    crowding = max(1.0, (time.perf_counter() - start) / max(time.process_time() - spent, 1e-6))
    found = {name: statistics.median(turn[name] for turn in turns) for name in calls}
    update, look = ({label: found[what, label] for label in ready} for what in ("update", "look"))
    return Seconds(update, look, crowding)


def _turn(call: Callable[[], object], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        call()
    return max((time.process_time() - start) / count, 1e-9)


__all__ = ["Seconds", "measured_seconds"]
