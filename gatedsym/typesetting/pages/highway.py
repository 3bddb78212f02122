"""Sections of a derivation page: the paths that pass no matrix, what they do over many steps, and what to remember."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from gatedsym.calculus.stable import stabilise
from gatedsym.ir.functions import sech2, sigmoid
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref
from gatedsym.typesetting.document import Block, Bullets, Formula, Heading, Paragraph, Spans, listing, told
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

_TAU = Name("τ")


def highway_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The elementwise paths from each state to its next value."""
    if not step.states:
        return
    yield Heading("The highway", 3)
    found = self_highways(step)
    if not found:
        yield from _no_highway(step, numbering)
        return
    yield Paragraph(
        (
            "Among these paths some pass no matrix: on them each entry of the state goes its own way, multiplied by "
            "a number and mixed with no other entry. Such a path is called a highway here. The whole gradient is a "
            "sum over all paths; the highway is the one part of it that no weight matrix shrinks or blows up.",
        )
    )
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


def _factor_expression(paths: tuple[Path, ...]) -> tuple[sp.Expr, tuple[Ref, ...]]:
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
    verb = " is " if len(paths) == 1 else " consists of "
    yield Paragraph(told("The highway of the state {}{}{}, with the factor {}.", state, verb, routes, factor))
    yield _over_steps(step, source, paths, numbering)
    if again:
        yield Paragraph(("It is the same factor as above, and the same holds of it.",))
        return
    yield Paragraph(_range_sentence(step, paths))
    gate = single_gate(step, paths)
    if gate is not None:
        yield Bullets(tuple(_gate_discussion(step, *gate, factor)))


def _over_steps(step: Step, source: str, paths: tuple[Path, ...], numbering: Numbering) -> Formula:
    """The product of the factor over a number of steps."""
    tensor = step.program[source]
    expression, operands = _factor_expression(paths)
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
    reason: Spans = (
        "Along the highway each entry meets its own factor once in every step, and no matrix comes between: over ",
        step.lag,
        " steps the factors multiply.",
    )
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
    expression, operands = _factor_expression(paths)
    if expression == 1:
        return ("The factor is 1: along the highway the gradient neither shrinks nor grows, whatever the weights are.",)
    low, high = value_range(expression, operands, (step.graph.derived, step.program))
    if low == high:
        return (f"The factor is the same number at every step, {_number(low)}.",)
    if not (low.is_finite and high.is_finite):
        bound = f"The factor is never below {_number(low)}, and nothing bounds it above" if low.is_finite else ""
        bound = f"The factor is never above {_number(high)}, and nothing bounds it below" if high.is_finite else bound
        return (
            f"{bound or 'The structure alone does not bound this factor'}. Where its size stays below 1 the product "
            "dies out geometrically, where it stays above 1 it explodes.",
        )
    bounds = f"The factor lies between {_number(low)} and {_number(high)}"
    if max(abs(low), abs(high)) <= 1:
        end = " It lives as long as the factor stays close to 1" if max(abs(low), abs(high)) == 1 else ""
        zero = ", and a single step with the factor 0 ends it" if end and low <= 0 <= high else ""
        return (
            f"{bounds}, whatever the weights are: along the highway a gradient can shrink but never grow."
            f"{end}{zero}{'.' if end else ''}",
        )
    return (f"{bounds}: above 1 in size the product grows, below 1 it dies out.",)


def _number(value: sp.Expr) -> str:
    """A fraction of small numbers as it is, another number to four digits."""
    return str(value) if value.is_Rational and value.q <= 100 else f"{float(value):.4g}"


