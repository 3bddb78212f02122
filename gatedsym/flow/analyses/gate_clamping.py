"""The gate as a valve: inputs chosen so that a gate is closed, one fifth open or open, and what then passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import split_parts
from gatedsym.flow.analyses.gate_statistics import described
from gatedsym.flow.analyses.gate_statistics import why_not_applicable as why_no_gates
from gatedsym.flow.ensemble import Cells, Member, Networks, read_ensemble, require_positive
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.flow.inputs.source import Reading
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import asked_sizes
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.calculus.gates import GatedProduct
    from gatedsym.cells import Cell
    from gatedsym.ir.evaluate import Arithmetic
    from gatedsym.ir.program import Program

LEVELS = (0.01, 0.2, 0.99)
"""Closed, one fifth open, open: a logistic gate is never quite at 0 or 1."""
ROUNDS = 60
_NEAR = 0.02
"""A gate within so much of what was asked counts as set."""
_SOFTNESS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0)
"""Widths over which corners are rounded, one after the other, where the search does not get past them."""


def why_not_applicable(cell: Cell) -> str:
    """The reason why no input sets a gate of a cell, as one sentence, or ""."""
    if reason := why_no_gates(cell):
        return reason
    if not cell.inputs:
        return f"cell {cell.name} has no input, so no input opens or closes its gates."
    if not _Valves.of(cell).passages:
        return f"no gate of cell {cell.name} reads, at the same step, an input that may be any number."
    return ""


@analysis(why_not_applicable, n=6, seeds=1, init="xavier", retention=0.0, horizon=200)
def valve(
    cells: Cells,
    x: Reading = "text",
    *,
    m: int | None = None,
    levels: Sequence[float] = LEVELS,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """The response of each gate to its inputs: one step, from one random state, on an input for each level.

    The input nearest to a random one is sought (Gauss-Newton steps of least length) that sets all units of the gate to
    the level; an input with a domain of its own (a mask, a gap of time) is drawn and stays. Where the input has room
    for it, it also leaves what stands before the gate as it was: the same values meet a closed, a nearly closed and an
    open valve. A gate that is flat beyond a corner, as one that a maximum stabilises is (exp(a - max(a, b)) is 1
    wherever a > b), is followed through equations with rounded corners, sharper and sharper, to those of the cell.

    Parameters
    ----------
    cells : cells or names of the library
        Those with a gate that an input moves within one step.
    x : Series, name, path, or array (T, B, m)
        Not read: inputs are chosen.
    m : int, optional
        Input size, for cells that leave it open; 3 n by default, which is room enough for a gate and what it
        multiplies.
    levels : sequence of float
        Openness between 0 and 1.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, passage, level, …); a passage is a product of the equations that holds a
        gate. ``input`` (…, feature): all inputs side by side; (…, unit): ``gate``, the openness that was reached;
        ``factor``, what the product has of it (the gate, or 1 minus it); ``operand``, what stands before it; ``passed``
        = factor * operand. ``miss``: largest distance of the gate from its level. ``kept``: whether the operand is the
        same at all levels, to 1e-6. NaN where a cell lacks the passage, feature or unit.

    Raises
    ------
    ArgumentError
        For a level that is not between 0 and 1, or a cell for which `why_not_applicable` has a reason.

    References
    ----------
    Our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.valve("gru", "noise")
    >>> list(data)[:3]
    ['input', 'gate', 'factor']
    """
    if not levels or any(not 0 < level < 1 for level in levels):
        raise ArgumentError(f"levels {list(levels)}: give numbers between 0 and 1, without these.")
    ensemble = read_ensemble(cells, x, networks, horizon=200, why_not_applicable=why_not_applicable)
    n = ensemble.n
    m = 3 * n if m is None else m
    require_positive(m=m)
    valves = {c.name: _Valves.of(c) for c in ensemble.cells}

    def measure(member: Member) -> list[_Response]:
        params = member.setting.initial(m, member.n, member.seed, ensemble.horizon, ensemble.dtype)
        return valves[member.cell.name].respond(params, (m, member.n), levels, member.seed)

    results = [(member.place, valves[member.cell.name], found) for member, found in ensemble.map(measure)]
    attrs = described(
        ensemble, laws_followed=False, n=n, m=m, horizon=ensemble.horizon, dtype=ensemble.dtype,
        seeds=len(ensemble.seeds),
    )  # fmt: skip
    attrs |= {"title": "response of gates to inputs", "input": "chosen", "input_digest": "", "input_features": m,
              "input_description": "chosen so that the gate has the given openness"}  # fmt: skip
    return _dataset(results, ensemble.axes, list(levels), attrs)


@dataclass(frozen=True)
class _Response:
    """Of one passage, for each level: input (level, features); gate, factor, operand (level, units)."""

    input: Array
    gate: Array
    factor: Array
    operand: Array


@dataclass(frozen=True)
class _Valves:
    """The passages of a cell whose gate the input of the same step moves."""

    cell: Cell
    passages: tuple[GatedProduct, ...]
    program: Program
    inputs: tuple[str, ...]

    @staticmethod
    def of(cell: Cell) -> _Valves:
        from gatedsym.calculus.gates import find_gated_products, with_gated_products

        program = cell.recurrence.program
        inputs = tuple(n for n in program.sources if program[n].role == "input" and program[n].lag == 0)
        inputs = tuple(n for n in inputs if n not in cell.interface.part_domains)  # chosen numbers may lie outside
        moved = program.reached_from(inputs)
        passages = tuple(p for p in find_gated_products(program) if p.gate in moved)
        return _Valves(cell, passages, with_gated_products(program, passages), inputs)

    @property
    def labels(self) -> list[str]:
        """Of passages; two that read alike are told apart by what they add to."""
        texts = [p.text for p in self.passages]
        return [t if texts.count(t) == 1 else f"{t} in {p.result}" for t, p in zip(texts, self.passages)]

    def respond(
        self, params: Mapping[str, Array], sizes: tuple[int, int], levels: Sequence[float], seed: int
    ) -> list[_Response]:
        """The response of each passage, all from the same state and the same first input."""
        step = _Step(self, params, sizes, seed)
        found = []
        for passage in self.passages:
            inputs = np.stack([step.seek(passage, level) for level in levels])
            values = step.at(inputs)
            names = (passage.gate, passage.factor.target.name, passage.operand.target.name)
            gate, factor, operand = (values[k].reshape(len(levels), -1) for k in names)
            found.append(_Response(inputs, gate, factor, operand))
        return found


class _Step:
    """One step of one network as a function of its input, from a random state."""

    def __init__(self, valves: _Valves, params: Mapping[str, Array], sizes: tuple[int, int], seed: int) -> None:
        self.program = valves.program
        cell, (m, n) = valves.cell, sizes
        self.sizes = cell.sizes(**asked_sizes(cell, m, n))
        generator = np.random.default_rng([seed, 0x7A17E])
        self.given: dict[str, Array] = {}
        for layout in cell.interface.parameters:
            value = np.asarray(params[layout.name], dtype=np.float64)
            self.given |= dict(split_parts(layout, value, self.sizes, 0))
        domains = cell.interface.part_domains
        for name in self.program.sources:
            if self.program[name].role in ("state", "input"):
                self.given[name] = generator.standard_normal(self._shape(name))
                if name in domains:
                    self.given[name] = of_normal(domains[name], self.given[name], self.sizes)
        self.inputs = valves.inputs
        self.start = np.concatenate([self.given[name].ravel() for name in self.inputs])

    def _shape(self, name: str) -> tuple[int, ...]:
        return tuple(int(d) if d.isdigit() else self.sizes[d] for d in self.program[name].dims)

    def at(self, inputs: Array, softness: float = 0.0) -> dict[str, Array]:
        """Every value for inputs (K, features), each (K, …); corners rounded over a width of `softness`."""
        from gatedsym.ir.evaluate import evaluate

        given, place = dict(self.given), 0
        for name in self.inputs:
            size = self.given[name].size
            given[name] = inputs[:, place : place + size].reshape(len(inputs), *self.given[name].shape)
            place += size
        values = evaluate(self.program, given, _rounded_corners(softness))
        return {n: np.broadcast_to(v, (len(inputs), *self._shape(n))) for n, v in values.items()}

    def seek(self, passage: GatedProduct, level: float) -> Array:
        """The input that sets the gate to a level: the operand kept if that can be, else not."""
        found: list[Array] = []
        for keep in (True, False):
            for softness in ((0.0,), _SOFTNESS):
                x = self.start
                for width in softness:
                    x = self._newton(passage, level, x, keep=keep, softness=width)
                if self._miss(passage, x, level) <= _NEAR:
                    return x
                found.append(x)
        return min(found, key=lambda x: self._miss(passage, x, level))

    def _miss(self, passage: GatedProduct, x: Array, level: float) -> float:
        return float(np.abs(self.at(x[None])[passage.gate] - level).max())

    def _newton(self, passage: GatedProduct, level: float, start: Array, *, keep: bool, softness: float) -> Array:
        """Gauss-Newton with steps of least length and bounded, derivatives by central differences."""
        x = start.copy()
        before = self._residual(passage, self.start[None], level, 0.0)[1][0]
        best, least = x, np.inf
        for _ in range(ROUNDS):
            nudge = 1e-5 * np.eye(len(x))
            points = np.concatenate([x[None], x + nudge, x - nudge])
            gate, operand = self._residual(passage, points, level, softness)
            rows = np.concatenate([gate, operand - before], axis=1) if keep else gate
            largest = float(np.abs(rows[0]).max())
            if not np.isfinite(largest):
                break
            if largest < least:
                best, least = x, largest
            if largest < 1e-9:
                break
            slope = (rows[1 : len(x) + 1] - rows[len(x) + 1 :]).T / 2e-5
            if not np.isfinite(slope).all():
                break
            move = -np.linalg.pinv(slope, rcond=1e-8) @ rows[0]
            x = x + move * min(1.0, 4 * np.sqrt(len(x)) / max(1e-12, float(np.linalg.norm(move))))
        return best

    def _residual(self, passage: GatedProduct, points: Array, level: float, softness: float) -> tuple[Array, Array]:
        """Logit of the gate minus that of the level, and the operand; a logit is what an input moves evenly."""
        values = self.at(points, softness)
        gate = np.clip(values[passage.gate].reshape(len(points), -1), 1e-12, 1 - 1e-12)
        logit = np.log(gate) - np.log1p(-gate) - (np.log(level) - np.log1p(-level))
        return logit, values[passage.operand.target.name].reshape(len(points), -1)


def _rounded_corners(width: float) -> Arithmetic:
    """NumPy arithmetic in which max, min and relu bend over a width in place of a corner; the exact one for width 0."""
    from gatedsym.ir.evaluate import NUMPY

    if not width:
        return NUMPY

    def bent(x: Array) -> Array:
        return np.asarray(width * np.logaddexp(0.0, np.asarray(x) / width))

    functions: dict[str, Callable[..., Any]] = {
        "relu": bent,
        "maximum": lambda a, b: b + bent(a - b),
        "minimum": lambda a, b: b - bent(b - a),
        "hard_sigmoid": lambda x: bent(x / 6 + 0.5) - bent(x / 6 - 0.5),
        "hard_sigmoid_02": lambda x: bent(x / 5 + 0.5) - bent(x / 5 - 0.5),
    }
    return replace(NUMPY, functions={**NUMPY.functions, **functions})


def _dataset(
    results: Sequence[tuple[tuple[int, ...], _Valves, list[_Response]]],
    axes: Mapping[str, Any],
    levels: list[float],
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    labels = list(dict.fromkeys(label for _, of, _ in results for label in of.labels))
    responses = [r for _, _, found in results for r in found]
    features = max(r.input.shape[1] for r in responses)
    units = max(max(r.factor.shape[1], r.gate.shape[1]) for r in responses)
    lead = (*(len(a) for a in axes.values()), len(labels))
    inputs = np.full((*lead, len(levels), features), np.nan)
    values = np.full((3, *lead, len(levels), units), np.nan)
    miss, kept = np.full((*lead, len(levels)), np.nan), np.full(lead, np.nan)
    for place, of, found in results:
        for label, r in zip(of.labels, found):
            where = (*place, labels.index(label))
            inputs[where][:, : r.input.shape[1]] = r.input
            for k, part in enumerate((r.gate, r.factor, r.operand)):
                values[(k, *where)][:, : part.shape[1]] = part
            miss[where] = np.abs(r.gate - np.array(levels)[:, None]).max(axis=1)
            kept[where] = float(np.ptp(r.operand, axis=0).max() <= 1e-6)
    whole = (*axes, "passage", "level")
    data = xr.Dataset(
        {
            "input": ((*whole, "feature"), inputs),
            "gate": ((*whole, "unit"), values[0]),
            "factor": ((*whole, "unit"), values[1]),
            "operand": ((*whole, "unit"), values[2]),
            "passed": ((*whole, "unit"), values[1] * values[2]),
            "miss": (whole, miss),
            "kept": (whole[:-1], kept),
        },
        coords={**axes, "passage": labels, "level": levels, "feature": np.arange(features), "unit": np.arange(units)},
        attrs=attrs,
    )
    words = {
        "input": "input, all inputs of the cell side by side",
        "gate": "openness of the gate",
        "factor": "what the product has of the gate: the gate itself, or 1 minus it",
        "operand": "what stands before the gate",
        "passed": "what passes: factor * operand",
        "miss": "largest distance of the gate from its level",
        "kept": "whether the operand is the same at all levels",
        "level": "openness that the input is chosen for",
    }
    for name, text in words.items():
        data[name].attrs = {"long_name": text, "units": "1"}
    return data
