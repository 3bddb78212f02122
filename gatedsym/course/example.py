"""Cell → a small example: round numbers for all that is given, every value and every adjoint of all its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gatedsym.diagrams.steps import dimension_sizes
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_whole
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.flow.numerics.unrolled import Row, carry_backward, carry_forward
from gatedsym.ir.domain import Domain
from gatedsym.ir.program import Recurrence, Tensor
from gatedsym.typesetting.pages.derivation import read_by_loss
from gatedsym.typesetting.pages.step import Step
from gatedsym.typing import Array

STEPS = 2
"""Steps of an example: the least that hands an adjoint from one step to another."""

TRIES = 20
"""Draws of round numbers that are tried before a cell is refused."""

SMALL_INPUT = {"m": 1}
"""One input makes the products by hand short."""


@dataclass(frozen=True)
class WorkedExample:
    """A cell with numbers, and all that follows from them.

    Attributes
    ----------
    step : Step
        One step of the cell, with what is derived from it.
    sizes : mapping of str to int
    seed, steps : int
    parameters : mapping of str to array
        By the Program's names.
    inputs : mapping of str to array
        Of each input its rows, (T, …).
    past : mapping of (str, int) to array
        Rows of states and of delayed inputs before the first step, by name and time.
    targets : mapping of str to array
        Of each result that the loss reads the rows that it is held against, (T, …): the loss of a step is half the
        squared distance.
    values : tuple of mapping
        For each step the value of every tensor of the Program.
    adjoints : tuple of mapping
        For each step the value of every tensor of the adjoint Program, sources included.
    gradients : mapping of str to array
        Of each parameter.
    arrived : tuple of mapping
        For each step and state the adjoint that later steps send back.
    rows : mapping of (str, int) to array
        Gradients of inputs, and of the rows before the first step, by name and time.
    """

    step: Step
    sizes: Mapping[str, int]
    seed: int
    steps: int
    parameters: Mapping[str, Array]
    inputs: Mapping[str, Array]
    past: Mapping[Row, Array]
    targets: Mapping[str, Array]
    values: tuple[Mapping[str, Array], ...] = ()
    adjoints: tuple[Mapping[str, Array], ...] = ()
    gradients: Mapping[str, Array] = field(default_factory=dict)
    arrived: tuple[Mapping[str, Array], ...] = ()
    rows: Mapping[Row, Array] = field(default_factory=dict)

    def loss(self, t: int) -> float:
        """The loss of step `t`, counted from 1."""
        return sum(0.5 * float(np.sum(self.direct(name, t) ** 2)) for name in self.targets)

    def direct(self, result: str, t: int) -> Array:
        """The derivative of step `t`'s own loss by a result that it reads."""
        difference: Array = self.values[t - 1][result] - self.targets[result][t - 1]
        return difference

    def truncated(self, chunk: int) -> WorkedExample:
        """The same numbers, with no adjoint handed from one chunk of steps to the one before."""
        return carry_out(self, chunk)


def worked_example(
    recurrence: Recurrence, *, steps: int = STEPS, sizes: Mapping[str, int] | None = None, seed: int = 0
) -> WorkedExample:
    """A cell with round numbers.

    Parameters
    ----------
    recurrence : Recurrence
        Of any cell: ``gs.cell("lstm").recurrence``.
    steps : int
    sizes : mapping of str to int, optional
        Of dimensions that the cell leaves open: by default one input and two of everything else.
    seed : int
        The same seed gives the same numbers.

    Returns
    -------
    WorkedExample

    Raises
    ------
    ArgumentError
        For sizes that the cell does not have, and for a cell whose values are not finite for any numbers tried.

    Examples
    --------
    >>> import gatedsym as gs
    >>> example = worked_example(gs.cell("rnn").recurrence)
    >>> example.parameters["b"].tolist(), example.gradients["b"].round(4).shape
    ([0.9, 0.7], (2,))
    """
    expect_whole("steps", steps, 1)
    step = Step(recurrence, read_by_loss(recurrence))
    chosen = _sizes(recurrence, sizes)
    for attempt in range(TRIES):
        generator = np.random.default_rng([expect_whole("seed", seed, 0), attempt])
        # Numbers of one sign first fail where a difference is a root's argument, then where one is divided by.
        draws = _Draws(recurrence, chosen, generator, positive=attempt % 2 == 1)
        example = carry_out(_drawn(step, chosen, seed, steps, draws))
        if _is_finite(example):
            return example
    raise ArgumentError(
        f"{recurrence.name} has no finite values for any of {TRIES} draws of round numbers: "
        "give sizes= or another seed=."
    )


def _sizes(recurrence: Recurrence, given: Mapping[str, int] | None) -> dict[str, int]:
    """The size of every dimension."""
    unknown = sorted(set(given or {}) - set(recurrence.program.dims()))
    if unknown:
        known = ", ".join(recurrence.program.dims()) or "none"
        raise ArgumentError(f"{recurrence.name} has no dimension {unknown[0]}: its dimensions are {known}.")
    if given:
        return dimension_sizes(recurrence, recurrence.program, {**SMALL_INPUT, **given})
    bound = {str(s) for d in recurrence.dimensions if d.size is not None for s in d.size.free_symbols}
    states = {d for layout in (*recurrence.states, *recurrence.outputs) for d in layout.dims}
    small = {d: size for d, size in SMALL_INPUT.items() if d not in bound | states}
    return dimension_sizes(recurrence, recurrence.program, small)


