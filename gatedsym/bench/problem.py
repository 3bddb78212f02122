"""Point → the arrays that every library gets: the same parameters, input, initial state and cotangent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gatedsym.bench.points import JOINED, Point
from gatedsym.cells import Cell, cell
from gatedsym.composition.stack import stack
from gatedsym.execution.layouts import axes_shape
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.typing import Array


@dataclass(frozen=True)
class Problem:
    """The arrays of a point, drawn from a fixed seed.

    Attributes
    ----------
    cell : Cell
    sizes : mapping of str to int
        Of every dimension.
    params : mapping of str to array
    inputs : mapping of str to array
        (T, B, …) for each input.
    initial : mapping of str to array
        (B, …) for each state, or (delay, B, …), oldest first, where a delay is longer than a step.
    cotangents : mapping of str to array
        (T, B, …) for each output; for h, or the first state, of a cell without outputs.
    """

    cell: Cell
    point: Point
    sizes: Mapping[str, int]
    params: Mapping[str, Array]
    inputs: Mapping[str, Array]
    initial: Mapping[str, Array]
    cotangents: Mapping[str, Array]

    @cached_property
    def x(self) -> Array:
        """The one input."""
        (only,) = self.inputs.values()
        return only


def cell_of_point(point: Point) -> Cell:
    """The cell of a point."""
    return cell_by_name(point.cell)


def cell_by_name(name: str) -> Cell:
    """The cell that a point names: of the library, or a stack of such."""
    layers = name.split(JOINED)
    return stack(layers) if len(layers) > 1 else cell(name)


def make_problem(point: Point) -> Problem:
    """Draw the arrays of a point."""
    found = cell_of_point(point)
    sizes = complete_sizes(found, point.hidden)
    generator = np.random.default_rng(0)
    interface = found.interface

    def draw(*shape: int) -> Array:
        return generator.normal(size=shape).astype(point.dtype)

    lead = (point.steps, point.batch)
    layouts = interface.layouts("inputs", "states", "outputs")
    shapes = {layout.name: axes_shape(layout.axes, sizes) for layout in layouts}
    past = {n: (d,) if d > 1 else () for n, d in interface.delays.items()}
    return Problem(
        cell=found,
        point=point,
        sizes=sizes,
        params=found.init(**sizes, seed=0, dtype=point.dtype),  # type: ignore[arg-type]
        inputs={name: _in_domain(found, name, draw(*lead, *shapes[name]), sizes) for name in found.inputs},
        # Small and positive: a state may be a normaliser, by which others are divided.
        initial={n: np.abs(draw(*past[n], point.batch, *shapes[n])) / 10 for n in found.states},
        cotangents={name: draw(*lead, *shapes[name]) for name in measured_names(found)},
    )


def _in_domain(found: Cell, name: str, drawn: Array, sizes: Mapping[str, int]) -> Array:
    """N(0, 1) numbers as numbers that an input may be."""
    domain = found.interface.domains.get(name)
    return drawn if domain is None else of_normal(domain, drawn, sizes)


def measured_names(found: Cell) -> tuple[str, ...]:
    """The names whose cotangents are given: outputs; of a cell without any h, or the first state, of its last layer."""
    last = found.states[-1].rpartition("_")[2] if found.states else ""
    top = tuple(s for s in found.states if last.isdigit() and s == f"h_{last}")
    return found.outputs or top or (("h",) if "h" in found.states else found.states[:1])


def complete_sizes(found: Cell, hidden: int) -> dict[str, int]:
    """Sizes of every dimension with m = n = `hidden`; what nothing says is √n: heads times their width is about n."""
    names = [d.name for d in found.interface.dimensions]
    given = {name: hidden for name in names if name in ("m", "n")}
    settled = {d.name for d in found.interface.dimensions if d.formula is not None}
    given |= {name: math.isqrt(hidden) for name in names if not name.isdigit() and name not in given.keys() | settled}
    return {k: v for k, v in found.sizes(**given).items() if not k.isdigit()}
