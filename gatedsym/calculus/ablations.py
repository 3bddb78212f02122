"""Ablations of a cell, made from its equations: gates opened or tied, activations made linear, peepholes taken away.

Each is an edit of the text as `Cell.variant` takes it. What is a gate says `passages`; what is an activation says the
function itself: it rises, never faster than its argument, and has no steps. A peephole is a parameter that multiplies
a state entry by entry inside the equation of a gate. Of the eight ablations of Greff et al. (2017) these are seven; the
eighth, full gate recurrence, adds to a cell where an ablation takes away, and is in the library as a cell of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
import sympy as sp

from gatedsym.calculus.gates import GatedProduct, find_gated_products
from gatedsym.equations.declarations import flat
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.syntax import (
    Application,
    EquationLine,
    Juxtaposition,
    Node,
    Part,
    Product,
    Reference,
    Sum,
    walk,
)
from gatedsym.ir.evaluate import NUMPY, evaluate_expression
from gatedsym.ir.functions import ALIASES, FUNCTIONS, SHORTHANDS
from gatedsym.ir.program import Pointwise, Program, Recurrence, Tensor

LONGEST = 12
"""Letters of an expression in the name of an ablation."""


@dataclass(frozen=True)
class Ablation:
    """
    Attributes
    ----------
    name : str
        ``f open``, ``g linear``, ``f = 1 − i``, ``no peepholes``.
    kind : {"open", "linear", "tied", "peepholes"}
    edits : tuple of (str, str)
        Left sides as typed, and their new right sides.
    """

    name: str
    kind: Literal["open", "linear", "tied", "peepholes"]
    edits: tuple[tuple[str, str], ...]

    @property
    def identifier(self) -> str:
        """The name as an identifier: ``f_1_i_tied``."""
        words = re.sub(r"\W+", "_", self.name.replace("'", "_next")).strip("_")
        return words if self.kind in words else f"{words}_{self.kind}"


@dataclass(frozen=True)
class _Line:
    """One typed equation: its left side, its right side, and the values of the Program that it computes."""

    left: str
    base: str
    typed: EquationLine
    right: str
    targets: tuple[str, ...]
    computes: tuple[str, ...]


def find_ablations(recurrence: Recurrence) -> tuple[Ablation, ...]:
    """All ablations by rule, each once, in the order of the equations.

    Open gates first, then linear activations, tied gates, and the gates without their peepholes.
    """
    source, statements = parse_equations(recurrence.source)
    equations = [s for s in flat(statements) if isinstance(s, EquationLine)]
    lines = [line for equation in equations if (line := _read(equation, source, recurrence)) is not None]
    passages = find_gated_products(recurrence.program, fixed=True)
    gates = {p.gate for p in passages}
    found = [
        *_opened(lines, gates, source, recurrence.program),
        *_linear(lines, gates, source, recurrence.program),
        *_tied(lines, passages, recurrence.program),
        *_without_peepholes(lines, gates, source, recurrence.program),
    ]
    return tuple(_told_apart(found))


def keep_shape(ablation: Ablation, recurrence: Recurrence) -> Ablation | None:
    """The same opening with ones in the gate's shape, for a gate that is used where a number cannot be, as in outer.

    The ones are written 1 + 0*v, or 1 + 0*v[j,k] for a gate that is typed with its indices, v something of that shape
    that does not come of the gate; None if there is none.
    """
    program = recurrence.program
    edits = []
    for left, right in ablation.edits:
        name, bracket, indices = left.partition("[")
        if right != "1" or name not in program:
            return None
        like = _of_the_same_shape(program, name)
        if like is None:
            return None
        edits.append((left, f"1 + 0*{like}{bracket}{indices}"))
    return replace(ablation, edits=tuple(edits))


def _of_the_same_shape(program: Program, name: str) -> str | None:
    """A value that has the shape of another one and does not come of it: a state if there is one."""
    alike = (
        t.name
        for t in sorted(program.tensors, key=lambda t: ("state", "input", "local").index(_place(t)))
        if _place(t) != "local" or (t.named and t.name != name and name not in _ancestors(program, t.name))
        if t.dims == program[name].dims and t.role in ("state", "input", "local") and t.name.isidentifier()
    )
    return next(alike, None)


def _place(tensor: Tensor) -> str:
    return tensor.role if tensor.role in ("state", "input") else "local"


def _told_apart(found: Sequence[Ablation]) -> Iterator[Ablation]:
    """Each edit once; of several with one name (two long calls of tanh) the later ones get a number."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    count: dict[str, int] = {}
    for one in found:
        if one.edits in seen:
            continue
        seen.add(one.edits)
        number = count[one.name] = count.get(one.name, 0) + 1
        yield one if number == 1 else replace(one, name=f"{one.name} ({number})")