class _Draws:
    """Round numbers for all that a cell is given."""

    def __init__(
        self, recurrence: Recurrence, sizes: Mapping[str, int], generator: np.random.Generator, positive: bool
    ) -> None:
        self.program, self.sizes, self.generator, self.positive = recurrence.program, sizes, generator, positive
        self.domains = {p: recurrence.domains.get(ly.name) for ly in recurrence.inputs for p in ly.parts}

    def parameter(self, tensor: Tensor) -> Array:
        """Tenths between −0.9 and 0.9, none of them 0: a product with it would hide a mistake."""
        sign = 1 if self.positive else self.generator.choice([-1, 1], size=self._shape(tensor))
        return np.round(sign * self.generator.integers(1, 10, size=self._shape(tensor)) / 10, 1)

    def past(self, tensor: Tensor) -> Array:
        """Positive tenths: some states are divided by."""
        return np.round(self.generator.integers(1, 10, size=self._shape(tensor)) / 10, 1)

    def input(self, tensor: Tensor) -> Array:
        """Halves between −1 and 1 without 0, or numbers of the input's domain."""
        domain = self.domains.get(tensor.of or tensor.name)
        if domain is not None:
            return _rounded(of_normal(domain, self.generator.normal(size=self._shape(tensor)), self.sizes), domain)
        return np.asarray(self.generator.choice([-1.0, -0.5, 0.5, 1.0], size=self._shape(tensor)))

    def target(self, tensor: Tensor) -> Array:
        """Halves between −1 and 1."""
        return np.asarray(self.generator.integers(-2, 3, size=self._shape(tensor)) / 2)

    def _shape(self, tensor: Tensor) -> tuple[int, ...]:
        return tuple(self.sizes[d] if not d.isdigit() else int(d) for d in tensor.dims)


def _rounded(value: Array, domain: Domain) -> Array:
    """Numbers of an interval with as few digits as leave them in it."""
    if domain.values or domain.whole:
        return value
    for digits in (1, 2, 4):
        rounded = np.round(value, digits)
        if domain.misfit(np.asarray(rounded), {}) is None:
            return rounded
    return value


def _drawn(step: Step, sizes: Mapping[str, int], seed: int, steps: int, draws: _Draws) -> WorkedExample:
    """An example with nothing but what is given."""
    program = step.program
    sources = [program[n] for n in program.sources]
    parameters = {t.name: draws.parameter(t) for t in sources if t.role == "parameter"}
    delayed = [t for t in sources if t.role in ("state", "input")]
    past: dict[Row, Array] = {}
    for tensor in delayed:
        draw = draws.past if tensor.role == "state" else draws.input
        for time in range(1 - tensor.lag, 1):
            past.setdefault((tensor.of or tensor.name, time), draw(tensor))
    kinds = {t.of or t.name: t for t in delayed if t.role == "input"}
    inputs = {of: np.array([draws.input(kind) for _ in range(steps)]) for of, kind in kinds.items()}
    targets = {n: np.array([draws.target(program[n]) for _ in range(steps)]) for n in step.reads}
    return WorkedExample(step, sizes, seed, steps, parameters, inputs, past, targets)


def carry_out(example: WorkedExample, chunk: int | None = None) -> WorkedExample:
    """The example with every value and every adjoint of its steps, from what is given.

    Parameters
    ----------
    example : WorkedExample
        Its `values`, `adjoints` and gradients are made anew.
    chunk : int, optional
        No adjoint of a state is handed from one chunk of so many steps to the one before; by default all are.
    """
    return _backward(_forward(example), None if chunk is None else expect_whole("chunk", chunk, 1))


def _forward(example: WorkedExample) -> WorkedExample:
    """The example with the values of its forward pass."""
    inputs = {(of, t + 1): row for of, rows in example.inputs.items() for t, row in enumerate(rows)}
    rows = {**example.past, **inputs}
    values = carry_forward(example.step.program, example.parameters, rows, example.steps, example.sizes)
    return replace(example, values=tuple(values))


def _backward(example: WorkedExample, chunk: int | None) -> WorkedExample:
    """The example with its backward pass, cut after every `chunk` steps."""
    step, steps = example.step, example.steps
    direct = [{name: example.direct(name, t) for name in step.reads} for t in range(1, steps + 1)]
    back = carry_backward(step.program, step.adjoint, example.values, direct, example.sizes, chunk)
    gradients = {name: np.zeros_like(value) for name, value in example.parameters.items()}
    for name in step.adjoint.results:
        if (of := step.adjoint[name].of) in gradients:
            gradients[of] = np.sum([found[name] for found in back.adjoints], axis=0)
    following = {step.program[n].of: n for n in step.nexts}
    arrived = [
        {of: back.sent.get((of, t), np.zeros_like(example.values[0][n])) for of, n in following.items()}
        for t in range(1, steps + 1)
    ]
    given = {**example.past, **{(of, t + 1): x for of, xs in example.inputs.items() for t, x in enumerate(xs)}}
    rows = {row: back.sent.get(row, np.zeros_like(value)) for row, value in given.items()}
    return replace(example, adjoints=tuple(back.adjoints), gradients=gradients, arrived=tuple(arrived), rows=rows)


def _is_finite(example: WorkedExample) -> bool:
    tables = (*example.values, *example.adjoints, example.gradients)
    return all(np.isfinite(array).all() for table in tables for array in table.values())
