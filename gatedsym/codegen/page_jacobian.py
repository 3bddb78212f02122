"""Sections of a derivation page: the Jacobian of a step by blocks and by paths, and what to remember of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy as sp

from gatedsym.codegen.document import Block, Bullets, Formula, Heading, Paragraph, Span, Spans, Table, joined, listing
from gatedsym.codegen.notation import (
    Accent,
    Big,
    Box,
    Fence,
    Fraction,
    Level,
    Name,
    Number,
    Op,
    Piece,
    Root,
    Row,
    Script,
    Sum,
    add,
    big,
    diagonal,
    name_box,
    partial,
    product,
)
from gatedsym.codegen.page_local import contraction_matrix
from gatedsym.codegen.paths import Edge, Path, elementwise_factor, value_range
from gatedsym.codegen.plain import formula_text
from gatedsym.codegen.step import Numbering, Step
from gatedsym.functions import sigmoid
from gatedsym.program import Contraction, Pointwise, Ref, fresh_indices

MOST_TERMS = 10
"""A block with more terms is written in terms of intermediate blocks."""

MOST_PATHS = 14
"""A block with more paths has no table of them."""


def jacobian_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The blocks of ∂(new states)/∂(old states), each as the sum of its paths."""
    if not step.states:
        return
    yield Heading("6. The Jacobian of a step, by blocks and by paths")
    yield Paragraph(
        (
            "How does a small change of the old state change the new one? Follow every path from the one to the "
            "other through the "
            "equations, multiply the local derivatives along it (the later factor on the left), and add up the "
            "paths. The adjoint "
            "recursion is the product of these Jacobians, transposed, over all later steps.",
        )
    )
    for source in step.states:
        for result in step.nexts:
            yield from _block(step, source, result, numbering)
    yield from _highways(step, numbering)


# One block.


def _block(step: Step, source: str, result: str, numbering: Numbering) -> Iterator[Block]:
    y, s = step.letter(result), step.letter(source)
    yield Heading(f"How {_spoken(step, result)} depends on {_spoken(step, source)}", 3)
    counts = step.graph.count(source)
    if result not in counts:
        yield Formula(partial(y, s), (Number("0"),), None, ("No path leads from one to the other.",), numbering.next())
        return
    cuts = step.graph.cuts(source, result, MOST_TERMS)
    for name in [n for n in step.program.definitions if n in cuts and n not in step.program.results]:
        if _reaches(step, name, result):
            yield _closed_form(step, source, name, cuts - {name}, numbering)
    yield _closed_form(step, source, result, cuts, numbering)
    if counts[result] <= MOST_PATHS:
        rows = [_path_row(step, path) for path in _highways_first(step.graph.paths(source, result))]
        if len(rows) > 1 or len(cuts & set(counts)) > 0:
            yield Table((("path",), ("product of the factors along it",)), tuple(rows))
    else:
        yield Paragraph((f"Written out, these are {counts[result]} paths.",))


def _spoken(step: Step, name: str) -> str:
    return formula_text(step.letter(name))


def _reaches(step: Step, name: str, result: str) -> bool:
    return name in step.graph.count(name) and result in step.graph.count(name)


def _closed_form(step: Step, source: str, result: str, cuts: frozenset[str], numbering: Numbering) -> Formula:
    paths = _highways_first(step.graph.paths(source, result, cuts))
    pieces = [path_piece(step, path, source) for path in paths]
    left = _block_letter(step, source, result, paths)
    reason: Spans = ("The sum of its paths." if len(pieces) > 1 else "There is a single path.",)
    through = list(dict.fromkeys(p[0].by for p in paths if p[0].by != source))
    if through:
        reason = joined(
            [
                "Paths through ",
                *listing([step.letter(n) for n in through]),
                " share what stands above for it." if len(through) == 1 else " share what stands above for them.",
            ]
        )
    right = [add(pieces).whole()]
    if through and step.graph.count(source)[result] == 1:
        right.append(path_piece(step, next(step.graph.paths(source, result)), source).whole())
    return Formula(left, tuple(right), None, reason, numbering.next(f"block:{result},{source}"))


