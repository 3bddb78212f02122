"""Cell: the front door for programs. Equations in, trajectories and gradients out."""

from __future__ import annotations

import hashlib
import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym import library
from gatedsym.errors import ArgumentError
from gatedsym.initial import draw_parameters, set_retention
from gatedsym.sizes import resolve_sizes

if TYPE_CHECKING:
    from gatedsym.program import Program, Recurrence
    from gatedsym.runtime.call import Extent, Kernels

Array = np.ndarray[Any, Any]
Arrays = Mapping[str, Array]
DTYPES = (np.dtype("float64"), np.dtype("float32"))


class Cell:
    """A recurrent cell, given by its equations.

    Parameters
    ----------
    equations : str
        The text; see the README for the language.
    name : str
        An identifier; it names files and messages.
    **constants
        Values for named constants of the text, and counts of micro-steps.

    Raises
    ------
    EquationError
        If the text is not understood.
    """

    def __init__(self, equations: str, name: str = "cell", **constants: Any) -> None:
        if not name.isidentifier():
            raise ArgumentError(f"a cell's name must be an identifier, not {name!r}")
        self.source = equations
        self.name = name
        self.constants = dict(constants)
        self.derivation: library.Derivation | None = None
        if not self._generated_text():
            _ = self.recurrence  # mistakes in equations are told at once

    def __repr__(self) -> str:
        return f"Cell({self.name!r}, states {', '.join(s[0] for s in self._interface['states'])})"

    # What the cell is.

    @cached_property
    def recurrence(self) -> Recurrence:
        """The Program of one step and how its results become the next step's sources."""
        from gatedsym.equations import read_equations

        return read_equations(self.source, name=self.name, constants=self.constants)

    @cached_property
    def kernels(self) -> Kernels:
        """The compiled kernels (compiled at their first call)."""
        from gatedsym.runtime.call import Kernels
        from gatedsym.runtime.compile import load_module

        text = self._generated_text() or self._generate()
        return Kernels(load_module(text, self.name))

    @property
    def _interface(self) -> dict[str, Any]:
        return self.kernels.interface

    def _generated_text(self) -> str:
        """The generated module's text if the library or the cache has it for these equations, else ""."""
        if self.derivation is not None and not self.constants:
            path = library.generated_folder() / f"{self.name}.py"
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                if f"# Equations: sha256 {_digest(self.source)}\n" in text:
                    return text
        path = self._cache_path
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _generate(self) -> str:
        from gatedsym.codegen.module import write_module
        from gatedsym.files import write_atomically

        text = write_module(self.recurrence)
        write_atomically(self._cache_path, text)
        return text

    @cached_property
    def _cache_path(self) -> Path:
        from gatedsym.runtime.compile import cache_directory

        constants = sorted((k, str(v)) for k, v in self.constants.items())
        key = hashlib.sha256(repr((self.source, self.name, constants, _generator_hash())).encode()).hexdigest()[:24]
        return cache_directory() / "cells" / f"{self.name}-{key}.py"

    def variant(self, name: str, edits: Mapping[str, str]) -> Cell:
        """The cell with other right sides for some of its equations; parameters that nothing uses any more go.

        Parameters
        ----------
        name : str
        edits : mapping of str to str
            ``{"f": "1 - i"}``: from the name that an equation defines to its new right side.
        """
        from gatedsym.equations import edit_equations

        source = edit_equations(self.source, edits, name, constants=self.constants)
        used = {k: v for k, v in self.constants.items() if re.search(rf"\b{re.escape(k)}\b", source)}
        return Cell(source, name, **used)

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the states."""
        return tuple(s[0] for s in self._interface["states"])

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(s[0] for s in self._interface["inputs"])

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of outputs that are not states."""
        return tuple(s[0] for s in self._interface["outputs"])

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(s[0] for s in self._interface["parameters"])

    @property
    def can_retain(self) -> bool:
        """Whether a gate with a bias retains a state, so that ``init(retention=…)`` makes sense."""
        return any(g[4] == "retain" and g[2] for g in self._interface["gates"])

    def sizes(self, **given: int | None) -> dict[str, int]:
        """The size of every dimension, from those given."""
        return resolve_sizes(self._interface["dimensions"], given, self.name)

    def shapes(self, **given: int | None) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter."""
        sizes = self.sizes(**given)
        return {name: _shape(axes, sizes) for name, axes, _ in self._interface["parameters"]}

    # Parameters.

    def init(
        self,
        m: int | None = None,
        n: int | None = None,
        *,
        seed: int = 0,
        dtype: Any = "float64",
        scheme: str = "uniform",
        gain: float = 1.0,
        retention: float | str | None = None,
        horizon: int | None = None,
        **dimensions: int,
    ) -> dict[str, Array]:
        """Draw parameters.

        Parameters
        ----------
        m, n : int
            Input and hidden size; further dimensions by name.
        seed : int
            The same seed gives the same parameters on every machine.
        dtype : {"float64", "float32"}
        scheme : {"uniform", "xavier", "xavier-stacked", "orthogonal", "gaussian"}
            See `gatedsym.initial`.
        gain : float
            Of ``orthogonal`` and ``gaussian``.
        retention : float or "chrono", optional
            Bias of the gates that retain the state, with their sign; None leaves what the scheme gives.
        horizon : int, optional
            Steps, for ``"chrono"``.

        Returns
        -------
        dict of str to array
            Writable; members of a family are views of one stacked block.
        """
        known = {d[0] for d in self._interface["dimensions"]}
        # A cell need not have every customary dimension: `m` is no mistake where there is no input.
        sizes = self.sizes(**{k: v for k, v in {"m": m, "n": n}.items() if k in known}, **dimensions)
        shapes = {name: _shape(axes, sizes) for name, axes, _ in self._interface["parameters"]}
        params = draw_parameters(
            shapes,
            hidden=self._hidden(sizes),
            biases=self._interface["biases"],
            scheme=scheme,
            gain=gain,
            seed=seed,
            dtype=_dtype(dtype),
        )
        if retention is not None:
            set_retention(params, self._interface["gates"], retention, horizon, seed, self.name)
        return params

    def _hidden(self, sizes: Mapping[str, int]) -> int:
        if "n" in sizes:
            return sizes["n"]
        states = self._interface["states"]
        return _shape(states[0][1], sizes)[-1] if states and states[0][1] else 1

    # Running.

    def forward(
        self,
        params: Arrays,
        x: Array | Arrays | None = None,
        *,
        initial: Arrays | None = None,
        keep: str = "all",
        batch_first: bool = False,
        steps: int | None = None,
        batch: int | None = None,
        threads: int | None = None,
    ) -> Run:
        """Compute the trajectory.

        Parameters
        ----------
        params : mapping of str to array
        x : (T, B, m) array, or a mapping from input names to such
            ``(B, T, m)`` if `batch_first`. Any dtype that converts safely to that of the parameters.
        initial : mapping of str to array, optional
            State to (B, n), or (delay, B, n), oldest first, where a delay is longer than a step; also the past of a
            delayed input. Zero by default.
        keep : {"all", "adjoint"}
            Whether values that equations define are computed at once, or only on access.
        steps, batch : int
            T and B of a cell without input.

        Returns
        -------
        Run
            ``run["h"]`` is (T + 1, B, n), row 0 the initial state; ``run["i"]`` is (T, B, n).
        """
        if keep not in ("all", "adjoint"):
            raise ArgumentError(f"keep must be 'all' or 'adjoint', not {keep!r}")
        call = _Call.begin(self, params, x, batch_first, steps, batch)
        arrays = call.histories({} if initial is None else initial, x)
        arrays.update(call.parameter_parts())
        arrays = self.kernels.allocate("forward", arrays, call.extent, call.dtype)
        self.kernels.run("forward", arrays, call.extent, threads, call.dtype)
        run = Run(self, call.extent, arrays, call.dtype, batch_first)
        if keep == "all":
            run.recall()
        return run

    def backward(
        self, params: Arrays, run: Run, cotangents: Mapping[str, Any], *, threads: int | None = None
    ) -> Gradients:
        """Carry cotangents back through time.

        Parameters
        ----------
        params, run
            As given to and returned by `forward`.
        cotangents : mapping of str to array, or to (times, array)
            For states and outputs: (T, B, n), row t for the value after step t, so ``dh[t]`` belongs to
            ``run["h"][t+1]``; or sparse, ``(times, dh)`` with dh (len(times), B, n), where times index those rows (-1
            is the last) and equal times add up.

        Returns
        -------
        Gradients
        """
        arrays = self._derived_arrays("backward", params, run)
        extent = run.extent
        self._place_cotangents(arrays, cotangents, run, direct=True)
        sums = self.kernels.run("backward", arrays, extent, threads, run.dtype)
        if self.kernels.has("gradients"):
            arrays = self.kernels.allocate("gradients", arrays, extent, run.dtype)
            self.kernels.run_gradients(arrays, extent, threads)
        return Gradients(self, run, arrays, self._parameter_gradients(arrays, sums, extent, params, run.dtype))

    def flow(self, params: Arrays, run: Run, cotangents: Mapping[str, Any], *, threads: int | None = None) -> Flow:
        """Norms of adjoints through time that never underflow.

        Parameters
        ----------
        params, run, cotangents
            As in `backward`.
        """
        arrays = self._derived_arrays("flow", params, run)
        self._place_cotangents(arrays, cotangents, run, direct=False)
        self.kernels.run("flow", arrays, run.extent, threads, run.dtype)
        return Flow(self, run, arrays)

    def tangent(
        self,
        params: Arrays,
        run: Run,
        directions: Arrays,
        *,
        start: int = 0,
        stop: int | None = None,
        threads: int | None = None,
    ) -> Tangents:
        """Carry directions of the state forward along a trajectory, k at once.

        Parameters
        ----------
        directions : mapping of str to array
            State to (k, B, n), or (delay, k, B, n) where a delay is longer than a step; zero for states not given.
        start, stop : int
            Steps start … stop - 1 are passed.

        Returns
        -------
        Tangents
            Mantissas of about 1 and exponents of two, for each direction and row.
        """
        _check_run(self, params, run)
        extent, first, last = run.extent, start, run.extent.steps if stop is None else stop
        if not (_is_whole(first) and _is_whole(last) and 0 <= first <= last <= extent.steps):
            raise ArgumentError(f"start={start!r}, stop={stop!r} must be integers in order within 0 … {extent.steps}")
        count = _direction_count(directions, self)
        from gatedsym.runtime.call import Extent

        part = Extent(extent.sizes, last - first, extent.batch, extent.delays, count)
        arrays = {
            a[0]: run.arrays[a[0]][first : last + extent.delays.get(a[2][0], 0)]
            for a in self.kernels.arrays("tangent")
            if a[1] in ("kept", "state", "input", "output")
        }
        arrays.update(_parameter_parts(self, params, extent, run.dtype))
        for name, kind, tensors, *rest in self.kernels.arrays("tangent"):
            if kind == "tangent":
                shape = part.shape([name, kind, tensors, *rest])
                arrays[name] = _directions(directions.get(tensors[0]), shape, tensors[0], run.dtype)
        arrays = self.kernels.allocate("tangent", arrays, part, run.dtype)
        self.kernels.run("tangent", arrays, part, threads, run.dtype)
        return Tangents(self, arrays)

    def jacobian(self, params: Arrays, run: Run, *, threads: int | None = None) -> dict[tuple[str, str], Array]:
        """The blocks of every step's Jacobian.

        Returns
        -------
        dict of (next state, state) to array
            ``J["h'", "h"]`` is (T, B, n, n): rows of the next state, columns of the previous one.
        """
        arrays = self._derived_arrays("jacobian", params, run)
        self.kernels.run("jacobian", arrays, run.extent, threads, run.dtype)
        blocks = {}
        for name, kind, tensors, *_ in self.kernels.arrays("jacobian"):
            if kind == "jacobian":
                of, wrt = tensors[0][2:-1].split(",")
                blocks[of, wrt] = arrays[name]
        return blocks

    # How arrays get in and out.

    def _derived_arrays(self, kernel: str, params: Arrays, run: Run) -> dict[str, Array]:
        _check_run(self, params, run)
        known = {
            a[0]: run.arrays[a[0]] for a in self.kernels.arrays(kernel) if a[1] in ("kept", "state", "input", "output")
        }
        known.update(_parameter_parts(self, params, run.extent, run.dtype))
        return self.kernels.allocate(kernel, known, run.extent, run.dtype)

    def _place_cotangents(
        self, arrays: dict[str, Array], cotangents: Mapping[str, Any], run: Run, *, direct: bool
    ) -> None:
        """Put cotangents into adjoints (`direct`), or into arrays that stand beside them."""
        kernel = "backward" if direct else "flow"
        allowed = (*self.states, *self.outputs)
        if not isinstance(cotangents, Mapping) or not cotangents:
            raise ArgumentError(f"cotangents must map names to arrays, such as {{{allowed[0]!r}: dh}}")
        for name, given in cotangents.items():
            if name not in allowed:
                raise ArgumentError(f"cotangents has {name!r}; {self.name} takes cotangents of {', '.join(allowed)}")
            layout = self._layout_of(name)
            dense = _dense_cotangent(
                name, given, (run.extent.steps, run.extent.batch, *_shape(layout[1], run.extent.sizes)), run
            )
            for part, block in _split(layout, dense, run.extent.sizes, 2):
                target = self._cotangent_array(kernel, part, arrays, direct)
                delay = run.extent.delays.get(part, 0) if name in self.states else 0
                target[delay:] += block

    def _cotangent_array(self, kernel: str, part: str, arrays: dict[str, Array], direct: bool) -> Array:
        for name, kind, tensors, *_ in self.kernels.arrays(kernel):
            if kind == "cotangent" and tensors[0] in (part, f"{part}'"):
                return arrays[name]
            if direct and kind == "adjoint" and tensors[0] == part:
                return arrays[name]
        raise ArgumentError(f"{self.name} has no adjoint of {part}")

    def _layout_of(self, name: str) -> list[Any]:
        for group in ("states", "outputs", "inputs", "locals", "parameters"):
            for layout in self._interface[group]:
                if layout[0] == name:
                    return list(layout)
        raise ArgumentError(f"{self.name} has no {name!r}")

    def _parameter_gradients(
        self, arrays: Arrays, sums: Arrays, extent: Extent, params: Arrays, dtype: Any
    ) -> dict[str, Array]:
        members: dict[str, list[str]] = self._interface["members"]
        parts: dict[str, Array] = {}
        for tensor, array, rows, row, columns, column in self._interface["gradients"]:
            block = arrays[array]
            for axis, (group, member) in enumerate(((rows, row), (columns, column))):
                widths = [extent.width(members[m]) for m in group]
                start = sum(widths[: group.index(member)])
                block = block[(slice(None),) * axis + (slice(start, start + extent.width(members[member])),)]
            shape = extent.lengths([*members[row], *members[column]])
            parts[tensor] = block.reshape(shape)
        spec = self._interface["kernels"]["backward"]["arrays"]
        parts.update({a[2][0]: sums[a[0]] for a in spec if a[1] == "sum"})
        if self.kernels.has("finish"):
            parts.update(self._finish(parts, extent, params, dtype))
        gradients = {}
        for layout in self._interface["parameters"]:
            shape = _shape(layout[1], extent.sizes)
            if len(layout[2]) == 1:
                gradients[layout[0]] = parts[f"d_{layout[2][0]}"]
                continue
            whole = np.empty(shape, dtype)
            for part, where in _blocks(layout, extent.sizes):
                whole[where] = parts[f"d_{part}"]
            gradients[layout[0]] = whole
        return gradients

    def _finish(self, parts: Arrays, extent: Extent, params: Arrays, dtype: Any) -> dict[str, Array]:
        known = _parameter_parts(self, params, extent, dtype)
        specs = self.kernels.arrays("finish")
        for name, kind, tensors, *_ in specs:
            if kind == "sum":
                known[name] = np.asarray(parts[tensors[0]], order="C")
        arrays = self.kernels.allocate("finish", known, extent, dtype)
        self.kernels.run_once("finish", arrays, extent)
        return {a[2][0]: arrays[a[0]] for a in specs if a[1] == "gradient"}


@dataclass(frozen=True)
class _Call:
    """The checked arguments of one call of `forward`."""

    cell: Cell
    params: Arrays
    inputs: dict[str, Array]
    extent: Extent
    dtype: np.dtype[Any]
    batch_first: bool

    @classmethod
    def begin(
        cls,
        cell: Cell,
        params: Arrays,
        x: Array | Arrays | None,
        batch_first: bool,
        steps: int | None,
        batch: int | None,
    ) -> _Call:
        from gatedsym.runtime.call import Extent

        dtype = _parameter_dtype(cell, params)
        inputs = _inputs(cell, x, dtype, batch_first)
        sizes = _observed_sizes(cell, params, inputs)
        if inputs:
            _check_counts(inputs, steps, batch)
            steps, batch = next(iter(inputs.values())).shape[:2]
        if steps is None or batch is None:
            raise ArgumentError(f"{cell.name} has no input: pass steps= and batch=")
        for name, count in (("steps", steps), ("batch", batch)):
            if not _is_whole(count) or count < 0:
                raise ArgumentError(f"{name}={count!r} must be an integer of at least 0")
        delays = cell._interface["delays"]
        return cls(cell, params, inputs, Extent(sizes, steps, batch, delays), dtype, batch_first)

    def histories(self, initial: Arrays, x: object) -> dict[str, Array]:
        """The arrays of inputs and states, the past in their first rows."""
        interface, extent = self.cell._interface, self.extent
        known = {ly[0] for ly in (*interface["states"], *interface["inputs"])}
        _check_mapping("initial", initial, "states")
        unknown = sorted(set(initial) - known)
        if unknown:
            raise ArgumentError(f"initial has {unknown[0]!r}; {self.cell.name} has {', '.join(sorted(known))}")
        arrays: dict[str, Array] = {}
        for layout in interface["states"]:
            name, delay = layout[0], extent.delays.get(layout[0], 1)
            shape = (delay, extent.batch, *_shape(layout[1], extent.sizes))
            past = _past(name, initial.get(name), shape, self.dtype)
            whole = np.empty((extent.steps + delay, *shape[1:]), self.dtype)
            whole[:delay] = past
            arrays.update(_part_arrays(self.cell, "state", layout, whole, extent.sizes))
        for layout in interface["inputs"]:
            name, delay = layout[0], extent.delays.get(layout[0], 0)
            whole = self.inputs[name]
            if delay:
                shape = (delay, extent.batch, *_shape(layout[1], extent.sizes))
                whole = np.concatenate([_past(name, initial.get(name), shape, self.dtype), whole])
            arrays.update(_part_arrays(self.cell, "input", layout, whole, extent.sizes))
        return arrays

    def parameter_parts(self) -> dict[str, Array]:
        """The parameters as kernels take them."""
        return _parameter_parts(self.cell, self.params, self.extent, self.dtype)


class Run(Mapping[str, Array]):
    """A trajectory: states (T + 1, B, …), and whatever equations define (T, B, …), by name.

    With ``batch_first`` the first two axes are exchanged.
    """

    def __init__(self, cell: Cell, extent: Extent, arrays: dict[str, Array], dtype: Any, batch_first: bool) -> None:
        self.cell, self.extent, self.arrays, self.dtype, self.batch_first = cell, extent, arrays, dtype, batch_first
        self._recalled: dict[str, Array] = {}

    def __iter__(self) -> Iterator[str]:
        interface = self.cell._interface
        groups = (interface["inputs"], interface["states"], interface["outputs"], interface["locals"])
        return iter([layout[0] for group in groups for layout in group])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, name: str) -> Array:
        layout = self._find(name)
        value = self._whole(layout)
        return np.swapaxes(value, 0, 1) if self.batch_first else value

    def _find(self, name: str) -> list[Any]:
        if name not in list(self):
            raise KeyError(f"{self.cell.name} has no {name!r}; it has {', '.join(self)}")
        return self.cell._layout_of(name)

    def _whole(self, layout: list[Any]) -> Array:
        name = layout[0]
        parts = [self._part(part, name) for part in layout[2]]
        if len(parts) == 1:
            return parts[0]
        return _joined(layout, parts, self.extent.sizes)

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
        names = [p for layout in self.cell._interface["locals"] for p in layout[2]]
        if names and not self._recalled:
            self._recalled = recall_values(self, names)


def recall_values(run: Run, names: list[str]) -> dict[str, Array]:
    """Values of a trajectory that kernels did not keep, from those that they kept."""
    from dataclasses import replace

    from gatedsym.evaluate import NUMPY, evaluate

    program = recall_program(run.cell)
    known = trajectory_values(run, program)
    arithmetic = replace(NUMPY, dtype=run.dtype, number=run.dtype.type)
    # A source that the batch does not reach (a cell of parameters alone) still gets one value for each step and row.
    values = evaluate(program, known, arithmetic)
    lead = (run.extent.steps, run.extent.batch)
    found = {}
    for name in names:
        value = values[name]
        shape = run.extent.lengths(list(program[name].dims))
        found[name] = np.ascontiguousarray(np.broadcast_to(value, lead + shape))
    return found


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


@dataclass
class Gradients:
    """What `Cell.backward` returns.

    Attributes
    ----------
    params : dict of str to array
        Sums over time and batch.
    states : dict of str to array
        Total adjoints (T + 1, B, …); row 0 is the gradient of the initial state.
    initial : dict of str to array
        Gradients of all rows of the past, (delay, B, …), oldest first, for delays longer than a step and delayed
        inputs.
    inputs : dict of str to array
        (T, B, …) for each input.
    """

    cell: Cell = field(repr=False)
    run: Run = field(repr=False)
    _arrays: dict[str, Array] = field(repr=False)
    params: dict[str, Array]
    states: dict[str, Array] = field(init=False)
    inputs: dict[str, Array] = field(init=False)
    initial: dict[str, Array] = field(init=False)

    def __post_init__(self) -> None:
        self.states, self.inputs, self.initial = {}, {}, {}
        arrays = {a[2][0]: self._arrays[a[0]] for a in self.cell.kernels.arrays("backward") if a[1] == "adjoint"}
        sizes, delays = self.run.extent.sizes, self.run.extent.delays
        for group, target in (("states", self.states), ("inputs", self.inputs)):
            for layout in self.cell._interface[group]:
                whole = _joined(layout, [arrays[p] for p in layout[2]], sizes)
                delay = delays.get(layout[0], 0)
                self.initial[layout[0]] = whole[:delay]
                rows = whole[delay - 1 :] if group == "states" else whole[delay:]
                target[layout[0]] = np.swapaxes(rows, 0, 1) if self.run.batch_first else rows

    @property
    def x(self) -> Array:
        """The gradient of the one input, (T, B, m)."""
        if len(self.inputs) != 1:
            raise ArgumentError(f"{self.cell.name} has {len(self.inputs)} inputs; take grads.inputs[name]")
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
        exponents = next(arrays[a[0]] for a in spec if a[1] == "exponents") if run.extent.batch else None
        self.exponents: Array = np.zeros((run.extent.steps + 1, 0), np.int64) if exponents is None else exponents
        adjoints = {a[2][0]: arrays[a[0]] for a in spec if a[1] == "adjoint"}
        self.log_norm: dict[str, Array] = {}
        squares: list[Array] = []
        for group in ("states", "inputs"):
            for layout in cell._interface[group]:
                delay = run.extent.delays.get(layout[0], 0)
                skip = delay - 1 if group == "states" else delay
                square = _added(_square(adjoints[p][skip:]) for p in layout[2])
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

    def mantissas(self, name: str) -> Array:
        """Adjoints of a state (T + 1, B, …) or an input (T, B, …) without their powers of two; see `exponents`."""
        layout = self.cell._layout_of(name)
        adjoints = {a[2][0]: self._arrays[a[0]] for a in self.cell.kernels.arrays("flow") if a[1] == "adjoint"}
        whole = _joined(layout, [adjoints[p] for p in layout[2]], self.run.extent.sizes)
        delay = self.run.extent.delays.get(name, 0)
        return whole[delay - 1 :] if name in self.cell.states else whole[delay:]


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

    def __init__(self, cell: Cell, arrays: dict[str, Array]) -> None:
        self.states: dict[str, Array] = {}
        for name, kind, tensors, *_ in cell.kernels.arrays("tangent"):
            if kind == "tangent":
                value = np.swapaxes(arrays[name], 1, 2)
                self.states[tensors[0]] = value[0] if value.shape[0] == 1 else value
            elif kind == "exponents":
                self.exponents: Array = arrays[name].T


# Shapes, and checks of what a caller gives.


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _generator_hash() -> str:
    """A hash of everything that turns equations into a module: an in-memory cell is generated anew when it changes."""
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for folder in ("equations", "calculus", "codegen"):
        for path in sorted((package / folder).glob("*.py")) + sorted((package / folder).glob("*.lark")):
            digest.update(path.read_bytes())
    for name in ("program.py", "functions.py"):
        digest.update((package / name).read_bytes())
    return digest.hexdigest()


def _dtype(dtype: Any) -> np.dtype[Any]:
    for known in DTYPES:
        if dtype is known.type or (isinstance(dtype, str | np.dtype) and dtype == known):
            return known
    raise ArgumentError(f"dtype must be 'float64' or 'float32', not {dtype!r}")


def _is_whole(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool | np.bool_)


def _array(name: str, given: object) -> Array:
    """What a caller gives as an array, as an array of numbers."""
    try:
        return np.asarray(given)
    except ValueError:
        raise ArgumentError(f"{name} is not an array: its rows differ in length; make them equal") from None


def _check_mapping(name: str, given: object, keys: str) -> None:
    if not isinstance(given, Mapping):
        raise ArgumentError(f"{name} must be a mapping from {keys} to arrays, not {type(given).__name__}")


def _check_counts(inputs: Arrays, steps: int | None, batch: int | None) -> None:
    name, array = next(iter(inputs.items()))
    for what, said, found in (("steps", steps, array.shape[0]), ("batch", batch, array.shape[1])):
        if said is not None and said != found:
            raise ArgumentError(f"{what}={said!r}, but {name} has {found}; leave {what} out where there is input")


def _check_run(cell: Cell, params: Arrays, run: object) -> None:
    if not isinstance(run, Run):
        raise ArgumentError(f"run must be what {cell.name}.forward returned, not {type(run).__name__}")
    if run.cell is not cell and (run.cell.source, run.cell.constants) != (cell.source, cell.constants):
        raise ArgumentError(
            f"run belongs to {run.cell.name}, not to {cell.name}: pass what {cell.name}.forward returned"
        )
    dtype = _parameter_dtype(cell, params)
    if dtype != run.dtype:
        raise ArgumentError(f"params are {dtype}, but the run was made with {run.dtype}; pass the same to both")


def _shape(axes: list[list[str]], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sum(sizes[d] if d in sizes else int(d) for d in axis) for axis in axes)


def _blocks(layout: list[Any], sizes: Mapping[str, int]) -> list[tuple[str, tuple[slice, ...]]]:
    """The parts of a layout with where each stands in the whole."""
    import itertools

    edges = []
    for axis in layout[1]:
        lengths = [sizes[d] if d in sizes else int(d) for d in axis]
        starts = [sum(lengths[:n]) for n in range(len(lengths))]
        edges.append([slice(s, s + length) for s, length in zip(starts, lengths, strict=True)])
    return list(zip(layout[2], itertools.product(*edges), strict=True))


def _split(layout: list[Any], whole: Array, sizes: Mapping[str, int], lead: int) -> list[tuple[str, Array]]:
    """The parts of an array whose feature axes follow `lead` others."""
    if len(layout[2]) == 1:
        return [(layout[2][0], whole)]
    return [(part, whole[(slice(None),) * lead + where]) for part, where in _blocks(layout, sizes)]


def _joined(layout: list[Any], parts: list[Array], sizes: Mapping[str, int]) -> Array:
    if len(parts) == 1:
        return parts[0]
    lead = parts[0].ndim - len(layout[1])
    whole = np.empty((*parts[0].shape[:lead], *_shape(layout[1], sizes)), parts[0].dtype)
    for (_, where), part in zip(_blocks(layout, sizes), parts, strict=True):
        whole[(slice(None),) * lead + where] = part
    return whole


def _part_arrays(cell: Cell, kind: str, layout: list[Any], whole: Array, sizes: Mapping[str, int]) -> dict[str, Array]:
    names = {a[2][0]: a[0] for a in cell.kernels.arrays("forward") if a[1] == kind}
    for kernel in cell._interface["kernels"]:
        names.update({a[2][0]: a[0] for a in cell.kernels.arrays(kernel) if a[1] == kind})
    return {names[part]: _owned(block) for part, block in _split(layout, whole, sizes, 2) if part in names}


def _owned(array: Array) -> Array:
    """The array as kernels take it: contiguous and writable (Numba compiles anew for anything else)."""
    array = np.asarray(array, order="C")  # ascontiguousarray would make a scalar a row
    return array if array.flags.writeable else array.copy()


def _parameter_dtype(cell: Cell, params: Arrays) -> np.dtype[Any]:
    _check_mapping("params", params, "names")
    missing = [n for n in cell.parameters if n not in params]
    if missing:
        raise ArgumentError(f"params lacks {', '.join(missing)}; {cell.name} needs {', '.join(cell.parameters)}")
    extra = [n for n in params if n not in cell.parameters]
    if extra:
        raise ArgumentError(
            f"params has {extra[0]!r}, which {cell.name} does not know; it needs {', '.join(cell.parameters)}"
        )
    found = {name: _array(f"params[{name!r}]", params[name]).dtype for name in cell.parameters}
    for name, dtype in found.items():
        if dtype not in DTYPES:
            raise ArgumentError(f"params[{name!r}] is {dtype}; it must be float64 or float32")
    kinds = sorted({str(d) for d in found.values()})
    if len(kinds) > 1:
        first = {str(d): n for n, d in reversed(found.items())}
        raise ArgumentError(
            f"params mixes dtypes: {first[kinds[0]]} is {kinds[0]}, {first[kinds[1]]} is {kinds[1]}; use one"
        )
    return np.dtype(kinds[0]) if kinds else np.dtype("float64")


def _inputs(cell: Cell, x: Array | Arrays | None, dtype: np.dtype[Any], batch_first: bool) -> dict[str, Array]:
    names = cell.inputs
    if isinstance(x, Mapping):
        given: dict[str, Any] = dict(x)
    elif x is None:
        given = {}
    else:
        given = {names[0]: x} if len(names) == 1 else {}
        if len(names) != 1:
            raise ArgumentError(
                f"x: {cell.name} has the inputs {', '.join(names) or '(none)'}; pass a mapping from names"
            )
    for name in sorted(set(given) ^ set(names)):
        what = f"lacks {name!r}" if name in names else f"has {name!r}"
        raise ArgumentError(f"x {what}; the inputs of {cell.name} are {', '.join(names) or '(none)'}")
    found: dict[str, Array] = {}
    for name in names:
        array = _array(name, given[name])
        rank = 2 + len(cell._layout_of(name)[1])
        if array.ndim != rank:
            order = ["B, T" if batch_first else "T, B", *("+".join(axis) for axis in cell._layout_of(name)[1])]
            raise ArgumentError(f"{name} has shape {array.shape}; it needs {rank} axes, ({', '.join(order)})")
        if not np.can_cast(array.dtype, dtype, "safe"):
            raise ArgumentError(
                f"{name} is {array.dtype}, which does not convert safely to the parameters' {dtype}; "
                f"convert it: {name}.astype({str(dtype)!r})"
            )
        array = np.swapaxes(array, 0, 1) if batch_first else array
        found[name] = np.array(array, dtype, order="C")  # a copy: the backward pass reads what the forward pass read
    leads = {name: array.shape[:2] for name, array in found.items()}
    if len(set(leads.values())) > 1:
        raise ArgumentError(f"inputs differ in (T, B): {leads}")
    return found


def _observed_sizes(cell: Cell, params: Arrays, inputs: Arrays) -> dict[str, int]:
    """Sizes of dimensions as the arrays show them, each array then checked against them."""
    interface, seen = cell._interface, dict[str, list[int]]()
    groups = [(ly, np.asarray(params[ly[0]]), 0, "params") for ly in interface["parameters"]]
    groups += [(ly, inputs[ly[0]], 2, "x") for ly in interface["inputs"]]
    for layout, array, lead, _ in groups:
        for axis, length in zip(layout[1], np.shape(array)[lead:], strict=False):
            if len(axis) == 1 and not axis[0].isdigit():
                seen.setdefault(axis[0], []).append(length)
    known = {d[0] for d in interface["dimensions"]}
    # Where arrays disagree, most of them are right, and the message should name one that is not.
    free = {k: max(v, key=v.count) for k, v in seen.items() if k in known}
    sizes = resolve_sizes(interface["dimensions"], free, cell.name)
    for layout, array, lead, group in groups:
        needed = _shape(layout[1], sizes)
        if np.shape(array)[lead:] != needed:
            what = f"params[{layout[0]!r}]" if group == "params" else layout[0]
            spelled = " x ".join("+".join(axis) for axis in layout[1]) or "scalar"
            raise ArgumentError(
                f"{what} has shape {np.shape(array)}; its last axes must be {needed} ({spelled}"
                f" with {', '.join(f'{k}={v}' for k, v in sorted(sizes.items()))})"
            )
    return sizes


def _parameter_parts(cell: Cell, params: Arrays, extent: Extent, dtype: np.dtype[Any]) -> dict[str, Array]:
    _parameter_dtype(cell, params)
    names: dict[str, str] = {}
    for kernel in cell._interface["kernels"]:
        names.update({a[2][0]: a[0] for a in cell.kernels.arrays(kernel) if a[1] == "parameter"})
    parts: dict[str, Array] = {}
    for layout in cell._interface["parameters"]:
        whole = np.asarray(params[layout[0]], dtype)
        needed = _shape(layout[1], extent.sizes)
        if whole.shape != needed:
            raise ArgumentError(f"params[{layout[0]!r}] has shape {whole.shape}; the run was made with {needed}")
        for part, block in _split(layout, whole, extent.sizes, 0):
            if part in names:
                parts[names[part]] = _owned(block)
    return parts


def _past(name: str, given: Array | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    if given is None:
        return np.zeros(shape, dtype)
    array = _array(f"initial[{name!r}]", given)
    if not np.can_cast(array.dtype, dtype, "safe"):
        raise ArgumentError(
            f"initial[{name!r}] is {array.dtype}, which does not convert safely to {dtype}; convert it first"
        )
    if array.shape == shape:
        return array.astype(dtype)
    if shape[0] == 1 and array.shape == shape[1:]:
        return array.astype(dtype)[None]
    needed = f"{shape[1:]}" if shape[0] == 1 else f"{shape} (delay, B, …), oldest first"
    raise ArgumentError(f"initial[{name!r}] has shape {array.shape}; it must be {needed}")


def _dense_cotangent(name: str, given: Any, shape: tuple[int, ...], run: Run) -> Array:
    """Cotangents as (T, B, …), from a dense array or from (times, array)."""
    sparse = isinstance(given, tuple)
    times, values = given if sparse and len(given) == 2 else (None, given)
    if sparse and times is None:
        raise ArgumentError(f"cotangents[{name!r}] must be an array or (times, array)")
    array = _array(f"cotangents[{name!r}]", values)
    if array.ndim >= 2 and run.batch_first:
        array = np.swapaxes(array, 0, 1)
    if not np.can_cast(array.dtype, run.dtype, "same_kind"):
        raise ArgumentError(f"cotangents[{name!r}] is {array.dtype}; it must convert to {run.dtype}")
    if times is None:
        if array.shape != shape:
            raise ArgumentError(f"cotangents[{name!r}] has shape {array.shape}; it must be {shape}")
        return array.astype(run.dtype)
    index = np.atleast_1d(np.asarray(times))
    if index.size and not np.issubdtype(index.dtype, np.integer):
        raise ArgumentError(f"cotangents[{name!r}]: times must be integers, not {index.dtype}")
    if index.ndim != 1 or (index.size and (index.min() < -shape[0] or index.max() >= shape[0])):
        raise ArgumentError(f"cotangents[{name!r}]: times must lie in {-shape[0]} … {shape[0] - 1}")
    needed = (len(index), *shape[1:])
    if array.shape != needed:
        raise ArgumentError(f"cotangents[{name!r}] has shape {array.shape} for {len(index)} times; it must be {needed}")
    dense = np.zeros(shape, run.dtype)
    np.add.at(dense, index.astype(np.intp), array.astype(run.dtype))
    return dense


def _direction_count(directions: Arrays, cell: Cell) -> int:
    _check_mapping("directions", directions, "states")
    unknown = sorted(set(directions) - set(cell.states))
    if unknown:
        raise ArgumentError(f"directions has {unknown[0]!r}; {cell.name} has the states {', '.join(cell.states)}")
    counts = {}
    for name, value in directions.items():
        axis = np.ndim(value) - len(cell._layout_of(name)[1]) - 2
        counts[name] = np.shape(value)[axis] if axis >= 0 else -1
    if not counts or min(counts.values()) < 0 or len(set(counts.values())) != 1:
        shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in directions.items()) or "none"
        raise ArgumentError(
            f"directions must map states ({', '.join(cell.states)}) to arrays (k, B, n) with one k; got {shapes}"
        )
    return next(iter(counts.values()))


def _directions(given: Array | None, shape: tuple[int, ...], name: str, dtype: Any) -> Array:
    """Directions (delay, B, k, …) as the kernel takes them, from (k, B, …) or (delay, k, B, …)."""
    if given is None:
        return np.zeros(shape, dtype)
    array = _array(f"directions[{name!r}]", given)
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise ArgumentError(f"directions[{name!r}] is {array.dtype}; it must convert to {dtype}")
    if array.ndim == len(shape) - 1:
        if shape[0] != 1:
            raise ArgumentError(f"directions[{name!r}] needs {shape[0]} rows of the past: (delay, k, B, …)")
        array = array[None]
    array = np.swapaxes(array, 1, 2)
    if array.shape != shape:
        raise ArgumentError(
            f"directions[{name!r}] has shape {np.shape(given)}; it must be (k, B, …) ="
            f" {(shape[2], shape[1], *shape[3:])}"
        )
    return np.array(array, dtype, order="C")


def cell(name: str, **constants: Any) -> Cell:
    """A cell of the library, by name.

    Raises
    ------
    ArgumentError
        If the library has no such cell.
    EquationError
        If the cell has no such constant.
    """
    derivation = library.derivation(name)
    found = Cell.__new__(Cell)
    found.source, found.name, found.constants, found.derivation = (
        derivation.equations,
        name,
        dict(constants),
        derivation,
    )
    if constants:
        _ = found.recurrence  # a constant that the text does not have is told at once
    return found
