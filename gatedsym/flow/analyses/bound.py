"""Bound against reality: how much of a gradient can be left so many steps back, and how much is.

The bound multiplies, step by step, what the equations and the norms of the weight matrices allow at most
(`flow.step_bound`); the Jacobian products of networks on their trajectories stand against it. For x' = tanh(W x + …)
this is the bound of Pascanu, Mikolov and Bengio (2013), ‖W‖ per step, with row sums in place of singular values that of
Hochreiter (1991); for any other cell it follows from its equations in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.calculus.fusion import FusedProgram, fuse_pointwise
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.joined import join_primal
from gatedsym.calculus.stable import stabilise
from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.results import trajectory_values
from gatedsym.flow.analyses.jacobian_sheet import FORMS, printed
from gatedsym.flow.ensemble import INITIALISATIONS, Cells, Member, Networks, chrono_horizon, read_ensemble
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss, compared_state
from gatedsym.flow.numerics.intervals import Interval
from gatedsym.flow.numerics.spectral import multiply, spectral_norm
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import asked_sizes, hidden_size
from gatedsym.flow.theory.bound_formula import bound_formulas
from gatedsym.flow.theory.step_bound import NORMS, StepBound
from gatedsym.flow.theory.structure import Structure
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Solve, lagged_name
from gatedsym.typesetting.latex import formula_latex
from gatedsym.typesetting.notation import Box, name_box
from gatedsym.typesetting.pages.step import Step
from gatedsym.typesetting.plain import formula_text
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run

MOST_STATES = 256
"""A cell with more numbers in its state, one with a matrix as its state, is measured at a smaller n."""

SHOWN_LAGS = 25


def why_not_applicable(cell: Cell) -> str:
    """The reason why there is nothing to bound in a cell; "" where there is."""
    if not hasattr(cell, "recurrence"):
        return f"Cell {cell.name} is not given by equations, so nothing can be derived that bounds its Jacobian."
    program = cell.recurrence.program
    if not cell.states:
        return f"Cell {cell.name} has no state, so no gradient flows through time and there is nothing to bound."
    jacobian = join_primal(
        derive_jacobian(program, of=[r for r in program.results if program[r].role == "next"]), program
    )
    if not set(jacobian.results) & jacobian.batched:
        return (
            f"The Jacobian of {cell.name} is the same at every step, whatever the cell reads: over k steps it is a "
            "power of one matrix, and there is nothing to bound."
        )
    if any(isinstance(s, Solve) and s.target.name in program.reached_by_states for s in program.statements):
        return (
            f"{cell.name} solves a linear system in each step, and no bound of an inverse follows from its equations."
        )
    return ""


@analysis(why_not_applicable, n=64, seeds=5, init=INITIALISATIONS, retention=1.0)
def bound(
    cells: Cells,
    x: Reading = "text",
    *,
    lags: int = 100,
    batch: int = 1,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Bound the Jacobian ∂s_T/∂s_{T-k} from the equations, and measure it.

    Parameters
    ----------
    lags : int
        The longest lag; the steps of an array that is given.
    batch : int
        Sequences for each network, whose measured norm is the largest of theirs.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, norm, lag), s being all states side by side and, where the step reads
        further back, all rows of the past that it needs: ``log10_bound`` and ``log10_norm`` of ∂s_T/∂s_{T-lag}, for the
        spectral norm ("2") and the largest row sum of absolute values ("inf"), which no entry exceeds;
        ``log10_gradient`` (without norm), ‖∂L/∂s_{T-lag}‖ for a random cotangent of length 1 on the last h, which the
        spectral bound holds too (median over the sequences). -inf where a norm is exactly 0, NaN where a cell lacks the
        setting or a value is not finite. By cell: ``measured_names`` and ``measured_latex``, separated by "; ": values
        that the equations do not bound, whose largest size on the trajectory enters the bound; ``hidden_size``, smaller
        than n for states beyond `MOST_STATES` numbers. By ``line``, the bound of one step as formulas: ``line_cell``;
        ``block``, the norm that is bounded; ``paths``, the sum over paths of largest slopes times norms; ``most``, the
        same with the largest slopes that the equations give; each as ``_text``, ``_latex``, ``_mathml`` and
        ``_mathtext`` (`flow.bound_formula`).

    Raises
    ------
    ArgumentError
        For a cell of which there is nothing to bound (`why_not_applicable`), and as `gradient_flow` does.

    References
    ----------
    Pascanu, Mikolov, Bengio 2013, On the difficulty of training recurrent neural networks, for a cell of one matrix,
    and Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen, with row sums. The bound of any other cell is
    our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.bound("rnn", "noise", n=4, seeds=2, lags=10)
    >>> dict(data["log10_bound"].sizes)
    {'cell': 1, 'init': 2, 'gain': 1, 'retention': 1, 'seed': 2, 'norm': 2, 'lag': 11}
    """
    source = read_source(x)
    lags, batch = source.steps_and_batch(lags, batch)
    ensemble = read_ensemble(
        cells, source, networks, horizon=chrono_horizon(lags), why_not_applicable=why_not_applicable, lags=lags,
        batch=batch,
    )  # fmt: skip
    at = shown_lags(lags)
    found = ensemble.cells
    used = {cell.name: _hidden_size(cell, source.features, hidden_size(cell, ensemble.n)) for cell in found}
    subjects = {cell.name: Subject.of(cell, used[cell.name]) for cell in found}
    values = ensemble.empty(2 * len(NORMS) + 1, len(at))
    names: dict[str, set[str]] = {cell.name: set() for cell in found}
    for member, (rows, broken) in ensemble.map(lambda m: _one_network(m, subjects[m.cell.name], lags, batch)):
        values[member.place] = rows[:, at]
        names[member.cell.name].update(broken)
    attrs = ensemble.describe(Loss(), batch=batch, lags=lags) | {"title": "bound against reality"}
    data = _dataset(values, ensemble.axes, at, attrs)
    letters = [letters_of(c, names[c.name]) for c in found]
    data["measured_names"] = ("cell", ["; ".join(formula_text(box) for box in boxes) for boxes in letters])
    data["measured_latex"] = ("cell", ["; ".join(formula_latex(box).strip() for box in boxes) for boxes in letters])
    data["hidden_size"] = ("cell", [subjects[c.name].n for c in found])
    data["measured_names"].attrs["long_name"] = "values that the equations do not bound: largest size on the trajectory"
    return data.assign(_formulas(found, subjects))


