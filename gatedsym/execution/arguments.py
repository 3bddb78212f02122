"""The arguments of a call, checked before a kernel runs: a refusal says which, what it is, what it must be.

Names, shapes and types decide whether arguments are right. So a cell remembers those that it has found right, and a
call with the same ones again is not checked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.complex_arrays import in_pairs, input_in_pairs
from gatedsym.execution.conversion import MUST_CONVERT, check_conversion
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.layouts import axes_shape, block_places, part_place
from gatedsym.execution.own_parameters import OwnParameters
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Run
from gatedsym.execution.sizes import resolve_sizes, size_in_sums
from gatedsym.execution.workspace import FRESH, Store
from gatedsym.expect import expect_flag, expect_mapping, expect_whole, is_whole, shown
from gatedsym.files.read import require_unmasked
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array, DType

if TYPE_CHECKING:
    from gatedsym.execution.kernels import CallShape

Arrays = Mapping[str, Array]
DTYPES = (np.dtype("float64"), np.dtype("float32"))


class History(NamedTuple):
    """The array of one part of a state or input, and what fills it before a kernel runs.

    Attributes
    ----------
    array : str
        What kernels call it.
    name : str
        What a person calls the state or input.
    place : tuple, optional
        Where the part stands in the last axes of the whole, after an ellipsis; None where it is the whole.
    delay : int
        Rows of the past, the first ones.
    shape : (T + delay, B, …)
    """

    array: str
    name: str
    place: tuple[Any, ...] | None
    delay: int
    shape: tuple[int, ...]


class _ParameterPart(NamedTuple):
    """A part of a parameter that kernels read; attributes as those of `History`."""

    array: str
    name: str
    place: tuple[Any, ...] | None


class _Arguments(NamedTuple):
    """The arrays that `forward` hands to its kernel, found once for each shape of a call.

    Attributes
    ----------
    histories : list of History
    parameters : list of _ParameterPart
    results : list of (array, shape)
        Arrays that nothing fills before the kernel.
    turning : dict of str to shape
        Of those the ones that hold fewer steps where nothing is kept for a backward pass.
    """

    histories: list[History]
    parameters: list[_ParameterPart]
    results: list[tuple[str, tuple[int, ...]]]
    turning: dict[str, tuple[int, ...]]


_Prepared: TypeAlias = "tuple[CallShape, DType, _Arguments]"
"""What the names, shapes and types of the arguments of a call decide."""


def _arguments_of(cell: RecurrentCell, call_shape: CallShape) -> _Arguments:
    return cell.memo.of(("arguments", call_shape.key), lambda: _describe_arguments(cell, call_shape))


def _describe_arguments(cell: RecurrentCell, call_shape: CallShape) -> _Arguments:
    names, histories = cell.kernels.array_names, []
    for kind, layouts in ((Kind.STATE, cell.interface.states), (Kind.INPUT, cell.interface.inputs)):
        for layout in layouts:
            delay = call_shape.delays.get(layout.name, 0)
            for part, where in block_places(layout, call_shape.sizes):
                shape = (call_shape.steps + delay, call_shape.batch, *(s.stop - s.start for s in where))
                histories.append(History(names[kind, part], layout.name, part_place(layout, where), delay, shape))
    parameters = [
        _ParameterPart(array, layout.name, part_place(layout, where))
        for layout, arrays in cell.kernels.parameters
        for array, (_, where) in zip(arrays, block_places(layout, call_shape.sizes), strict=True)
    ]
    plan, filled = cell.kernels.plan("forward", call_shape), {history.array for history in histories}
    results = [(name, plan.shapes[name]) for name in plan.fresh if name not in filled]
    return _Arguments(histories, parameters, results, plan.turning)


class Call:
    """The checked arguments of one call of `forward`.

    Attributes
    ----------
    params : dict of str to array
    inputs : dict of str to array
        (T, B, …), as the caller gave them: of any dtype that converts safely, and of any layout.
    past : dict of str to array
        For each state and input whose past the caller gave, (delay, B, …), oldest first, or (B, …) where it is one row.
    """

    def __init__(
        self,
        cell: RecurrentCell,
        params: Arrays,
        inputs: Arrays,
        past: Arrays,
        batch_first: bool,
        prepared: _Prepared,
    ) -> None:
        self.cell, self.params, self.inputs, self.past, self.batch_first = cell, params, inputs, past, batch_first
        self.call_shape, self.dtype, self._arguments = prepared

    @classmethod
    def begin(
        cls,
        cell: RecurrentCell,
        params: Arrays,
        x: Array | Arrays | None,
        batch_first: bool,
        steps: int | None,
        batch: int | None,
        initial: Arrays | None,
        padded: bool = False,
    ) -> Call:
        """The checked arguments; `padded` says that not all steps count, so that no entry of an input is looked at."""
        past: Arrays = {} if initial is None else in_pairs(cell, initial)
        params, x = in_pairs(cell, params), input_in_pairs(cell, x)
        expect_flag("batch_first", batch_first)
        key = _begin_key(params, x, past, batch_first, steps, batch)
        prepared: _Prepared | None = None if key is None else cell.memo.get(key)
        if prepared is not None:
            inputs = _named(cell, x)
            if batch_first:
                inputs = {name: np.swapaxes(array, 0, 1) for name, array in inputs.items()}
            if not padded:
                check_domains(cell, inputs, past, prepared[0].sizes, batch_first)
            return cls(cell, params, inputs, past, batch_first, prepared)
        dtype = _parameter_dtype(cell, params)
        inputs, known = _inputs(cell, x, dtype, batch_first, padded)
        call_shape = _extent(cell, params, inputs, past, steps, batch)
        past, known_past = _pasts(cell, past, call_shape, dtype)
        if not padded:
            check_domains(cell, inputs, past, call_shape.sizes, batch_first)
        prepared = (call_shape, dtype, _arguments_of(cell, call_shape))
        if key is not None and known and known_past:
            cell.memo.keep(key, prepared)
        return cls(cell, _plain(params, dtype), inputs, past, batch_first, prepared)

    def part(self, start: int, stop: int) -> Call:
        """The call of some steps alone, with the same past; of its histories only the last axes are right."""
        inputs = {name: array[start:stop] for name, array in self.inputs.items()}
        prepared = (self.call_shape.of_steps(stop - start), self.dtype, self._arguments)
        return Call(self.cell, self.params, inputs, self.past, self.batch_first, prepared)

    @property
    def histories(self) -> list[History]:
        """The arrays of states and inputs."""
        return self._arguments.histories

    def arrays(self, store: Store = FRESH, copy: bool = True, kept: bool = True) -> dict[str, Array]:
        """The forward kernel's arrays besides parameters: inputs, the past in front of states; the rest is arbitrary.

        Parameters
        ----------
        store : Store
        copy : bool
            Whether an input is copied even if kernels can take it as it is.
        kept : bool
            Whether there is memory for what a backward pass needs of each step.
        """
        arguments, dtype = self._arguments, self.dtype
        arrays: dict[str, Array] = {}
        for array, name, place, delay, shape in arguments.histories:
            given = self.inputs.get(name)
            if not copy and delay == 0 and place is None and given is not None and self.is_fit(given):
                arrays[array] = given
                continue
            rows = arrays[array] = store.empty(array, shape, dtype)
            if delay:
                self.place_past(name, place, rows[:delay])
                rows = rows[delay:]
            if given is not None:
                rows[...] = given if place is None else given[place]
        turning = {} if kept else arguments.turning
        for array, shape in arguments.results:
            arrays[array] = store.empty(array, turning.get(array, shape), dtype)
        return arrays

    def place_past(self, name: str, place: tuple[Any, ...] | None, rows: Array) -> None:
        """Fill the rows in front of the first step, (delay, B, …), of one part of a state or input."""
        past = self.past.get(name)
        if past is None:
            rows.fill(0)
        else:
            rows[...] = past if place is None else past[place]

    def is_fit(self, given: Array) -> bool:
        """Whether kernels can take an input, which is one part, as the caller gave it."""
        return given.dtype == self.dtype and given.flags.carray

    def parameters(self, store: Store = FRESH) -> dict[str, Array]:
        """The parameters as kernels take them."""
        return _placed(self._arguments.parameters, self.params, self.dtype, store)

    def own_parameters(self, arrays: Arrays, store: Store = FRESH) -> OwnParameters:
        """A copy of the parameters for the run; in fresh memory, runs with the same parameters share it."""
        if store is FRESH:
            return OwnParameters.shared(arrays, self.dtype, self.cell.memo)
        return OwnParameters(arrays, self.dtype, store)


def _begin_key(params: Any, x: Any, past: Any, batch_first: bool, steps: Any, batch: Any) -> tuple[Any, ...] | None:
    """Names, shapes and types of the arguments of a call; None where one is no plain array."""
    of_params, of_past = array_forms(params), array_forms(past)
    if type(x) is np.ndarray:
        of_inputs: tuple[Any, ...] | None = (x.shape, x.dtype)
    else:
        of_inputs = () if x is None else array_forms(x)
    if of_params is None or of_inputs is None or of_past is None:
        return None
    if not all(count is None or type(count) is int for count in (steps, batch)):
        return None
    return ("call", of_params, of_inputs, of_past, batch_first, steps, batch)


_UNSAFE_PAST = "{name} is {found}, which does not convert safely to {dtype}; convert it first."
_UNSAFE_INPUT = (
    "{name} is {found}, which does not convert safely to the parameters' {dtype}; convert it: {name}.astype('{dtype}')."
)


def array_forms(arrays: Any) -> tuple[Any, ...] | None:
    """Names, shapes and types of a mapping's arrays; None if it is none, or has other values."""
    if not isinstance(arrays, dict):
        return None
    forms: list[Any] = [*arrays]
    if isinstance(arrays, Parameters):
        forms.append(tuple(arrays.sizes.items()))
    for array in arrays.values():
        if type(array) is not np.ndarray:
            return None
        forms.append(array.shape)
        forms.append(array.dtype)
    return tuple(forms)


