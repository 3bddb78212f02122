"""Recurrence → the Jacobian of one step on a sheet: equations, each block in closed form, highways, cost of a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sympy as sp

from gatedsym.calculus.costs import Costs, count_costs, count_numbers
from gatedsym.ir.program import Recurrence
from gatedsym.typesetting.document import Formula
from gatedsym.typesetting.notation import Box, Number, Op, Row, add, comma_list, contains, name_box, partial
from gatedsym.typesetting.pages.equations import shape_box, typeset_lines
from gatedsym.typesetting.pages.highway import self_highways
from gatedsym.typesetting.pages.jacobian import block_formulas, factor_piece
from gatedsym.typesetting.pages.step import Step, formula

Kind = Literal["equation", "helper", "shared", "block", "zero"]


@dataclass(frozen=True)
class SheetLine:
    """One formula of a sheet.

    Attributes
    ----------
    kind : {"equation", "helper", "shared", "block", "zero"}
        ``helper``: the argument of a function, under the letter that blocks give it; ``shared``: the derivative of an
        intermediate value, in which blocks are written; ``zero``: a block that no path leads to.
    of, by : str
        Result and source of a block, as the Program calls them.
    left, right : Box
    highway : Box, optional
        Of a block of a state by itself: the factor of its paths that pass no matrix.
    """

    kind: Kind
    of: str
    by: str
    left: Box
    right: Box
    highway: Box | None = None


@dataclass(frozen=True)
class Sheet:
    """The sheet of a cell.

    Attributes
    ----------
    states : Box
        ``h, c ∈ ℝ^n``.
    lines : tuple of SheetLine
    parameters, state_numbers : sympy.Expr
        How many numbers, in the dimensions; of states as many rows of the past as a step reads.
    costs : Costs
    """

    states: Box
    lines: tuple[SheetLine, ...]
    parameters: sp.Expr
    state_numbers: sp.Expr
    costs: Costs


def jacobian_sheet(recurrence: Recurrence) -> Sheet:
    """Derive the sheet of a cell."""
    step = Step(recurrence, recurrence.program.results)
    equations = [
        SheetLine("equation", "", "", f.left, f.right[-1])
        for formulas in typeset_lines(recurrence).values()
        for f in formulas
    ]
    blocks = _blocks(step)
    return Sheet(
        _states(step),
        (*equations, *_helpers(step, blocks), *blocks),
        count_numbers(recurrence.parameters),
        sp.expand(sum((recurrence.delays.get(s.name, 1) * count_numbers([s]) for s in recurrence.states), sp.S.Zero)),
        count_costs(recurrence.program),
    )


def _states(step: Step) -> Box:
    """The states with their shapes."""
    shapes: dict[Box, list[Box]] = {}
    for layout in step.recurrence.states:
        for part in layout.parts:
            shapes.setdefault(shape_box(step, part), []).append(name_box(part))
    groups = [Row((comma_list(letters), Op("∈"), shape)) for shape, letters in shapes.items()]
    return Row(tuple(p for k, g in enumerate(groups) for p in ((Op(", "), g) if k else (g,))))


def _helpers(step: Step, blocks: list[SheetLine]) -> list[SheetLine]:
    """Values that blocks show under a letter that no equation defines, and what is needed to read that."""
    found: list[SheetLine] = []
    shown = [line.right for line in blocks]
    for statement in reversed(step.program.statements):
        name = statement.target.name
        if step.program[name].named or step.primal.symbols.inlined(name):
            continue
        if name not in step.program.results and any(contains(box, step.letter(name)) for box in shown):
            f = formula(step.primal, statement, with_entries=False)
            found.insert(0, SheetLine("helper", name, "", f.left, f.right[-1]))
            shown.append(f.right[-1])
    return found


def _blocks(step: Step) -> list[SheetLine]:
    lines: list[SheetLine] = []
    highways = self_highways(step)
    shared: set[tuple[str, str]] = set()
    for source in step.states:
        reached = step.graph.count(source)
        for result in step.nexts:
            if result not in reached:
                left = partial(step.letter(result), step.letter(source))
                lines.append(SheetLine("zero", result, source, left, Number("0")))
                continue
            *inner, last = block_formulas(step, source, result)
            for f in inner:
                if (key := (source, str(f.left))) not in shared:
                    shared.add(key)
                    lines.append(_line("shared", result, source, f))
            highway = None
            if source in highways and result == f"{step.program[source].of}'":
                highway = add([factor_piece(step, path) for path in highways[source]]).whole()
            lines.append(_line("block", result, source, last, highway))
    return lines


def _line(kind: Kind, result: str, source: str, formula: Formula, highway: Box | None = None) -> SheetLine:
    # Where a block is a single path it is given through another block and in full: in full here.
    return SheetLine(kind, result, source, formula.left, formula.right[-1], highway)