def _read(equation: EquationLine, source: Source, recurrence: Recurrence) -> _Line | None:
    """The equation with what became of it; None for constants, sizes and definitions."""
    if not isinstance(equation.left, Reference):
        return None
    base = equation.left.name.removesuffix("_t").rstrip("'")
    number = source.line(equation.left.span)
    mine = [
        e
        for e in recurrence.equations
        if e.line == number and re.fullmatch(rf"{re.escape(base)}(_t)?(_\d+)*'?", e.target)
    ]
    if not mine:
        return None
    left = "".join(source.excerpt(equation.left.span).split())
    computes = tuple(name for e in mine for name in e.computes)
    targets = tuple(e.target for e in mine)
    return _Line(left, base, equation, source.excerpt(equation.right.span), targets, computes)


def _opened(lines: Sequence[_Line], gates: set[str], source: Source, program: Program) -> Iterator[Ablation]:
    for base in dict.fromkeys(line.base for line in lines if gates & set(line.targets)):
        edits = tuple((line.left, "1") for line in lines if line.base == base and gates & set(line.targets))
        yield Ablation(f"{base} open", "open", edits)
    for line in lines:
        if isinstance(line.typed.right, Part):
            continue
        for call in _nameless_gates(line, gates, program):
            text = source.excerpt(call.span)
            yield Ablation(f"{_short(text)} open", "open", ((line.left, _with(line, source, call.span, "1")),))


def _nameless_gates(line: _Line, gates: set[str], program: Program) -> list[Application]:
    """Calls inside a right side that are gates without a name of their own."""
    inner = [n for n in line.computes if n in gates and n not in line.targets]
    functions = {_outermost(program, name) for name in inner}
    calls = [c for c in _calls(line) if _function(c) in functions]
    return [c for c in calls if c.span != line.typed.right.span]


def _linear(lines: Sequence[_Line], gates: set[str], source: Source, program: Program) -> Iterator[Ablation]:
    lines = [line for line in lines if not isinstance(line.typed.right, Part)]  # of several names: none has it alone
    whole: dict[str, list[tuple[str, str]]] = {}
    parts: list[Ablation] = []
    for line in lines:
        nameless = [c.span for c in _nameless_gates(line, gates, program)]
        for call in _calls(line):
            is_whole = call.span == line.typed.right.span
            if call.span in nameless or (is_whole and gates & set(line.targets)) or not is_activation(_function(call)):
                continue
            argument = source.excerpt(call.arguments[0].span)
            if is_whole:
                whole.setdefault(_shown(line), []).append((line.left, argument))
                continue
            right = _with(line, source, call.span, f"({argument})")
            parts.append(Ablation(f"{_short(source.excerpt(call.span))} linear", "linear", ((line.left, right),)))
    for name, edits in whole.items():
        yield Ablation(f"{name} linear", "linear", tuple(edits))
    yield from parts


def _tied(lines: Sequence[_Line], passages: Sequence[GatedProduct], program: Program) -> Iterator[Ablation]:
    """Two gates of one shape that stand before different summands of one state."""
    single = {line.targets[0]: line for line in lines if len(line.targets) == 1}
    seen = set()
    for first in passages:
        for second in passages:
            a, b = first.gate, second.gate
            apart = a != b and first.result == second.result and not _reads(first, b) and not _reads(second, a)
            if not apart or (a, b) in seen or program[first.result].role != "next":
                continue
            seen.add((a, b))
            dependent = b in _ancestors(program, a) or a in _ancestors(program, b)
            alike = program[a].dims == program[b].dims and {a, b} <= program.batched
            if alike and not dependent and a in single and b in single:
                yield Ablation(f"{a} = 1 − {b}", "tied", ((single[a].left, f"1 - {single[b].left}"),))


def _without_peepholes(lines: Sequence[_Line], gates: set[str], source: Source, program: Program) -> Iterator[Ablation]:
    """All gates without the terms in which a parameter multiplies a state entry by entry."""
    edits = []
    for line in lines:
        if gates & set(line.targets) and not isinstance(line.typed.right, Part):
            right = _without_terms(line, source, lambda node: _is_peephole(node, program))
            if right != line.right:
                edits.append((line.left, right))
    if edits:
        yield Ablation("no peepholes", "peepholes", tuple(edits))