def single_gate(step: Step, paths: tuple[Path, ...]) -> tuple[str, bool] | None:
    """(gate, complement) if the highway's factor is one sigmoid gate, or 1 minus one."""
    expression, operands = _factor_expression(paths)
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
    sign, bias = ("very negative", "negative") if complement else ("large", "positive")
    opened, closed = ("0", "1") if complement else ("1", "0")
    yield told(
        "{}: the gradient passes unchanged. The gate is a sigmoid, so this takes a {} {}, such as a {} bias gives.",
        Row((letter, Op("="), Number(opened))),
        sign,
        argument,
        bias,
    )
    yield told(
        "{}: nothing passes. The state is overwritten, and the gradient to the past ends here, as it should.",
        Row((letter, Op("="), Number(closed))),
    )
    halving = Script(Number("2"), sup=Row((Op("−"), step.lag)))
    yield told(
        "Before training, with small weights and no bias, {} is near 0 and the gate near 1/2: the highway halves the "
        "gradient at every step and leaves {} of it after {} steps, {} after 100. That there is a gate keeps nothing "
        "alive; where it stands does.",
        argument,
        halving,
        step.lag,
        _power_of_ten("8", 31),
    )
    yield told(
        "To keep half of a gradient over 100 steps, the factor {} has to be 0.9931: a bias of {}. A bias of {} "
        "(factor 0.731) leaves {} of it, a bias of {} (factor 0.881) {}.",
        factor,
        "−4.97" if complement else "4.97",
        "−1" if complement else "1",
        _power_of_ten("2.5", 14),
        "−2" if complement else "2",
        _power_of_ten("3", 6),
    )


def _power_of_ten(front: str, below: int) -> Box:
    return Row((Number(front), Op("·"), Script(Number("10"), sup=Row((Op("−"), Number(str(below)))))))


def _no_highway(step: Step, numbering: Numbering) -> Iterator[Block]:
    yield Paragraph(
        (
            "There is none: every path from an old state to its next value passes a matrix, or a sum over entries, "
            "or another state. Over many steps the Jacobian is a product of as many matrices, each scaled by "
            "derivatives of the functions.",
        )
    )
    if len(step.states) > 1:
        return
    state = step.program[step.states[0]].of
    before = name_box(state, Row((_TAU, Op("−"), Number("1"))))
    product = big("∏", _from_start(step), Piece(partial(name_box(state, _TAU), before)), Name("t"))
    reason: Spans = (
        "The chain rule over ",
        step.lag,
        " steps; the factor of the latest step stands on the left. If every factor has a norm below some γ < 1, the "
        "product has a norm below the power ",
        Script(Name("γ"), sup=step.lag),
        ": the gradient dies out geometrically. If the factors stretch it may explode. Nothing in the equations "
        "holds the balance.",
    )
    yield Formula(_far_derivative(step, state), (product.whole(),), None, reason, numbering.next("chain"))


# What to remember.


def memory_section(step: Step) -> Iterator[Block]:
    """The structure of the cell in a few sentences, and where its stable forms come from."""
    yield Heading("7. What to remember" if step.states else "6. What to remember")
    yield Bullets(tuple(_lessons(step)))


def _lessons(step: Step) -> Iterator[Spans]:
    highways = self_highways(step) if step.states else {}
    for source, paths in highways.items():
        yield _highway_lesson(step, source, paths)
    without = [step.letter(s) for s in step.states if s not in highways]
    if without:
        yield told("Every path from {} to its next value passes a matrix or another state.", listing(without))
    if any(isinstance(s, Contraction) for s in step.program.statements):
        yield (
            "On the way back each weight matrix appears transposed, because forward and backward pass exchange the "
            "index that is summed; its own gradient is an outer product, summed over time.",
        )
    yield (
        "An adjoint is complete only when everything that reads the quantity has been passed; that is why the "
        "backward pass takes the statements in reverse order.",
    )
    yield from _stable_forms(step)


def _highway_lesson(step: Step, source: str, paths: tuple[Path, ...]) -> Spans:
    after = step.letter(f"{step.program[source].of}'")
    gate = single_gate(step, paths)
    alive: Spans = ()
    if gate is not None:
        kept = Row((step.letter(gate[0]), Op("="), Number("0" if gate[1] else "1")))
        alive = told(" What keeps the gradient alive is {}.", kept)
    factor = _factor(step, paths).whole()
    return told(
        "The path from {} to {} without a matrix has the factor {}.{}", step.letter(source), after, factor, alive
    )


def _stable_forms(step: Step) -> Iterator[Spans]:
    """Differences that are never computed as differences."""
    gates = _rewritten(step, sigmoid)
    squares = _rewritten(step, sech2)
    if gates:
        yield told(
            "Stable forms: {}. The difference on the left rounds to 0 when the gate saturates; the right side keeps "
            "its digits. The engine finds them because it writes the derivative of σ as σ(a) σ(−a), and because it "
            "knows which names stand for gates.",
            listing(gates),
        )
    if squares:
        yield told(
            "Stable forms: {}. The derivative of tanh is stated as sech², which does not round to 0 where tanh "
            "rounds to 1.",
            listing(squares),
        )


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
