"""The immediate influence of parameters at the steps that there are; nothing acts after the end of a sequence."""

from __future__ import annotations

from typing import Any

from gatedsym.execution.influence import Along, Influence, influence
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import residual_rows_of
from gatedsym.ir.interface import Kind
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
    values, rows, kernels = dict[str, Array](), run.rows, run.cell.kernels
    names, places = kernels.array_names, kernels.residual_places
    for name in program.sources:
        tensor = program[name]
        base = tensor.of or name
        if (array := names.get((Kind.PARAMETER, name))) is not None:
            values[name] = run.parameters[array]
        elif tensor.role in ("state", "input", "next"):
            array = names.get((Kind.INPUT if tensor.role == "input" else Kind.STATE, base))
            if array is not None:
                delay = run.call_shape.delays.get(base, 0)
                blocks = delay - (0 if tensor.role == "next" else tensor.lag)
                values[name] = run.arrays[array][rows.ahead(delay, blocks)]
        elif (array := names.get((Kind.OUTPUT, name))) is not None:
            values[name] = run.arrays[array]
        elif name in places:
            values[name] = residual_rows_of(run.unpadded, *places[name])
    return values