def _highways_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda p: not all(e.elementwise for e in p))


def _block_letter(step: Step, source: str, result: str, paths: list[Path]) -> Box:
    """∂C/∂C, in entries where both are matrices and every entry goes its own way."""
    indices = fresh_indices(len(step.program[source].dims))
    if len(indices) > 1 and all(e.elementwise for p in paths for e in p):
        return partial(step.at(result, indices), step.at(source, indices))
    return partial(step.letter(result), step.letter(source))


def path_piece(step: Step, path: Path, source: str) -> Piece:
    """The product of the local Jacobians along a path; a path that starts at an intermediate goes on with its block."""
    parts: list[Piece] = []
    run: list[Edge] = []
    for edge in reversed(path):
        if edge.elementwise:
            run.append(edge)
            continue
        parts += _run_piece(step, tuple(run)) if run else []
        parts.append(_general_edge(step, edge))
        run = []
    parts += _run_piece(step, tuple(run)) if run else []
    start = path[0].by
    if start != source:
        parts.append(Piece(partial(step.letter(start), step.letter(source)), Level.CALL))
    if not parts:
        return Piece(Name("I")) if step.program[start].dims else Piece(Number("1"))
    if (
        len(step.program[start].dims) == 1
        and start == source
        and all(e.elementwise for e in path)
        and _only_numbers(path)
    ):
        parts.append(Piece(Name("I")))
    return product(parts)


def _only_numbers(path: Path) -> bool:
    _, operands = elementwise_factor(path)
    return all(not r.indices for r in operands)


def _run_piece(step: Step, run: Path) -> list[Piece]:
    """Neighbouring elementwise factors as one diagonal matrix; nothing if they are 1."""
    piece = factor_piece(step, run)
    expression, operands = elementwise_factor(run)
    if expression == 1:
        return []
    if all(not r.indices for r in operands) or len(step.program[run[0].of].dims) != 1:
        return [piece]
    if piece.negative:
        inner = diagonal(Piece(piece.box, piece.level))
        return [Piece(inner.box, inner.level, True)]
    return [diagonal(piece)]


def factor_piece(step: Step, run: Path) -> Piece:
    """The product of the local derivatives of elementwise edges."""
    expression, operands = elementwise_factor(run)
    arrays = step.primal.elementwise(expression, operands)
    if arrays is not None:
        return arrays
    indices = operands[0].indices if operands else ()
    return step.primal.entries_of(Pointwise(Ref(run[0].of, indices), expression, operands))


def _general_edge(step: Step, edge: Edge) -> Piece:
    """A matrix where the statement is one; else the symbol of the derivative, which section 2 spells out."""
    if isinstance(edge.statement, Contraction) and len(edge.ref.indices) == 1 == len(edge.statement.target.indices):
        matrix = contraction_matrix(step, edge)
        if matrix is not None:
            return Piece(matrix.at(Level.PRODUCT), Level.PRODUCT)
    return Piece(partial(step.letter(edge.of), step.letter(edge.by)), Level.CALL)


def _path_row(step: Step, path: Path) -> tuple[Spans, ...]:
    source = path[0].by
    return ((route(step, path),), (path_piece(step, path, source).whole(),))


def route(step: Step, path: Path) -> Box:
    """h → a → f → c: products with a matrix have no letter and are passed silently."""
    parts: list[Box] = [step.letter(path[0].by)]
    for edge in path:
        if isinstance(edge.statement, Contraction) and step.primal.symbols.inlined(edge.of):
            continue
        parts += [Op("→"), step.letter(edge.of)]
    return Row(tuple(parts))


# Highways.


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


def highway_factor(step: Step, paths: tuple[Path, ...]) -> tuple[sp.Expr, tuple[Ref, ...]]:
    """The sum of the factors of all highways between two states."""
    total: sp.Expr = sp.S.Zero
    operands: list[Ref] = []
    for path in paths:
        expression, refs = elementwise_factor(path)
        total += expression
        operands += refs
    free = total.free_symbols
    return total, tuple(dict.fromkeys(r for r in operands if r.symbol in free))


