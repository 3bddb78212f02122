"""Costs of a first call: with nothing in the cache, with everything in it, and what an empty cached function costs.

Each is measured from the start of a fresh process, the interpreter's own start excepted.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gatedsym.bench.compare import Progress
from gatedsym.bench.table import Table
from gatedsym.errors import GatedsymError

RUNS = 3
_EMPTY = "import numba\n\n\n@numba.njit(cache=True)\ndef nothing(x):\n    return x\n"
_CALL_EMPTY = """
import time
start = time.perf_counter()
import numpy, empty
empty.nothing(1.0)
print(time.perf_counter() - start)
"""
_CALL_CELL = """
import json, sys, time
start = time.perf_counter()
name, dtype = json.loads(sys.argv[1])
import numpy as np
from gatedsym.cells import cell
found = cell(name)
params = found.init(m=8, n=8, dtype=dtype)
x = np.ones((4, 2, 8), dtype)
run = found.forward(params, x)
found.backward(params, run, {"h": np.ones((4, 2, 8), dtype)})
print(time.perf_counter() - start)
"""


def first_use(cell: str = "lstm", *, dtype: str = "float32", progress: Progress | None = None) -> Table:
    """Seconds until forward + backward of one cell for one dtype have run, medians of fresh processes.

    Parameters
    ----------
    cell : str
        With one input and a state h.
    dtype : {"float32", "float64"}
    progress : callable, optional
    """
    given = json.dumps([cell, dtype])
    found: dict[str, list[float]] = {"empty": [], "cached": [], "compiled": []}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(_EMPTY, encoding="utf-8")
        kept = {"GATEDSYM_CACHE_DIR": f"{folder}/kept", "PYTHONPATH": _path(folder)}
        _seconds(_CALL_EMPTY, given, kept)
        _seconds(_CALL_CELL, given, kept)
        for run in range(RUNS):
            if progress is not None:
                progress(run / RUNS, f"{cell} {dtype}")
            found["compiled"].append(_seconds(_CALL_CELL, given, {**kept, "GATEDSYM_CACHE_DIR": f"{folder}/new{run}"}))
            found["empty"].append(_seconds(_CALL_EMPTY, given, kept))
            found["cached"].append(_seconds(_CALL_CELL, given, kept))
    if progress is not None:
        progress(1.0, "done")
    empty, cached, compiled = (statistics.median(found[k]) for k in ("empty", "cached", "compiled"))
    rows = [
        ["an empty function of Numba's, from its cache", f"{empty:.2f}", ""],
        [f"{cell} {dtype}, forward + backward, from the cache", f"{cached:.2f}", f"{cached - empty:+.2f}"],
        [f"{cell} {dtype}, forward + backward, compiled", f"{compiled:.2f}", f"{compiled - cached:+.2f}"],
    ]
    note = f"imports included; medians of {RUNS} fresh processes; the difference is to the line above"
    return Table("first-use", ("first call", "s", "difference"), rows, note)


def _path(folder: str) -> str:
    before = os.environ.get("PYTHONPATH", "")
    return f"{folder}{os.pathsep}{before}" if before else folder


def _seconds(code: str, given: str, variables: Mapping[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code, given],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise GatedsymError(f"a fresh process failed: {done.stderr.strip()[-1000:]}")
    return float(done.stdout)
