"""A run, cotangents and a direction → the derivative of the gradient along the direction: Hessian–vector products.

The tangent cell carries the run and its derivative along the direction. Its backward pass, with the cotangents given to
the derivative of what they belong to and none to the rest, leaves as adjoint of each array the derivative of that
array's gradient. (Pearlmutter, Fast exact multiplication by the Hessian, 1994, where the two derivatives are taken in
the other order.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.execution.arguments import Arrays, parameters_of_run
from gatedsym.execution.backward import BackwardPass, check_returns, cut_steps, residual_rows, segment_length
from gatedsym.execution.backward_plan import RETURNS as OF_GRADIENTS
from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.directions import Direction
from gatedsym.execution.layouts import axes_shape, split_parts
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Gradients, Run, View
from gatedsym.execution.tangent_cells import TangentCell, tangent_cell
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.kernels import CallShape

RETURNS = (*OF_GRADIENTS, "trajectory")


class HessianProduct(Gradients):
    """The result of `Cell.hessian_product`: the derivative of a run's gradients along a direction.

    Attributes
    ----------
    params, states, inputs, initial, trajectory
        As `Gradients` has them: each array is the derivative of that one along the direction; `trajectory` that of
        states, (T + 1, B, …), and outputs, (T, B, …).

    Notes
    -----
    Where lines have a kink (`kinks`), the derivative of a slope that jumps is 0: next to the kink it is so, at the kink
    the derivative is taken by the convention that the slope follows. Where a derivative is declared (`declared`), this
    is the derivative of the declared gradient, which is none of the values' second derivatives, and not symmetric.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn = gs.cell("rnn")
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> run = rnn.forward(params, x)
    >>> product = rnn.hessian_product(params, run, {"h": np.ones((4, 1, 3))}, {"b": np.ones(3)})
    >>> product.params["W"].shape, product.kinks
    ((3, 2), ())
    """

    @cached_property
    def kinks(self) -> tuple[str, ...]:
        """Names of the lines whose functions have a kink (relu, abs, max, …)."""
        from gatedsym.calculus.kinks import lines_with_kinks

        return lines_with_kinks(self._cell.recurrence)

    @cached_property
    def declared(self) -> tuple[str, ...]:
        """Names of the lines whose derivative is declared."""
        from gatedsym.ir.declared import declared_targets

        return declared_targets(self._cell.recurrence)

    def __repr__(self) -> str:
        return super().__repr__().replace("<gradients", "<derivatives of gradients", 1)


def hessian_product(
    cell: RecurrentCell,
    params: Arrays,
    run: Run,
    cotangents: Mapping[str, Any],
    direction: object,
    returns: Iterable[str],
    threads: int | None,
) -> HessianProduct:
    """The derivative of a run's gradients along a direction; see `Cell.hessian_product`."""
    wanted = check_returns(returns, RETURNS)
    moved, given = Direction.of_run(run, direction), Cotangents.of_run(run, cotangents)
    tangent = tangent_cell(cell, bool(moved.params), bool(moved.inputs))
    of_gradients = wanted - {"trajectory"}
    parameters = tangent_parameters(tangent, parameters_of_run(cell, params, run), moved, run)
    along = tangent_run(tangent, parameters, run, moved, threads)
    length = segment_length(tangent, along.call_shape, run.dtype)
    back = BackwardPass(tangent, parameters, along.call_shape, run.dtype, of_gradients, length, FRESH, threads)
    placed = _OfDirections(given, {dot: part for part, dot in tangent.dot_parts.items()})
    for start, stop in reversed(cut_steps(along.call_shape.steps, length)):
        back.carry(start, stop, residual_rows(along, start, stop), placed)
    own = {layout.name for layout in cell.interface.layouts("states", "inputs", "parameters")}
    views: dict[str, list[View]] = {
        group: [view for view in found if view.name in own] for group, found in back.plan.results.items()
    }
    product = HessianProduct(cell, run.batch_first, back.found(), views)
    if "trajectory" in wanted:
        names = tangent.kernels.array_names
        kinds = ((Kind.STATE, cell.interface.states), (Kind.OUTPUT, cell.interface.outputs))
        parts = {p: names[kind, tangent.dot_parts[p]] for kind, layouts in kinds for ly in layouts for p in ly.parts}
        product.add_trajectory({part: along.arrays[name] for part, name in parts.items()}, along.call_shape)
    return product