def _plain(params: Arrays, dtype: DType) -> Arrays:
    """Checked parameters as plain arrays."""
    return {name: np.asarray(array, dtype) for name, array in params.items()}


def _named(cell: RecurrentCell, x: Array | Arrays | None) -> Arrays:
    """The inputs by name; one array is the cell's one input."""
    if x is None:
        return {}
    return {cell.inputs[0]: x} if isinstance(x, np.ndarray) else x


def _extent(
    cell: RecurrentCell, params: Arrays, inputs: Arrays, past: Arrays, steps: int | None, batch: int | None
) -> CallShape:
    """The sizes of a call, from its arrays."""
    from gatedsym.execution.kernels import CallShape

    sizes = _observed_sizes(cell, params, inputs, past)
    if inputs:
        _check_counts(inputs, steps, batch)
        steps, batch = next(iter(inputs.values())).shape[:2]
    if steps is None or batch is None:
        raise ArgumentError(f"{cell.name} has no input: pass steps= and batch=.")
    return CallShape(sizes, expect_whole("steps", steps), expect_whole("batch", batch), _delays(cell))


def _pasts(cell: RecurrentCell, initial: Arrays, call_shape: CallShape, dtype: DType) -> tuple[dict[str, Array], bool]:
    """The past that a caller gives, each (delay, B, …), and whether types alone say that it converts."""
    if type(initial) is dict and not initial:
        return {}, True
    expect_mapping("initial", initial, "states to arrays")
    interface = cell.interface
    layouts = {ly.name: ly for ly in (*interface.states, *interface.inputs)}
    unknown = sorted(set(initial) - set(layouts), key=str)
    if unknown:
        raise ArgumentError(f"initial has {shown(unknown[0])}; {cell.name} has {', '.join(sorted(layouts))}.")
    pasts, known = dict[str, Array](), True
    for name, layout in layouts.items():
        if (given := initial.get(name)) is not None and (delay := call_shape.delays.get(name, 0)):
            title = f"initial[{name!r}]"
            array = as_array(title, given)
            known &= check_conversion(cell, title, array, dtype, _UNSAFE_PAST)
            pasts[name] = _past(name, array, (delay, call_shape.batch, *axes_shape(layout.axes, call_shape.sizes)))
    return pasts, known


