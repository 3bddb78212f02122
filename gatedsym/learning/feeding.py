"""A task's batches → what a cell is called with: numbers or tokens for its main input, drawn numbers for further ones.

An input beside the main one (a dropout mask, a gap of time) is drawn by its law, which the cell's equations or
`gatedsym.flow.set_input_laws` state; anew for each batch, in training and in probes alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import axes_shape
from gatedsym.expect import shown
from gatedsym.flow.inputs.laws import drawn_laws, main_input, unknown_inputs
from gatedsym.flow.sizes import free_sizes
from gatedsym.learning.batches import Batch
from gatedsym.learning.task import Task
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell


@dataclass(frozen=True)
class Form:
    """Demands of a task on a network: sizes, and the kind of its loss.

    Attributes
    ----------
    features : int
        Width of the inputs.
    symbols : int
        How many, where symbols are read; else 0.
    loss : str
        "cross-entropy" or "squared error".
    outputs : int
        Classes, or entries of the target.
    steps : int
        Most of a sequence.
    """

    features: int
    symbols: int
    loss: str
    outputs: int
    steps: int

    @classmethod
    def of(cls, task: Task) -> Form:
        """The form of a task."""
        return cls(task.features, len(task.symbols), task.loss, task.outputs, task.steps)

    @property
    def words(self) -> str:
        """For a sentence."""
        reads = f"{self.symbols} symbols" if self.symbols else f"{self.features} numbers a step"
        answers = "classes" if self.loss == "cross-entropy" else "numbers"
        return f"{reads}, {self.outputs} {answers} as answers"


class Feeding:
    """The inputs of a cell, of batches of a form.

    Parameters
    ----------
    cell : Cell
    form : Form
    sizes : mapping of str to int
        Of all dimensions of the cell.
    """

    def __init__(self, cell: Cell, form: Form, sizes: Mapping[str, int]) -> None:
        self._main, self._sizes = main_input(cell), dict(sizes)
        self._shape = axes_shape(cell.layout_of(self._main).axes, sizes)
        self._tokens = reads_tokens(cell)
        self._laws = {n: law for n, law in sorted(drawn_laws(cell, sizes).items()) if n != self._main}
        self._shapes = {name: axes_shape(cell.layout_of(name).axes, sizes) for name in self._laws}

    def inputs(self, batch: Batch, seed: tuple[int, ...]) -> Any:
        """Inputs as `Cell.forward` takes them; `seed` is that of the numbers drawn for further ones."""
        x = self._main_input(batch)
        if not self._laws:
            return {self._main: x}
        found = {self._main: x}
        for number, (name, law) in enumerate(self._laws.items()):
            generator = np.random.default_rng([*seed, number, 0x17FD])
            normal = generator.standard_normal((*batch.weights.shape, *self._shapes[name]))
            found[name] = np.ascontiguousarray(law.of_normal(normal), batch.weights.dtype)
        return found

    def _main_input(self, batch: Batch) -> Array:
        if self._tokens:
            assert batch.tokens is not None
            return batch.tokens
        x = batch.inputs
        return x if x.shape[2:] == self._shape else x.reshape(*x.shape[:2], *self._shape)


def require_task(task: object) -> None:
    """Raise ArgumentError for what is no task."""
    if not isinstance(task, Task):
        raise ArgumentError(f"task is {shown(task)}: give a task, gs.tasks.adding(T=100).")


def reads_tokens(cell: Cell) -> bool:
    """Whether the main input of a cell is the number of a symbol."""
    domain = cell.interface.domains.get(main_input(cell))
    return domain is not None and domain.whole and not cell.layout_of(main_input(cell)).axes


def fitting_sizes(cell: Cell, form: Form, n: int, given: Mapping[str, int]) -> dict[str, int]:
    """The sizes of all dimensions of a cell with hidden size n that reads a task.

    Raises
    ------
    ArgumentError
        Where the task does not fit the cell.
    """
    main = main_input(cell)
    if not main:
        raise ArgumentError(f"{cell.name} has no input, and a task is read: give the network a cell with an input.")
    if unknown := unknown_inputs(cell):
        raise ArgumentError(
            f"{cell.name} reads {', '.join(unknown)} beside {main}, and nobody says what that may be: state its law, "
            f'gs.flow.set_input_laws(cell, {unknown[0]}="mask"), or its domain in the equations.'
        )
    free = free_sizes(cell, form.features, n)
    if reads_tokens(cell):
        free |= _sizes_of_tokens(cell, form)
    sizes = cell.sizes(**{**free, **given})
    if not reads_tokens(cell):
        _require_width(cell, main, axes_shape(cell.layout_of(main).axes, sizes), form)
    return sizes


def _sizes_of_tokens(cell: Cell, form: Form) -> dict[str, int]:
    domain = cell.interface.domains[main_input(cell)]
    if not form.symbols:
        raise ArgumentError(
            f"{cell.name} reads the number of a symbol, and the task shows {form.features} numbers a step: give a task "
            "of symbols, or a cell that reads a vector."
        )
    if domain.high.dimension:
        return {domain.high.dimension: form.symbols - 1 - int(domain.high.number or 0)}
    if (high := domain.high.value({})) is not None and high < form.symbols - 1:
        raise ArgumentError(
            f"{cell.name} reads symbols up to number {high:g}, and the task has {form.symbols}: declare a larger "
            "domain."
        )
    return {}


def _require_width(cell: Cell, main: str, shape: tuple[int, ...], form: Form) -> None:
    if math.prod(shape) != form.features:
        entries = f"{math.prod(shape)} numbers" if shape else "one number"
        raise ArgumentError(
            f"{cell.name} reads {entries} a step as {main}, and the task shows {form.features}: choose the size of the "
            "cell, or options of the task, so that both are equal."
        )


__all__ = ["Feeding", "Form", "fitting_sizes", "reads_tokens", "require_task"]
