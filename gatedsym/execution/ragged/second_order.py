"""A run of unlike lengths, cotangents and a direction → Hessian–vector products, by packed rows of the tangent cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gatedsym.execution.arguments import Arrays, parameters_of_run
from gatedsym.execution.backward import check_returns
from gatedsym.execution.directions import Direction
from gatedsym.execution.layouts import split_parts
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.ragged.backward import carry_back
from gatedsym.execution.ragged.cotangents import PackedCotangents
from gatedsym.execution.ragged.gather import gather_steps
from gatedsym.execution.ragged.kernels import PackedKernels
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.second_order import RETURNS, HessianProduct, tangent_extent, tangent_parameters
from gatedsym.execution.tangent_cells import TangentCell, tangent_cell
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array


def ragged_hessian_product(
    cell: RecurrentCell,
    params: Arrays,
    run: RaggedRun,
    cotangents: Mapping[str, Any],
    direction: object,
    returns: Iterable[str],
    threads: int | None,
) -> HessianProduct:
    """The derivative of what `ragged_backward` gives along a direction; a new episode begins with that of `initial`."""
    wanted = check_returns(returns, RETURNS)
    moved, given = Direction.of_run(run, direction), PackedCotangents(run, cotangents)
    tangent = tangent_cell(cell, bool(moved.params), bool(moved.inputs))
    parameters = tangent_parameters(tangent, parameters_of_run(cell, params, run), moved, run)
    along = _tangent_run(tangent, parameters, run, moved, threads)
    placed = _OfDirections(given, {dot: part for part, dot in tangent.dot_parts.items()})
    back = carry_back(along, parameters, placed, wanted - {"trajectory"}, threads, FRESH)
    own = {layout.name for layout in cell.interface.layouts("states", "inputs", "parameters")}
    views = {group: [view for view in found if view.name in own] for group, found in back.views.items()}
    product = HessianProduct(cell, run.batch_first, back.arrays, views)
    if "trajectory" in wanted:
        names = [layout.name for layout in cell.interface.layouts("states", "outputs")]
        product.show_trajectory({name: along[tangent.dots[name]] for name in names})
    return product


class _OfDirections:
    """Cotangents of the directions of states and outputs; states and outputs themselves have none."""

    def __init__(self, given: PackedCotangents, primal: Mapping[str, str]) -> None:
        self._given, self._primal = given, primal

    def add(self, part: str, array: Array) -> None:
        """As `PackedCotangents.add`."""
        if part in self._primal:
            self._given.add(self._primal[part], array)


def _tangent_run(
    tangent: TangentCell, parameters: Mapping[str, Array], run: RaggedRun, moved: Direction, threads: int | None
) -> RaggedRun:
    """The trajectory of a run and its derivative along a direction, with what a backward pass needs."""
    call_shape = tangent_extent(tangent, run, run.call_shape.steps)
    packed = PackedKernels(tangent.kernels, run.rows, call_shape, run.dtype)
    arrays = packed.allocate("forward", (Kind.STATE, Kind.OUTPUT, Kind.WORK, Kind.RESIDUAL))
    arrays |= _rows(tangent, run, arrays) | moved_rows(tangent, run, moved)
    packed.run("forward", {**arrays, **parameters}, threads)
    return RaggedRun(packed, tangent, call_shape, arrays, None, False, FRESH, threads)


def _rows(tangent: TangentCell, run: RaggedRun, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The packed inputs of a run, and its states with their past alone."""
    interface, found = tangent.of.interface, dict[str, Array]()
    names, primal = tangent.kernels.array_names, tangent.of.kernels.array_names
    for kind, layouts in ((Kind.STATE, interface.states), (Kind.INPUT, interface.inputs)):
        for part in (p for layout in layouts for p in layout.parts):
            name, known = names[kind, part], run.arrays[primal[kind, part]]
            if kind is Kind.INPUT:
                found[name] = known
            elif name in arrays:
                past = run.rows.past(run.call_shape.delays[part])
                found[name] = arrays[name]
                found[name][past, 0] = known[past, 0]
    return found


def moved_rows(tangent: TangentCell, run: RaggedRun, moved: Direction) -> dict[str, Array]:
    """The packed directions of states and inputs: of states the past is filled, with the same for each episode."""
    interface, names, found = tangent.of.interface, tangent.kernels.array_names, dict[str, Array]()
    rows, sizes = run.rows, run.call_shape.sizes
    for kind, layouts in ((Kind.STATE, interface.states), (Kind.INPUT, interface.inputs)):
        for layout in (ly for ly in layouts if ly.name in tangent.dots):
            delay = run.call_shape.delays.get(layout.name, 0)
            for part in layout.parts:
                own = run.arrays[tangent.of.kernels.array_names[kind, part]].shape
                found[names[kind, tangent.dot_parts[part]]] = np.zeros(own, run.dtype)
            if (whole := moved.initial.get(layout.name)) is not None:
                for part, value in split_parts(layout, whole, sizes, 2):
                    found[names[kind, tangent.dot_parts[part]]][rows.past(delay), 0] = value[:, rows.owner]
            if (whole := moved.inputs.get(layout.name)) is not None:
                for part, value in split_parts(layout, whole, sizes, 2):
                    gather_steps(rows, value, found[names[kind, tangent.dot_parts[part]]], delay)
    return found