class _OfDirections:
    """Cotangents of the directions of states and outputs; those of states and outputs themselves are zero."""

    whole = True

    def __init__(self, given: Cotangents, primal: Mapping[str, str]) -> None:
        self._given, self._primal = given, primal

    def place(self, part: str, rows: Array, first: int, fresh: int) -> None:
        """As `Cotangents.place`."""
        if part in self._primal:
            self._given.place(self._primal[part], rows, first, fresh)
        else:
            rows[:fresh].fill(0)


def tangent_parameters(tangent: TangentCell, own: Mapping[str, Array], moved: Direction, run: Run) -> dict[str, Array]:
    """The parameters of a tangent cell as its kernels take them."""
    cell, names, sizes = tangent.of, tangent.kernels.array_names, run.call_shape.sizes
    primal = cell.kernels.array_names
    found: dict[str, Array] = {}
    for layout in cell.interface.parameters:
        shape = axes_shape(layout.axes, sizes)
        for part in layout.parts:
            found[names[Kind.PARAMETER, part]] = own[primal[Kind.PARAMETER, part]]
        if layout.name in tangent.dots:
            whole = moved.params.get(layout.name)
            for part, value in split_parts(layout, np.zeros(shape, run.dtype) if whole is None else whole, sizes, 0):
                found[names[Kind.PARAMETER, tangent.dot_parts[part]]] = _writable(value)
    return found


def _writable(value: Array) -> Array:
    """The array as kernels take it: contiguous and writable, a copy where it is not."""
    return value if value.flags.carray else np.array(value, order="C")


def tangent_run(
    tangent: TangentCell, parameters: Mapping[str, Array], run: Run, moved: Direction, threads: int | None
) -> Run:
    """The trajectory of a run and its derivative along a direction, with what a backward pass needs."""
    call_shape = tangent_extent(tangent, run, run.call_shape.steps)
    arrays = {**parameters, **trajectory_rows(tangent, run, 0, call_shape), **direction_rows(tangent, run, moved)}
    arrays = tangent.kernels.allocate("forward", arrays, call_shape, run.dtype)
    tangent.kernels.run("forward", arrays, call_shape, threads)
    return Run(tangent, call_shape, arrays, None, run.dtype, run.batch_first, FRESH, threads)


def tangent_extent(tangent: TangentCell, run: Run, steps: int) -> CallShape:
    """The sizes of so many steps of a run, as a call of its tangent cell has them."""
    from gatedsym.execution.kernels import CallShape

    delays = dict(run.call_shape.delays)
    for table in (tangent.dots, tangent.dot_parts):
        delays |= {dot: delays[name] for name, dot in table.items() if name in delays}
    return CallShape(run.call_shape.sizes, steps, run.call_shape.batch, delays)


def trajectory_rows(tangent: TangentCell, run: Run, start: int, call_shape: CallShape) -> dict[str, Array]:
    """For some steps of a run, from `start` on, the inputs, and arrays of states that begin with those before them."""
    cell, found = tangent.of, dict[str, Array]()
    names, primal = tangent.kernels.array_names, cell.kernels.array_names
    shapes = tangent.kernels.plan("forward", call_shape).shapes
    for kind, layouts in ((Kind.STATE, cell.interface.states), (Kind.INPUT, cell.interface.inputs)):
        for layout in layouts:
            delay = call_shape.delays.get(layout.name, 0)
            for part in layout.parts:
                known, name = run.arrays[primal[kind, part]], names[kind, part]
                if kind is Kind.INPUT:
                    found[name] = known[start : start + call_shape.steps + delay]
                elif name in shapes:
                    found[name] = np.empty(shapes[name], run.dtype)
                    found[name][:delay] = known[start : start + delay]
    return found


def direction_rows(tangent: TangentCell, run: Run, moved: Direction) -> dict[str, Array]:
    """The arrays of the directions of states and inputs, (T + delay, B, …): of states the past is filled."""
    call_shape, interface, names = run.call_shape, tangent.of.interface, tangent.kernels.array_names
    found: dict[str, Array] = {}
    for kind, layouts in ((Kind.STATE, interface.states), (Kind.INPUT, interface.inputs)):
        for layout in layouts:
            if layout.name not in tangent.dots:
                continue
            delay = call_shape.delays.get(layout.name, 0)
            own = axes_shape(layout.axes, call_shape.sizes)
            whole = np.zeros((call_shape.steps + delay, call_shape.batch, *own), run.dtype)
            if (past := moved.initial.get(layout.name)) is not None:
                whole[:delay] = past
            if (rows := moved.inputs.get(layout.name)) is not None:
                whole[delay:] = rows
            for part, value in split_parts(layout, whole, call_shape.sizes, 2):
                found[names[kind, tangent.dot_parts[part]]] = _writable(value)
    return found
