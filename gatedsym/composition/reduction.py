"""A loss of each step and sequence → one number and its cotangents: what counts, how much, and what that is divided by.

Stated here once, for every loss: where a cell has a *weight*, an input that is not negative and multiplies the whole
loss, its values say how much each step of each sequence counts; else each counts as 1. A padded step counts as 0. The
sum is that of the losses; the mean is the sum divided by the sum of what counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from gatedsym.errors import ArgumentError
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Run
from gatedsym.expect import expect_choice, expect_text
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.ir.program import Program

REDUCTIONS = ("mean", "sum")


def loss(run: Run, reduction: str = "mean", *, output: str = "") -> float:
    """The loss of a run, a number.

    Parameters
    ----------
    run : Run
    reduction : {"mean", "sum"}
        Over time and batch. The mean is the sum divided by the sum of weights, or by the number of steps, where the
        cell has no weight; padded steps count as nothing.
    output : str
        Which output is the loss, where the cell has several numbers as outputs.

    Raises
    ------
    ArgumentError
        For a cell without loss, another reduction, and a mean of nothing.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> cell = gs.stack(["rnn"], head=gs.head.regression(1))
    >>> params, x = cell.init(m=2, n=3), np.ones((4, 5, 2))
    >>> run = cell.forward(params, {"x": x, "target": np.zeros((4, 5, 1))})
    >>> bool(np.isclose(gs.head.loss(run), run["loss"].mean()))
    True
    """
    name = _loss_output(run.cell, output)  # type: ignore[arg-type]
    total = float(np.where(_counted(run), run[name], 0.0).sum(dtype=np.float64))
    return total / _divisor(run, name, reduction)


def cotangents(run: Run, reduction: str = "mean", *, output: str = "") -> dict[str, Array]:
    """The cotangents of the loss of a run, as `Cell.backward` takes them.

    Parameters
    ----------
    run, reduction, output
        As for `loss`.

    Returns
    -------
    dict of str to array
        From the name of the loss to (T, B), (B, T) of a run with ``batch_first``: 1, for a mean divided by what counts;
        0 at padded steps.

    Examples
    --------
    >>> import gatedsym as gs, numpy as np
    >>> cell = gs.stack(["rnn"], head=gs.head.regression(1))
    >>> params, x = cell.init(m=2, n=3), np.ones((4, 5, 2))
    >>> run = cell.forward(params, {"x": x, "target": np.zeros((4, 5, 1))})
    >>> grads = cell.backward(params, run, gs.head.cotangents(run))
    >>> round(float(gs.head.cotangents(run)["loss"].sum()), 6)
    1.0
    """
    name = _loss_output(run.cell, output)  # type: ignore[arg-type]
    return {name: _counted(run).astype(run.dtype) / run.dtype.type(_divisor(run, name, reduction))}


def _loss_output(cell: Cell, asked: str) -> str:
    """The output that is the loss: the one that is a number."""
    numbers = [layout.name for layout in cell.interface.outputs if not layout.axes]
    if expect_text("output", asked):
        if asked not in numbers:
            listed = f"choose from {', '.join(numbers)}" if numbers else f"{cell.name} has none"
            raise ArgumentError(f"output {asked!r} is no output that is one number a step: {listed}.")
        return asked
    if len(numbers) != 1:
        has = f"has {' and '.join(numbers)}, name one, output={numbers[0]!r}" if numbers else "has none"
        raise ArgumentError(
            f"a loss is an output that is one number a step, and {cell.name} {has}"
            + ("." if numbers else ": write output loss, or give the stack a head.")
        )
    return numbers[0]


def _counted(run: Run) -> Array:
    """(T, B), or (B, T) of a run with `batch_first`: whether a step of a sequence counts at all."""
    steps, batch = run.call_shape.steps, run.call_shape.batch
    inside = np.ones((steps, batch), bool)
    if isinstance(run, RaggedRun):
        inside = np.arange(steps)[:, None] < run.lengths
    return inside.T if run.batch_first else inside


def _divisor(run: Run, name: str, reduction: str) -> float:
    """1 for a sum; for a mean the sum of what counts."""
    if expect_choice("reduction", reduction, REDUCTIONS) == "sum":
        return 1.0
    weight = weight_of(run.cell, name)  # type: ignore[arg-type]
    counts = np.where(_counted(run), run[weight] if weight else 1.0, 0.0)
    total = float(counts.sum(dtype=np.float64))
    if not total > 0:
        found = f"all of {weight} is 0 at the steps that there are" if weight else "no step counts"
        raise ArgumentError(f'the mean of {name} is of nothing: {found}; give steps that count, or reduction="sum".')
    return total


def weight_of(cell: Cell, output: str) -> str:
    """The input that says how much each step counts: one number, not negative, that multiplies the loss; "" for none.

    It is told by what it does, not by its name: the loss is a multiple of it, and nothing else depends on it.
    """
    candidates = [
        layout.name
        for layout in cell.interface.inputs
        if not layout.axes and (domain := cell.interface.domains.get(layout.name)) is not None
        if domain.range[0] is not None and domain.range[0] >= 0 and not domain.whole
    ]
    if not candidates:
        return ""
    key = ("weight", output)
    known = cell.memo.get(key)
    if known is None:
        program = cell.recurrence.program
        known = next((name for name in candidates if _multiplies(program, name, output)), "")
        cell.memo.keep(key, known)
    return str(known)


def _multiplies(program: Program, name: str, output: str) -> bool:
    """Whether a result is a multiple of a source, and no other result depends on it."""
    from gatedsym.ir.program import Contraction, Pointwise, Solve

    reached = program.reached_from([name])
    if [result for result in program.results if result in reached] != [output]:
        return False
    factor = sp.Symbol("factor", positive=True)
    for statement in program.statements:
        if statement.target.name not in reached:
            continue
        moving = [ref for ref in statement.operands if ref.name in reached]
        if not isinstance(statement, Pointwise):
            if len(moving) != 1 or (isinstance(statement, Contraction) and statement.reduction != "sum"):
                return False
            if isinstance(statement, Solve) and moving[0] != statement.right:
                return False
            continue
        scaled = statement.expression.xreplace({ref.symbol: factor * ref.symbol for ref in moving})
        if sp.expand(scaled - factor * statement.expression) != 0:
            return False
    return True
