"""Section of a derivation page: the Jacobian of a step, by blocks and by paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.names import jacobian_name
from gatedsym.ir.program import Contraction, Pointwise, Ref, Solve, fresh_indices
from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Formula, Heading, Paragraph, Spans, Table, listing
from gatedsym.typesetting.formulas import Formulas
from gatedsym.typesetting.notation import (
    ONES,
    Box,
    Level,
    Name,
    Number,
    Op,
    Piece,
    Row,
    add,
    diagonal,
    partial,
    product,
    transpose,
)
from gatedsym.typesetting.pages.linear_systems import solution_matrix
from gatedsym.typesetting.pages.local_derivatives import contraction_matrix, rest_of
from gatedsym.typesetting.pages.paths import Edge, Path, elementwise_factor
from gatedsym.typesetting.pages.step import Numbering, Step
from gatedsym.typesetting.symbols import Symbols

say = room("typesetting")

MOST_TERMS = 10
"""A block with more terms is written in terms of intermediate blocks."""

MOST_PATHS = 14
"""A block with more paths has no table of them."""


def jacobian_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The blocks of ∂(new states)/∂(old states), each as the sum of its paths."""
    if not step.states:
        return
    yield Heading(say("jacobian-heading"))
    yield Paragraph((say("jacobian-intro"),))
    for source in step.states:
        for result in step.nexts:
            yield from _block(step, source, result, numbering)


def block_formulas(step: Step, source: str, result: str) -> tuple[Formula, ...]:
    """The block ∂result/∂source, after the derivatives of intermediate values in which it is written."""
    return tuple(b for b in _block(step, source, result, Numbering()) if isinstance(b, Formula))


# One block.


def _block(step: Step, source: str, result: str, numbering: Numbering) -> Iterator[Block]:
    y, s = step.letter(result), step.letter(source)
    yield Heading(say.spans("jacobian-block", result=y, source=s), 3)
    counts = step.graph.count(source)
    if result not in counts:
        yield Formula(partial(y, s), (Number("0"),), None, (say("jacobian-none"),), numbering.next())
        return
    if not _in_matrices(step, source, result):
        yield _in_entries(step, source, result, numbering)
        return
    cuts = step.graph.cuts(source, result, MOST_TERMS)
    for name in [n for n in step.program.definitions if n in cuts and n not in step.program.results]:
        if _reaches(step, name, result):
            yield _closed_form(step, source, name, cuts - {name}, numbering)
    yield _closed_form(step, source, result, cuts, numbering)
    if counts[result] <= MOST_PATHS:
        rows = [_path_row(step, path) for path in _highways_first(step.graph.paths(source, result))]
        if len(rows) > 1:
            yield Table(((say("jacobian-path"),), (say("jacobian-product"),)), tuple(rows))
    else:
        yield Paragraph((say("jacobian-many", count=counts[result]),))


def _in_matrices(step: Step, source: str, result: str) -> bool:
    """True if every path can be written with vectors and matrices."""
    for path in step.graph.paths(source, result):
        if not all(e.elementwise for e in path):
            return all(len(step.program[n].dims) <= 1 for n in _tensors_between(step, source, result))
    return True


def _tensors_between(step: Step, source: str, result: str) -> list[str]:
    reached = step.graph.count(source)
    between = {result}
    for statement in reversed(step.program.statements):
        if statement.target.name in between:
            between.update(r.name for r in statement.operands if r.name in reached)
    return sorted(between)


def _in_entries(step: Step, source: str, result: str, numbering: Numbering) -> Formula:
    """A block that has more than two indices: everything in between is put in."""
    name = jacobian_name(result, source)
    jacobian = derive_jacobian(step.program, wrt=[source], of=[result])
    inner = [t.name for t in jacobian.tensors if t.role == "jacobian" and t.name != name]
    symbols = Symbols(step.program, [jacobian], inner, step.letters)
    statement = jacobian.definitions[name]
    rank = len(step.program[result].dims)
    left = partial(step.at(result, statement.target.indices[:rank]), step.at(source, statement.target.indices[rank:]))
    reason = (say("jacobian-entries"),)
    right = Formulas(symbols, step.typed).entries_of(statement).whole()
    return Formula(left, (right,), None, reason, numbering.next(f"block:{result},{source}"))


def _reaches(step: Step, name: str, result: str) -> bool:
    return name in step.graph.count(name) and result in step.graph.count(name)


def _closed_form(step: Step, source: str, result: str, cuts: frozenset[str], numbering: Numbering) -> Formula:
    paths = _highways_first(step.graph.paths(source, result, cuts))
    pieces = [path_piece(step, path, source) for path in paths]
    left = _block_letter(step, source, result, paths)
    through = list(dict.fromkeys(p[0].by for p in paths if p[0].by != source))
    reason = _why_closed(step, source, result, through)
    right = [add(pieces).whole()]
    if through and step.graph.count(source)[result] == 1:
        right.append(path_piece(step, next(step.graph.paths(source, result)), source).whole())
    return Formula(left, tuple(right), None, reason, numbering.next(f"block:{result},{source}"))


