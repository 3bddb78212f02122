"""A cell of the library with everything that a value depends on drawn from a seed, off the kinks of its functions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import numpy as np
from cells.exact import big
from cells.held import held_arithmetic
from cells.particulars import POSITIVE
from cells.trajectory import BATCH, STEPS, Arrays, Trajectory

import gatedsym as gs
from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError, EquationWarning
from gatedsym.execution.kernels import Kernels
from gatedsym.execution.layouts import axes_shape
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.ir.evaluate import NUMPY, Arithmetic
from gatedsym.proofs.specification import uncompiled

SMALL = {"m": 2, "n": 3}
SEEDS = range(40)
KINKS = {
    "relu": (0,),
    "absolute": (0,),
    "softsign": (0,),
    "elu": (0,),
    "step": (0,),
    "floor": tuple(range(-8, 9)),
    "hard_sigmoid": (-3, 3),
    "hard_sigmoid_02": (-2.5, 2.5),
    "sign": (0,),
    "hard_tanh": (-1, 1),
    "norm_root": (0,),
}
"""Where the functions of one number have a kink; those of two have it where both are equal."""

BENDS: dict[str, Callable[..., tuple[Any, ...]]] = {
    "clip": lambda low, high: (low, high),
    "leaky_relu": lambda slope: (0,),
}
"""Where functions of a number and their limits or slopes have one."""

Point = Mapping[str, Arrays]


def small_sizes(cell: Cell) -> dict[str, int]:
    """The smallest sizes that the cell's constraints allow, m and n different where they may be."""
    free = [d.name for d in cell.interface.dimensions if d.formula is None]
    tried = [SMALL | {"n": n} for n in (3, 4, 6, 8)]
    for number, sizes in enumerate(tried):
        try:
            return cell.sizes(**{d: sizes.get(d, 2) for d in free})
        except ArgumentError:
            if number == len(tried) - 1:
                raise
    raise AssertionError


@dataclass(frozen=True, repr=False)
class Problem:
    """A cell at a point.

    Attributes
    ----------
    cell : Cell
    sizes : dict of str to int
    point : mapping
        Under ``params``, ``inputs`` and ``initial`` arrays by name: parameters, (T, B, …), (delay, B, …).
    cotangents : dict of str to array
        Of every state and output, (T, B, …).
    """

    cell: Cell
    sizes: Mapping[str, int]
    point: Point
    cotangents: Arrays

    def __repr__(self) -> str:
        return f"Problem({self.cell.name!r})"

    # Through kernels.

    def forward(self, point: Point | None = None) -> Any:
        """The kernels' run at a point; by default at this problem's own."""
        at = self.point if point is None else point
        call_shape = {} if at["inputs"] else {"steps": STEPS, "batch": BATCH}
        return self.cell.forward(
            at["params"], at["inputs"] or None, initial=at["initial"], keep="adjoint", **call_shape
        )

    def loss(self, point: Point) -> float:
        """⟨cotangents, states and outputs⟩ by the kernels; with what is declared held, by the typed equations."""
        if self.cell.declared:
            typed = self.trajectory(NUMPY, point)
            return float(sum((c * typed[name]).sum() for name, c in self.cotangents.items()))
        run = self.forward(point)
        return float(sum((c * self.after(run, name)).sum() for name, c in self.cotangents.items()))

    def after(self, run: Any, name: str) -> np.ndarray:
        """A state after each step, or an output, (T, B, …)."""
        return np.asarray(run[name][1:] if name in self.cell.states else run[name])

    @cached_property
    def run(self) -> Any:
        """The kernels' run at the point."""
        return self.forward()

    @cached_property
    def gradients(self) -> Point:
        """The kernels' gradients, grouped as the point is."""
        found = self.cell.backward(self.point["params"], self.run, self.cotangents)
        initial = {name: found.initial[name] for name in self.point["initial"]}
        return {"params": found.params, "inputs": found.inputs, "initial": initial}

    # Through the typed equations.

    def trajectory(self, arithmetic: Arithmetic, point: Point | None = None) -> Trajectory:
        """The typed equations carried through time; what is declared is held as it is at this problem's own point."""
        recurrence, sizes = self.cell.recurrence, self.sizes
        if self.cell.declared:
            own = self.point if arithmetic.dtype is np.float64 else big(self.point)
            arithmetic = held_arithmetic(arithmetic, lambda noting: Trajectory(recurrence, sizes, own, noting))
        return Trajectory(recurrence, sizes, self.point if point is None else point, arithmetic)

    @cached_property
    def typed(self) -> Trajectory:
        """The typed equations carried through time in double precision."""
        return self.trajectory(NUMPY)

    def branches(self, point: Point) -> list[np.ndarray]:
        """On which side of every kink of every function a trajectory runs."""
        seen: list[np.ndarray] = []
        self.trajectory(_noting(seen), point)
        return seen

    # Around the point.

    def direction(self, seed: int) -> Point:
        """A random direction of everything, of norm 1."""
        generator = np.random.default_rng(seed)
        drawn = {g: {n: generator.normal(size=np.shape(a)) for n, a in v.items()} for g, v in self.point.items()}
        for name, domain in self.cell.interface.domains.items():
            if domain.values or domain.whole:  # it has no neighbours
                drawn["inputs"][name][...] = 0
        norm = np.sqrt(sum((a**2).sum() for v in drawn.values() for a in v.values()))
        return {g: {n: a / norm for n, a in v.items()} for g, v in drawn.items()}

    def moved(self, direction: Point, step: Any) -> Point:
        """The point `step` along a direction."""
        return {g: {n: a + step * direction[g][n] for n, a in v.items()} for g, v in self.point.items()}


