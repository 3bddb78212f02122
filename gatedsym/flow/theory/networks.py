"""Finite networks of one law: exponents where weights stay (tied) and where each step draws them anew (untied)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gatedsym.execution.layouts import split_parts
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.flow.inputs.source import run_forward
from gatedsym.flow.sizes import free_sizes
from gatedsym.flow.theory.population import NetworkLaw, Theory
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Program, lagged_name, next_name
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run

BLOCK = 25
"""Steps that a tangent is carried before it is brought back to length 1."""


def draw_network(theory: Theory, law: NetworkLaw, seed: int) -> dict[str, Array]:
    """Parameters of one network of the law."""
    cell, of = theory.cell, law
    scalable = of.scheme in ("gaussian", "orthogonal")
    params: dict[str, Array] = cell.init(
        **free_sizes(cell, of.m, of.n), seed=seed, scheme=of.scheme, gain=of.gain if scalable else 1.0,
        retention=of.retention, horizon=of.horizon,
    )  # fmt: skip
    for layout in cell.interface.parameters:
        if theory.recurrent & set(layout.parts):
            sizes = cell.sizes(**free_sizes(cell, of.m, of.n))
            for part, block in split_parts(layout, params[layout.name], sizes, 0):
                if part in theory.recurrent:
                    block *= of.recurrent
    if of.bias is not None:
        generator = np.random.default_rng([seed, 0xB1A5])
        for name in cell.interface.biases:
            params[name][...] = of.bias * generator.standard_normal(params[name].shape)
    return params


def tied_exponent(
    theory: Theory, law: NetworkLaw, x: Array, *, seed: int = 0, warmup: int = 100, threads: int | None = 1
) -> float:
    """Largest Lyapunov exponent of a network that reads x (T, 1, m), in natural logarithms per step.

    A random direction is carried along the whole run; its growth after `warmup` steps counts. -inf where it vanishes.
    """
    cell = theory.cell
    params = draw_network(theory, law, seed)
    generator = np.random.default_rng([seed, 0x71ED])
    first = {} if cell.inputs else {"initial": _random_state(theory, params, generator)}
    run = run_forward(cell, params, x, keep="adjoint", threads=threads, **first)
    steps = x.shape[0]
    directions = _directions(cell, run, generator)
    growth, at = 0.0, 0
    while at < steps:
        stop = min(at + BLOCK, steps) if at >= warmup else min(at + BLOCK, warmup, steps)
        pushed = cell.tangent(params, run, directions, start=at, stop=stop, threads=threads)
        length = float(np.sqrt(sum((np.asarray(v) ** 2).sum() for v in pushed.states.values())))
        if not 0 < length < np.inf:
            return -np.inf if length == 0 else float("nan")
        if at >= warmup:
            growth += np.log(length) + float(pushed.exponents[0, 0]) * np.log(2.0)
        directions = {k: np.asarray(v) / length for k, v in pushed.states.items()}
        at = stop
    return float(growth / max(1, steps - warmup))


def _random_state(theory: Theory, params: Mapping[str, Array], generator: np.random.Generator) -> dict[str, Array]:
    """A standard normal initial state: what reads nothing may stay at rest else."""
    run = theory.cell.forward(params, steps=1, batch=1)
    return {s: np.asarray(generator.standard_normal(_rows(run, theory, s).shape)) for s in theory.cell.states}


def _rows(run: Run, theory: Theory, state: str) -> Array:
    delay = theory.delays.get(state, 1)
    return np.asarray(run[state][:delay] if delay > 1 else run[state][0])


def _directions(cell: Cell, run: Run, generator: np.random.Generator) -> dict[str, Array]:
    delays = dict(cell.recurrence.delays)
    found = {}
    for state in cell.states:
        shape = run[state].shape[1:]
        delay = delays.get(state, 1)
        found[state] = generator.standard_normal((delay, 1, *shape) if delay > 1 else (1, *shape))
    return found


def untied_exponent(theory: Theory, law: NetworkLaw, *, seed: int = 0, steps: int = 300, warmup: int = 50) -> float:
    """Growth per step of a tangent of a network that draws its weights anew at each step.

    Weights are what a sum over units multiplies; vectors of parameters stay. Inputs are independent N(0, mean square),
    or of the law of their domain where the equations give one.
    """
    cell, step, tangent = theory.cell, theory.step, theory.tangent
    sizes = cell.sizes(**free_sizes(cell, law.m, law.n))
    generator = np.random.default_rng([seed, 0x0D1E])
    domains = {name: partial(of_normal, domain, sizes=sizes) for name, domain in cell.interface.part_domains.items()}
    states = _Histories(step, theory.delays, sizes, generator, bool(cell.inputs), domains)
    kept, anew = _parameters(theory, law, seed, sizes), {*theory.field.weights, *theory.field.drawn}
    growth = 0.0
    for t in range(warmup + steps):
        drawn = _parameters(theory, law, int(generator.integers(2**31)), sizes)
        values = kept | {k: v for k, v in drawn.items() if k in anew} | states.read(law.square)
        values = evaluate(step, {k: v for k, v in values.items() if k in step}, NUMPY)
        dots = {n: states.tangent_of(n, tangent) for n in tangent.sources if tangent[n].role == "tangent"}
        moved = evaluate(tangent, {n: v for n, v in values.items() if n in tangent} | dots, NUMPY)
        length = states.advance(values, moved)
        if not 0 < length < np.inf:
            return -np.inf if length == 0 else float("nan")
        growth += np.log(length) if t >= warmup else 0.0
    return growth / steps


def _parameters(theory: Theory, law: NetworkLaw, seed: int, sizes: Mapping[str, int]) -> dict[str, Array]:
    """Parameters by the Program's names."""
    params = draw_network(theory, law, seed)
    found: dict[str, Array] = {}
    for layout in theory.cell.interface.parameters:
        found.update(split_parts(layout, params[layout.name], sizes, 0))
    return found


