"""Sections of a derivation page: the paths that pass no matrix, what they do over many steps, and what to remember."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from gatedsym.calculus.stable import stabilise
from gatedsym.ir.functions import sech2, sigmoid
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref
from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Bullets, Formula, Heading, Paragraph, Spans, listing
from gatedsym.typesetting.formulas import Formulas
from gatedsym.typesetting.notation import (
    Box,
    Level,
    Name,
    Number,
    Op,
    Piece,
    Row,
    Script,
    add,
    big,
    diagonal,
    mapped,
    name_box,
    partial,
    power,
)
from gatedsym.typesetting.pages.jacobian import factor_piece, route
from gatedsym.typesetting.pages.paths import Path, elementwise_factor, value_range
from gatedsym.typesetting.pages.step import Numbering, Step
from gatedsym.typesetting.symbols import Symbols

say = room("typesetting")

_TAU = Name("τ")


def highway_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The elementwise paths from each state to its next value."""
    if not step.states:
        return
    yield Heading(say("highway-heading"), 3)
    found = self_highways(step)
    if not found:
        yield from _no_highway(step, numbering)
        return
    yield Paragraph((say("highway-intro"),))
    discussed: list[Piece] = []
    for source, paths in found.items():
        yield from _one_highway(step, source, paths, numbering, again=_factor(step, paths) in discussed)
        discussed.append(_factor(step, paths))


def self_highways(step: Step) -> dict[str, tuple[Path, ...]]:
    """For each state the elementwise paths from its last value to its next one."""
    found = {}
    for source in step.states:
        tensor = step.program[source]
        result = f"{tensor.of}'"
        if tensor.lag == 1 and result in step.program:
            paths = step.graph.highways(source, result)
            if paths:
                found[source] = paths
    return found


def _factor(step: Step, paths: tuple[Path, ...]) -> Piece:
    """The sum of the factors of all highways between two states."""
    return add([factor_piece(step, p) for p in paths])


def highway_expression(paths: tuple[Path, ...]) -> tuple[sp.Expr, tuple[Ref, ...]]:
    """The sum of the factors of all highways between two states, and what it reads."""
    factors = [elementwise_factor(path) for path in paths]
    total = sp.Add(*(expression for expression, _ in factors))
    free = total.free_symbols
    return total, tuple(dict.fromkeys(r for _, refs in factors for r in refs if r.symbol in free))


def _one_highway(
    step: Step, source: str, paths: tuple[Path, ...], numbering: Numbering, again: bool
) -> Iterator[Block]:
    factor = _factor(step, paths).whole()
    state = name_box(step.program[source].of)
    routes = listing([route(step, p) for p in paths])
    yield Paragraph(say.spans("highway-of", state=state, count=len(paths), routes=routes, factor=factor))
    yield _over_steps(step, source, paths, numbering)
    if again:
        yield Paragraph((say("highway-again"),))
        return
    yield Paragraph(_range_sentence(step, paths))
    gate = single_gate(step, paths)
    if gate is not None:
        yield Bullets(tuple(_gate_discussion(step, *gate, factor)))


def _over_steps(step: Step, source: str, paths: tuple[Path, ...], numbering: Numbering) -> Formula:
    """The product of the factor over a number of steps."""
    tensor = step.program[source]
    expression, operands = highway_expression(paths)
    factor = _factor(step, paths)
    leaves = [leaf for r in operands for leaf in step.primal.symbols.leaves(r.name)]
    if any(step.primal.symbols.time(leaf) is not None for leaf in leaves):
        body = Piece(_at_tau(factor.at(Level.PRODUCT)), Level.PRODUCT)
        right = big("∏", _from_start(step), body, Name("t"))
    else:
        right = Piece(Number("1")) if expression == 1 else power(factor, step.lag)
    if len(tensor.dims) == 1:
        right = diagonal(right)
    left = Script(Row((_far_derivative(step, tensor.of), Op("|"))), sub=Name("highway"))
    reason: Spans = say.spans("highway-steps", lag=step.lag)
    return Formula(left, (right.whole(),), None, reason, numbering.next(f"highway:{source}"))


def _far_derivative(step: Step, state: str) -> Box:
    """∂h_t/∂h_{t-k}."""
    return partial(name_box(state, Name("t")), name_box(state, Row((Name("t"), Op("−"), step.lag))))


def _from_start(step: Step) -> Box:
    return Row((_TAU, Op("="), Name("t"), Op("−"), step.lag, Op("+"), Number("1")))


def _at_tau(box: Box) -> Box:
    """The same formula at step τ instead of t."""
    return _TAU if box == Name("t") else mapped(box, _at_tau)


def _range_sentence(step: Step, paths: tuple[Path, ...]) -> Spans:
    """Bounds of the factor, from the structure of the cell alone."""
    expression, operands = highway_expression(paths)
    if expression == 1:
        return (say("highway-one"),)
    low, high = value_range(expression, operands, (step.graph.derived, step.program))
    if low == high:
        return (say("highway-constant", value=_number(low)),)
    if low.is_finite and high.is_finite:
        return (_bounded_sentence(low, high),)
    if high.is_finite:
        return (say("highway-below", high=_number(high)),)
    return (say("highway-above", low=_number(low)) if low.is_finite else say("highway-unbounded"),)


def _bounded_sentence(low: sp.Expr, high: sp.Expr) -> str:
    least, most, size = _number(low), _number(high), max(abs(low), abs(high))
    if size > 1:
        return say("highway-grows", low=least, high=most)
    if size < 1:
        return say("highway-shrinks", low=least, high=most)
    return say("highway-shrinks-to-zero" if low <= 0 <= high else "highway-shrinks-to-one", low=least, high=most)