def _highways_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda p: not all(e.elementwise for e in p))


def _why_closed(step: Step, source: str, result: str, through: list[str]) -> Spans:
    if step.graph.count(source)[result] == 1:
        return say.spans("jacobian-single", path=route(step, next(step.graph.paths(source, result))))
    if not through:
        return (say("jacobian-sum"),)
    return say.spans("jacobian-shared", through=listing([step.letter(n) for n in through]), count=len(through))


def _block_letter(step: Step, source: str, result: str, paths: list[Path]) -> Box:
    """∂C/∂C, in entries where both are matrices and every entry goes its own way."""
    indices = fresh_indices(len(step.program[source].dims))
    if len(indices) > 1 and all(e.elementwise for p in paths for e in p):
        return partial(step.at(result, indices), step.at(source, indices))
    return partial(step.letter(result), step.letter(source))


def path_piece(step: Step, path: Path, source: str) -> Piece:
    """The product of the local Jacobians along a path; a path that starts at an intermediate goes on with its block."""
    parts: list[Piece] = []
    run: list[Edge] = []
    for edge in reversed(path):
        if edge.elementwise:
            run.append(edge)
            continue
        parts += _run_piece(step, tuple(run)) if run else []
        parts.append(_general_edge(step, edge))
        run = []
    parts += _run_piece(step, tuple(run)) if run else []
    start = path[0].by
    if start != source:
        parts.append(Piece(partial(step.letter(start), step.letter(source)), Level.CALL))
    if not parts:
        return Piece(Name("I")) if step.program[start].dims else Piece(Number("1"))
    if (
        len(step.program[start].dims) == 1
        and start == source
        and all(e.elementwise for e in path)
        and _only_numbers(path)
    ):
        parts.append(Piece(Name("I")))
    return product(parts)


def _only_numbers(path: Path) -> bool:
    _, operands = elementwise_factor(path)
    return all(not r.indices for r in operands)


def _run_piece(step: Step, run: Path) -> list[Piece]:
    """Neighbouring elementwise factors as one diagonal matrix; nothing if they are 1."""
    piece = factor_piece(step, run)
    expression, operands = elementwise_factor(run)
    if expression == 1:
        return []
    if all(not r.indices for r in operands) or len(step.program[run[0].of].dims) != 1:
        return [piece]
    if piece.negative:
        inner = diagonal(Piece(piece.box, piece.level))
        return [Piece(inner.box, inner.level, True)]
    return [diagonal(piece)]


def factor_piece(step: Step, run: Path) -> Piece:
    """The product of the local derivatives of elementwise edges."""
    expression, operands = elementwise_factor(run)
    arrays = step.primal.elementwise(expression, operands)
    if arrays is not None:
        return arrays
    indices = operands[0].indices if operands else ()
    return step.primal.entries_of(Pointwise(Ref(run[0].of, indices), expression, operands))


def _general_edge(step: Step, edge: Edge) -> Piece:
    """The Jacobian of a statement that is not elementwise: a matrix, a row or a column; vectors may be rows already."""
    rows = step.recurrence.rows
    ranks = len(edge.statement.target.indices), len(edge.ref.indices)
    piece: Piece | None = None
    if isinstance(edge.statement, Solve):
        piece = solution_matrix(step, edge)
    elif isinstance(edge.statement, Contraction) and edge.statement.reduction == "sum":
        if ranks == (1, 1):
            piece = contraction_matrix(step, edge)
        elif ranks == (0, 1):
            vector = step.primal.arrays_of(rest_of(edge)) if rest_of(edge).factors else Piece(ONES)
            piece = vector if vector is None or rows else transpose(vector)
    elif edge.derivative is not None and ranks == (1, 0):
        piece = step.primal.arrays_of(edge.derivative)
        if piece is not None and all(not r.indices for r in edge.derivative.operands):
            piece = product([piece, Piece(ONES)])
        piece = transpose(piece) if piece is not None and rows else piece
    if piece is not None:
        return Piece(replace(piece, negative=False).at(Level.PRODUCT), Level.PRODUCT, piece.negative)
    return Piece(partial(step.letter(edge.of), step.letter(edge.by)), Level.CALL)


def _path_row(step: Step, path: Path) -> tuple[Spans, ...]:
    source = path[0].by
    return ((route(step, path),), (path_piece(step, path, source).whole(),))


def route(step: Step, path: Path) -> Box:
    """h → a → f → c: products of a matrix with a vector have no letter and are passed silently."""
    parts: list[Box] = [step.letter(path[0].by)]
    for edge in path:
        if step.primal.symbols.passed_silently(edge.of) and step.program[edge.of].dims:
            continue
        parts += [Op("→"), step.letter(edge.of)]
    return Row(tuple(parts))
