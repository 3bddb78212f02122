"""A small dataset of every analysis of the atlas, measured once in a session, and the same under other names."""

import fcntl
import os
import pickle
from contextlib import contextmanager, nullcontext
from functools import cache, cached_property
from pathlib import Path
from unittest.mock import patch

from gatedsym.cells import Cell
from gatedsym.execution.kernels import Kernels
from gatedsym.flow import white_noise
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled
from gatedsym.report.atlas import atlas

ANALYSES = {a.key: a for a in atlas()[1]}
CELLS = ("rnn", "lstm")
SIZES = {
    "valve": {},
    "gate-statistics": {"n": 6, "seeds": 2, "steps": 12, "batch": 1},
    "layers": {"n": 8, "seeds": 2, "depth": 10},
    "jacobian-sheet": {},
    "depth": {"n": 5, "seeds": 2, "lags": 12, "batch": 1},
    "gradient-norm": {"n": 6, "seeds": 3, "lags": 16, "batch": 1},
    "gradient-norm-noise": {"n": 6, "seeds": 3, "lags": 16, "batch": 1},
    "exploding": {"n": 6, "seeds": 2, "lags": 16, "batch": 1, "init": "gaussian", "gain": (1.0, 2.0, 3.0)},
    "singular-values": {"n": 6, "seeds": 2, "lags": (1, 5, 20), "warmup": 10},
    "paths": {"n": 6, "seeds": 2, "lags": 14, "batch": 1},
    "timescales": {"n": 6, "seeds": 2, "steps": 10},
    "ablation": {"n": 5, "seeds": 2, "lags": 10, "population": 64},
    "contributions": {"n": 5, "seeds": 2, "steps": 8, "batch": 1},
    "bound": {"n": 5, "seeds": 2, "lags": 12},
    "lyapunov": {"n": 6, "seeds": 2, "steps": 40, "warmup": 10, "blocks": 2},
    "phase-diagram": {"n": 8, "seeds": 1, "population": 64, "steps": 20, "gain": (0.5, 1.0, 2.0, 4.0),
                      "retention": (-2.0, 0.0, 2.0), "spread": (0.0, 0.5, 1.0)},
    "quiescent": {"n": 12, "seeds": 2},
    "truncation": {"n": 6, "seeds": 2, "steps": 30, "batch": 1},
    "clipping": {"n": 6, "seeds": 2, "steps": 10, "sequences": 6},
}  # fmt: skip
DEFAULT = tuple(a.key for a in atlas()[1] if a.default)
COSTLY = ("ablation", "singular-values", "quiescent", "phase-diagram")
"""Left to a flag: seconds each."""


@cache
def dataset(key):
    """The dataset of an analysis, measured by the worker that first asks for it, and left for the others."""
    folder = os.environ.get("GATEDSYM_TEST_DATASETS")
    if folder is None:
        return measured(key)
    kept = Path(folder, f"{key}.pickle")
    with (Path(folder) / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(measured(key)))
        return pickle.loads(kept.read_bytes())


def measured(key):
    """The dataset of an analysis for two cells, or for those that the atlas gives it."""
    with as_python() if key in ("ablation", "depth") else nullcontext():
        return _measured(ANALYSES[key], key)


@contextmanager
def as_python():
    """Kernels run as plain Python meanwhile: those of a cell's edits would be compiled for a single small dataset."""
    compiled = vars(Cell)["kernels"]
    kernels = cached_property(lambda cell: Kernels(uncompiled(compiled.func(cell).module, NUMPY)))
    kernels.__set_name__(Cell, "kernels")
    with patch.object(Cell, "kernels", kernels):
        yield


def _measured(analysis, key):
    cells = [c for c in analysis.cells or CELLS if not analysis.why_not_applicable(_cell(c))]
    if key == "depth":
        import gatedsym as gs

        cells = [gs.stack(["rnn", "lstm"], name="two"), gs.stack(["rnn", "rnn", "rnn"], name="three")]
    return analysis.measured(cells, white_noise(3), **SIZES[key])


def _cell(name):
    import gatedsym as gs

    return gs.cell(name)


def renamed(data, names):
    """A dataset whose cells have other names, wherever they stand."""
    table = dict(names)
    data = data.copy()
    for where in ("cell", "line_cell"):
        if where in data.variables:
            values = [table.get(str(v), str(v)) for v in data[where].values.ravel()]
            if where in data.coords:
                data = data.assign_coords({where: (data[where].dims, values)})
            else:
                data[where] = (data[where].dims, values)
    if "cells" in data.attrs:
        given = data.attrs["cells"]
        given = [given] if isinstance(given, str) else list(given)
        data.attrs["cells"] = [table.get(str(c), str(c)) for c in given]
    return data


def many_cells(data, names):
    """The dataset with its last cell again and again under further names."""
    import xarray as xr

    more = [data, *(data.isel(cell=[-1]).assign_coords(cell=[name]) for name in names)]
    found = xr.concat(more, "cell", data_vars="minimal", coords="minimal", compat="override", join="override")
    return found.assign_attrs(cells=[str(c) for c in found["cell"].values])