class _Histories:
    """Past values of states, inputs and tangents, newest first."""

    def __init__(
        self, program: Program, delays: Mapping[str, int], sizes: Mapping[str, int], generator: np.random.Generator,
        driven: bool, domains: Mapping[str, Callable[[Array], Array]],
    ) -> None:  # fmt: skip
        self.generator, self.domains = generator, domains
        self.states: dict[str, list[Array]] = {}
        self.dots: dict[str, list[Array]] = {}
        for name in program.results:
            if program[name].role == "next":
                shape = _shape(program[name].dims, sizes)
                rows = max(1, delays.get(program[name].of, 1))
                self.states[program[name].of] = [
                    np.zeros(shape) if driven else generator.standard_normal(shape) for _ in range(rows)
                ]
                self.dots[program[name].of] = [generator.standard_normal(shape) for _ in range(rows)]
        inputs = {t.of or t.name: t.dims for t in program.tensors if t.role == "input"}
        self.shapes = {name: _shape(dims, sizes) for name, dims in inputs.items()}
        self.inputs = {n: [generator.standard_normal(s)] * (delays.get(n, 0) + 1) for n, s in self.shapes.items()}
        self.inputs |= {n: [draw(row) for row in self.inputs[n]] for n, draw in domains.items() if n in self.inputs}

    def read(self, square: float) -> dict[str, Array]:
        """Values of states and inputs for one step; the inputs are new."""
        values: dict[str, Array] = {}
        for name, rows in self.inputs.items():
            drawn = self.generator.standard_normal(self.shapes[name])
            rows.insert(0, self.domains[name](drawn) if name in self.domains else np.sqrt(square) * drawn)
            rows.pop()
            values |= {lagged_name(name, lag, "input"): row for lag, row in enumerate(rows)}
        for name, rows in self.states.items():
            values |= {lagged_name(name, lag, "state"): row for lag, row in enumerate(rows, start=1)}
        return values

    def tangent_of(self, name: str, tangent: Program) -> Array:
        """The direction that belongs to a tangent source."""
        of = tangent[name].of
        for state, rows in self.dots.items():
            for lag, row in enumerate(rows, start=1):
                if lagged_name(state, lag, "state") == of:
                    return row
        raise KeyError(name)

    def advance(self, values: Mapping[str, Array], moved: Mapping[str, Array]) -> float:
        """Take over the next states and the tangents, at length 1; return what their length was."""
        for state in self.states:
            self.states[state] = [np.asarray(values[next_name(state)]), *self.states[state][:-1]]
            self.dots[state] = [np.asarray(moved[f"dot_{next_name(state)}"]), *self.dots[state][:-1]]
        length = float(np.sqrt(sum((d**2).sum() for rows in self.dots.values() for d in rows)))
        if 0 < length < np.inf:
            self.dots = {k: [d / length for d in rows] for k, rows in self.dots.items()}
        return length


def _shape(dims: tuple[str, ...], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[d] if d in sizes else int(d) for d in dims)
