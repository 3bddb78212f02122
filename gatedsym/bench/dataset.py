"""Measured rows → a labelled dataset, for the figure and for whoever wants every number."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gatedsym.bench.compare import Comparison
from gatedsym.bench.libraries import OURS, versions
from gatedsym.bench.machine import processor
from gatedsym.bench.points import MEASURES
from gatedsym.version import __version__


def comparison_dataset(comparison: Comparison) -> xr.Dataset:
    """Milliseconds (point, measure, library), the peak and multiply-adds; NaN where a library has no time.

    Returns
    -------
    xarray.Dataset
        With the processor, the number of threads and the versions among its attributes.
    """
    rows, peers = comparison.rows, [p for p in comparison.peers if p not in comparison.skipped]
    libraries = [OURS, *peers]
    times = [[[r.seconds.get(lib, {}).get(m, np.nan) for lib in libraries] for m in MEASURES] for r in rows]
    points = [r.point for r in rows]
    data = xr.Dataset(
        {
            "milliseconds": (("point", "measure", "library"), 1e3 * np.array(times)),
            "fraction_of_peak": (("point", "measure"), [[r.fraction_of_peak(m) for m in MEASURES] for r in rows]),
            "multiply_adds": (("point", "measure"), [[r.operations.multiply_adds[m] for m in MEASURES] for r in rows]),
            "peak": ("point", [r.peak for r in rows]),
        },
        coords={
            "library": libraries,
            "measure": list(MEASURES),
            "cell": ("point", [p.cell for p in points]),
            "dtype": ("point", [p.dtype for p in points]),
            "steps": ("point", [p.steps for p in points]),
            "batch": ("point", [p.batch for p in points]),
            "hidden": ("point", [p.hidden for p in points]),
        },
        attrs={
            "title": "time of forward and of forward + backward against other libraries",
            "source": f"gatedsym {__version__}",
            "processor": processor(),
            "threads": comparison.threads,
            "versions": ", ".join(f"{name} {v}" for name, v in versions(peers).items()),
        },
    )
    data["milliseconds"].attrs = {"long_name": "median time", "units": "ms"}
    data["fraction_of_peak"].attrs = {"long_name": "rate of multiply-adds over the machine's peak", "units": "1"}
    data["multiply_adds"].attrs = {"long_name": "multiply-adds in products", "units": "1"}
    data["peak"].attrs = {"long_name": "peak rate of multiply-adds of all threads", "units": "1/s"}
    return data
