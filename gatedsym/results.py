"""What running a cell gives: trajectories, gradients, norms that never underflow, tangents."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.layouts import join_parts
from gatedsym.workspace import FRESH, Store

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.program import Program
    from gatedsym.runtime.call import Extent

Array = np.ndarray[Any, Any]


class Run(Mapping[str, Array]):
    """A trajectory: states (T + 1, B, …), and whatever equations define (T, B, …), by name.

    With ``batch_first`` the first two axes are exchanged. With ``keep="states"`` it has states and outputs alone.
    """

    def __init__(
        self,
        cell: Cell,
        extent: Extent,
        arrays: dict[str, Array],
        dtype: Any,
        batch_first: bool,
        store: Store = FRESH,
        kept: bool = True,
    ) -> None:
        self.cell, self.extent, self.arrays, self.dtype, self.batch_first = cell, extent, arrays, dtype, batch_first
        self.kept = kept
        self._recalled: dict[str, Array] = {}
        self._store, self._turn = store, store.turn

    def check_current(self) -> None:
        """Refuse to hand out what a later call with the same workspace has overwritten."""
        if not self._store.is_current(self._turn):
            raise ArgumentError(
                f"this run of {self.cell.name} lay in a workspace that a later call has used: "
                "copy what must live longer, or give each run a workspace of its own"
            )

    def __iter__(self) -> Iterator[str]:
        interface = self.cell.interface
        groups = ("inputs", "states", "outputs", "locals") if self.kept else ("states", "outputs")
        return iter([layout[0] for group in groups for layout in interface[group]])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, name: str) -> Array:
        layout = self._find(name)
        self.check_current()
        value = self._whole(layout)
        return np.swapaxes(value, 0, 1) if self.batch_first else value

    def _find(self, name: str) -> list[Any]:
        if name not in list(self):
            whose = self.cell.name if self.kept else f"this run of {self.cell.name}, which keeps states alone,"
            raise KeyError(f"{whose} has no {name!r}; it has {', '.join(self)}")
        return self.cell.layout_of(name)

    def _whole(self, layout: list[Any]) -> Array:
        name = layout[0]
        parts = [self._part(part, name) for part in layout[2]]
        if len(parts) == 1:
            return parts[0]
        return join_parts(layout, parts, self.extent.sizes)

    def _part(self, part: str, name: str) -> Array:
        for array, kind, tensors, *_ in self.cell.kernels.arrays("forward"):
            if kind in ("state", "input", "output") and tensors[0] == part and array in self.arrays:
                skip = max(self.extent.delays.get(name, 0) - (kind == "state"), 0)
                return self.arrays[array][skip:]
        if part not in self._recalled:
            self.recall()
        return self._recalled[part]

    def recall(self) -> None:
        """Compute every value that equations define and the kernels did not keep."""
        names = [p for layout in self.cell.interface["locals"] for p in layout[2]]
        if names and not self._recalled:
            self._recalled = recall_values(self, names)


def recall_values(run: Run, names: list[str]) -> dict[str, Array]:
    """Values of a trajectory that kernels did not keep, from those that they kept."""
    program = run.cell.remembered.of("recall program", lambda: recall_program(run.cell))
    values = _evaluated(program, trajectory_values(run, program), run)
    # A source that the batch does not reach (a cell of parameters alone) still gets one value for each step and row.
    lead = (run.extent.steps, run.extent.batch)
    found = {}
    for name in names:
        value = values[name]
        shape = run.extent.lengths(list(program[name].dims))
        found[name] = np.ascontiguousarray(np.broadcast_to(value, lead + shape))
    return found


def _evaluated(program: Program, known: Mapping[str, Array], run: Run) -> dict[str, Array]:
    """A Program carried out by NumPy in the dtype of a run."""
    from dataclasses import replace

    from gatedsym.evaluate import NUMPY, evaluate

    return evaluate(program, known, replace(NUMPY, dtype=run.dtype, number=run.dtype.type))


def recall_program(cell: Cell) -> Program:
    """The cell's stable Program, in which values that kernels keep are sources."""
    from dataclasses import replace

    from gatedsym.calculus.stable import stabilise

    program = stabilise(cell.recurrence.program)
    kept = {m for a in cell.kernels.arrays("forward") if a[1] == "kept" for m in a[2]}
    given = kept | set(program.results)
    statements = tuple(s for s in program.statements if s.target.name not in given)
    return replace(program, statements=statements, results=())


