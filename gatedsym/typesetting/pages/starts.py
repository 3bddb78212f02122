"""Section of a derivation page: where the adjoint of every result starts, at the last step and before it."""

from __future__ import annotations

from collections.abc import Iterator

from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Bullets, Heading, Paragraph, Spans, Table, listing
from gatedsym.typesetting.in_time import at_time, untimed_letters
from gatedsym.typesetting.notation import Box, Name, Number, Op, Row, Sum, contains, superscript
from gatedsym.typesetting.pages.adjoint import arrival, direct, recursion_lines
from gatedsym.typesetting.pages.step import Numbering, Step
from gatedsym.typesetting.symbols import lag_mark

say = room("typesetting")


def starts_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The values with which the recursion begins; nothing of a cell without state."""
    if not step.states:
        return
    yield Heading(say("starts-heading"), 3)
    yield Paragraph(say.spans("starts", arrows=listing(_zeros(step)), last=_last(step)))
    delayed = list(_delayed(step))
    if delayed:
        yield Bullets(tuple(delayed))
    rows = tuple(_rows(step))
    head: tuple[Spans, ...] = (
        say.spans("starts-adjoint"),
        say.spans("starts-at-last", last=_last(step)),
        say.spans("starts-before", last=Row((Name("t"), Op("<"), step.horizon))),
    )
    yield Table(head, rows)
    yield Bullets(tuple(_remarks(step)))


def _last(step: Step) -> Box:
    return Row((Name("t"), Op("="), step.horizon))


def _zeros(step: Step) -> list[Box]:
    """h̄_T^← = 0 of every state."""
    letters = untimed_letters(step)
    arrows = [at_time(step.backward.symbols.arriving(n), step.horizon, letters) for n in step.nexts]
    return [Row((arrow, Op("="), Number("0"))) for arrow in arrows]


def _delayed(step: Step) -> Iterator[Spans]:
    """States that are read at longer delays: each share starts with as many zeros as its delay."""
    for name in step.nexts:
        for lag in step.backward.symbols.delays(step.program[name].of):
            if lag > 1:
                share = superscript(step.primal.adjoint_of(name), lag_mark(lag))
                since = Row((Name("t"), Op(">"), step.horizon, Op("−"), Number(str(lag))))
                zero = Row((share, Op("="), Number("0")))
                yield say.spans("starts-delayed", zero=zero, since=since, lag=lag)


def lines_of_results(step: Step) -> dict[str, Box]:
    """For each output and next state the right side of its adjoint's line, the loss's part included."""
    found = {step.adjoint[n].of: line.right[0] for n, line in recursion_lines(step).items() if n in step.adjoint}
    results = (*step.outputs, *step.nexts)
    return {n: found[n] if n in found else arrival(step, n).whole() for n in results}


def without_arrow(step: Step, name: str, right: Box) -> Box:
    """The right side of a result's adjoint where nothing comes back from later steps."""
    arrow = step.backward.symbols.arriving(name)
    terms = right.terms if isinstance(right, Sum) else ((False, right),)
    left = tuple(term for term in terms if not contains(term[1], arrow))
    if not left:
        return Number("0")
    return left[0][1] if len(left) == 1 and not left[0][0] else Sum(left)


def starts_at_zero(step: Step, result: str) -> bool:
    """True if nothing that the loss reads depends on a result within its own step."""
    return result not in step.reads and not step.program.reached_from([result]) & set(step.reads)


def _rows(step: Step) -> Iterator[tuple[Spans, ...]]:
    letters = untimed_letters(step)
    for name, right in lines_of_results(step).items():
        start = Number("0") if starts_at_zero(step, name) else without_arrow(step, name, right)
        at_last = at_time(start, step.horizon, letters)
        yield (step.primal.adjoint_of(name),), (at_last,), (right,)


def _remarks(step: Step) -> Iterator[Spans]:
    letters = untimed_letters(step)
    yield say.spans("starts-loss", direct=listing([direct(step, n) for n in step.reads]), last=step.horizon)
    for name in step.nexts:
        if name in step.reads:
            continue
        at_last = at_time(step.primal.adjoint_of(name), step.horizon, letters)
        letter = at_time(step.letter(name), step.horizon, letters)
        if starts_at_zero(step, name):
            yield say.spans("starts-at-zero", adjoint=at_last, letter=letter)
        else:
            yield say.spans("starts-within", adjoint=at_last, letter=letter)
    if any(step.program[s].role == "parameter" for s in step.program.sources):
        yield say.spans("starts-sums")
    before = [step.backward.symbols.sent_back(s) for s in step.states]
    if any(step.program[s].lag > 1 for s in step.states):
        yield say.spans("starts-initial-delayed")
    else:
        yield say.spans("starts-initial", arrows=listing([at_time(b, 1, letters) for b in before]))