def _factor_box(step: Step, paths: tuple[Path, ...]) -> Piece:
    return add([factor_piece(step, p) for p in paths])


def _highways(step: Step, numbering: Numbering) -> Iterator[Block]:
    yield Heading("The highway", 3)
    found = self_highways(step)
    if not found:
        yield from _no_highway(step, numbering)
        return
    yield Paragraph(
        (
            "Among these paths some pass no weight matrix: on them each entry of the state goes its own way, "
            "multiplied by a number "
            "and mixed with no other entry. Such a path is called a highway here.",
        )
    )
    for source, paths in found.items():
        yield from _one_highway(step, source, paths, numbering)


def _one_highway(step: Step, source: str, paths: tuple[Path, ...], numbering: Numbering) -> Iterator[Block]:
    result = f"{step.program[source].of}'"
    factor = _factor_box(step, paths)
    routes = listing([route(step, p) for p in paths], " and ")
    yield Paragraph(
        joined(
            [
                "The highway of the state ",
                name_box(step.program[source].of),
                " is ",
                *routes,
                ", with the factor ",
                factor.whole(),
                ".",
            ]
        )
    )
    yield _over_steps(step, source, paths, numbering)
    yield Paragraph(_range_sentence(step, paths))
    gate = single_gate(step, paths)
    if gate is not None:
        yield from _gate_discussion(step, result, gate, factor)


def _over_steps(step: Step, source: str, paths: tuple[Path, ...], numbering: Numbering) -> Formula:
    """The product of the factor over k steps."""
    tensor = step.program[source]
    end = name_box(tensor.of, Name("t"))
    start = name_box(tensor.of, Row((Name("t"), Op("−"), Name("k"))))
    expression, operands = highway_factor(step, paths)
    under = Row((Name("τ"), Op("="), Row((Name("t"), Op("−"), Name("k"), Op("+"), Number("1")))))
    body = Piece(_at_tau(_factor_box(step, paths).at(Level.PRODUCT)), Level.PRODUCT)
    if expression.is_number or not any(
        step.primal.symbols.time(n) for r in operands for n in step.primal.symbols.leaves(r.name)
    ):
        steps = Piece(
            Script(
                Piece(_factor_box(step, paths).whole(), Level.ATOM if expression.is_Symbol else Level.SUM).at(
                    Level.ATOM
                ),
                sup=Name("k"),
            )
        )
        right = steps if expression != 1 else Piece(Number("1"))
    else:
        right = big("∏", under, body, Name("t"))
    if len(tensor.dims) == 1:
        right = diagonal(right)
    left = Script(Row((partial(end, start), Op("|"))), sub=Name("highway"))
    reason = (
        "Diagonal matrices multiply entry by entry: over k steps the factor is multiplied with itself, once "
        "for each step, "
        "and no matrix comes between.",
    )
    return Formula(left, (right.whole(),), None, reason, numbering.next(f"highway:{source}"))


def _at_tau(box: Box) -> Box:
    """The same formula at step τ instead of t."""
    match box:
        case Name("t"):
            return Name("τ")
        case Row(parts):
            return Row(tuple(map(_at_tau, parts)))
        case Script(base, sub, sup):
            return Script(_at_tau(base), None if sub is None else _at_tau(sub), None if sup is None else _at_tau(sup))
        case Name() | Number() | Op():
            return box
    return _at_tau_inside(box)


def _at_tau_inside(box: Box) -> Box:
    match box:
        case Sum(terms):
            return Sum(tuple((n, _at_tau(b)) for n, b in terms))
        case Fence(body, kind):
            return Fence(_at_tau(body), kind)
        case Accent(kind, body):
            return Accent(kind, _at_tau(body))
        case Fraction(above, below):
            return Fraction(_at_tau(above), _at_tau(below))
        case Root(body):
            return Root(_at_tau(body))
        case Big(sign, under, body, over):
            return Big(sign, under, _at_tau(body), over)
    return box