def _delays(cell: RecurrentCell) -> dict[str, int]:
    """Rows of the past in front of each state and input, by its name and by the names of its parts."""
    interface = cell.interface
    delays = dict(interface.delays)
    layouts = [ly for ly in (*interface.states, *interface.inputs) if ly.name in delays]
    return delays | {part: delays[name] for name, parts in ((ly.name, ly.parts) for ly in layouts) for part in parts}


def float_dtype(dtype: Any) -> DType:
    """The dtype that a caller names: float64 or float32."""
    for known in DTYPES:
        if dtype is known.type or (isinstance(dtype, str | np.dtype) and dtype == known):
            return known
    raise ArgumentError(f"dtype must be 'float64' or 'float32', not {dtype!r}.")


def as_array(name: str, given: object) -> Array:
    """An array of numbers, from what a caller gives as one."""
    require_unmasked(name, given)
    try:
        return np.asarray(given)
    except ValueError:
        raise ArgumentError(f"{name} is not an array: its rows differ in length; make them equal.") from None


def _check_counts(inputs: Arrays, steps: int | None, batch: int | None) -> None:
    name, array = next(iter(inputs.items()))
    for what, said, found in (("steps", steps, array.shape[0]), ("batch", batch, array.shape[1])):
        if said is not None and not (is_whole(said) and said == found):
            raise ArgumentError(f"{what}={shown(said)}, but {name} has {found}; leave {what} out where there is input.")