def inner(left: Point, right: Point) -> Any:
    """The inner product of two points or directions."""
    return sum(np.sum(np.asarray(left[g][n]) * np.asarray(a)) for g, v in right.items() for n, a in v.items())


def _noting(seen: list[np.ndarray]) -> Arithmetic:
    """NumPy's arithmetic, which writes down on which side of its kinks each function is evaluated."""

    def one(name: str, kinks: tuple[float, ...]) -> Any:
        def apply(a: Any) -> Any:
            seen.extend(np.sign(np.asarray(a) - kink) for kink in kinks)
            return NUMPY.functions[name](a)

        return apply

    def two(name: str) -> Any:
        def apply(a: Any, b: Any) -> Any:
            seen.append(np.sign(np.asarray(a) - np.asarray(b)))
            return NUMPY.functions[name](a, b)

        return apply

    def maximum(array: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
        largest = np.max(array, axis=axes, keepdims=True)
        seen.append(array == largest)
        return np.max(array, axis=axes)

    def choice(name: str) -> Any:
        def apply(u: Any, v: Any, a: Any, b: Any) -> Any:
            seen.append(np.sign(np.asarray(u) - np.asarray(v)))
            return NUMPY.functions[name](u, v, a, b)

        return apply

    def bent(name: str, bends: Callable[..., tuple[Any, ...]]) -> Any:
        def apply(a: Any, *limits: Any) -> Any:
            seen.extend(np.sign(np.asarray(a) - np.asarray(at)) for at in bends(*limits))
            return NUMPY.functions[name](a, *limits)

        return apply

    functions = {name: one(name, kinks) for name, kinks in KINKS.items()} | {n: two(n) for n in ("maximum", "minimum")}
    functions |= {name: choice(name) for name in ("where_above", "where_least")}
    functions |= {name: bent(name, bends) for name, bends in BENDS.items()}
    return replace(NUMPY, functions={**NUMPY.functions, **functions}, maximum=maximum)


def draw(cell: Cell, seed: int) -> Problem:
    """A problem from a seed: parameters of order 1/√n around what makes a cell work, everything else of order 1."""
    generator, sizes = np.random.default_rng(seed), small_sizes(cell)
    delays, interface = cell.interface.delays, cell.interface

    def fresh(group: str, scale: float, *lead: int) -> dict[str, np.ndarray]:
        return {
            layout.name: np.array(scale * generator.normal(size=(*lead, *axes_shape(layout.axes, sizes))))
            for layout in interface.layouts(group)
        }

    params, inputs = fresh("parameters", 0.6), fresh("inputs", 1.0, STEPS, BATCH)
    for name, domain in interface.domains.items():  # away from its ends, so that a step along a direction stays inside
        inputs[name] = of_normal(domain, inputs[name] / 2, sizes)
    initial = {}
    for group in ("states", "inputs"):
        for layout in interface.layouts(group):
            if delays[layout.name]:
                shape = (delays[layout.name], BATCH, *axes_shape(layout.axes, sizes))
                initial[layout.name] = np.array(generator.normal(size=shape))
    for values in (params, initial):
        for name in values:
            if any(fnmatchcase(name, pattern) for pattern in POSITIVE.get(cell.name, ())):
                values[name] = 0.5 + np.abs(values[name])
    cotangents = fresh("states", 1.0, STEPS, BATCH) | fresh("outputs", 1.0, STEPS, BATCH)
    return Problem(cell, sizes, {"params": params, "inputs": inputs, "initial": initial}, cotangents)


TAYLOR_DIRECTION = 1
LONGEST = 2.0**-9
"""The longest step of the Taylor test: points are drawn until no kink lies within it."""


def off_kinks(cell: Cell) -> Problem:
    """A problem whose trajectory meets no kink between the ends of the longest Taylor step.

    Raises
    ------
    AssertionError
        If no seed gives one.
    """
    for seed in SEEDS:
        problem = draw(cell, seed)
        direction = problem.direction(TAYLOR_DIRECTION)
        here, *there = (problem.branches(problem.moved(direction, s)) for s in (0, LONGEST, -LONGEST))
        if all(np.array_equal(a, b) for other in there for a, b in zip(here, other, strict=True)):
            return problem
    raise AssertionError(f"{cell.name}: every seed of {SEEDS} puts a kink next to the point")


def of_library(name: str, *, compiled: bool) -> Problem:
    """A cell's problem, its kernels compiled or run as plain Python; all tests share the values that it keeps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)  # a test of its own looks at these
        cell = gs.cell(name)
        if not compiled:
            cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
        return off_kinks(cell)
