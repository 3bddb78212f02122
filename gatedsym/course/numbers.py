"""Worked example → its page: what is given, the forward and the backward pass line by line with numbers, gradients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

import numpy as np

from gatedsym.course.digits import array_box, number_box, number_text, python_dict
from gatedsym.course.example import WorkedExample, worked_example
from gatedsym.ir.program import Recurrence, Statement
from gatedsym.messages import room
from gatedsym.typesetting.document import (
    Block,
    Document,
    Formula,
    Group,
    Heading,
    Paragraph,
    Source,
    Table,
    listing,
)
from gatedsym.typesetting.in_time import at_time, untimed_letters
from gatedsym.typesetting.notation import (
    Box,
    Fence,
    Fraction,
    Name,
    Number,
    Op,
    Piece,
    Row,
    Script,
    Sum,
    add,
    bar,
    big,
    comma_list,
    name_box,
    superscript,
)
from gatedsym.typesetting.pages.adjoint import COTANGENT, direct, loss_at, recursion_lines
from gatedsym.typesetting.pages.equations import typeset_lines
from gatedsym.typesetting.pages.step import formula
from gatedsym.typesetting.plain import formula_text, text_width
from gatedsym.typesetting.symbols import BACK
from gatedsym.typing import Array

LINE = 62
"""Characters of a formula and its numbers that stand on one line: matrices take more room than their text."""

say = room("course")


def number_page(
    recurrence: Recurrence, *, reference: str = "", sizes: Mapping[str, int] | None = None, seed: int = 0
) -> Document:
    """The page of a worked example, to compare a calculation by hand with.

    Parameters
    ----------
    recurrence : Recurrence
    reference : str, optional
        Where the equations come from.
    sizes : mapping of str to int, optional
        Of dimensions that the cell leaves open: by default one input and two of everything else.
    seed : int

    Raises
    ------
    ArgumentError
        As for `worked_example`.
    """
    example = worked_example(recurrence, sizes=sizes, seed=seed)
    return Document(say("example-title", cell=recurrence.name), reference, tuple(_Page(example).blocks()))


class _Page:
    """One page."""

    def __init__(self, example: WorkedExample) -> None:
        self.example, self.step = example, example.step
        self.rows = example.step.recurrence.rows
        self.values = example.values
        self.untimed = untimed_letters(example.step)

    def blocks(self) -> Iterator[Block]:
        yield from self._given()
        yield from self._forward()
        yield from self._backward()
        yield from self._gradients()
        if self.step.states:
            yield from self._truncated()
        yield from self._python()

    def _at(self, box: Box, t: int) -> Box:
        return at_time(box, t, self.untimed)

    # What is given.

    def _given(self) -> Iterator[Block]:
        example, step = self.example, self.step
        yield Heading(say("example-given-heading"))
        sizes = [Row((name_box(d), Op("="), Number(str(example.sizes[d])))) for d in step.program.dims()]
        if sizes:
            yield Paragraph(say.spans("example-given", steps=example.steps, sizes=listing(sizes), seed=example.seed))
        else:
            yield Paragraph(say.spans("example-given-no-sizes", steps=example.steps, seed=example.seed))
        yield Paragraph((say("example-equations"),))
        lines = [f for formulas in typeset_lines(step.recurrence).values() for f in formulas]
        yield Group(tuple(lines))
        if example.parameters:
            yield Paragraph((say("example-parameters"),))
            yield Group(tuple(self._shown(name_box(n), v) for n, v in example.parameters.items()))
        yield from self._rows()
        yield from self._loss()

    def _rows(self) -> Iterator[Block]:
        """Inputs and what stands before the first step."""
        example = self.example
        past = [self._shown(self._row_letter(of, time), v) for (of, time), v in example.past.items()]
        inputs = [
            self._shown(self._row_letter(of, t + 1), row)
            for of, rows in example.inputs.items()
            for t, row in enumerate(rows)
        ]
        if past or inputs:
            yield Paragraph((say("example-rows") if past else say("example-rows-no-state"),))
            yield Group((*inputs, *past))

    def _loss(self) -> Iterator[Block]:
        step, example = self.step, self.example
        terms = [Piece(self._distance(name)) for name in step.reads]
        under = Row((Name("t"), Op("="), Number("1")))
        total = big("∑", under, add(terms), Number(str(example.steps))).whole()
        loss = Row((step.loss, Op("="), total))
        slopes = [
            Row((direct(step, n), Op("="), Sum(((False, step.letter(n)), (True, self._target(n)))))) for n in step.reads
        ]
        yield Paragraph(say.spans("example-loss", loss=loss, direct=listing(slopes)))
        shown = [
            self._shown(self._at(self._target(n), t + 1), row)
            for n, rows in example.targets.items()
            for t, row in enumerate(rows)
        ]
        yield Group(tuple(shown))

    def _distance(self, name: str) -> Box:
        """½ ‖h_t − y_t‖²."""
        inner = Sum(((False, self.step.letter(name)), (True, self._target(name))))
        scalar = not self.step.program[name].dims
        square = superscript(Fence(inner) if scalar else Row((Op("‖"), inner, Op("‖"))), Number("2"))
        return Row((Fraction(Number("1"), Number("2")), square))

    def _target(self, name: str) -> Box:
        """y_t, or y_{h,t} where the loss reads several results."""
        letter = self.step.letters.free("y", "q", "p", "v")
        if len(self.step.reads) == 1:
            return Script(letter, sub=Name("t"))
        of = self.step.program[name].of or name
        return Script(letter, sub=comma_list([name_box(of), Name("t")]))

    def _row_letter(self, of: str, time: int) -> Box:
        """x_1, h_0, h_{−1}."""
        return at_time(name_box(of, Name("t")), time)

    def _shown(self, letter: Box, value: Array) -> Formula:
        return Formula(letter, (array_box(value, self.rows, given=True),))

    # The forward pass.

    def _forward(self) -> Iterator[Block]:
        step, example = self.step, self.example
        statements = [s for s in step.program.statements if not step.primal.symbols.inlined(s.target.name)]
        yield Heading(say("example-forward-heading"))
        constant = [s for s in statements if s.target.name not in step.program.batched]
        if constant:
            yield Paragraph((say("example-constants"),))
            yield from _grouped(f for s in constant for f in self._computed(s, 1))
        for t in range(1, example.steps + 1):
            yield self._heading(t)
            moving = [s for s in statements if s.target.name in step.program.batched]
            yield from _grouped(f for s in moving for f in self._computed(s, t))
            loss = self._at(loss_at(step), t)
            terms = self._at(add([Piece(self._distance(n)) for n in step.reads]).whole(), t)
            yield _on_one_line(Formula(loss, (terms, number_box(example.loss(t)))))

    def _heading(self, t: int) -> Heading:
        return Heading(say.spans("example-step-heading", t=Row((Name("t"), Op("="), Number(str(t))))), 3)

    def _computed(self, statement: Statement, t: int) -> Iterator[Formula]:
        line = formula(self.step.primal, statement, with_entries=False)
        value = self.values[t - 1][statement.target.name]
        yield from self._with_value(line, self.step.letter(statement.target.name), value, t)

    def _with_value(self, line: Formula, letter: Box, value: Array, t: int) -> Iterator[Formula]:
        """A line at step t with its value: below it, where the line is one of entries."""
        box = array_box(value, self.rows)
        if line.left == letter:
            yield _on_one_line(Formula(self._at(line.left, t), (*(self._at(r, t) for r in line.right), box)))
        else:
            yield Formula(self._at(line.left, t), tuple(self._at(r, t) for r in line.right))
            yield Formula(self._at(letter, t), (box,))

    # The backward pass.

    def _backward(self) -> Iterator[Block]:
        step, example = self.step, self.example
        last = Row((Name("t"), Op("="), Number(str(example.steps))))
        yield Heading(say("example-backward-heading"))
        yield Paragraph(say.spans("example-backward", last=last))
        lines = recursion_lines(step)
        for t in range(example.steps, 0, -1):
            yield self._heading(t)
            yield from self._arrived(t)
            yield from _grouped(self._adjoint_lines(t, lines))

    def _adjoint_lines(self, t: int, lines: Mapping[str, Formula]) -> Iterator[Formula]:
        step, example = self.step, self.example
        for name in step.reads:
            value = array_box(example.direct(name, t), self.rows)
            yield Formula(self._at(direct(step, name), t), (value,))
        for name, line in lines.items():
            letter = line.left if step.adjoint[name].role == COTANGENT else step.backward.letter(name)
            yield from self._with_value(line, letter, example.adjoints[t - 1][name], t)

    def _arrived(self, t: int) -> Iterator[Block]:
        """Adjoints that later steps send back."""
        step, example = self.step, self.example
        if not step.states:
            return
        arrows = {n: self._at(step.backward.symbols.arriving(n), t) for n in step.nexts}
        if t == example.steps:
            zeros = [Row((a, Op("="), Number("0"))) for a in arrows.values()]
            yield Paragraph(say.spans("example-nothing-arrives", arrows=listing(zeros)))
            return
        shown = [
            Row((a, Op("="), array_box(example.arrived[t - 1][step.program[n].of], self.rows)))
            for n, a in arrows.items()
        ]
        yield Paragraph(say.spans("example-arrived", arrows=listing(shown)))

    # Gradients.

    def _gradients(self) -> Iterator[Block]:
        step, example = self.step, self.example
        yield Heading(say("example-gradients-heading"))
        found = {step.adjoint[n].of: n for n in step.adjoint.results}
        parameters = [n for n in example.gradients if n in found]
        if parameters:
            yield Paragraph((say("example-gradients"),))
        for name in parameters:
            steps = [array_box(a[found[name]], self.rows) for a in example.adjoints]
            total = array_box(example.gradients[name], self.rows)
            numbers = Sum(tuple((False, s) for s in steps))
            yield Formula(bar(name_box(name)), (*self._terms(found[name]), numbers, total))
        yield from self._sent(example.inputs, 1, say("example-inputs"))
        yield from self._sent({of for of, _ in example.past}, 0, say("example-initial"))

    def _terms(self, adjoint: str) -> tuple[Box, ...]:
        """The terms of a gradient in letters, ``ā_{i,1} x_1ᵀ + ā_{i,2} x_2ᵀ``; none where they need entries."""
        statement = self.step.adjoint.definitions[adjoint]
        piece = self.step.backward.arrays_of(statement)
        if piece is None:
            return ()
        steps = range(1, self.example.steps + 1)
        return (add([replace(piece, box=self._at(piece.box, t), call=None) for t in steps]).whole(),)

    def _sent(self, names: Mapping[str, Array] | set[str], least: int, words: str) -> Iterator[Block]:
        """Gradients of rows: of inputs from step 1 on, of what stands before it."""
        rows = {
            key: value for key, value in self.example.rows.items() if key[0] in names and (key[1] > 0) == (least > 0)
        }
        if rows:
            yield Paragraph((words,))
            yield Group(tuple(self._gradient_of(key, value) for key, value in rows.items()))

    def _gradient_of(self, key: tuple[str, int], value: Array) -> Formula:
        letter = bar(self._row_letter(*key))
        if key[1] < 1 and key[0] not in self.example.inputs:
            letter = superscript(letter, BACK)
        return Formula(letter, (array_box(value, self.rows),))

    def _truncated(self) -> Iterator[Block]:
        """The gradients that remain where nothing is handed from one step to the one before."""
        example = self.example
        if not example.gradients or example.steps < 2:
            return
        cut = example.truncated(1)
        yield Heading(say("example-truncated-heading"))
        yield Paragraph((say("example-truncated"),))
        rows = [
            ((bar(name_box(n)),), (array_box(v, self.rows),), (array_box(cut.gradients[n], self.rows),))
            for n, v in example.gradients.items()
        ]
        head = (
            say.spans("example-truncated-parameter"),
            say.spans("example-truncated-whole"),
            say.spans("example-truncated-left"),
        )
        yield Table(head, tuple(rows))
        if all(np.array_equal(v, cut.gradients[n]) for n, v in example.gradients.items()):
            yield Paragraph((say("example-truncated-same"),))

    def _python(self) -> Iterator[Block]:
        example, step = self.example, self.step
        total = sum(example.loss(t) for t in range(1, example.steps + 1))
        yield Heading(say("example-python-heading"))
        yield Paragraph(say.spans("example-python", loss=step.loss, value=number_text(total)))
        past: dict[str, list[Array]] = {}
        for (of, _), value in example.past.items():
            past.setdefault(of, []).append(value)
        tables: dict[str, Mapping[str, Array]] = {
            "parameters": example.parameters,
            "inputs": example.inputs,
            "before": {of: np.array(rows) for of, rows in past.items()},
            "targets": {step.program[n].of or n: rows for n, rows in example.targets.items()},
        }
        yield Source("\n".join(python_dict(name, table) for name, table in tables.items()))


def _on_one_line(line: Formula) -> Formula:
    """A chain of right sides side by side, where a line has room for it."""
    chain: list[Box] = []
    for right in line.right:
        chain += [Op("="), right] if chain else [right]
    whole = replace(line, right=(Row(tuple(chain)),))
    return whole if text_width(formula_text(Row((line.left, *chain)))) <= LINE else line


def _grouped(formulas: Iterable[Formula]) -> Iterator[Block]:
    """Formulas of one line each under each other; a longer one alone."""
    for short, members in groupby(formulas, key=lambda f: len(f.right) == 1):
        if short:
            yield Group(tuple(members))
        else:
            yield from members
