"""Cell → exercises with solutions: adjoints with a part left out, paths that are missing, gates at 1 and 0, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gatedsym.course.blanks import Blank, blanks_of
from gatedsym.course.digits import array_box, number_box
from gatedsym.course.example import WorkedExample, worked_example
from gatedsym.course.gates import GateOnHighway, gates_on_highways
from gatedsym.ir.program import Recurrence
from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Formula, Group, Paragraph, Spans, listing
from gatedsym.typesetting.in_time import at_time, untimed_letters
from gatedsym.typesetting.notation import Box, Name, Number, Op, Row, Script, add, contains, name_box, partial
from gatedsym.typesetting.pages.adjoint import COTANGENT, gradient_lines, recursion_lines
from gatedsym.typesetting.pages.jacobian import path_piece, route
from gatedsym.typesetting.pages.paths import Path
from gatedsym.typesetting.pages.starts import lines_of_results, starts_at_zero, without_arrow
from gatedsym.typesetting.pages.step import Step
from gatedsym.typesetting.pages.truncation import acting_parameters

say = room("course")

ADJOINTS, PATHS, NUMBERS = 3, 2, 2
"""How many exercises of a kind there are at most."""

MOST_PATHS = 8
"""A derivative with more paths is no exercise."""

CHUNKS = (5, 10, 20, 25, 50)
"""Lengths of chunks, of which one is drawn."""


@dataclass(frozen=True)
class Exercise:
    """A question and its answer.

    Attributes
    ----------
    kind : {"adjoint", "gradient", "path", "gate", "number", "start", "truncation"}
    question, solution : tuple of Block
    """

    kind: str
    question: tuple[Block, ...]
    solution: tuple[Block, ...]


def exercises(recurrence: Recurrence, *, seed: int = 0) -> tuple[Exercise, ...]:
    """Exercises of a cell, with solutions.

    Parameters
    ----------
    recurrence : Recurrence
        Of any cell: ``gs.cell("lstm").recurrence``.
    seed : int
        The same seed gives the same exercises.

    Returns
    -------
    tuple of Exercise
        Of each kind that the cell allows: a cell without state has no paths and nothing to cut.

    Examples
    --------
    >>> import gatedsym as gs
    >>> [e.kind for e in exercises(gs.cell("rnn").recurrence)]
    ['adjoint', 'adjoint', 'adjoint', 'gradient', 'number', 'number', 'start', 'truncation']
    """
    return tuple(_Maker(recurrence, seed).all())


class _Maker:
    """The exercises of one cell; one generator decides all that is drawn."""

    def __init__(self, recurrence: Recurrence, seed: int) -> None:
        self.example: WorkedExample = worked_example(recurrence, seed=seed)
        self.step: Step = self.example.step
        self.generator = np.random.default_rng(seed)
        self.untimed = untimed_letters(self.step)

    def all(self) -> Iterator[Exercise]:
        yield from self._adjoints()
        yield from self._gradient()
        yield from self._paths()
        for gate in gates_on_highways(self.step):
            yield self._gate(gate)
        yield from self._numbers()
        if self.step.states:
            yield self._start()
            yield self._truncation()

    def _chosen(self, count: int, most: int) -> list[int]:
        """Places of so many among `count`, in their order."""
        return sorted(self.generator.permutation(count)[:most].tolist())

    # Fill in.

    def _adjoints(self) -> Iterator[Exercise]:
        """Lines of the recursion with one part left out."""
        lines = [(line, found) for line in recursion_lines(self.step).values() if (found := blanks_of(line))]
        for place in self._chosen(len(lines), ADJOINTS):
            line, found = lines[place]
            yield self._fill("adjoint", line, found[int(self.generator.integers(len(found)))])

    def _gradient(self) -> Iterator[Exercise]:
        """The gradient of one parameter with one part left out."""
        lines = [(line, found) for line in gradient_lines(self.step).values() if (found := blanks_of(line))]
        for place in self._chosen(len(lines), 1):
            line, found = lines[place]
            yield self._fill("gradient", line, found[int(self.generator.integers(len(found)))])

    def _fill(self, kind: str, line: Formula, blank: Blank) -> Exercise:
        question = (Paragraph((say("exercise-fill"),)), Formula(line.left, (blank.shown,), None, (), 0, line.relation))
        words: Spans = say.spans("solution-fill", part=blank.part)
        return Exercise(kind, question, (Paragraph(words), Formula(line.left, line.right, None, line.reason)))

    # Paths.

    def _paths(self) -> Iterator[Exercise]:
        """Blocks of the Jacobian with one path left out."""
        blocks = [
            (source, result, paths)
            for source in self.step.states
            for result in self.step.nexts
            if 2 <= self.step.graph.count(source).get(result, 0) <= MOST_PATHS
            and len(self.step.program[source].dims) == len(self.step.program[result].dims) == 1
            and len(paths := list(self.step.graph.paths(source, result))) >= 2
        ]
        for place in self._chosen(len(blocks), PATHS):
            yield self._path(*blocks[place])

    def _path(self, source: str, result: str, paths: Sequence[Path]) -> Exercise:
        missing = int(self.generator.integers(len(paths)))
        kept = add([path_piece(self.step, p, source) for k, p in enumerate(paths) if k != missing]).whole()
        left = partial(self.step.letter(result), self.step.letter(source))
        of, by = self.step.letter(result), self.step.letter(source)
        question = (Paragraph(say.spans("exercise-path", of=of, by=by)), Formula(left, (kept,), None, (), 0, "≠"))
        factor = path_piece(self.step, paths[missing], source).whole()
        words: Spans = say.spans("solution-path", route=route(self.step, paths[missing]), factor=factor)
        return Exercise("path", question, (Paragraph(words),))

    # Gates.

    def _gate(self, gate: GateOnHighway) -> Exercise:
        steps = int(self.generator.choice([10, 20, 50, 100]))
        letter = self.step.letter(gate.name)
        state = self.step.letter(gate.result)
        opened, closed = _equal(letter, 1), _equal(letter, 0)
        words: Spans = (
            say.spans("exercise-gate-among-others", gate=letter, open=opened, closed=closed, state=state)
            if gate.single is None
            else say.spans("exercise-gate", gate=letter, open=opened, closed=closed, state=state, steps=steps)
        )
        question = Paragraph(words)
        blocks: list[Block] = []
        for value in (1, 0):
            factor = gate.factor_at(self.step, value)
            line = gate.update_at(self.step, value)
            if line is not None:
                blocks.append(Paragraph(say.spans("solution-gate-update", gate=_equal(letter, value))))
                blocks.append(line)
            told: Spans = say.spans("solution-gate-factor", gate=_equal(letter, value), factor=factor)
            blocks.append(Paragraph(told))
        if gate.single is not None:
            keep, bias = gate.half_after(steps)
            half: Spans = say.spans(
                "solution-gate-half",
                steps=steps,
                keep=f"{keep:.4f}",
                bias=f"{bias:.2f}".replace("-", "−"),
                left=number_box(0.5**steps),
            )
            blocks.append(Paragraph(half))
        return Exercise("gate", (question,), tuple(blocks))

    # Numbers.

    def _numbers(self) -> Iterator[Exercise]:
        """Lines of the recursion at the last step, to be computed by hand."""
        lines = {
            n: line
            for n, line in recursion_lines(self.step).items()
            if self.step.adjoint[n].role != COTANGENT and line.left == self.step.backward.letter(n)
        }
        names = list(lines)
        asked = [names[place] for place in self._chosen(len(names), NUMBERS)]
        for k, name in enumerate(asked):
            yield self._number(name, lines[name], asked[:k])

    def _number(self, name: str, line: Formula, before: Sequence[str]) -> Exercise:
        """One line to compute; what an exercise before it asks for is not given away."""
        t, example = self.example.steps, self.example
        symbols = self.step.backward.symbols
        statement = self.step.adjoint.definitions[name]
        leaves = dict.fromkeys(leaf for r in statement.operands for leaf in symbols.leaves(r.name))
        known = example.adjoints[t - 1]
        needed = [leaf for leaf in leaves if leaf in known and self._is_shown(leaf, line)]
        given = tuple(self._given(leaf, t) for leaf in needed if leaf not in before)
        found = [self._at(self.step.backward.letter(leaf), t) for leaf in needed if leaf in before]
        left, rows = self._at(line.left, t), self.step.recurrence.rows
        asked = Paragraph(say.spans("exercise-number", line=left))
        if found:
            asked = Paragraph(
                say.spans(
                    "exercise-number-after" if given else "exercise-number-again", line=left, found=listing(found)
                )
            )
        question: tuple[Block, ...] = (asked, *((Group(given),) if given else ()))
        right = tuple(self._at(r, t) for r in line.right)
        answer = Formula(self._at(line.left, t), (*right, array_box(known[name], rows)), None, line.reason)
        return Exercise("number", question, (answer, Paragraph((say("solution-number"),))))

    def _is_shown(self, name: str, line: Formula) -> bool:
        """True if a line shows the letter of a value: a stable form may read another."""
        letter = self.step.backward.letter(name)
        return any(contains(right, letter) for right in line.right)

    def _given(self, name: str, t: int) -> Formula:
        tensor = self.step.backward.symbols.tensors[name]
        letter = self.step.backward.letter(name)
        value = self.example.adjoints[t - 1][name]
        exact = tensor.role in ("parameter", "input", "constant")
        return Formula(self._at(letter, t), (array_box(value, self.step.recurrence.rows, exact),))

    def _at(self, box: Box, t: int) -> Box:
        return at_time(box, t, self.untimed)

    # Time.

    def _start(self) -> Exercise:
        """The adjoint of one state at the last step."""
        names = [n for n in self.step.nexts if n not in self.step.reads] or list(self.step.nexts)
        name = names[int(self.generator.integers(len(names)))]
        horizon = self.step.horizon
        adjoint = at_time(self.step.primal.adjoint_of(name), horizon, self.untimed)
        reads = listing([at_time(self.step.letter(n), horizon, self.untimed) for n in self.step.reads])
        question = Paragraph(say.spans("exercise-start", adjoint=adjoint, last=horizon, reads=reads))
        start: Box = Number("0")
        if not starts_at_zero(self.step, name):
            start = at_time(without_arrow(self.step, name, lines_of_results(self.step)[name]), horizon, self.untimed)
        arrow = at_time(self.step.backward.symbols.arriving(name), horizon, self.untimed)
        words: Spans = say.spans("solution-start", arrow=_equal(arrow, 0))
        return Exercise("start", (question,), (Paragraph(words), Formula(adjoint, (start,))))

    def _truncation(self) -> Exercise:
        """Steps and pairs that are left of a sequence in chunks."""
        chunk = int(self.generator.choice(CHUNKS))
        count = int(self.generator.integers(3, 9))
        steps, loss = chunk * count, int(self.generator.integers(chunk + 1, chunk * count))
        first = (loss - 1) // chunk * chunk + 1
        at_loss = Script(Name("ℓ"), sub=Number(str(loss)))
        question = Paragraph(say.spans("exercise-truncation", steps=steps, chunk=chunk, loss=at_loss))
        acting, _ = acting_parameters(self.step)
        words: Spans = say.spans(
            "solution-truncation",
            loss=at_loss,
            first=first,
            last=loss,
            kept=steps * (chunk + 1) // 2,
            whole=steps * (steps + 1) // 2,
        )
        more: Spans = say.spans("solution-truncation-sums", example=name_box(acting[0])) if acting else ()
        return Exercise("truncation", (question,), tuple(Paragraph(s) for s in (words, more) if s))


def _equal(letter: Box, value: int) -> Box:
    return Row((letter, Op("="), Number(str(value))))
