"""Cotangents of states and outputs as a caller gives them, checked, and put where kernels read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.arguments import array_forms, as_array
from gatedsym.execution.complex_arrays import in_pairs
from gatedsym.execution.conversion import MUST_CONVERT, check_conversion
from gatedsym.execution.layouts import axes_shape, block_places, part_place
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.typing import Array, DType

if TYPE_CHECKING:
    from gatedsym.execution.kernels import CallShape
    from gatedsym.execution.results import Run


class _Given(NamedTuple):
    """The cotangents of one part of a state or output.

    Attributes
    ----------
    values : array (T, B, …), or (len(times), B, …)
    times : array of int, optional
        In ascending order.
    """

    values: Array
    times: Array | None

    def place(self, rows: Array, first: int, fresh: int, steps: int) -> None:
        """As `Cotangents.place`; there are cotangents of so many steps."""
        low = min(max(0, -first), len(rows))
        high = max(low, min(len(rows), steps - first))
        if self.times is not None:
            rows[:fresh].fill(0)
            for number in range(*np.searchsorted(self.times, (first + low, first + high))):
                rows[self.times[number] - first] += self.values[number]
            return
        given, cut = self.values[first + low : first + high], min(max(low, fresh), high)
        if low:
            rows[: min(low, fresh)] = 0
        if cut == high:
            rows[low:high] = given
        else:
            rows[low:cut] = given[: cut - low]
            np.add(rows[cut:high], given[cut - low :], out=rows[cut:high], casting="same_kind")
        if high < fresh:
            rows[high:fresh] = 0


class Cotangents:
    """The checked cotangents of a run, or of a part of its steps.

    Parameters
    ----------
    cell : Cell
    given : mapping of str to array, or to (times, array)
        As `Cell.backward` takes them.
    call_shape : CallShape
    dtype : dtype
    batch_first : bool
        Whether arrays are (B, T, …).
    zero : int, optional
        The step of the whole run that is their first one; None says that they are those of the whole run.
    """

    def __init__(
        self,
        cell: RecurrentCell,
        given: Any,
        call_shape: CallShape,
        dtype: DType,
        batch_first: bool,
        zero: int | None = None,
    ) -> None:
        self.whole, self.zero, self.steps = zero is None, zero or 0, call_shape.steps
        found, places = find_cotangents(cell, in_pairs(cell, given), call_shape, dtype, batch_first)
        dense = {name: one.dense(call_shape.steps) for name, one in found.items()}
        self._parts = {
            part: _Given(dense[name].values if place is None else dense[name].values[place], dense[name].times)
            for part, name, place in places
        }

    @classmethod
    def of_run(cls, run: Run, given: object) -> Cotangents:
        """The cotangents of a whole run, of which there must be some."""
        if isinstance(given, Mapping) and not given:
            raise ArgumentError(needed_cotangents(run.cell))
        return cls(run.cell, given, run.call_shape, run.dtype, run.batch_first)

    def place(self, part: str, rows: Array, first: int, fresh: int) -> None:
        """Add the cotangents of some steps to their rows.

        Parameters
        ----------
        part : str
            Of a state or output.
        rows : array (·, B, …)
        first : int
            The step of the whole run to which row 0 belongs; at steps that there are not, nothing is added.
        fresh : int
            So many rows, the first ones, hold nothing yet: they are set.
        """
        found = self._parts.get(part)
        if found is None:
            rows[:fresh].fill(0)
        else:
            found.place(rows, first - self.zero, fresh, self.steps)


def needed_cotangents(cell: RecurrentCell) -> str:
    """The sentence for who gives none."""
    return f"cotangents must map names to arrays, such as {{{(*cell.states, *cell.outputs)[0]!r}: dh}}."


Places = list[tuple[str, str, "tuple[Any, ...] | None"]]
"""The parts of states and outputs, each with the name of the whole and where it stands there."""


def _places(cell: RecurrentCell, names: tuple[str, ...], call_shape: CallShape) -> Places:
    return [
        (part, name, part_place(layout, where))
        for name, layout in [(name, cell.layout_of(name)) for name in names]
        for part, where in block_places(layout, call_shape.sizes)
    ]


END: Final = "end"
"""In place of times: each sequence at its own last step."""


class GivenCotangents(NamedTuple):
    """The cotangents of one state or output.

    Attributes
    ----------
    values : array (T, B, …), or (len(times), B, …), or (B, …) at the end of each sequence
    times : array (K,) of int, not negative and in ascending order, or (K, B) of int, or END; or None
    """

    values: Array
    times: Array | Literal["end"] | None

    def dense(self, steps: int) -> _Given:
        """The same where all sequences have these steps: times, if there are any, are of all sequences."""
        if isinstance(self.times, str):
            return _Given(self.values[None], np.array([steps - 1]))
        if self.times is None or self.times.ndim == 1:
            return _Given(self.values, self.times)
        return _Given(self.all_steps(steps), None)

    def all_steps(self, steps: int) -> Array:
        """Of cotangents at times those of all steps, (T, B, …): zeros, and at equal times sums."""
        times: Any = self.times
        if np.ndim(times) == 2:
            times = (times, np.arange(self.values.shape[1]))
        whole = np.zeros((steps, *self.values.shape[1:]), self.values.dtype)
        np.add.at(whole, times, self.values)
        return whole


def find_cotangents(
    cell: RecurrentCell, given: Any, call_shape: CallShape, dtype: DType, batch_first: bool
) -> tuple[dict[str, GivenCotangents], Places]:
    """The cotangents that a caller gives, by name, and their parts; times of single sequences are not looked at.

    Raises
    ------
    ArgumentError
        If a name, a shape, a type or a time is not that of a cotangent.
    """
    forms = array_forms(given)
    key = None if forms is None else ("cotangents", forms, call_shape.key, dtype, batch_first)
    kept: tuple[Places, frozenset[str]] | None = None if key is None else cell.memo.get(key)
    if kept is not None:
        places, at_ends = kept
        return {name: _known(array, name in at_ends, batch_first) for name, array in given.items()}, places
    found, known = _checked(cell, given, call_shape, dtype, batch_first)
    places = _places(cell, tuple(found), call_shape)
    if key is not None and known:
        cell.memo.keep(key, (places, frozenset(name for name, one in found.items() if one.times is not None)))
    return found, places


def _known(array: Array, at_end: bool, batch_first: bool) -> GivenCotangents:
    if at_end:
        return GivenCotangents(array, END)
    return GivenCotangents(np.swapaxes(array, 0, 1) if batch_first else array, None)


def _checked(
    cell: RecurrentCell, given: Any, call_shape: CallShape, dtype: DType, batch_first: bool
) -> tuple[dict[str, GivenCotangents], bool]:
    """The cotangents by name, and whether types say that all convert and shapes that they are of all steps or ends."""
    allowed = (*cell.states, *cell.outputs)
    if not isinstance(given, Mapping):
        raise ArgumentError(needed_cotangents(cell))
    found, known = dict[str, GivenCotangents](), True
    for name, value in given.items():
        if name not in allowed:
            raise ArgumentError(f"cotangents has {name!r}; {cell.name} takes cotangents of {', '.join(allowed)}.")
        shape = (call_shape.steps, call_shape.batch, *axes_shape(cell.layout_of(name).axes, call_shape.sizes))
        found[name], types_say = _checked_one(cell, name, value, shape, dtype, batch_first)
        known &= types_say and not isinstance(value, tuple)
    return found, known


def _checked_one(
    cell: RecurrentCell, name: str, given: Any, shape: tuple[int, ...], dtype: DType, batch_first: bool
) -> tuple[GivenCotangents, bool]:
    """The cotangents of one state or output, time first, and whether their type says that they convert."""
    sparse = isinstance(given, tuple)
    times, values = given if sparse and len(given) == 2 else (None, given)
    if sparse and times is None:
        raise ArgumentError(f"cotangents[{name!r}] must be an array or (times, array).")
    array = as_array(f"cotangents[{name!r}]", values)
    at_ends = times is None and array.ndim == len(shape) - 1
    if array.ndim >= 2 and batch_first and not at_ends:
        array = np.swapaxes(array, 0, 1)
    title = f"cotangents[{name!r}]"
    known = check_conversion(cell, title, array, np.dtype(dtype), MUST_CONVERT, say=False)
    if times is not None:
        return cotangents_at_times(title, times, array, shape, batch_first), known
    if array.shape != (shape[1:] if at_ends else shape):
        raise ArgumentError(
            f"{title} has shape {np.shape(values)}; it must be {_as_given(shape, batch_first)}, or {shape[1:]} at the"
            " end of each sequence."
        )
    return GivenCotangents(array, END if at_ends else None), known


def _as_given(shape: tuple[int, ...], batch_first: bool) -> tuple[int, ...]:
    """A shape (T, B, …) as a caller has it."""
    return (shape[1], shape[0], *shape[2:]) if batch_first and len(shape) >= 2 else shape


def cotangents_at_times(
    title: str, times: Any, array: Array, shape: tuple[int, ...], batch_first: bool
) -> GivenCotangents:
    """The cotangents at some times, checked.

    Parameters
    ----------
    title : str
        For refusals.
    times : (K,) or (K, B) array of int
        ``(B, K)`` if `batch_first`.
    array : array (K, B, …)
    shape : tuple of int
        (T, B, …), of cotangents of all steps.
    batch_first : bool
        Whether the caller has the batch first.

    Raises
    ------
    ArgumentError
        If times are no integers, none of these steps, or not as many as the array has rows.
    """
    index = np.atleast_1d(np.asarray(times))
    if index.size and not np.issubdtype(index.dtype, np.integer):
        raise ArgumentError(f"{title}: times must be integers, not {index.dtype}.")
    of_each = index.ndim == 2
    if of_each and batch_first:
        index = index.T
    if of_each and index.shape[1] != shape[1]:
        raise ArgumentError(
            f"{title}: times has shape {np.shape(times)}; give one row of times, or one for each sequence."
        )
    if index.ndim not in (1, 2) or (index.size and (index.min() < -shape[0] or index.max() >= shape[0])):
        raise ArgumentError(f"{title}: times must lie in {-shape[0]} … {shape[0] - 1}.")
    needed = (len(index), *shape[1:])
    if array.shape != needed:
        found, needed = (_as_given(one, batch_first) for one in (array.shape, needed))
        raise ArgumentError(f"{title} has shape {found} for {len(index)} times; it must be {needed}.")
    if of_each:
        return GivenCotangents(array, index.astype(np.intp))
    rows = index.astype(np.intp) % max(1, shape[0])
    order = np.argsort(rows, kind="stable")
    in_order = bool((order[1:] > order[:-1]).all())
    return GivenCotangents(array if in_order else array[order], rows[order])
