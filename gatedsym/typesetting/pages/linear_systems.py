"""Linear systems on a derivation page: their local derivatives, and why an adjoint is a system again."""

from __future__ import annotations

from gatedsym.ir.program import Solve, fresh_indices
from gatedsym.messages import room
from gatedsym.typesetting.document import Spans
from gatedsym.typesetting.notation import Box, Fence, Level, Piece, diagonal, entry, partial, product
from gatedsym.typesetting.pages.paths import Edge
from gatedsym.typesetting.pages.step import Step

say = room("typesetting")


def solution_row(step: Step, edge: Edge, outer: Edge | None) -> tuple[Spans, ...]:
    """The derivative of a solution by its matrix or its right side; `outer` reads a solution without a letter."""
    statement = _system(edge)
    of = edge.of if outer is None else outer.of
    scale = None
    if outer is not None and outer.derivative is not None and outer.derivative.expression != 1:
        scale = step.primal.arrays_of(outer.derivative)
    matrix = solution_matrix(step, edge)
    if matrix is not None:
        box = product([diagonal(scale), matrix]).whole() if scale is not None else matrix.whole()
        return ((partial(step.letter(of), by_letter(step, edge)),), (box,), (say("because-system"),))
    left, right = _entries(step, edge, of)
    if scale is not None:
        right = product([Piece(entry(scale.at(Level.ATOM), step.indices(statement.target.indices))), right])
    reason = say("because-system-columns" if edge.position else "because-system-matrix")
    return ((left,), (right.whole(),), (reason,))


def solution_matrix(step: Step, edge: Edge) -> Piece | None:
    """The matrix by which a right side that is a vector is multiplied; None for anything else."""
    statement = _system(edge)
    if edge.position == 0 or len(statement.target.indices) != 1:
        return None
    return step.primal.inverse_of(statement)


def by_letter(step: Step, edge: Edge) -> Box:
    """The letter of what an edge starts from; a formula stands in brackets."""
    box = step.letter(edge.by)
    return Fence(box) if step.primal.symbols.inlined(edge.by) else box


def reason_of_the_adjoint(step: Step, edge: Edge) -> Spans:
    """A sentence on the way back through a system."""
    statement = _system(edge)
    solution, matrix = step.letter(edge.of), Piece(by_letter(step, edge))
    if edge.position == 1:
        inverse = step.primal.inverse_of(statement, turned=True).whole()
        return say.spans("why-system", solution=solution, inverse=inverse)
    return say.spans("why-system-matrix", solution=solution, matrix=matrix.whole())


def _entries(step: Step, edge: Edge, of: str) -> tuple[Box, Piece]:
    """∂v[k]/∂A[j,l] = -A⁻¹[k,j] v[l], or ∂X[k,c]/∂B[j,c] = A⁻¹[k,j]."""
    statement = _system(edge)
    inverse = step.primal.inverse_of(statement).at(Level.ATOM)
    factor = Piece(entry(inverse, step.indices([statement.unknown, statement.row])))
    left = step.at(of, statement.target.indices)
    if edge.position == 1:
        return partial(left, _at(step, edge, statement.right.indices)), factor
    taken = (*statement.target.indices, statement.row)
    (other,) = fresh_indices(1, taken)
    place = tuple(other if i == statement.unknown else i for i in statement.matrix.indices)
    value = step.primal.at(statement.target.rename({statement.unknown: other}), frozenset((*taken, other)))
    both = product([factor, value])
    return partial(left, _at(step, edge, place)), Piece(both.box, both.level, not both.negative)


def _at(step: Step, edge: Edge, indices: tuple[str, ...]) -> Box:
    return entry(by_letter(step, edge), step.indices(indices))


def _system(edge: Edge) -> Solve:
    if not isinstance(edge.statement, Solve):
        raise ValueError("not a linear system.")
    return edge.statement