def _is_peephole(node: Node, program: Program) -> bool:
    """Whether a term is a product, entry by entry, of one parameter and of states, all of one shape."""
    if isinstance(node, Product) and not {*node.operators} <= {"*", "·"}:
        return False
    if not isinstance(node, Product | Juxtaposition) or not all(isinstance(i, Reference) for i in node.items):
        return False
    references = [i for i in node.items if isinstance(i, Reference)]
    names = [r.name if r.name in program else r.name.removesuffix("_t") for r in references]
    if any(name not in program for name in names) or len({_indices(r) for r in references}) > 1:
        return False
    roles, shapes = [program[name].role for name in names], {program[name].dims for name in names}
    return (
        roles.count("parameter") == 1 and set(roles) == {"parameter", "state"} and len(shapes) == 1 and () not in shapes
    )


def _indices(reference: Reference) -> tuple[str, ...]:
    return tuple(i.name if isinstance(i, Reference) else "" for group in reference.indices for i in group)


def _without_terms(line: _Line, source: Source, goes: Callable[[Node], bool]) -> str:
    """The right side without some terms of its sums, as text; a sum of which nothing stays is 0."""
    right = line.right
    sums = [node for node in walk(line.typed.right) if isinstance(node, Sum)]
    for node in reversed(sums):  # from the right on, so that the places of what is left of it stay true
        stay = [(sign, term) for sign, term in node.terms if not goes(term)]
        if len(stay) < len(node.terms):
            texts = [("+ " if sign > 0 else "- ") + source.excerpt(term.span) for sign, term in stay]
            text = " ".join(texts).removeprefix("+ ") or "0"
            # The span of a sum in brackets holds the brackets.
            bracketed = node.span.start < node.terms[0][1].span.start and source.excerpt(node.span).startswith("(")
            right = _with(replace(line, right=right), source, node.span, f"({text})" if bracketed else text)
    return right


def _reads(passage: GatedProduct, gate: str) -> bool:
    return any(r.name == gate for part in (passage.factor, passage.operand) for r in part.operands)


def _ancestors(program: Program, name: str) -> set[str]:
    """Everything that a value is computed from within the step."""
    found, waiting = set[str](), [name]
    while waiting:
        definition = program.definitions.get(waiting.pop())
        for ref in definition.operands if definition is not None else ():
            if ref.name not in found:
                found.add(ref.name)
                waiting.append(ref.name)
    return found


def _calls(line: _Line) -> list[Application]:
    """Calls of functions of one argument, from left to right."""
    return [
        node
        for node in walk(line.typed.right)
        if isinstance(node, Application) and len(node.arguments) == 1 and _function(node) in {*FUNCTIONS, *SHORTHANDS}
    ]


def _function(call: Application) -> str:
    return ALIASES.get(call.head.name, call.head.name)


def _outermost(program: Program, name: str) -> str:
    definition = program.definitions[name]
    return type(definition.expression).__name__ if isinstance(definition, Pointwise) else ""


@cache
def is_activation(name: str) -> bool:
    """Whether a function of one argument rises, nowhere steeper than twice its argument, and without steps."""
    x = sp.Symbol("x")
    if name not in SHORTHANDS and FUNCTIONS[name].arity != 1:
        return False
    expression = SHORTHANDS[name](x) if name in SHORTHANDS else FUNCTIONS[name].function(x)
    at = np.linspace(-12.0, 12.0, 481)
    with np.errstate(all="ignore"):
        values = np.asarray(evaluate_expression(expression, {x: at}, NUMPY), dtype=float)
    if values.shape != at.shape or not np.isfinite(values).all():
        return False
    slopes = np.diff(values) / np.diff(at)
    # silu and gelu dip a little before they rise.
    rises = slopes.min() > -0.2 and values[-1] > values[0]
    smooth = np.count_nonzero(slopes > 1e-3) >= 20
    return bool(rises and smooth and slopes.max() < 2)


def _with(line: _Line, source: Source, span: Span, text: str) -> str:
    """The right side with other text at a span."""
    start, _ = source.typed_range(line.typed.right.span)
    first, last = source.typed_range(span)
    return line.right[: first - start] + text + line.right[last - start :]


def _shown(line: _Line) -> str:
    """Name of what a line defines: ``g``, ``h'``; ``H`` for H[1] and H[l]."""
    return line.base + ("'" if line.targets[0].endswith("'") else "")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text.split('(')[0]}(…)"
