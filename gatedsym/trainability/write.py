"""Cells, or a file of a grid → a folder with a study of when their untrained gradient says what they will learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gatedsym.cells import Cell
from gatedsym.errors import DataError, GatedsymError
from gatedsym.expect import expect_path
from gatedsym.files.write import write_together
from gatedsym.flow.ensemble import read_cells
from gatedsym.report.write import unwritable
from gatedsym.trainability.grid import Grid, grid_of, read_tables
from gatedsym.trainability.page import PAGE, study_files
from gatedsym.trainability.study import Study, Tell
from gatedsym.trainability.table import runs_dataset

STORE = "store"
DEFAULT_CELLS = ("rnn", "lstm", "gru")


def run(
    cells: Sequence[str | Cell] | str = DEFAULT_CELLS,
    out: str | Path = "trainability",
    *,
    grid: str | Path | None = None,
    quick: bool = False,
    n: int = 32,
    seeds: int | None = None,
    store: str | Path | None = None,
    as_is: bool = False,
    any_code: bool = False,
    workers: int | None = None,
    progress: Tell | None = None,
) -> list[Path]:
    """Train networks, and write which of them learnt and what foretold it.

    A study that was cut short goes on: each run is made once, and kept in the folder.

    Parameters
    ----------
    cells : cells or names of the library
    out : path
        Folder; made if it is not there.
    grid : path, optional
        A file of a grid (`gatedsym.trainability.grid`), in place of the cells.
    quick : bool
        Short lags, two rates, two seeds, 1,000 updates: for a look.
    n : int
        Hidden size.
    seeds : int, optional
        Networks of each kind; 5, quick 2.
    store : path, optional
        A folder that keeps the runs; by default ``store`` in the other one.
    as_is : bool
        Write what the runs that are there say, and make none.
    any_code : bool
        Take runs that other versions of the code have made.
    workers : int, optional
        Processes.
    progress : callable, optional
        Told the finished fraction and how it goes.

    Returns
    -------
    list of Path
        The files that were written, the page first.

    Raises
    ------
    GatedsymError
        For a grid, cells or a folder that cannot be used, before anything is trained.

    Examples
    --------
    >>> import gatedsym as gs
    >>> from pathlib import Path
    >>> grid = '''
    ... n = 4
    ... updates = 20
    ... [settings]
    ... "gru 1" = { cell = "gru", retention = 1.0 }
    ... [tasks]
    ... "recall 5" = { task = "recall", T = 5 }
    ... [[panels]]
    ... name = "rates"
    ... settings = ["gru 1"]
    ... tasks = ["recall 5"]
    ... rates = [2e-2, 1e-3]
    ... '''
    >>> _ = Path("grid.toml").write_text(grid)
    >>> files = gs.trainability.run(grid="grid.toml", out="study", workers=0)

    >>> files[0].name
    'index.html'
    """
    folder = expect_path("out", out)
    kept = folder / STORE if store is None else expect_path("store", store)
    study, tables = plan_study(cells, grid=grid, quick=quick, n=n, seeds=seeds, any_code=any_code, store=kept)
    if as_is:
        study.look()
    else:
        study.make(progress, workers)
    return write_study(study, tables, folder, "gs.trainability.run")


def plan_study(
    cells: Sequence[str | Cell] | str, *, grid: str | Path | None, quick: bool, n: int, seeds: int | None,
    any_code: bool, store: Path,
) -> tuple[Study, dict[str, Any]]:  # fmt: skip
    """A study of which nothing is made, and the tables that it follows; what cannot be used is refused here."""
    tables = own_tables(read_cells(cells), quick, n, seeds) if grid is None else read_tables(grid)
    planned = grid_of(tables)
    _require_fit(planned)
    return Study(planned, store, any_code), tables


def write_study(study: Study, tables: Mapping[str, Any], folder: Path, command: str) -> list[Path]:
    """Write the files of what a study has."""
    data = runs_dataset(study)
    if not data.sizes["run"]:
        raise DataError(f"{study.folder} has no runs of this grid: make them, without --as-is.")
    content = study_files(data, tables, command)
    try:
        write_together({folder / name: whole for name, whole in content.items()})
    except OSError as error:
        raise GatedsymError(unwritable(folder, error.strerror or str(error))) from error
    return [folder / PAGE, *(folder / name for name in content if name != PAGE)]


def own_tables(cells: Sequence[Cell], quick: bool, n: int, seeds: int | None) -> dict[str, Any]:
    """The grid of a person's cells: initialisations, biases where a gate retains, tasks, rates and seeds."""
    settings: dict[str, Any] = {}
    for cell in cells:
        whose = {"cell": cell.name} if cell.derivation is not None else {"cell": cell.name, "equations": cell.source}
        biases: tuple[Any, ...] = ((0.0, 1.0) if quick else (0.0, 1.0, 3.0, "chrono")) if cell.can_retain else (None,)
        for scheme in ("uniform",) if quick else ("uniform", "orthogonal"):
            for bias in biases:
                own = whose | ({"scheme": scheme} if scheme != "uniform" else {})
                label = f"{cell.name} {scheme}"
                settings[label if bias is None else f"{label} {bias if bias == 'chrono' else f'{bias:g}'}"] = own | (
                    {} if bias is None else {"retention": bias}
                )
    lengths = (6, 12, 25) if quick else (12, 25, 50, 100)
    tasks: dict[str, Any] = {f"recall {T}": {"task": "recall", "T": T} for T in lengths}
    tasks |= {f"adding {T}": {"task": "adding", "T": T} for T in ((12,) if quick else (50, 100))}
    panel = {
        "name": "rates", "settings": list(settings), "tasks": list(tasks), "seeds": seeds or (2 if quick else 5),
        "rates": [2e-3, 2e-2] if quick else [5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2],
    }  # fmt: skip
    return {"n": n, "updates": 1000 if quick else 2500, "settings": settings, "tasks": tasks, "panels": [panel]}


def _require_fit(grid: Grid) -> None:
    """Make one network of each setting and task, so that what does not fit is refused before anything is trained."""
    for start in {(p.setting, p.task): p.run for p in grid.planned}.values():
        start.make_network(start.make_task())


__all__ = ["DEFAULT_CELLS", "STORE", "own_tables", "plan_study", "run", "write_study"]