def letters_of(cell: Cell, names: Iterable[str]) -> list[Box]:
    """Values of a step as a page prints them, states without their time, each once; states first."""
    recurrence = cell.recurrence
    step = Step(replace(recurrence, program=stabilise(recurrence.program)), recurrence.program.results)
    boxes = []
    for name in sorted(names, key=lambda n: (step.program[n].role not in ("state", "next"), n)):
        tensor = step.program[name]
        boxes.append(name_box(tensor.of or name) if tensor.role in ("state", "next") else step.letter(name))
    return list(dict.fromkeys(boxes))


def _formulas(cells: Sequence[Cell], subjects: Mapping[str, Subject]) -> dict[str, Any]:
    """The lines of every cell's bound, in every form."""
    of, lines = [], []
    for cell in cells:
        # What the equations say is the same for all its networks.
        structure = next(iter(subjects[cell.name].structures.values()))
        for line in bound_formulas(cell.recurrence, structure):
            of.append(cell.name)
            lines.append(
                {"block": printed(line.left), "paths": printed(line.right[0]), "most": printed(line.right[-1])}
            )
    variables = {"line_cell": ("line", of)}
    for part in ("block", "paths", "most"):
        variables |= {f"{part}_{form}": ("line", [line[part][form] for line in lines]) for form in FORMS}
    return variables


def shown_lags(lags: int) -> Array:
    """Lags at which norms are taken: the first few, then about 25 in equal distances."""
    spread = np.round(np.linspace(0, lags, min(lags, SHOWN_LAGS) + 1)).astype(int)
    return np.unique(np.concatenate([spread, [k for k in (1, 2, 3) if k <= lags]]))


def _dataset(values: Array, axes: Mapping[str, Any], at: Array, attrs: dict[str, Any]) -> xr.Dataset:
    dims = tuple(axes)
    k = len(NORMS)
    data = xr.Dataset(
        {
            "log10_bound": ((*dims, "norm", "lag"), values[..., :k, :]),
            "log10_norm": ((*dims, "norm", "lag"), values[..., k : 2 * k, :]),
            "log10_gradient": ((*dims, "lag"), values[..., 2 * k, :]),
        },
        coords={**axes, "norm": list(NORMS), "lag": at},
        attrs=attrs,
    )
    data["log10_bound"].attrs = {"long_name": "log10 of the bound on the norm of ds_T/ds_{T-lag}", "units": "1"}
    data["log10_norm"].attrs = {"long_name": "log10 of the norm of ds_T/ds_{T-lag}", "units": "1"}
    data["log10_gradient"].attrs = {"long_name": "log10 of the norm of dL/ds_{T-lag}", "units": "1"}
    data["lag"].attrs = {"long_name": "lag T - t", "units": "step"}
    return data