def _range_sentence(step: Step, paths: tuple[Path, ...]) -> Spans:
    expression, operands = highway_factor(step, paths)
    if expression == 1:
        return ("The factor is 1: along the highway the gradient neither shrinks nor grows, whatever the weights are.",)
    limits = value_range(expression, operands, (step.graph.derived, step.program))
    if limits is None:
        return (
            "The structure alone does not bound this factor. Where its size stays below 1 the product dies out "
            "geometrically, "
            "where it stays above 1 it explodes.",
        )
    low, high = limits
    bounds = f"The factor lies between {low} and {high}"
    if low == high:
        return (f"The factor is the number {low} at every step, so the product is its k-th power.",)
    if max(abs(low), abs(high)) <= 1:
        return (
            f"{bounds}, whatever the weights are: along the highway a gradient can shrink but never grow. It "
            "lives as long as the "
            "factor stays close to 1, and a single step with the factor 0 ends it.",
        )
    return (f"{bounds}: above 1 in size the product grows, below 1 it dies out.",)


def single_gate(step: Step, paths: tuple[Path, ...]) -> tuple[str, bool] | None:
    """(gate, complement) if the highway's factor is one sigmoid gate, or 1 minus one."""
    expression, operands = highway_factor(step, paths)
    if not expression.is_Symbol or len(operands) != 1:
        expression, operands, turned = _one_minus(expression, operands)
    else:
        turned = False
    if len(operands) != 1 or not expression.is_Symbol:
        return None
    name = operands[0].name
    complement = step.primal.complement(name)
    if complement is not None and complement[0] == 1:
        return complement[1], not turned
    definition = step.program.definitions.get(name)
    if isinstance(definition, Pointwise) and definition.expression.func is sigmoid:
        return name, turned
    return None


def _one_minus(expression: sp.Expr, operands: tuple[Ref, ...]) -> tuple[sp.Expr, tuple[Ref, ...], bool]:
    """z for 1 - z."""
    inner = sp.expand(1 - expression)
    return (inner, operands, True) if inner.is_Symbol else (expression, operands, False)


def _gate_discussion(step: Step, result: str, gate: tuple[str, bool], factor: Piece) -> Iterator[Block]:
    name, complement = gate
    letter = step.letter(name)
    argument = _argument(step, name)
    sign = "very negative" if complement else "large"
    value = "0" if complement else "1"
    bias = "negative" if complement else "positive"
    yield Bullets(
        (
            joined(
                [
                    Row((letter, Op("="), Number(value))),
                    ": the gradient passes unchanged. The gate is a sigmoid, so this takes a ",
                    f"{sign} ",
                    argument,
                    ", such as a ",
                    bias,
                    " bias gives.",
                ]
            ),
            joined(
                [
                    Row((letter, Op("="), Number("0" if value == "1" else "1"))),
                    ": nothing passes; the cell has forgotten, and the gradient ends here, as it should.",
                ]
            ),
            joined(
                [
                    "At the start of training, with small weights and no bias, the argument is near 0 and the "
                    "gate near "
                    "1/2: the highway "
                    "halves the gradient at every step, ",
                    Script(Number("2"), sup=Row((Op("−"), Name("k")))),
                    " after k of them, about ",
                    _power_of_ten("8", 31),
                    " after 100. A gate alone keeps nothing alive; its bias does.",
                ]
            ),
            joined(
                [
                    "To keep half of a gradient over k = 100 steps the factor ",
                    factor.whole(),
                    " has to be 0.9931, which is a bias of ",
                    "−4.97." if complement else "4.97.",
                    " A bias of 1 in size (factor 0.731) leaves ",
                    _power_of_ten("2.5", 14),
                    " after 100 steps, a bias of 2 (0.881) leaves ",
                    _power_of_ten("3", 6),
                    ".",
                ]
            ),
        )
    )


def _power_of_ten(front: str, below: int) -> Box:
    return Row((Number(front), Op("·"), Script(Number("10"), sup=Row((Op("−"), Number(str(below)))))))


