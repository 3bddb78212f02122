"""The immediate influence of parameters at the steps that there are; nothing acts after the end of a sequence."""

from __future__ import annotations

from typing import Any

from gatedsym.execution.influence import Along, Influence, influence
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import source_values
from gatedsym.ir.program import Program
from gatedsym.typing import Array


def ragged_influence(run: RaggedRun, jacobian: dict[Any, Array]) -> Influence:
    """As `influence`; terms are zero after the end of a sequence."""
    shape = (run.call_shape.steps, run.call_shape.batch)
    sources = packed_values(run, run.cell.recurrence.program)
    along = Along(sources, run.packed.one.of_steps(run.rows.count), shape, run.rows.spread)
    return influence(run.cell, along, jacobian)


def packed_values(run: RaggedRun, program: Program) -> dict[str, Array]:
    """Sources of a Program at all steps that there are, each (steps, 1, …); parameters without these axes."""
    rows = run.rows
    return source_values(run.unpadded, program, lambda array, delay, ahead: run.arrays[array][rows.ahead(delay, ahead)])
