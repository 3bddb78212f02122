"""A direction as a caller gives it → the arrays that move, checked: of parameters, of inputs, of initial states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.arguments import as_array
from gatedsym.execution.complex_arrays import in_pairs, input_in_pairs
from gatedsym.execution.conversion import MUST_CONVERT, check_conversion
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Gradients, Run
from gatedsym.expect import shown
from gatedsym.ir.interface import Layout
from gatedsym.typing import Array

_GROUPS = {"params": "params", "inputs": "inputs", "x": "inputs", "initial": "initial"}


@dataclass(frozen=True)
class Direction:
    """A direction along which a run moves.

    Attributes
    ----------
    params : dict of str to array
    inputs : dict of str to array
        (T, B, …).
    initial : dict of str to array
        Of states, and of the past of delayed inputs: (delay, B, …), oldest first.
    """

    params: dict[str, Array]
    inputs: dict[str, Array]
    initial: dict[str, Array]

    @classmethod
    def of_run(cls, run: Run, given: object) -> Direction:
        """The direction that a caller gives for a run.

        Parameters
        ----------
        run : Run
        given : mapping, or Gradients
            From names of parameters, inputs and states to arrays; or from ``"params"``, ``"inputs"`` (or ``"x"``) and
            ``"initial"`` to such mappings, as gradients have them.

        Raises
        ------
        ArgumentError
            If it is empty, a name is unknown or a shape does not fit.
        """
        groups = _grouped(run, given)
        if not any(groups.values()):
            raise ArgumentError(f"direction {_needed(run.cell)}.")
        return cls(**{group: _checked(run, group, arrays) for group, arrays in groups.items()})


def _needed(cell: RecurrentCell) -> str:
    names = ", ".join((*cell.parameters, *cell.inputs, *cell.states))
    first = (*cell.parameters, *cell.inputs, *cell.states)[0]
    return f"must map names to arrays, such as {{{first!r}: v}}; {cell.name} has {names}"


def _grouped(run: Run, given: object) -> dict[str, dict[str, Any]]:
    """The arrays by group, complex ones in pairs."""
    cell, found = run.cell, dict[str, dict[str, Any]](params={}, inputs={}, initial={})
    if isinstance(given, Gradients):
        given = given.groups("params", "inputs", "initial")
    if not isinstance(given, Mapping):
        raise ArgumentError(f"direction {_needed(cell)}.")
    own = {"params": cell.parameters, "inputs": cell.inputs, "initial": cell.states}
    single = {}
    for name, value in given.items():
        whole = isinstance(name, str) and name in _GROUPS
        if whole and isinstance(value, Mapping):
            found[_GROUPS[name]] |= in_pairs(cell, value)
        elif name == "x" and name not in (*cell.inputs, *cell.parameters, *cell.states) and len(cell.inputs) in (1, 2):
            moved = input_in_pairs(cell, value)
            found["inputs"] |= moved if isinstance(moved, Mapping) else {cell.inputs[0]: moved}
        else:
            single[name] = value
    for name, value in in_pairs(cell, single).items():
        group = next((g for g, names in own.items() if name in names), None)
        if group is None:
            raise ArgumentError(f"direction has {shown(name)}; it {_needed(cell)}.")
        found[group][name] = value
    return found


def _checked(run: Run, group: str, arrays: Mapping[str, Any]) -> dict[str, Array]:
    """The arrays of a group, each (T, B, …) or (delay, B, …) of the run's type."""
    cell, interface = run.cell, run.cell.interface
    layouts = {
        "params": interface.parameters,
        "inputs": interface.inputs,
        "initial": (*interface.states, *interface.inputs),  # an input without delay has no row there
    }[group]
    known, found = {ly.name: ly for ly in layouts}, dict[str, Array]()
    for name, value in arrays.items():
        if name not in known:
            there = ", ".join(known) or "none"
            raise ArgumentError(f"direction has {shown(name)} among {group}; {cell.name} has {there} there.")
        found[name] = _fitted(run, group, known[name], value)
    return found


def _fitted(run: Run, group: str, layout: Layout, value: Any) -> Array:
    call_shape, title = run.call_shape, f"direction[{layout.name!r}]"
    array, own = as_array(title, value), axes_shape(layout.axes, run.call_shape.sizes)
    check_conversion(run.cell, title, array, np.dtype(run.dtype), MUST_CONVERT, say=False)
    if group == "params":
        shape = own
    elif group == "inputs":
        shape = (call_shape.steps, call_shape.batch, *own)
        array = np.swapaxes(array, 0, 1) if run.batch_first and array.ndim >= 2 else array
    else:
        shape = (call_shape.delays[layout.name], call_shape.batch, *own)
        array = array[None] if array.shape == shape[1:] and shape[0] == 1 else array
    if array.shape != shape:
        needed = shape[1:] if group == "initial" and shape[0] == 1 else shape
        if group == "inputs" and run.batch_first:
            needed = (shape[1], shape[0], *shape[2:])
        raise ArgumentError(f"{title} has shape {np.shape(value)}; it must be {needed}, as {layout.name} has it.")
    return np.asarray(array, run.dtype)