def trajectory_values(run: Run, program: Program) -> dict[str, Array]:
    """Sources of a Program along a trajectory, each (T, B, …); parameters as they are."""
    extent, values = run.extent, dict[str, Array]()
    buffers = {
        m: (a, n) for a in run.cell.kernels.arrays("forward") if a[1] in ("kept", "work") for n, m in enumerate(a[2])
    }
    arrays = {
        a[2][0]: run.arrays[a[0]] for a in run.cell.kernels.arrays("forward") if a[1] in ("state", "input", "output")
    }
    parameters = {a[2][0]: run.arrays[a[0]] for a in run.cell.kernels.arrays("forward") if a[1] == "parameter"}
    for name in program.sources:
        tensor = program[name]
        if name in parameters:
            values[name] = parameters[name]
        elif tensor.role in ("state", "input", "next"):
            base = tensor.of or name
            if base in arrays:
                ahead = extent.delays.get(base, 0) - (0 if tensor.role == "next" else tensor.lag)
                values[name] = arrays[base][ahead : ahead + extent.steps]
        elif name in arrays:
            values[name] = arrays[name]
        elif name in buffers:
            argument, position = buffers[name]
            widths = [extent.width(w) for w in argument[4]]
            start = sum(widths[:position])
            flat = run.arrays[argument[0]][..., start : start + widths[position]]
            shape = extent.lengths(argument[4][position])
            values[name] = flat.reshape((extent.steps, extent.batch, *shape))
    return values


class View(NamedTuple):
    """A result that is part of an array.

    Attributes
    ----------
    name : str
        What a person calls it.
    array : str
    place : tuple
        Where it stands there.
    shape : tuple of int, optional
        The shape in which it is handed out, if it is another.
    """

    name: str
    array: str
    place: tuple[Any, ...]
    shape: tuple[int, ...] | None = None

    def of(self, arrays: Mapping[str, Array]) -> Array:
        """The part of its array."""
        found: Array = arrays[self.array][self.place]
        return found if self.shape is None else found.reshape(self.shape)


class Gradients:
    """What `Cell.backward` and `Cell.gradients` return.

    Attributes
    ----------
    params : dict of str to array
        Sums over time and batch.
    states : dict of str to array
        Total adjoints (T + 1, B, …); row 0 is the gradient of the initial state.
    inputs : dict of str to array
        (T, B, …) for each input.
    initial : dict of str to array
        Gradients of all rows of the past, (delay, B, …), oldest first; also of delayed inputs.
    trajectory : dict of str to array
        States (T + 1, B, …) and outputs (T, B, …).

    What ``returns=`` did not ask for is not there.
    """

    def __init__(
        self, cell: Cell, batch_first: bool, arrays: Mapping[str, Array], views: Mapping[str, list[View]]
    ) -> None:
        self._cell, self._batch_first, self._arrays, self._views = cell, batch_first, arrays, views
        self._groups: dict[str, dict[str, Array]] = {}

    def add_trajectory(self, histories: Mapping[str, Array], extent: Extent) -> None:
        """Hand out states and outputs, from histories of their parts."""
        found = self._groups["trajectory"] = {}
        for group in ("states", "outputs"):
            for layout in self._cell.interface[group]:
                whole = join_parts(layout, [histories[p] for p in layout[2]], extent.sizes)
                delay = extent.delays.get(layout[0], 0)
                found[layout[0]] = self._seen(whole[delay - 1 :] if group == "states" else whole)

    def _seen(self, rows: Array) -> Array:
        return np.swapaxes(rows, 0, 1) if self._batch_first else rows

    def _group(self, name: str) -> dict[str, Array]:
        """The arrays of a group: views, made when they are first asked for and the same ever after."""
        if name not in self._groups:
            if name not in self._views:
                raise ArgumentError(f"these gradients were asked for without {name!r}; name it in returns=")
            found = {view.name: view.of(self._arrays) for view in self._views[name]}
            if name in ("states", "inputs"):
                found = {key: self._seen(rows) for key, rows in found.items()}
            self._groups[name] = found
        return self._groups[name]

    @property
    def initial(self) -> dict[str, Array]:
        """Gradients of all rows of the past, (delay, B, …)."""
        return self._group("initial")

    @property
    def params(self) -> dict[str, Array]:
        """Gradients of parameters, sums over time and batch."""
        return self._group("params")

    @property
    def states(self) -> dict[str, Array]:
        """Total adjoints of states, (T + 1, B, …)."""
        return self._group("states")

    @property
    def inputs(self) -> dict[str, Array]:
        """Gradients of inputs, (T, B, …)."""
        return self._group("inputs")

    @property
    def trajectory(self) -> dict[str, Array]:
        """States (T + 1, B, …) and outputs (T, B, …)."""
        return self._group("trajectory")

    @property
    def x(self) -> Array:
        """The gradient of the one input, (T, B, m)."""
        if len(self.inputs) != 1:
            raise ArgumentError(f"{self._cell.name} has {len(self.inputs)} inputs; take grads.inputs[name]")
        return next(iter(self.inputs.values()))


