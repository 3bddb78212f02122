"""A cell → the same with a linear readout of its last state, for passes that read a state out before they judge it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gatedsym.checking.roles import Part
from gatedsym.ir.interface import Layout
from gatedsym.ir.program import (
    Contraction,
    Dimension,
    Equation,
    Pointwise,
    Recurrence,
    Ref,
    Tensor,
    next_name,
    pointwise,
)
from gatedsym.ir.readout import last_states

MATRIX, BIAS = "readout", "readout-bias"
"""Kinds of the parameters of a readout, beside those of `roles`."""


@dataclass(frozen=True)
class Head:
    """A readout on a cell.

    Attributes
    ----------
    recurrence : Recurrence
        The cell with it.
    result : str
        What the loss speaks of: the readout's output, or a state's next value where nothing is read out.
    parts : tuple of Part
        The readout's parameters.
    size : str
        Dimension of the result.
    """

    recurrence: Recurrence
    result: str
    parts: tuple[Part, ...] = ()
    size: str = ""


def read_state(recurrence: Recurrence) -> str:
    """The state that is read out: the last of a step that is a vector; "" where there is none."""
    program = recurrence.program
    states = {layout.name: layout.parts for layout in recurrence.states}
    vectors = [s for s in last_states(program, states) if len(states[s]) == 1 and len(program[next_name(s)].dims) == 1]
    return vectors[0] if vectors else ""


def bare(recurrence: Recurrence) -> Head:
    """The cell as it is: its last state is what the loss speaks of."""
    state = read_state(recurrence)
    return Head(recurrence, next_name(state), size=recurrence.program[next_name(state)].dims[0])


def with_readout(recurrence: Recurrence) -> Head:
    """The cell with ``y = W_y h_t + b_y``, under names that it does not have yet."""
    program, state = recurrence.program, read_state(recurrence)
    following, (width,) = next_name(state), program[next_name(state)].dims
    y, matrix, bias = (_free(recurrence, name) for name in ("y", "W_y", "b_y"))
    product, size = _free(recurrence, f"{matrix}_{state}"), _free_dimension(recurrence)
    j, k = _letters(recurrence)
    tensors = (
        Tensor(matrix, (size, width), "parameter", named=True),
        Tensor(bias, (size,), "parameter", named=True),
        *program.tensors,
        Tensor(product, (size,)),
        Tensor(y, (size,), "output", named=True),
    )
    statements = (
        *program.statements,
        Contraction(Ref(product, (j,)), (Ref(matrix, (j, k)), Ref(following, (k,))), (k,)),
        _sum(Ref(y, (j,)), Ref(product, (j,)), Ref(bias, (j,))),
    )
    both = replace(program, tensors=tensors, statements=statements, results=(*program.results, y))
    equation = Equation(y, f"{y} = {matrix} @ {following} + {bias}", len(recurrence.equations) + 1, (product, y))
    found = replace(
        recurrence,
        program=both,
        dimensions=(*recurrence.dimensions, Dimension(size)),
        parameters=(*recurrence.parameters, _layout(matrix, size, width), _layout(bias, size)),
        outputs=(*recurrence.outputs, _layout(y, size)),
        equations=(*recurrence.equations, equation),
    )
    parts = (Part(matrix, MATRIX, y, (size, width)), Part(bias, BIAS, y, (size,)))
    return Head(found, y, parts, size)


def _sum(target: Ref, *terms: Ref) -> Pointwise:
    return pointwise(target, sum(t.symbol for t in terms), terms)


def _layout(name: str, *dims: str) -> Layout:
    return Layout(name, tuple((d,) for d in dims), (name,))


def _free(recurrence: Recurrence, name: str) -> str:
    """A name that the cell does not have."""
    while name in recurrence.program:
        name += "_out"
    return name


def _free_dimension(recurrence: Recurrence) -> str:
    known = {d.name for d in recurrence.dimensions}
    return next(name for name in ("v", "classes", "readout") if name not in known)


def _letters(recurrence: Recurrence) -> tuple[str, str]:
    """Letters for indices, those of the cell's own products."""
    for s in recurrence.program.statements:
        if isinstance(s, Contraction) and len(s.target.indices) == len(s.summed) == 1:
            return s.target.indices[0], s.summed[0]
    return "j", "k"
