"""What a caller gives to a cell, checked before a kernel runs: a refusal says which, what it is, what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.initial import Parameters
from gatedsym.layouts import axes_shape, split_parts
from gatedsym.results import Run
from gatedsym.sizes import resolve_sizes, size_in_sums

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.runtime.call import Extent

Array = np.ndarray[Any, Any]
Arrays = Mapping[str, Array]
DTYPES = (np.dtype("float64"), np.dtype("float32"))


@dataclass(frozen=True)
class Call:
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
    ) -> Call:
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
            if not is_whole(count) or count < 0:
                raise ArgumentError(f"{name}={count!r} must be an integer of at least 0")
        return cls(cell, params, inputs, Extent(sizes, steps, batch, _delays(cell)), dtype, batch_first)

    def histories(self, initial: Arrays, x: object) -> dict[str, Array]:
        """The arrays of inputs and states, the past in their first rows."""
        interface, extent = self.cell.interface, self.extent
        known = {ly[0] for ly in (*interface["states"], *interface["inputs"])}
        check_mapping("initial", initial, "states")
        unknown = sorted(set(initial) - known)
        if unknown:
            raise ArgumentError(f"initial has {unknown[0]!r}; {self.cell.name} has {', '.join(sorted(known))}")
        arrays: dict[str, Array] = {}
        for layout in interface["states"]:
            name, delay = layout[0], extent.delays.get(layout[0], 1)
            shape = (delay, extent.batch, *axes_shape(layout[1], extent.sizes))
            past = _past(name, initial.get(name), shape, self.dtype)
            whole = np.empty((extent.steps + delay, *shape[1:]), self.dtype)
            whole[:delay] = past
            arrays.update(_part_arrays(self.cell, "state", layout, whole, extent.sizes))
        for layout in interface["inputs"]:
            name, delay = layout[0], extent.delays.get(layout[0], 0)
            whole = self.inputs[name]
            if delay:
                shape = (delay, extent.batch, *axes_shape(layout[1], extent.sizes))
                whole = np.concatenate([_past(name, initial.get(name), shape, self.dtype), whole])
            arrays.update(_part_arrays(self.cell, "input", layout, whole, extent.sizes))
        return arrays

    def parameter_parts(self) -> dict[str, Array]:
        """The parameters as kernels take them."""
        return parameter_parts(self.cell, self.params, self.extent, self.dtype)


def _delays(cell: Cell) -> dict[str, int]:
    """Rows of the past in front of each state and input, by its name and by the names of its parts."""
    interface = cell.interface
    delays: dict[str, int] = dict(interface["delays"])
    layouts = [ly for ly in (*interface["states"], *interface["inputs"]) if ly[0] in delays]
    return delays | {part: delays[name] for name, _, parts in layouts for part in parts}


def float_dtype(dtype: Any) -> np.dtype[Any]:
    """The dtype that a caller names: float64 or float32."""
    for known in DTYPES:
        if dtype is known.type or (isinstance(dtype, str | np.dtype) and dtype == known):
            return known
    raise ArgumentError(f"dtype must be 'float64' or 'float32', not {dtype!r}")


def is_whole(value: object) -> bool:
    """Whether a value counts: an integer of any kind, no bool."""
    return hasattr(value, "__index__") and not isinstance(value, bool | np.bool_)


def _array(name: str, given: object) -> Array:
    """What a caller gives as an array, as an array of numbers."""
    try:
        return np.asarray(given)
    except ValueError:
        raise ArgumentError(f"{name} is not an array: its rows differ in length; make them equal") from None


def check_mapping(name: str, given: object, keys: str) -> None:
    if not isinstance(given, Mapping):
        raise ArgumentError(f"{name} must be a mapping from {keys} to arrays, not {type(given).__name__}")


def _check_counts(inputs: Arrays, steps: int | None, batch: int | None) -> None:
    name, array = next(iter(inputs.items()))
    for what, said, found in (("steps", steps, array.shape[0]), ("batch", batch, array.shape[1])):
        if said is not None and said != found:
            raise ArgumentError(f"{what}={said!r}, but {name} has {found}; leave {what} out where there is input")


def check_run(cell: Cell, params: Arrays, run: object) -> None:
    """Refuse a run that is not what this cell returned for these parameters."""
    if not isinstance(run, Run):
        raise ArgumentError(f"run must be what {cell.name}.forward returned, not {type(run).__name__}")
    if run.cell is not cell and (run.cell.source, run.cell.constants) != (cell.source, cell.constants):
        raise ArgumentError(
            f"run belongs to {run.cell.name}, not to {cell.name}: pass what {cell.name}.forward returned"
        )
    dtype = _parameter_dtype(cell, params)
    if dtype != run.dtype:
        raise ArgumentError(f"params are {dtype}, but the run was made with {run.dtype}; pass the same to both")


def _part_arrays(cell: Cell, kind: str, layout: list[Any], whole: Array, sizes: Mapping[str, int]) -> dict[str, Array]:
    names = {a[2][0]: a[0] for a in cell.kernels.arrays("forward") if a[1] == kind}
    for kernel in cell.interface["kernels"]:
        names.update({a[2][0]: a[0] for a in cell.kernels.arrays(kernel) if a[1] == kind})
    return {names[part]: _owned(block) for part, block in split_parts(layout, whole, sizes, 2) if part in names}


def _owned(array: Array) -> Array:
    """The array as kernels take it: contiguous and writable (Numba compiles anew for anything else)."""
    array = np.asarray(array, order="C")  # ascontiguousarray would make a scalar a row
    return array if array.flags.writeable else array.copy()


def _parameter_dtype(cell: Cell, params: Arrays) -> np.dtype[Any]:
    check_mapping("params", params, "names")
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
        rank = 2 + len(cell.layout_of(name)[1])
        if array.ndim != rank:
            order = ["B, T" if batch_first else "T, B", *("+".join(axis) for axis in cell.layout_of(name)[1])]
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
    interface, seen = cell.interface, dict[str, list[int]]()
    groups = [(ly, np.asarray(params[ly[0]]), 0, "params") for ly in interface["parameters"]]
    groups += [(ly, inputs[ly[0]], 2, "x") for ly in interface["inputs"]]
    for layout, array, lead, _ in groups:
        for axis, length in zip(layout[1], np.shape(array)[lead:], strict=False):
            if len(axis) == 1 and not axis[0].isdigit():
                seen.setdefault(axis[0], []).append(length)
    known = {d[0] for d in interface["dimensions"]}
    # Where arrays disagree, most of them are right, and the message should name one that is not.
    free = {k: max(v, key=v.count) for k, v in seen.items() if k in known}
    drawn = params.sizes if isinstance(params, Parameters) else {}
    free = {k: v for k, v in drawn.items() if k in known} | free
    # A dimension that only serves to size others, n in d = n/p, no array shows and no kernel asks for.
    used = {d for dims in interface["parts"].values() for d in dims}
    used.update(*(kernel["sizes"] for kernel in interface["kernels"].values()))
    dimensions = [d for d in interface["dimensions"] if d[0] in used or d[0] in free]
    lengths = [
        (axis, length)
        for layout, array, lead, _ in groups
        for axis, length in zip(layout[1], np.shape(array)[lead:], strict=False)
    ]
    sizes = resolve_sizes(dimensions, free | size_in_sums(dimensions, free, lengths, cell.name), cell.name)
    for layout, array, lead, group in groups:
        needed = axes_shape(layout[1], sizes)
        if np.shape(array)[lead:] != needed:
            what = f"params[{layout[0]!r}]" if group == "params" else layout[0]
            spelled = " x ".join("+".join(axis) for axis in layout[1]) or "scalar"
            raise ArgumentError(
                f"{what} has shape {np.shape(array)}; its last axes must be {needed} ({spelled}"
                f" with {', '.join(f'{k}={v}' for k, v in sorted(sizes.items()))})"
            )
    return sizes


def parameter_parts(cell: Cell, params: Arrays, extent: Extent, dtype: np.dtype[Any]) -> dict[str, Array]:
    """Parameters as kernels take them, by the names of kernel arguments."""
    _parameter_dtype(cell, params)
    names: dict[str, str] = {}
    for kernel in cell.interface["kernels"]:
        names.update({a[2][0]: a[0] for a in cell.kernels.arrays(kernel) if a[1] == "parameter"})
    parts: dict[str, Array] = {}
    for layout in cell.interface["parameters"]:
        whole = np.asarray(params[layout[0]], dtype)
        needed = axes_shape(layout[1], extent.sizes)
        if whole.shape != needed:
            raise ArgumentError(f"params[{layout[0]!r}] has shape {whole.shape}; the run was made with {needed}")
        for part, block in split_parts(layout, whole, extent.sizes, 0):
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


def dense_cotangent(name: str, given: Any, shape: tuple[int, ...], run: Run) -> Array:
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


def direction_count(directions: Arrays, cell: Cell) -> int:
    """How many directions a caller gives; the same for every state."""
    check_mapping("directions", directions, "states")
    unknown = sorted(set(directions) - set(cell.states))
    if unknown:
        raise ArgumentError(f"directions has {unknown[0]!r}; {cell.name} has the states {', '.join(cell.states)}")
    counts = {}
    for name, value in directions.items():
        axis = np.ndim(value) - len(cell.layout_of(name)[1]) - 2
        counts[name] = np.shape(value)[axis] if axis >= 0 else -1
    if not counts or min(counts.values()) < 0 or len(set(counts.values())) != 1:
        shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in directions.items()) or "none"
        raise ArgumentError(
            f"directions must map states ({', '.join(cell.states)}) to arrays (k, B, n) with one k; got {shapes}"
        )
    return next(iter(counts.values()))


def direction_array(given: Array | None, shape: tuple[int, ...], name: str, dtype: Any) -> Array:
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