def check_run(cell: RecurrentCell, run: object) -> None:
    """Refuse a run that is not what this cell returned, or whose memory another call has used since."""
    if not isinstance(run, Run):
        raise ArgumentError(f"run must be what {cell.name}.forward returned, not {type(run).__name__}.")
    if run.cell is not cell and (run.cell.source, run.cell.constants) != (cell.source, cell.constants):
        raise ArgumentError(
            f"run belongs to {run.cell.name}, not to {cell.name}: pass what {cell.name}.forward returned."
        )
    run.check_current()
    if not run.has_residuals:
        raise ArgumentError(f"run holds states alone; ask {cell.name}.forward for keep='adjoint' or keep='all'.")


def _parameter_dtype(cell: RecurrentCell, params: Arrays) -> DType:
    expect_mapping("params", params, "names to arrays")
    missing = [n for n in cell.parameters if n not in params]
    if missing:
        raise ArgumentError(f"params lacks {', '.join(missing)}; {cell.name} needs {', '.join(cell.parameters)}.")
    extra = [n for n in params if n not in cell.parameters]
    if extra:
        raise ArgumentError(
            f"params has {extra[0]!r}, which {cell.name} does not know; it needs {', '.join(cell.parameters)}."
        )
    found = {name: as_array(f"params[{name!r}]", params[name]).dtype for name in cell.parameters}
    for name, dtype in found.items():
        if dtype not in DTYPES:
            raise ArgumentError(f"params[{name!r}] is {dtype}; it must be float64 or float32.")
    kinds = sorted({str(d) for d in found.values()})
    if len(kinds) > 1:
        first = {str(d): n for n, d in reversed(found.items())}
        raise ArgumentError(
            f"params mixes dtypes: {first[kinds[0]]} is {kinds[0]}, {first[kinds[1]]} is {kinds[1]}; use one."
        )
    return np.dtype(kinds[0]) if kinds else np.dtype("float64")


def _inputs(
    cell: RecurrentCell, x: Array | Arrays | None, dtype: DType, batch_first: bool, padded: bool
) -> tuple[dict[str, Array], bool]:
    """The inputs by name, (T, B, …), and whether types alone say that they convert."""
    names, known = cell.inputs, True
    if isinstance(x, Mapping):
        given: dict[str, Any] = dict(x)
    elif x is None:
        given = {}
    else:
        given = {names[0]: x} if len(names) == 1 else {}
        if len(names) != 1:
            raise ArgumentError(
                f"x: {cell.name} has the inputs {', '.join(names) or '(none)'}; pass a mapping from names."
            )
    for name in sorted(set(given) ^ set(names), key=str):
        what = f"lacks {name!r}" if name in names else f"has {shown(name)}"
        raise ArgumentError(f"x {what}; the inputs of {cell.name} are {', '.join(names) or '(none)'}.")
    found: dict[str, Array] = {}
    for name in names:
        array = as_array(name, given[name])
        rank = 2 + len(cell.layout_of(name).axes)
        if array.ndim != rank:
            order = ["B, T" if batch_first else "T, B", *("+".join(axis) for axis in cell.layout_of(name).axes)]
            raise ArgumentError(f"{name} has shape {array.shape}; it needs {rank} axes, ({', '.join(order)}).")
        known &= check_input_type(cell, name, array[:0] if padded else array, dtype)
        found[name] = np.swapaxes(array, 0, 1) if batch_first else array
    leads = {name: array.shape[:2] for name, array in found.items()}
    if len(set(leads.values())) > 1:
        raise ArgumentError(f"inputs differ in (T, B): {leads}.")
    return found, known


def check_input_type(cell: RecurrentCell, name: str, array: Array, dtype: DType) -> bool:
    """As `check_conversion`, of an input."""
    return check_conversion(cell, name, array, dtype, _UNSAFE_INPUT)