class Flow:
    """What `Cell.flow` returns: adjoints as mantissas times powers of two.

    Attributes
    ----------
    log_norm : dict of str to array
        Natural logarithm of the 2-norm: for each state of its total adjoint (T + 1, B), for each input (T, B), and
        under ``"state"`` of ∂L/∂s_t, where s_t is all states side by side (T + 1, B). -inf where it is exactly 0.

        A total adjoint of c counts what passes through h at the same step. ∂L/∂s_t holds the other states of the
        step fixed: it is what products of step Jacobians carry.
    """

    def __init__(self, cell: Cell, run: Run, arrays: dict[str, Array]) -> None:
        self.cell, self.run, self._arrays = cell, run, arrays
        spec = cell.kernels.arrays("flow")
        self.exponents: Array = next(arrays[a[0]] for a in spec if a[1] == "exponents")
        self.log_norm: dict[str, Array] = {}
        squares: list[Array] = []
        for group in ("states", "inputs"):
            for layout in cell.interface[group]:
                delay = run.extent.delays.get(layout[0], 0)
                skip = delay - 1 if group == "states" else delay
                square = _added(_square(self.adjoint_of(p)[skip:]) for p in layout[2])
                exponent = self.exponents if group == "states" else self.exponents[1:]
                self.log_norm[layout[0]] = self._logarithm(square, exponent)
                if group == "states":
                    squares.append(square[:1])
        if squares:
            # No total counts at row 0, which no step computes; at later rows the kernel took the squares in time.
            later = next(arrays[a[0]] for a in spec if a[1] == "squares")[1:].astype(np.float64)
            self.log_norm["state"] = self._logarithm(np.concatenate([_added(squares), later]), self.exponents)
        if run.batch_first:
            self.log_norm = {k: v.T for k, v in self.log_norm.items()}

    @staticmethod
    def _logarithm(square: Array, exponents: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(0.5 * np.log(square) + exponents * np.log(2.0))

    def parameter_steps(self, name: str) -> tuple[Array, Array]:
        """The gradient of a parameter step by step: what its use at step t adds, summed over the batch.

        Parameters
        ----------
        name : str
            Of a parameter.

        Returns
        -------
        mantissas : (T, …) array
        exponents : (T,) array of int
            Row t is ``mantissas[t] * 2.0 ** exponents[t]``; the rows add up to the gradient of `Cell.backward`.
        """
        if name not in self.cell.parameters:
            known = ", ".join(self.cell.parameters)
            raise ArgumentError(f"{name!r} is no parameter of {self.cell.name}; it has {known}")
        layout = self.cell.layout_of(name)
        parts, exponents = _gradients_of_steps(self, layout)
        return join_parts(layout, parts, self.run.extent.sizes), exponents

    def adjoint_of(self, part: str) -> Array:
        """The mantissas of the adjoint of a part of a state or an input, with the rows of its past in front."""
        spec = self.cell.kernels.arrays("flow")
        return next(self._arrays[a[0]] for a in spec if a[1] == "adjoint" and a[2][0] == part)

    def cotangent_of(self, part: str) -> Array:
        """The mantissas of the cotangent of an output."""
        spec = self.cell.kernels.arrays("flow")
        return next(self._arrays[a[0]] for a in spec if a[1] == "cotangent" and a[2][0] == part)

    def mantissas(self, name: str) -> Array:
        """Adjoints of a state (T + 1, B, …) or an input (T, B, …) without their powers of two; see `exponents`."""
        layout = self.cell.layout_of(name)
        whole = join_parts(layout, [self.adjoint_of(p) for p in layout[2]], self.run.extent.sizes)
        delay = self.run.extent.delays.get(name, 0)
        return whole[delay - 1 :] if name in self.cell.states else whole[delay:]


def _gradients_of_steps(flow: Flow, layout: list[Any]) -> tuple[list[Array], Array]:
    """For each part of a parameter the gradient of every step, summed over the batch; and exponents."""
    from dataclasses import replace

    from gatedsym.calculus.adjoint import derive_adjoint
    from gatedsym.calculus.names import adjoint_name, total_name
    from gatedsym.calculus.stable import stabilise

    run, extent = flow.run, flow.run.extent
    primal = stabilise(flow.cell.recurrence.program)
    adjoint = derive_adjoint(primal, layout[2])
    totals = {total_name(n) for n in primal.results}
    # Kernels leave total adjoints, so these are given here, not computed from cotangents once more.
    given = replace(adjoint, statements=tuple(s for s in adjoint.statements if s.target.name not in totals))
    given = given.with_results(adjoint.results)
    exponents = flow.exponents[1:].max(axis=1, initial=np.iinfo(np.int64).min)
    scale = np.ldexp(1.0, np.clip(flow.exponents[1:] - exponents[:, None], -1100, 0)).astype(run.dtype)
    recall = recall_program(flow.cell)
    values = _evaluated(recall, trajectory_values(run, recall), run)
    for name in primal.results:
        if primal[name].role == "next":
            known = flow.adjoint_of(primal[name].of)[extent.delays.get(primal[name].of, 0) :]
        else:
            known = flow.cotangent_of(name)
        scaled = known * scale.reshape((*scale.shape, *(1,) * (known.ndim - 2)))
        values[adjoint_name(name)] = values[total_name(name)] = scaled
    gradients = [np.zeros((extent.steps, *extent.lengths(list(primal[p].dims))), run.dtype) for p in layout[2]]
    for t in range(extent.steps):
        row = {n: v[t] if n in primal.batched or n not in primal else v for n, v in values.items()}
        found = _evaluated(given, {n: row[n] for n in given.sources if n in row}, run)
        for whole, name in zip(gradients, given.results, strict=True):
            shape = (extent.batch, *whole.shape[1:])
            whole[t] = np.broadcast_to(found[name], shape).sum(axis=0)
    return gradients, exponents


def _square(adjoint: Array) -> Array:
    wide = adjoint.astype(np.float64, copy=False)
    flat = wide.reshape((*wide.shape[:2], int(np.prod(wide.shape[2:], dtype=int))))
    return np.asarray(np.einsum("tbk,tbk->tb", flat, flat))


def _added(arrays: Iterable[Array]) -> Array:
    return np.asarray(reduce(operator.add, arrays))


class Tangents:
    """What `Cell.tangent` returns.

    Attributes
    ----------
    states : dict of str to array
        Mantissas (k, B, …), or (delay, k, B, …) where a delay is longer than a step.
    exponents : (k, B) array of int
        A direction is its mantissa times 2 to this power.
    """

    def __init__(self, cell: Cell, arrays: dict[str, Array], sizes: Mapping[str, int]) -> None:
        spec = cell.kernels.arrays("tangent")
        parts = {a[2][0]: arrays[a[0]] for a in spec if a[1] == "tangent"}
        self.exponents: Array = next(arrays[a[0]].T for a in spec if a[1] == "exponents")
        self.states: dict[str, Array] = {}
        for layout in cell.interface["states"]:
            whole = np.swapaxes(join_parts(layout, [parts[p] for p in layout[2]], sizes), 1, 2)
            self.states[layout[0]] = whole[0] if whole.shape[0] == 1 else whole
