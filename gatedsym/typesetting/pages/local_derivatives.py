"""Section of a derivation page: the local derivatives, of the functions and of every statement by each operand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from gatedsym.ir.declared import declared_lines
from gatedsym.ir.functions import FUNCTIONS, sigmoid, tanh
from gatedsym.ir.program import Contraction, Pointwise, Ref, Solve, Statement
from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Formula, Heading, Paragraph, Source, Spans, Table
from gatedsym.typesetting.formulas import Atom, Expressions, function_box
from gatedsym.typesetting.notation import (
    Box,
    Gap,
    Name,
    Number,
    Op,
    Piece,
    Row,
    add,
    call,
    diagonal,
    entry,
    index_box,
    partial,
    power,
    product,
    superscript,
)
from gatedsym.typesetting.pages.activation_facts import FORMULAS, Shown
from gatedsym.typesetting.pages.linear_systems import solution_row
from gatedsym.typesetting.pages.paths import Edge
from gatedsym.typesetting.pages.step import Numbering, Step

say = room("typesetting")


def local_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """Derivatives of one statement at a time; nothing is chained yet."""
    yield Heading(say("local-heading"))
    yield Paragraph((say("local-intro"),))
    yield from _declared(step)
    yield from _functions(step, numbering)
    yield Heading(say("local-table-heading"), 3)
    j, k, rows = index_box("j"), index_box("k"), step.recurrence.rows
    applied = Row((Name("h"), Gap(), Name("U")) if rows else (Name("U"), Gap(), Name("h")))
    weight = entry(Name("U"), [k, j] if rows else [j, k])
    yield Paragraph(
        say.spans(
            "local-table-intro-rows" if rows else "local-table-intro",
            applied=applied,
            vector=Name("h"),
            row=j,
            term=Row((entry(Name("h"), [k]), Gap(), weight) if rows else (weight, Gap(), entry(Name("h"), [k]))),
        )
    )
    header = (say("local-derivative"),), (say("local-equals"),), (say("local-because"),)
    yield Table(header, tuple(_rows(step, numbering)))


def _declared(step: Step) -> Iterator[Block]:
    """Of a cell with declared derivatives the sentence that they are none."""
    lines = declared_lines(step.recurrence)
    if lines:
        yield Heading(say("local-declared-heading"), 3)
        yield Paragraph((say("local-declared"),))
        yield Source("\n".join(lines))


def functions_used(step: Step) -> list[str]:
    """The functions of the step, in order of use."""
    found: dict[str, None] = {}
    for statement in step.program.statements:
        if isinstance(statement, Pointwise) and statement.target.name not in step.one_hots:
            for e in sp.preorder_traversal(statement.expression):
                if e.is_Function and type(e).__name__ in FUNCTIONS:
                    found.setdefault(type(e).__name__)
    return list(found)


def _functions(step: Step, numbering: Numbering) -> Iterator[Block]:
    names = functions_used(step)
    if not names and not step.one_hots:
        return
    yield Heading(say("local-functions-heading"), 3)
    if step.one_hots:
        yield Paragraph((say("local-onehot"),))
    for name in names:
        if name == "declared":
            yield Paragraph((say("local-declared-function"),))
            continue
        if say.has(f"left-out-{name}"):
            yield Paragraph((say(f"left-out-{name}"),))
            continue
        for argument in range(FUNCTIONS[name].arity):
            yield _function(name, argument, numbering)


def _function(name: str, argument: int, numbering: Numbering) -> Formula:
    function = FUNCTIONS[name].function
    letters = [sp.Symbol(letter) for letter in ("uvab" if FUNCTIONS[name].arity == 4 else "abc")]
    letters = letters[: FUNCTIONS[name].arity]
    atoms = {s: Atom(Piece(Name(str(s))), False) for s in letters}
    printer = Expressions(atoms, lambda s: float(letters.index(s)))
    value = function(*letters)
    derivative = value.fdiff(argument + 1)
    right = [printer.piece(derivative).whole()]
    a = Piece(Name("a"))
    if function is sigmoid:
        gate = printer.piece(value)
        right.append(product([gate, add([Piece(Number("1")), _minus(gate)])]).box)
    if function is tanh:
        right.append(add([Piece(Number("1")), _minus(power(call(function_box("tanh"), a), Number("2")))]).whole())
    if len(letters) == 1 and name not in ("absolute", "sqrt", "norm_root"):
        left: Box = call(superscript(function_box(name), Op("′")), a).box
    else:
        left = partial(printer.piece(value).whole(), Name(str(letters[argument])))
    return Formula(left, tuple(right), None, _fact(name, printer), numbering.next(f"function:{name}"))


def _fact(name: str, printer: Expressions) -> Spans:
    """A sentence on the form of a derivative; a function that has none is differentiated as it is defined."""
    if not say.has(f"activation-{name}"):
        return (say("by-definition"),)
    formulas = {key: _equal(shown, printer) for key, shown in FORMULAS.get(name, {}).items()}
    return say.spans(f"activation-{name}", **formulas)


def _equal(shown: Shown, printer: Expressions) -> Box:
    """An expression, or several with signs of equality between them."""
    if not isinstance(shown, tuple):
        return printer.piece(shown).whole()
    boxes = [printer.piece(e).whole() for e in shown]
    return Row(tuple(b for n, box in enumerate(boxes) for b in ((Op("="), box) if n else (box,))))


def _minus(piece: Piece) -> Piece:
    return Piece(piece.box, piece.level, negative=True)


def _rows(step: Step, numbering: Numbering) -> Iterator[tuple[Spans, ...]]:
    for statement in step.program.statements:
        name = statement.target.name
        if step.primal.symbols.passed_silently(name):
            continue
        for edge in _in_order(step, statement):
            yield from _edge_rows(step, edge, numbering)


def _in_order(step: Step, statement: Statement) -> list[Edge]:
    """The edges into a statement, operands as a person typed them; nothing moves a fixed array or a one-hot vector."""
    name, one_hots = statement.target.name, step.one_hots
    edges = [] if name in one_hots else step.graph.edges[name]
    moving = [e for e in edges if step.program[e.by].role not in ("identity", "fixed") and e.by not in one_hots]
    return sorted(moving, key=lambda e: step.primal.order(e.by, name))


def _edge_rows(step: Step, edge: Edge, numbering: Numbering) -> Iterator[tuple[Spans, ...]]:
    inner = step.program.definitions.get(edge.by)
    if inner is not None and step.primal.symbols.passed_silently(edge.by):
        for further in _in_order(step, inner):
            row = solution_row if isinstance(inner, Solve) else _contraction_row
            yield row(step, further, edge)
        return
    if isinstance(edge.statement, Solve):
        yield solution_row(step, edge, None)
        return
    if isinstance(edge.statement, Contraction):
        yield _contraction_row(step, edge, None)
        return
    left, right = derivative_boxes(step, edge)
    yield ((left,), (right,), because(edge, numbering))


def derivative_boxes(step: Step, edge: Edge) -> tuple[Box, Box]:
    """∂of/∂by and what it equals, of a pointwise statement; in entries where ranks differ."""
    if edge.derivative is None:
        raise ValueError("only pointwise statements have an expression as derivative.")
    if edge.elementwise or not edge.statement.target.indices:
        arrays = step.primal.arrays_of(edge.derivative)
        if arrays is not None:
            return partial(step.letter(edge.of), step.letter(edge.by)), arrays.whole()
    left = partial(step.at(edge.of, edge.statement.target.indices), step.at(edge.by, edge.ref.indices))
    return left, step.primal.entries_of(edge.derivative).whole()


def because(edge: Edge, numbering: Numbering) -> Spans:
    """The rule in a few words."""
    if not isinstance(edge.statement, Pointwise) or edge.derivative is None:
        return ()
    function = type(edge.statement.expression).__name__
    if function in FUNCTIONS and FUNCTIONS[function].by_declaration:
        return (say("because-declared"),)
    if function in FUNCTIONS:
        known = numbering.lines.get(f"function:{function}")
        return (say("because-function", number=known) if known else say("because-function-unnumbered"),)
    factors = _multiplied_with(edge.statement.expression, edge.ref.symbol)
    if factors is None:
        factors = [sp.diff(edge.statement.expression, edge.ref.symbol)]
    if all(factor.is_number for factor in factors):
        return (say("because-sum"),)
    if not any(edge.ref.symbol in factor.free_symbols for factor in factors):
        return (say("because-product"),)
    return (say("because-quotient"),)


def _multiplied_with(expression: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr] | None:
    """The factor of a symbol that occurs once, in sums and products alone; None elsewhere."""
    if expression == symbol:
        return []
    if not (expression.is_Add or expression.is_Mul):
        return None
    holding = [part for part in expression.args if symbol in part.free_symbols]
    inner = _multiplied_with(holding[0], symbol) if len(holding) == 1 else None
    if inner is None or expression.is_Add:
        return inner
    return [*inner, *(part for part in expression.args if part is not holding[0])]


def _contraction_row(step: Step, edge: Edge, outer: Edge | None) -> tuple[Spans, ...]:
    """The derivative of a product with a matrix; `outer` reads the product if that has no letter."""
    scale = None
    if outer is not None and outer.derivative is not None and outer.derivative.expression != 1:
        scale = step.primal.arrays_of(outer.derivative)
    of = edge.of if outer is None else outer.of
    ranks = len(edge.statement.target.indices), len(edge.ref.indices)
    matrix = contraction_matrix(step, edge)
    if ranks == (1, 1) and matrix is not None:
        box = product([diagonal(scale), matrix]).whole() if scale is not None else matrix.whole()
        return ((partial(step.letter(of), step.letter(edge.by)),), (box,), (say("because-matrix"),))
    rest = rest_of(edge)
    piece = step.primal.entries_of(rest)
    if outer is not None and outer.derivative is not None and outer.derivative.expression != 1:
        factor = step.primal.entries_of(_renamed(outer, edge))
        piece = product([factor, piece])
    left = partial(step.at(of, edge.statement.target.indices), step.at(edge.by, edge.ref.indices))
    return ((left,), (piece.whole(),), (say("because-contraction"),))


def _renamed(outer: Edge, edge: Edge) -> Pointwise:
    if outer.derivative is None:
        raise ValueError("the outer statement is pointwise.")
    renaming = dict(zip(outer.ref.indices, edge.statement.target.indices, strict=True))
    operands = {r.symbol: r.rename(renaming) for r in outer.derivative.operands}
    expression = outer.derivative.expression.xreplace({s: r.symbol for s, r in operands.items()})
    return Pointwise(outer.derivative.target.rename(renaming), expression, tuple(operands.values()))


def rest_of(edge: Edge) -> Contraction:
    """The contraction without one of its factors, under the indices of result and factor."""
    s = edge.statement
    if not isinstance(s, Contraction):
        raise ValueError("not a contraction.")
    others = s.factors[: edge.position] + s.factors[edge.position + 1 :]
    indices = tuple(dict.fromkeys((*s.target.indices, *edge.ref.indices)))
    summed = tuple(i for i in s.summed if i not in edge.ref.indices and any(i in f.indices for f in others))
    return Contraction(Ref(s.target.name, indices), others, summed)


def contraction_matrix(step: Step, edge: Edge, turned: bool = False) -> Piece | None:
    """The matrix by which a contraction acts on one of its factors, both being vectors; None if there is none.

    `turned` asks for its transpose, which is what stands behind a row.
    """
    rest = rest_of(edge)
    if isinstance(edge.statement, Contraction) and edge.statement.reduction == "max":
        return None
    if len(rest.target.indices) != 2 or not rest.factors:
        return None
    if turned:
        rest = replace(rest, target=replace(rest.target, indices=rest.target.indices[::-1]))
    return step.primal.arrays_of(rest)
