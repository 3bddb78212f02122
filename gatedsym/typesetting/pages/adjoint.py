"""Sections of a derivation page: the loss over time, the adjoint recursion, the gradient of every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gatedsym.ir.program import Statement, Tensor
from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Formula, Group, Heading, Paragraph, Spans, listing
from gatedsym.typesetting.notation import (
    Box,
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
    call,
    name_box,
    partial,
    product,
    superscript,
    time_box,
    transpose,
)
from gatedsym.typesetting.pages.reasons import Reasons
from gatedsym.typesetting.pages.step import Numbering, Step, formula
from gatedsym.typesetting.symbols import lag_mark

say = room("typesetting")

COTANGENT = "cotangent"


def loss_at(step: Step) -> Box:
    return Script(Name("ℓ"), sub=Name("t"))


def direct(step: Step, result: str) -> Box:
    """∂ℓ_t/∂h_t."""
    return partial(loss_at(step), step.letter(result))


def loss_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """Section on where the loss, the readout and the sum over time enter."""
    yield Heading(say("loss-heading"))
    read = [Piece(step.letter(n)) for n in step.reads]
    summand = call(loss_at(step), *read)
    names = listing([step.letter(n) for n in step.reads])
    yield Formula(
        step.loss,
        (big("∑", _from_one(), summand, step.horizon).whole(),),
        None,
        say.spans("loss-steps", results=names, summand=loss_at(step), loss=step.loss),
        numbering.next("loss"),
    )
    yield from _readout(step, numbering)
    if step.states:
        yield from _total_adjoint(step, numbering)
    else:
        yield Paragraph((say("loss-no-state"),))
        for name in step.outputs:
            yield Formula(
                step.primal.adjoint_of(name), (direct(step, name),), None, (), numbering.next(f"adjoint:{name}")
            )


def _from_one() -> Box:
    return Row((Name("t"), Op("="), Number("1")))


def _readout(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The chain rule through a linear readout, in letters that the cell does not use."""
    read = step.reads[0]
    if len(step.program[read].dims) != 1:
        return
    v, letter = step.letters.free("V", "R", "Q"), step.letters.free("p", "y", "q")
    p = Script(letter, sub=Name("t"))
    factors = [Piece(v), Piece(step.letter(read))][:: -1 if step.recurrence.rows else 1]
    affine = Sum(((False, product(factors).box), (False, Script(Name("b"), sub=letter))))
    reason: Spans = say.spans("loss-readout", readout=Row((p, Op("="), affine)), scores=p)
    chain = [transpose(Piece(v)), Piece(partial(loss_at(step), p))][:: -1 if step.recurrence.rows else 1]
    right = product(chain).whole()
    yield Formula(direct(step, read), (right,), None, reason, numbering.next("readout"))