# A cell and its state.


@dataclass(frozen=True)
class Part:
    """A tensor of the state, at one of its delays.

    Attributes
    ----------
    name : str
        As the step reads it: ``h``, ``h[-2]``.
    base : str
    lag : int
    size : int
        Numbers in it.
    """

    name: str
    base: str
    lag: int
    size: int


@dataclass(frozen=True)
class Subject:
    """A cell with what is derived from it once, for all networks.

    Attributes
    ----------
    cell : Cell
    n : int
        Hidden size.
    composites : FusedProgram
    parts : tuple of Part
        The state that one step needs, side by side.
    """

    cell: Cell
    n: int
    composites: FusedProgram
    parts: tuple[Part, ...]
    structures: dict[tuple[tuple[str, int], ...], Structure]

    @classmethod
    def of(cls, cell: Cell, n: int) -> Subject:
        """The subject for hidden size n."""
        return cls(cell, n, fuse_pointwise(stabilise(cell.recurrence.program)), (), {})

    def with_sizes(self, sizes: Mapping[str, int]) -> Subject:
        """The subject with its parts, sizes being known."""
        return Subject(self.cell, self.n, self.composites, tuple(_parts(self.cell, sizes)), self.structures)

    def structure(self, weights: Mapping[str, Array], sizes: Mapping[str, int]) -> Structure:
        """The structure of the step for these sizes, found once."""
        key = tuple(sorted(sizes.items()))
        if key not in self.structures:
            self.structures[key] = Structure.of(self.composites, weights, sizes)
        return self.structures[key]


def _parts(cell: Cell, sizes: Mapping[str, int]) -> Iterator[Part]:
    program = cell.recurrence.program
    for layout in cell.recurrence.states:
        for lag in range(1, cell.recurrence.delays.get(layout.name, 1) + 1):
            for base in layout.parts:
                dims = program[f"{base}'"].dims
                size = prod(sizes[d] if d in sizes else int(d) for d in dims)
                yield Part(lagged_name(base, lag, "state"), base, lag, size)


def _hidden_size(cell: Cell, m: int, n: int) -> int:
    """n, or the largest half, quarter, … of it at which the state has no more than `MOST_STATES` numbers."""
    if hasattr(cell, "parameters_digest"):
        return n  # its parameters are given, and their sizes with them
    while n > 1:
        try:
            sizes = cell.sizes(**asked_sizes(cell, m, n))
        except ArgumentError:
            break  # told where the parameters are drawn
        delays = cell.recurrence.delays
        total = sum(prod(axes_shape(s.axes, sizes)) * delays.get(s.name, 1) for s in cell.interface.states)
        if total <= MOST_STATES:
            break
        n //= 2
    return n


# One network.


def _one_network(member: Member, subject: Subject, lags: int, batch: int) -> tuple[Array, tuple[str, ...]]:
    """Rows (bounds, measured norms, gradient) at every lag, and the names that the equations do not bound."""
    cell, driven = member.cell, member.run(lags, batch, n=subject.n)
    run = driven.run
    subject = subject.with_sizes(run.call_shape.sizes)
    blocks, broken = _network_bound(subject, run)
    jacobians = cell.jacobian(driven.params, run)
    _, cotangent = Loss().cotangents(run[compared_state(cell)][-1:].reshape(1, batch, -1), member.seed, driven.targets)
    measured = _measured(subject, jacobians, lags, cotangent[-1])
    return np.concatenate([[bound_powers(b, norm, lags) for b, norm in zip(blocks, NORMS)], measured]), broken


def _network_bound(subject: Subject, run: Run) -> tuple[list[Array], tuple[str, ...]]:
    """For each norm the matrix of bounds on the blocks of a step's Jacobian."""
    program = subject.composites.program
    values = evaluate(program, trajectory_values(run, program), NUMPY)
    weights = {k: v for k, v in values.items() if k not in program.batched}
    with np.errstate(invalid="ignore"):
        measured = {k: Interval.of(np.min(v), np.max(v)) for k, v in values.items() if k in program.batched and v.size}
    step = StepBound(subject.structure(weights, run.call_shape.sizes), weights, measured)
    matrices = [_matrix_of_bounds(subject.parts, step.blocks(norm)) for norm in NORMS]
    return matrices, step.broken


