"""A step's Program and its adjoint → all values and adjoints of a sequence, without a kernel: for small examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Program
from gatedsym.typing import Array

Row = tuple[str, int]
"""A state or an input, and a time: steps count from 1, what is before them 0, −1, …"""

Values = Mapping[str, Array]


def carry_forward(
    program: Program, parameters: Values, rows: Mapping[Row, Array], steps: int, sizes: Mapping[str, int]
) -> list[Values]:
    """Every tensor of a Program at every step.

    Parameters
    ----------
    program : Program
    parameters : mapping of str to array
    rows : mapping of (str, int) to array
        Inputs at all steps; states and delayed inputs before them. Arrays may have a leading axis of sequences.
    steps : int
    sizes : mapping of str to int
    """
    known, values = dict(rows), list[Values]()
    moving = [program[n] for n in program.sources if program[n].role in ("state", "input")]
    for t in range(1, steps + 1):
        given = {s.name: known[s.of or s.name, t - s.lag] for s in moving}
        with np.errstate(all="ignore"):
            values.append(evaluate(program, {**parameters, **given}, NUMPY, sizes))
        known |= {(program[n].of, t): values[-1][n] for n in program.results if program[n].role == "next"}
    return values


@dataclass(frozen=True)
class BackwardSteps:
    """A backward pass through all steps.

    Attributes
    ----------
    adjoints : list of mapping
        For each step every tensor of the adjoint Program, sources included.
    sent : mapping of (str, int) to array
        What steps send back to each row of a state or an input, by name and time; rows that nothing reaches are absent.
    """

    adjoints: list[Values]
    sent: Mapping[Row, Array]


def carry_backward(
    program: Program,
    adjoint: Program,
    values: Sequence[Values],
    direct: Sequence[Values],
    sizes: Mapping[str, int],
    chunk: int | None = None,
) -> BackwardSteps:
    """Every tensor of an adjoint Program at every step.

    Parameters
    ----------
    program, adjoint : Program
    values : sequence of mapping
        From `carry_forward`.
    direct : sequence of mapping
        For each step the derivatives of its own loss, by the results that it reads.
    sizes : mapping of str to int
    chunk : int, optional
        No adjoint of a state is handed from one chunk of so many steps to the one before; by default all are.
    """
    steps = len(values)
    sent: dict[Row, Array] = {}
    adjoints = list[Values]()
    for t in range(steps, 0, -1):
        known = {**values[t - 1]}
        for tensor in adjoint.tensors:
            if tensor.role == "cotangent":
                known[tensor.name] = _arriving(program, tensor.of, values[t - 1], direct[t - 1], sent, t)
        with np.errstate(all="ignore"):
            found = evaluate(adjoint, {n: known[n] for n in adjoint.sources if n in known}, NUMPY, sizes)
        adjoints.insert(0, found)
        for name in adjoint.results:
            source = program[adjoint[name].of]
            cut = source.role == "state" and chunk is not None and _is_cut(t, t - source.lag, chunk)
            if source.role in ("state", "input") and not cut:
                row = (source.of or source.name, t - source.lag)
                sent[row] = sent[row] + found[name] if row in sent else found[name]
    return BackwardSteps(adjoints, sent)


def _arriving(
    program: Program, result: str, values: Values, direct: Values, sent: Mapping[Row, Array], t: int
) -> Array:
    """The adjoint of a result as it arrives from outside its step."""
    total = np.zeros_like(values[result])
    if program[result].role == "next":
        total = total + sent.get((program[result].of, t), 0.0)
    return total + direct.get(result, 0.0)


def _is_cut(t: int, to: int, chunk: int) -> bool:
    """True if a step and one that it reads stand in different chunks; the first has all that is before it."""
    return (t - 1) // chunk != (max(to, 1) - 1) // chunk
