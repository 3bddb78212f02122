"""Section of a derivation page: truncated back-propagation through time, what it cuts and which sums change."""

from __future__ import annotations

from collections.abc import Iterator

from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Bullets, Formula, Group, Heading, Paragraph, Spans, listing
from gatedsym.typesetting.in_time import at_time, untimed_letters
from gatedsym.typesetting.notation import (
    Box,
    Fence,
    Fraction,
    Gap,
    Name,
    Number,
    Op,
    Piece,
    Row,
    Script,
    Sum,
    bar,
    big,
    name_box,
    partial,
    superscript,
)
from gatedsym.typesetting.pages.highway import self_highways
from gatedsym.typesetting.pages.step import Numbering, Step
from gatedsym.typesetting.symbols import lag_mark

say = room("typesetting")

_TAU, _FIRST = Name("τ"), Name("first")

EXAMPLE = (1000, 100)
"""Steps of a sequence and of a chunk, of which the section counts the terms."""


def truncation_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The recursion cut into chunks; nothing of a cell without state."""
    if not step.states:
        return
    yield Heading(say("truncation-heading"), 3)
    chunk = _chunk(step)
    yield Paragraph(say.spans("truncation", chunk=chunk))
    yield from _cuts(step, chunk, numbering)
    yield from _sums(step, numbering)
    yield Bullets((*_kinds(step), *_remarks(step, chunk)))


def _chunk(step: Step) -> Name:
    """A letter for the number of steps of a chunk."""
    taken = {step.lag, step.loss, step.horizon}
    free = [step.primal.symbols.free(w) for w in "KCNBD"]
    used = {t.of or t.name for t in step.program.tensors}
    return next((letter for letter in free if letter not in taken and letter.text not in used), free[-1])


def _cuts(step: Step, chunk: Name, numbering: Numbering) -> Iterator[Block]:
    """The arrows that are set to zero, and where."""
    ends: Box = Row((Name("t"), Op("="), chunk, Op(", "), Number("2"), Gap(), chunk, Op(", "), Op("…")))
    zeros: list[Formula] = []
    for name in step.nexts:
        for lag in step.backward.symbols.delays(step.program[name].of):
            if _is_plain(step):
                arrow, zero = step.backward.symbols.arriving(name), Row((Number("0"), Op(", "), Gap(), Gap(), ends))
                zeros.append(Formula(arrow, (zero,), None, (), numbering.next()))
            else:
                share = superscript(step.primal.adjoint_of(name), lag_mark(lag))
                zeros.append(Formula(share, (Number("0"),), None, (), numbering.next()))
    yield Group(tuple(zeros))
    yield Paragraph(say.spans("truncation-where") if _is_plain(step) else say.spans("truncation-where-delayed"))


def _is_plain(step: Step) -> bool:
    """True if every state is read one step later and no later."""
    return {step.program[s].lag for s in step.states} == {1}


def acting_parameters(step: Step) -> tuple[list[str], list[str]]:
    """Parameters that act on a state, and those that act on outputs alone."""
    parameters = [s for s in step.program.sources if step.program[s].role == "parameter"]
    acting = [p for p in parameters if step.program.reached_from([p]) & set(step.nexts)]
    return acting, [p for p in parameters if p not in acting]


def _sums(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The gradient of a parameter as a sum over losses and steps, whole and cut."""
    acting, _ = acting_parameters(step)
    if not acting:
        return
    letter = name_box(acting[0])
    term = Piece(partial(Script(Name("ℓ"), sub=_TAU), superscript(letter, Fence(Name("t")))))
    inner = {
        "whole": big("∑", Row((Name("t"), Op("="), Number("1"))), term, _TAU),
        "cut": big("∑", Row((Name("t"), Op("="), _FIRST, Fence(_TAU))), term, _TAU),
    }
    over = Row((_TAU, Op("="), Number("1")))
    whole, cut = (big("∑", over, inner[k], step.horizon).whole() for k in ("whole", "cut"))
    yield Paragraph(say.spans("truncation-sums", copy=superscript(letter, Fence(Name("t"))), letter=letter))
    yield Formula(bar(letter), (whole,), None, say.spans("truncation-sum-whole"), numbering.next())
    reason: Spans = say.spans("truncation-sum-cut", first=Row((_FIRST, Fence(_TAU))), loss=Script(Name("ℓ"), sub=_TAU))
    left = superscript(bar(letter), Name("cut"))
    yield Formula(left, (cut,), None, reason, numbering.next())


def _kinds(step: Step) -> Iterator[Spans]:
    """Sentences on what each kind of gradient counts."""
    adjoints = listing([step.primal.adjoint_of(n) for n in step.nexts])
    yield say.spans("truncation-states", adjoints=adjoints, last=step.horizon, count=len(step.nexts))
    acting, free = acting_parameters(step)
    if acting:
        bars = listing([bar(name_box(p)) for p in acting])
        yield say.spans("truncation-acting", gradients=bars, last=step.horizon)
    if free:
        bars = listing([bar(name_box(p)) for p in free])
        yield say.spans("truncation-free", gradients=bars, count=len(free))
    if _is_plain(step):
        before = [at_time(step.backward.symbols.sent_back(s), 1, untimed_letters(step)) for s in step.states]
        yield say.spans("truncation-initial", gradients=listing(before), count=len(before))


def _remarks(step: Step, chunk: Name) -> Iterator[Spans]:
    long, short = EXAMPLE
    whole, kept = long * (long + 1) // 2, long * (short + 1) // 2
    horizon = step.horizon
    yield say.spans(
        "truncation-count",
        whole=Fraction(Row((horizon, Fence(_plus_one(horizon)))), Number("2")),
        kept=Fraction(Row((horizon, Fence(_plus_one(chunk)))), Number("2")),
        sizes=listing([_equals(horizon, long), _equals(chunk, short)]),
        share=f"{100 * kept / whole:.0f} %",
    )
    if self_highways(step):
        yield say.spans("truncation-highway")
    else:
        yield say.spans("truncation-far")
    often, far = (Script(Name("k"), sub=Number(n)) for n in "12")
    longer, least = Row((far, Op(">"), often)), Sum(((False, far), (True, often)))
    yield say.spans("truncation-near", often=often, far=far, longer=longer, least=least)
    yield say.spans("truncation-updates")


def _plus_one(letter: Name) -> Box:
    return Row((letter, Op("+"), Number("1")))


def _equals(letter: Name, value: int) -> Box:
    return Row((letter, Op("="), Number(str(value))))
