"""Exercises → their page: questions with solutions to open, at the end, alone, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatedsym.course.exercise import Exercise, exercises
from gatedsym.expect import expect_choice
from gatedsym.ir.program import Recurrence
from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Document, Fold, Formula, Group, Heading, Paragraph, Source
from gatedsym.typesetting.pages.equations import typeset_lines

say = room("course")

SOLUTIONS = ("fold", "end", "none", "only")


def exercise_page(recurrence: Recurrence, *, reference: str = "", seed: int = 0, solutions: str = "fold") -> Document:
    """The page of exercises of a cell.

    Parameters
    ----------
    recurrence : Recurrence
    reference : str, optional
        Where the equations come from.
    seed : int
    solutions : {"fold", "end", "none", "only"}
        Below each exercise, closed until a reader opens it (on paper they just follow); all at the end; none; or the
        solutions without the questions.

    Raises
    ------
    ArgumentError
        For other words, and as for `worked_example`.
    """
    expect_choice("solutions", solutions, SOLUTIONS)
    made = exercises(recurrence, seed=seed)
    title = (
        say("solutions-title", cell=recurrence.name)
        if solutions == "only"
        else say("exercises-title", cell=recurrence.name)
    )
    return Document(title, reference, tuple(_blocks(recurrence, made, solutions, seed)))


def _blocks(recurrence: Recurrence, made: Sequence[Exercise], solutions: str, seed: int) -> Iterator[Block]:
    yield Paragraph((say("exercises-intro", count=len(made), seed=seed),))
    if solutions != "only":
        yield Source(recurrence.source.strip("\n"))
        yield Group(tuple(_equations(recurrence)))
    for number, exercise in enumerate(made, 1):
        yield Heading(say("exercise-heading", number=number), 3)
        if solutions != "only":
            yield from exercise.question
        if solutions == "fold":
            yield Fold(say.spans("solution-label", number=number), exercise.solution)
        if solutions == "only":
            yield from exercise.solution
    if solutions == "end":
        yield Heading(say("solutions-heading"))
        for number, exercise in enumerate(made, 1):
            yield Heading(say("solution-label", number=number), 3)
            yield from exercise.solution


def _equations(recurrence: Recurrence) -> Iterator[Formula]:
    for formulas in typeset_lines(recurrence).values():
        yield from formulas