def _argument(step: Step, gate: str) -> Box:
    return step.letter(step.program.definitions[gate].operands[0].name)


def _no_highway(step: Step, numbering: Numbering) -> Iterator[Block]:
    source = step.states[0]
    tensor = step.program[source]
    yield Paragraph(
        (
            "There is none: every path from the old state to the new one passes a weight matrix. Over k steps "
            "the Jacobian is a "
            "product of k such matrices, each scaled by derivatives of the functions.",
        )
    )
    end = name_box(tensor.of, Name("t"))
    start = name_box(tensor.of, Row((Name("t"), Op("−"), Name("k"))))
    body = Piece(partial(name_box(tensor.of, Name("τ")), name_box(tensor.of, Row((Name("τ"), Op("−"), Number("1"))))))
    under = Row((Name("τ"), Op("="), Name("t"), Op("−"), Name("k"), Op("+"), Number("1")))
    if len(step.states) == 1:
        yield Formula(
            partial(end, start),
            (big("∏", under, body, Name("t")).whole(),),
            None,
            (
                "The chain rule over k steps; the factor of the latest step stands on the left. If every factor has "
                "a norm below "
                "some γ < 1, the product is below γ to the power k: the gradient dies out geometrically. If the "
                "norms stay above 1 "
                "it may explode. Nothing in the equations holds the balance.",
            ),
            numbering.next("chain"),
        )


# What to remember.


def memory_section(step: Step) -> Iterator[Block]:
    """The structure of the cell in a few sentences, and where its stable forms come from."""
    yield Heading("7. What to remember" if step.states else "6. What to remember")
    yield Bullets(tuple(_lessons(step)))


def _lessons(step: Step) -> Iterator[Spans]:
    highways = self_highways(step) if step.states else {}
    for source, paths in highways.items():
        tensor = step.program[source]
        words: list[Span | Spans] = [
            "The path from ",
            step.letter(source),
            " to ",
            step.letter(f"{tensor.of}'"),
            " without a weight matrix has the factor ",
            _factor_box(step, paths).whole(),
            ". ",
        ]
        gate = single_gate(step, paths)
        if gate is not None:
            words += [
                "What keeps the gradient alive is ",
                Row((step.letter(gate[0]), Op("="), Number("0" if gate[1] else "1"))),
                ".",
            ]
        yield joined(words)
    without = [s for s in step.states if s not in highways]
    if without:
        letters = listing([step.letter(s) for s in without])
        yield joined(["Every path from ", letters, " to its next value passes a weight matrix or another state."])
    if any(isinstance(s, Contraction) for s in step.program.statements):
        yield (
            "On the way back each weight matrix appears transposed, because forward and backward pass exchange "
            "the index that is "
            "summed; its own gradient is an outer product, summed over time.",
        )
    yield (
        "An adjoint is complete only when everything that reads the quantity has been passed; that is why "
        "the backward pass takes "
        "the statements in reverse order.",
    )
    yield from _stable_forms(step)


def _stable_forms(step: Step) -> Iterator[Spans]:
    """Which differences are never computed as differences."""
    gates: list[Box] = []
    squares: list[Box] = []
    for statement in step.graph.derived.statements:
        found = step.primal.complement(statement.target.name)
        if found is None or not isinstance(statement, Pointwise):
            continue
        piece = step.primal.array(statement.target.name)
        if piece is not None:
            stable = step.primal.elementwise(statement.expression, statement.operands)
            if stable is not None:
                (gates if found[0] == 1 else squares).append(Row((piece.whole(), Op("="), stable.whole())))
    if gates:
        yield joined(
            [
                "Stable forms: ",
                *listing(gates),
                ". The engine finds them because the derivative of σ is stated as "
                "σ(a) σ(−a); no digit is lost when a gate saturates.",
            ]
        )
    if squares:
        yield joined(
            [
                "Stable forms: ",
                *listing(squares),
                ". The derivative of tanh is stated as sech², which does not round to 0 where tanh rounds to 1.",
            ]
        )
