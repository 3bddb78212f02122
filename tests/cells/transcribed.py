"""A transcription run beside the cell it transcribes: the same numbers under the transcription's own names."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from cells.trajectory import BATCH, STEPS
from transcriptions.arithmetic import Functions, Number

FOLDER = Path(__file__).resolve().parents[1] / "transcriptions"


def transcribed_names() -> list[str]:
    """The cells that have a transcription."""
    return sorted(p.stem for p in FOLDER.glob("*.py") if p.stem != "arithmetic")


@cache
def load(name: str) -> ModuleType:
    """The transcription of a cell."""
    spec = importlib.util.spec_from_file_location(f"transcription_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _bare(name: str) -> str:
    return name.removeprefix("-").removesuffix(".T")


def _turned(name: str, arrays: Any) -> np.ndarray:
    """The cell's array of a name that may have a sign in front and a transposition behind."""
    found = np.asarray(arrays[_bare(name)])
    found = np.swapaxes(found, -1, -2) if name.endswith(".T") else found
    return np.asarray(-found) if name.startswith("-") else found


def _length(name: str, sizes: Any) -> int:
    """The size of a dimension of the cell, or of a multiple of one: ``4n``."""
    multiple = re.fullmatch(r"(\d+)([A-Za-z]\w*)", name)
    return int(multiple[1]) * sizes[multiple[2]] if multiple else sizes[name]


class Transcription:
    """A transcription with the names and sizes of a problem's cell.

    Parameters
    ----------
    module : module
        As `transcriptions.arithmetic` describes it.
    sizes : mapping of str to int
        Of the cell's dimensions.
    """

    def __init__(self, module: ModuleType, sizes: Any) -> None:
        self.module = module
        self.names = getattr(module, "NAMES", {})
        self.past = getattr(module, "PAST", {})
        renamed = getattr(module, "SIZES", {})
        dims = {d for group in self._groups() for shape in group.values() for d in shape if not d.isdigit()}
        self.size = {**sizes, **{d: _length(renamed.get(d, d), sizes) for d in sorted(dims)}}

    def _groups(self) -> list[dict[str, tuple[str, ...]]]:
        return [self.module.PARAMETERS, self.module.INPUTS, self.module.STATES, self.module.OUTPUTS]

    def of_cell(self, name: str) -> Any:
        """What one of the transcription's names is in the cell."""
        return self.names.get(name, name)

    def sources(self, group: str) -> set[str]:
        """The cell's names that a group of the transcription's (PARAMETERS, …) stands for."""
        found: set[str] = set()
        for name in getattr(self.module, group):
            other = self.of_cell(name)
            members = other if isinstance(other, tuple) else (other,)
            found.update(_bare(m) for m in members if isinstance(m, str))
        return found

    def _shape(self, dims: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(int(d) if d.isdigit() else self.size[d] for d in dims)

    def _given(self, name: str, dims: tuple[str, ...], arrays: Any) -> np.ndarray:
        """The cell's array under the transcription's name, last axes as the transcription declares them."""
        other = self.of_cell(name)
        if isinstance(other, tuple):
            found = np.concatenate([_turned(o, arrays) for o in other], axis=-1)
        elif isinstance(other, str):
            found = _turned(other, arrays)
        else:
            found = np.zeros(self._shape(dims))
        rank = len(dims)
        shape = found.shape[found.ndim - rank :]
        assert shape == self._shape(dims), f"{name} is {shape} in the cell, {self._shape(dims)} in the transcription"
        return found

    def run(self, f: Functions, point: Any) -> dict[str, list[list[Any]]]:
        """Next states and outputs by the transcription's names: for each sequence one value a step."""
        module = self.module
        parameters = {n: self._given(n, d, point["params"]).tolist() for n, d in module.PARAMETERS.items()}
        found: dict[str, list[list[Any]]] = {n: [] for n in (*module.STATES, *module.OUTPUTS)}
        for b in range(BATCH):
            rows = {n: self._past(n, d, point, b) for n, d in {**module.STATES, **module.INPUTS}.items()}
            for n, d in module.INPUTS.items():
                series = self._given(n, d, point["inputs"])
                rows[n] = rows[n] + [np.asarray(series[t, b]).tolist() for t in range(STEPS)]
            outputs: dict[str, list[Any]] = {n: [] for n in module.OUTPUTS}
            for t in range(STEPS):
                x, s = self._reads(rows, module.INPUTS, 0, t), self._reads(rows, module.STATES, 1, t)
                following, given = module.step(f, self.size, parameters, x, s)
                assert following.keys() == module.STATES.keys(), "step must return every state"
                assert given.keys() == module.OUTPUTS.keys(), "step must return every output"
                for n, value in following.items():
                    rows[n].append(value)
                for n, value in given.items():
                    outputs[n].append(value)
            for n in found:
                found[n].append(outputs[n] if n in outputs else rows[n][-STEPS:])
        return found

    def _past(self, name: str, dims: tuple[str, ...], point: Any, b: int) -> list[Any]:
        """The rows before the first step, oldest first."""
        count = self.past.get(name, 1 if name in self.module.STATES else 0)
        other = self.of_cell(name)
        if isinstance(other, str) and other in point["initial"]:
            rows = self._given(name, dims, point["initial"])
            assert len(rows) == count, f"{name} reads {count} earlier rows here, {len(rows)} in the cell"
            return [np.asarray(row[b]).tolist() for row in rows]
        return [np.zeros(self._shape(dims)).tolist() for _ in range(count)]

    def _reads(self, rows: Any, group: Any, usual: int, t: int) -> dict[str, Any]:
        """The rows that a step reads: the ordinary one by the bare name, older ones as ``h[-2]``."""
        found = {}
        for name in group:
            count = self.past.get(name, usual)
            for lag in range(usual, count + 1):
                found[name if lag == usual else f"{name}[-{lag}]"] = rows[name][t + count - lag]
        return found

    def loss(self, f: Functions, point: Any, cotangents: Any) -> Number:
        """⟨cotangents, next states and outputs⟩."""
        run = self.run(f, point)
        total: Any = 0
        for name, value in run.items():
            other = self.of_cell(name)
            if other is not None:
                weights = np.swapaxes(cotangents[other], 0, 1)
                total = total + np.sum(np.array(value, dtype=object) * weights.astype(object))
        return total