def _number(value: sp.Expr) -> str:
    """A fraction of small numbers as it is, another number to four digits."""
    return str(value) if value.is_Rational and value.q <= 100 else f"{float(value):.4g}"


def single_gate(step: Step, paths: tuple[Path, ...]) -> tuple[str, bool] | None:
    """(gate, complement) if the highway's factor is one sigmoid gate, or 1 minus one."""
    expression, operands = highway_expression(paths)
    turned = False
    if not expression.is_Symbol and sp.expand(1 - expression).is_Symbol:
        expression, turned = sp.expand(1 - expression), True
    if not expression.is_Symbol:
        return None
    name = next(r.name for r in operands if r.symbol == expression)
    complement = step.primal.complement(name)
    if complement is not None and complement[0] == 1:
        return complement[1], not turned
    definition = step.program.definitions.get(name)
    is_gate = isinstance(definition, Pointwise) and definition.expression.func is sigmoid
    return (name, turned) if is_gate else None


def _gate_discussion(step: Step, gate: str, complement: bool, factor: Box) -> Iterator[Spans]:
    """Discussion of when one gate lets the gradient pass, and of what it does before training.

    The numbers follow from 2^(-1/100).
    """
    letter = step.letter(gate)
    argument = step.letter(step.program.definitions[gate].operands[0].name)
    opened, closed = ("0", "1") if complement else ("1", "0")
    yield say.spans(
        "highway-open-complement" if complement else "highway-open",
        open=Row((letter, Op("="), Number(opened))),
        argument=argument,
    )
    yield say.spans("highway-closed", closed=Row((letter, Op("="), Number(closed))))
    halving = Script(Number("2"), sup=Row((Op("−"), step.lag)))
    hundred = _power_of_ten("8", 31)
    yield say.spans("highway-untrained", argument=argument, rest=halving, lag=step.lag, hundred=hundred)
    sign = "−" if complement else ""
    yield say.spans(
        "highway-bias",
        factor=factor,
        bias=f"{sign}4.97",
        small=f"{sign}1",
        rest_of_small=_power_of_ten("2.5", 14),
        medium=f"{sign}2",
        rest_of_medium=_power_of_ten("3", 6),
    )


def _power_of_ten(front: str, below: int) -> Box:
    return Row((Number(front), Op("·"), Script(Number("10"), sup=Row((Op("−"), Number(str(below)))))))


def _no_highway(step: Step, numbering: Numbering) -> Iterator[Block]:
    yield Paragraph((say("highway-none"),))
    if len(step.states) > 1:
        return
    state = step.program[step.states[0]].of
    before = name_box(state, Row((_TAU, Op("−"), Number("1"))))
    product = big("∏", _from_start(step), Piece(partial(name_box(state, _TAU), before)), Name("t"))
    reason: Spans = say.spans("highway-none-chain", lag=step.lag, bound=Script(Name("γ"), sup=step.lag))
    yield Formula(_far_derivative(step, state), (product.whole(),), None, reason, numbering.next("chain"))


# What to remember.


def memory_section(step: Step) -> Iterator[Block]:
    """The structure of the cell in a few sentences, and where its stable forms come from."""
    yield Heading(say("memory-heading" if step.states else "memory-heading-no-state"))
    yield Bullets(tuple(_lessons(step)))


def _lessons(step: Step) -> Iterator[Spans]:
    highways = self_highways(step) if step.states else {}
    for source, paths in highways.items():
        yield _highway_lesson(step, source, paths)
    without = [step.letter(s) for s in step.states if s not in highways]
    if without:
        yield say.spans("memory-no-highway", states=listing(without))
    if any(isinstance(s, Contraction) for s in step.program.statements):
        yield (say("memory-transposed"),)
    yield (say("memory-order"),)
    yield from _stable_forms(step)


def _highway_lesson(step: Step, source: str, paths: tuple[Path, ...]) -> Spans:
    after = step.letter(f"{step.program[source].of}'")
    gate = single_gate(step, paths)
    source_letter, factor = step.letter(source), _factor(step, paths).whole()
    if gate is None:
        return say.spans("memory-highway", source=source_letter, after=after, factor=factor)
    kept = Row((step.letter(gate[0]), Op("="), Number("0" if gate[1] else "1")))
    return say.spans("memory-highway-gate", source=source_letter, after=after, factor=factor, kept=kept)


def _stable_forms(step: Step) -> Iterator[Spans]:
    """Differences that are never computed as differences."""
    gates = _rewritten(step, sigmoid)
    squares = _rewritten(step, sech2)
    if gates:
        yield say.spans("memory-stable-gates", forms=listing(gates))
    if squares:
        yield say.spans("memory-stable-tanh", forms=listing(squares))


def _rewritten(step: Step, function: type[sp.Function]) -> list[Box]:
    """1 - i = σ(-a) and the like: every difference that the step or its derivatives would contain."""
    programs: tuple[Program, ...] = (stabilise(step.program), step.graph.derived)
    found: list[Box] = []
    for program in programs:
        formulas = Formulas(Symbols(step.program, [program], letters=step.letters))
        for statement in program.statements:
            if not isinstance(statement, Pointwise) or statement.expression.func is not function:
                continue
            if formulas.complement(statement.target.name) is None:
                continue
            difference, stable = formulas.array(statement.target.name), formulas.arrays_of(statement)
            if difference is not None and stable is not None:
                found.append(Row((difference.whole(), Op("="), stable.whole())))
    return list(dict.fromkeys(found))