def _total_adjoint(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The difference between the direct and the total derivative, and what reaches each result from outside."""
    state = step.reads[0] if step.program[step.reads[0]].role == "next" else step.nexts[0]
    letter, later = step.letter(state), name_box(step.program[state].of, time_box(-1))
    yield Paragraph(
        say.spans(
            "loss-two-derivatives" if state in step.reads else "loss-two-derivatives-unread",
            state=letter,
            direct=direct(step, state),
            total=Row((step.primal.adjoint_of(state), Op("="), partial(step.loss, letter))),
            later=later,
        )
    )
    for name in step.outputs:
        if name not in step.backward.symbols.totals:
            number = numbering.next(f"adjoint:{name}")
            reason: Spans = say.spans("loss-output", output=step.letter(name))
            yield Formula(step.primal.adjoint_of(name), (arrival(step, name).whole(),), None, reason, number)
    for name in step.nexts:
        if name in step.backward.symbols.totals:
            continue
        yield Formula(
            step.primal.adjoint_of(name),
            (arrival(step, name).whole(),),
            None,
            _arrival_reason(step, name),
            numbering.next(f"adjoint:{name}"),
        )
    within = [n for n in step.nexts if n in step.backward.symbols.totals]
    if within:
        letters = listing([step.letter(n) for n in within])
        yield Paragraph(say.spans("loss-read-again", states=letters, count=len(within)))
    yield from _split_arrivals(step, numbering)


def arrival(step: Step, result: str) -> Piece:
    """Contributions to a result from outside its step: the loss, where it reads it, and the next step."""
    parts = [Piece(direct(step, result))] if result in step.reads else []
    if step.program[result].role == "next":
        parts.append(Piece(step.backward.symbols.arriving(result)))
    return add(parts) if parts else Piece(Number("0"))


def _arrival_reason(step: Step, name: str) -> Spans:
    last = superscript(_barred(step, name), Op("←"))
    start = Row((last, Op("="), Number("0")))
    return say.spans(
        "loss-arrival-read" if name in step.reads else "loss-arrival", state=step.letter(name), start=start
    )


def _barred(step: Step, name: str) -> Box:
    return bar(name_box(step.program[name].of, step.horizon))


def _split_arrivals(step: Step, numbering: Numbering) -> Iterator[Block]:
    """States that are read at several delays: each delay sends its share."""
    symbols = step.backward.symbols
    for name in step.nexts:
        lags = symbols.delays(step.program[name].of)
        if lags == [1]:
            continue
        shares = [Piece(superscript(bar(step.letter(name)), lag_mark(k))) for k in lags]
        steps = listing([str(lag) for lag in lags])
        reason: Spans = say.spans("loss-shares", state=step.letter(name), steps=steps)
        number = numbering.next(f"arrival:{name}")
        yield Formula(symbols.arriving(name), (add(shares).whole(),), None, reason, number)


# The recursion.


def adjoint_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The backward pass through one step, in the order in which it is carried out."""
    yield Heading(say("adjoint-heading" if step.states else "adjoint-heading-no-state"))
    yield Paragraph((say("adjoint-intro"),))
    reasons = Reasons(step, numbering)
    for statement in step.adjoint.statements:
        tensor = step.adjoint[statement.target.name]
        if step.backward.symbols.inlined(tensor.name) or _comes_later(step, tensor):
            continue
        yield _line(step, statement, tensor, reasons, numbering)
    if step.states:
        yield Paragraph(
            say.spans(
                "adjoint-end",
                lines=_references(step, numbering),
                start=Row((Name("t"), Op("="), step.horizon)),
                end=_from_one(),
            )
        )


def _references(step: Step, numbering: Numbering) -> str:
    """The lines in which a step receives what later steps send back."""
    numbers = sorted(numbering.lines[f"adjoint:{n}"] for n in step.nexts if f"adjoint:{n}" in numbering.lines)
    return ", ".join(f"({n})" for n in numbers)


def _comes_later(step: Step, tensor: Tensor) -> bool:
    return (
        tensor.role == "adjoint"
        and tensor.of in step.program
        and step.program[tensor.of].role in ("parameter", "input")
    )


def _line(step: Step, statement: Statement, tensor: Tensor, reasons: Reasons, numbering: Numbering) -> Formula:
    if tensor.role != "adjoint" or tensor.of not in step.program:
        return formula(step.backward, statement, number=numbering.next(), reason=(say("adjoint-term"),))
    reason = reasons.of(tensor.of)
    line = formula(step.backward, statement, reason=reason, number=numbering.next(f"adjoint:{tensor.of}"))
    if tensor.of in step.reads or tensor.of in step.outputs:
        return replace(line, right=(_with_direct(step, line.right[0], tensor.of),), entries=None)
    return line


def _with_direct(step: Step, right: Box, result: str) -> Box:
    """The right side of a result's adjoint, the loss's direct part in the place of what the engine takes as given."""
    given = step.backward.symbols.arriving(result)
    terms: list[tuple[bool, Box]] = list(right.terms) if isinstance(right, Sum) else [(False, right)]
    if step.program[result].role == "output":
        terms = [(negative, term) for negative, term in terms if term != given]
    if result in step.reads:
        terms.insert(0, (False, direct(step, result)))
    return Sum(tuple(terms))


# Gradients.


def gradient_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """Sums over time of what each step contributes."""
    yield Heading(say("gradient-heading"))
    reasons = Reasons(step, numbering)
    parameters = [s for s in step.adjoint.statements if _belongs(step, s, "parameter")]
    if parameters:
        yield Paragraph((say("gradient-intro"),))
    kinds: dict[str, list[Statement]] = {}
    for statement in parameters:
        kinds.setdefault(reasons.kind(_of(step, statement)), []).append(statement)
    for kind, statements in kinds.items():
        yield from _gradients(step, kind, statements, reasons, numbering)
    yield from _input_gradients(step, reasons, numbering)
    if step.states:
        yield from _at_a_glance(step)


def _at_a_glance(step: Step) -> Iterator[Block]:
    """The recursion once more without words, as one would program it."""
    yield Heading(say("glance-heading"), 3)
    start = Row((Name("t"), Op("="), step.horizon))
    yield Paragraph(say.spans("glance-intro", start=start, end=_from_one()))
    yield Group(tuple(replace(line, reason=(), entries=None, number=0) for line in recursion_lines(step).values()))
    yield Paragraph((say("glance-end"),))


def recursion_lines(step: Step) -> dict[str, Formula]:
    """The lines of the recursion in the order in which they are carried out, each by the tensor that it gives.

    Those that arrive from outside, under the names of their cotangents, come first.
    """
    totals, arriving = step.backward.symbols.totals, {t.of: t.name for t in step.adjoint.tensors if t.role == COTANGENT}
    outside = [n for n in (*step.outputs, *step.nexts) if n not in totals and n in arriving]
    lines = {arriving[n]: Formula(step.primal.adjoint_of(n), (arrival(step, n).whole(),)) for n in outside}
    for statement in step.adjoint.statements:
        tensor = step.adjoint[statement.target.name]
        if not step.backward.symbols.inlined(tensor.name) and not _comes_later(step, tensor):
            # Its reason stands alone: it refers to no other line by a number.
            line = _line(step, statement, tensor, Reasons(step, Numbering()), Numbering())
            lines[tensor.name] = replace(line, number=0)
    return lines


def gradient_lines(step: Step) -> dict[str, Formula]:
    """The gradients of parameters, as sums over time, and of inputs, by the tensor that each is a gradient of."""
    lines: dict[str, Formula] = {}
    for statement in step.adjoint.statements:
        of, reasons = _of(step, statement), Reasons(step, Numbering())
        if _belongs(step, statement, "parameter"):
            lines[of] = replace(_gradient(step, statement, reasons, Numbering(), at_length=True), number=0)
        elif _belongs(step, statement, "input"):
            lines[of] = formula(step.backward, statement, reason=reasons.of(of))
    return lines


def _gradients(
    step: Step, kind: str, statements: list[Statement], reasons: Reasons, numbering: Numbering
) -> Iterator[Block]:
    """Parameters of one kind: the first at length, the others as a group."""
    alone = statements[:1] if kind else statements
    for statement in alone:
        yield _gradient(step, statement, reasons, numbering, at_length=True)
    others = statements[len(alone) :]
    if others:
        yield Paragraph((say(f"gradient-alike-{kind}"),))
        yield Group(tuple(_gradient(step, s, reasons, numbering, at_length=False) for s in others))


def _gradient(step: Step, statement: Statement, reasons: Reasons, numbering: Numbering, at_length: bool) -> Formula:
    of = _of(step, statement)
    return formula(
        step.backward,
        statement,
        wrap=lambda piece: big("∑", _from_one(), piece, step.horizon),
        reason=reasons.of_parameter(of) if at_length else (),
        number=numbering.next(f"gradient:{of}"),
        with_entries=at_length,
    )


def _of(step: Step, statement: Statement) -> str:
    """The tensor whose adjoint a statement computes."""
    return step.adjoint[statement.target.name].of


def _input_gradients(step: Step, reasons: Reasons, numbering: Numbering) -> Iterator[Block]:
    inputs = [s for s in step.adjoint.statements if _belongs(step, s, "input")]
    if not inputs:
        return
    yield Heading(say("gradient-input-heading"), 3)
    yield Paragraph((say("gradient-input"),))
    for statement in inputs:
        of = _of(step, statement)
        yield formula(step.backward, statement, reason=reasons.of(of), number=numbering.next(f"adjoint:{of}"))
    symbols = step.backward.symbols
    for name in [n for n in step.program.sources if step.program[n].role == "input" and step.program[n].lag == 0]:
        lags = symbols.delays(step.program[name].of or name)
        if len(lags) > 1:
            shares = [Piece(superscript(step.primal.adjoint_of(name), lag_mark(k))) for k in lags]
            reason = (say("gradient-input-shares"),)
            yield Formula(bar(step.letter(name)), (add(shares).whole(),), None, reason, numbering.next())


def _belongs(step: Step, statement: Statement, role: str) -> bool:
    tensor = step.adjoint[statement.target.name]
    if tensor.role != "adjoint" or tensor.of not in step.program or step.backward.symbols.inlined(tensor.name):
        return False
    return step.program[tensor.of].role == role