def check_domains(
    cell: RecurrentCell, inputs: Arrays, past: Arrays, sizes: Mapping[str, int], batch_first: bool
) -> None:
    """Refuse an input, or its past, that holds a number outside of the domain that its declaration gives.

    Raises
    ------
    ArgumentError
        With the name, the place of the first such number, and what is needed.
    """
    for name, domain in cell.interface.domains.items():
        for title, array in ((name, inputs.get(name)), (f"initial[{name!r}]", past.get(name))):
            place = None if array is None else domain.misfit(array, sizes)
            if array is None or place is None:
                continue
            value = array[place]
            if title == name and batch_first:
                place = (place[1], place[0], *place[2:])
            at = ", ".join(map(str, place))
            known = "".join(f", where {d} is {sizes[d]}" for d in domain.dimensions)
            raise ArgumentError(
                f"{title}[{at}] is {value:g}; {cell.name} reads {name} in {domain}{known}: give numbers that lie there."
            )


def _sizes_of_pasts(cell: RecurrentCell, past: Arrays) -> dict[str, int]:
    """Sizes of dimensions as initial states show them: of a cell without parameters and inputs nothing else does."""
    found: dict[str, int] = {}
    for name, given in past.items() if isinstance(past, Mapping) else ():
        layout = next((ly for ly in cell.interface.states if ly.name == name), None)
        lengths = np.shape(as_array(f"initial[{name!r}]", given))
        if layout is not None and len(lengths) > len(layout.axes):
            axes = zip(layout.axes, lengths[len(lengths) - len(layout.axes) :], strict=True)
            found |= {axis[0]: length for axis, length in axes if len(axis) == 1 and not axis[0].isdigit()}
    return found


def _observed_sizes(cell: RecurrentCell, params: Arrays, inputs: Arrays, past: Arrays) -> dict[str, int]:
    """Sizes of dimensions as the arrays show them, each array then checked against them."""
    interface, seen = cell.interface, dict[str, list[int]]()
    groups = [(ly, np.asarray(params[ly.name]), 0, "params") for ly in interface.parameters]
    groups += [(ly, inputs[ly.name], 2, "x") for ly in interface.inputs]
    for layout, array, lead, _ in groups:
        for axis, length in zip(layout.axes, np.shape(array)[lead:], strict=False):
            if len(axis) == 1 and not axis[0].isdigit():
                seen.setdefault(axis[0], []).append(length)
    known = {d.name for d in interface.dimensions}
    # Where arrays disagree, most of them are right, and the message should name one that is not.
    free = {k: max(v, key=v.count) for k, v in seen.items() if k in known}
    drawn = params.sizes if isinstance(params, Parameters) else {}
    free = {k: v for k, v in (_sizes_of_pasts(cell, past) | drawn).items() if k in known} | free
    # A dimension that only serves to size others, n in d = n/p, no array shows and no kernel asks for.
    used = {d for dims in interface.part_dims.values() for d in dims}
    used.update(*(kernel.sizes for kernel in interface.kernels.values()))
    dimensions = [d for d in interface.dimensions if d.name in used or d.name in free]
    lengths = [
        (axis, length)
        for layout, array, lead, _ in groups
        for axis, length in zip(layout.axes, np.shape(array)[lead:], strict=False)
    ]
    sizes = resolve_sizes(dimensions, free | size_in_sums(dimensions, free, lengths, cell.name), cell.name)
    for layout, array, lead, group in groups:
        needed = axes_shape(layout.axes, sizes)
        if np.shape(array)[lead:] != needed:
            what = f"params[{layout.name!r}]" if group == "params" else layout.name
            spelled = " x ".join("+".join(axis) for axis in layout.axes) or "scalar"
            raise ArgumentError(
                f"{what} has shape {np.shape(array)}; its last axes must be {needed} ({spelled}"
                f" with {', '.join(f'{k}={v}' for k, v in sorted(sizes.items()))})."
            )
    return sizes


def parameters_of_run(cell: RecurrentCell, params: Arrays, run: Run, store: Store = FRESH) -> dict[str, Array]:
    """Parameters as kernels take them, by the names of kernel arguments; checked to be those of a run.

    Raises
    ------
    ArgumentError
        If they have other names, sizes or types, or one of them has changed since the run was made.
    """
    params = in_pairs(cell, params)
    arrays = _parameter_parts(cell, params, run.call_shape, run.dtype, store)
    if run.own is not None and not run.own.equal(arrays):
        changed = run.own.difference(arrays)
        name = next(layout.name for layout, names in cell.kernels.parameters if changed in names)
        raise ArgumentError(
            f"params[{name!r}] is not what the run was made with: parameters changed since {cell.name}.forward; "
            "derive before they change, or run forward again."
        )
    return arrays