def _matrix_of_bounds(parts: Sequence[Part], blocks: Mapping[tuple[str, str], Array]) -> Array:
    matrix = np.zeros((len(parts), len(parts)))
    for row, into in enumerate(parts):
        for column, by in enumerate(parts):
            if into.lag == 1:
                matrix[row, column] = float(blocks.get((f"{into.base}'", by.name), 0.0))
            elif by.base == into.base and by.lag == into.lag - 1:
                matrix[row, column] = 1.0
    return matrix


def bound_powers(matrix: Array, norm: str, lags: int) -> Array:
    """log10 of the norm of each power, 0 … lags, of a matrix of bounds: bounds of blocks multiply as blocks do.

    Raised by more than rounding may take from it.
    """
    power, exponent = np.eye(len(matrix)), 0.0
    found, unit = np.empty(lags + 1), float(np.finfo(np.float64).eps)
    for lag in range(lags + 1):
        size = np.linalg.norm(power, 2 if norm == "2" else np.inf) if np.isfinite(power).all() else np.nan
        with np.errstate(divide="ignore"):
            found[lag] = exponent + np.log10(size)
        # Numbers that are not negative err, relatively, by one unit for each operation; a logarithm by its own size.
        found[lag] += unit * (lag * (len(matrix) + 3) + 4 * len(matrix) + (np.abs(found[lag]) if size > 0 else 0.0))
        scale = size if size > 0 else 1.0
        power, exponent = (power / scale) @ matrix, exponent + np.log10(scale)
    return found


def _jacobian(subject: Subject, blocks: Mapping[tuple[str, str], Array], step: int) -> Array:
    """The Jacobian of one step, (B, s, s), of the state that a step needs."""
    ends = np.cumsum([0, *(p.size for p in subject.parts)])
    batch = next(iter(blocks.values())).shape[1]
    whole = np.zeros((batch, ends[-1], ends[-1]))
    for row, into in enumerate(subject.parts):
        for column, by in enumerate(subject.parts):
            place = (..., slice(ends[row], ends[row + 1]), slice(ends[column], ends[column + 1]))
            if into.lag == 1 and (f"{into.base}'", by.name) in blocks:
                whole[place] = blocks[f"{into.base}'", by.name][step].reshape(batch, into.size, by.size)
            elif into.lag > 1 and by.base == into.base and by.lag == into.lag - 1:
                whole[place] = np.eye(into.size)
    return whole


def _measured(subject: Subject, blocks: Mapping[tuple[str, str], Array], steps: int, cotangent: Array) -> Array:
    """Rows of log10: norms of the products of the last k Jacobians, and of what they leave of a cotangent (B, n)."""
    batch, size = len(cotangent), sum(p.size for p in subject.parts)
    on = [p for p in subject.parts if p.lag == 1]
    layout = next(s for s in subject.cell.recurrence.states if s.name == compared_state(subject.cell))
    start = sum(
        p.size for p in subject.parts[: next(k for k, p in enumerate(subject.parts) if p.base == layout.parts[0])]
    )
    delta = np.zeros((batch, size))
    delta[:, start : start + sum(p.size for p in on if p.base in layout.parts)] = cotangent
    shown = set(shown_lags(steps).tolist())
    rows = np.full((len(NORMS) + 1, steps + 1), np.nan)
    product, exponents = np.broadcast_to(np.eye(size), (batch, size, size)), np.zeros(batch)
    for lag in range(steps + 1):
        scale = np.sqrt((product**2).sum(axis=(-2, -1)))
        safe = np.where(scale > 0, scale, 1.0)
        product, exponents = product / safe[:, None, None], exponents + np.log10(safe)
        if lag in shown and np.isfinite(product).all():
            with np.errstate(divide="ignore"):
                for k, sizes in enumerate((spectral_norm(product), np.abs(product).sum(axis=-1).max(axis=-1))):
                    rows[k, lag] = np.max(exponents + np.log10(sizes))
                left = np.einsum("bj,bjk->bk", delta, product)
                rows[-1, lag] = np.median(exponents + np.log10(np.sqrt((left**2).sum(axis=-1))))
        if lag < steps:
            product = multiply(product, _jacobian(subject, blocks, steps - 1 - lag))
    return rows