def _parameter_parts(
    cell: RecurrentCell, params: Arrays, call_shape: CallShape, dtype: DType, store: Store
) -> dict[str, Array]:
    """Parameters as kernels take them, by the names of kernel arguments; checked against the sizes of a run."""
    forms = array_forms(params)
    key = None if forms is None else ("params", forms, call_shape.key, dtype)
    parts = None if key is None else cell.memo.get(key)
    if parts is None:
        params = _checked_parameters(cell, params, call_shape, dtype)
        parts = _arguments_of(cell, call_shape).parameters
        if key is not None:
            cell.memo.keep(key, parts)
    return _placed(parts, params, dtype, store)


def _checked_parameters(cell: RecurrentCell, params: Arrays, call_shape: CallShape, dtype: DType) -> Arrays:
    found = _parameter_dtype(cell, params)
    if found != dtype:
        raise ArgumentError(f"params are {found}, but the run was made with {dtype}; pass the same to both.")
    for layout in cell.interface.parameters:
        shape, needed = np.shape(params[layout.name]), axes_shape(layout.axes, call_shape.sizes)
        if shape != needed:
            raise ArgumentError(f"params[{layout.name!r}] has shape {shape}; the run was made with {needed}.")
    return _plain(params, dtype)


def _placed(parts: list[_ParameterPart], params: Arrays, dtype: DType, store: Store) -> dict[str, Array]:
    """Plain arrays, part by part, where kernels can take them; else copies."""
    arrays: dict[str, Array] = {}
    for name, parameter, place in parts:
        part = params[parameter]
        if place is not None:
            part = part[place]
        if not part.flags.carray:  # Numba compiles anew for what is not contiguous and writable
            given, part = part, store.empty(name, part.shape, dtype)
            part[...] = given
        arrays[name] = part
    return arrays


def _past(name: str, array: Array, shape: tuple[int, ...]) -> Array:
    if array.shape == shape:
        return array
    if shape[0] == 1 and array.shape == shape[1:]:
        return array[None]
    needed = f"{shape[1:]}" if shape[0] == 1 else f"{shape} (delay, B, …), oldest first"
    raise ArgumentError(f"initial[{name!r}] has shape {array.shape}; it must be {needed}.")


def direction_count(directions: Arrays, cell: RecurrentCell) -> int:
    """The number of directions that a caller gives; the same for every state."""
    expect_mapping("directions", directions, "states to arrays")
    unknown = sorted(set(directions) - set(cell.states))
    if unknown:
        raise ArgumentError(f"directions has {unknown[0]!r}; {cell.name} has the states {', '.join(cell.states)}.")
    counts = {}
    for name, value in directions.items():
        axis = np.ndim(value) - len(cell.layout_of(name).axes) - 2
        counts[name] = np.shape(value)[axis] if axis >= 0 else -1
    if not counts or min(counts.values()) < 0 or len(set(counts.values())) != 1:
        shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in directions.items()) or "none"
        raise ArgumentError(
            f"directions must map states ({', '.join(cell.states)}) to arrays (k, B, n) with one k; got {shapes}."
        )
    return next(iter(counts.values()))


def direction_array(cell: RecurrentCell, given: Array | None, shape: tuple[int, ...], name: str, dtype: DType) -> Array:
    """Directions (delay, B, k, …) as the kernel takes them, from (k, B, …) or (delay, k, B, …)."""
    if given is None:
        return np.zeros(shape, dtype)
    title = f"directions[{name!r}]"
    array = as_array(title, given)
    check_conversion(cell, title, array, dtype, MUST_CONVERT, say=False)
    if array.ndim == len(shape) - 1:
        if shape[0] != 1:
            raise ArgumentError(f"directions[{name!r}] needs {shape[0]} rows of the past: (delay, k, B, …).")
        array = array[None]
    array = np.swapaxes(array, 1, 2)
    if array.shape != shape:
        raise ArgumentError(
            f"directions[{name!r}] has shape {np.shape(given)}; it must be (k, B, …) ="
            f" {(shape[2], shape[1], *shape[3:])}."
        )
    return np.array(array, dtype, order="C")
