"""Section of a derivation page: the equations, the meaning and shape of every symbol, the number of parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from gatedsym.calculus.costs import count_numbers
from gatedsym.equations import complex_arrays, without_instructions
from gatedsym.equations.uses import blocks
from gatedsym.ir.fixed_arrays import shorten_lists
from gatedsym.ir.functions import sigmoid, tanh
from gatedsym.ir.program import NUMBERS, Contraction, Equation, Layout, Pointwise, Recurrence, Statement, Tensor
from gatedsym.library import load as library
from gatedsym.messages import room
from gatedsym.typesetting.document import (
    Block,
    Formula,
    Group,
    Heading,
    Paragraph,
    Source,
    Spans,
    Table,
    comma_listing,
    listing,
    sentences,
)
from gatedsym.typesetting.fixed_arrays import is_listed, law_of
from gatedsym.typesetting.formulas import Atom, Expressions, Formulas
from gatedsym.typesetting.notation import (
    ONES,
    Box,
    Fence,
    Gap,
    Name,
    Number,
    Op,
    Piece,
    Row,
    bar,
    contains,
    entry,
    index_box,
    name_box,
    partial,
    superscript,
)
from gatedsym.typesetting.pages.step import Numbering, Step, formula
from gatedsym.typesetting.symbols import Symbols

say = room("typesetting")

EXAMPLE_SIZES = {"m": 32, "n": 64}


def equations_section(step: Step, numbering: Numbering) -> Iterator[Block]:
    """Everything that stands before the first derivative."""
    yield Heading(say("equations-heading"))
    yield Paragraph((say("equations-typed"),))
    yield Source(shorten_lists(without_instructions(step.recurrence.source.strip("\n"))))
    yield from _inner_cells(step)
    if scheme := step.recurrence.scheme:
        yield Paragraph((say("equations-scheme", scheme=scheme),))
    yield from _lines(step, numbering)
    named = [n for n in step.program.definitions if _is_helper(step, n)]
    if named:
        yield Paragraph((say("equations-arguments"),))
        first, *others = [step.program.definitions[name] for name in named]
        yield formula(step.primal, first, number=numbering.next(first.target.name))
        if others:
            yield Group(tuple(_without_entries(step, s, numbering) for s in others))
    yield from _notation(step)
    yield Heading(say("symbols-heading"), 3)
    header = (say("symbols-symbol"),), (say("symbols-shape"),), (say("symbols-meaning"),)
    yield Table(header, tuple(_symbols(step)))
    yield from _blocks(step)
    yield from _counts(step)


def _inner_cells(step: Step) -> Iterator[Block]:
    """Sentences on the cells that a text is made of: the paper of each stands at its first mention."""
    cited = set[str]()
    for alias, name in step.recurrence.uses:
        reference = "" if name in cited else _cited(step, name)
        cited.add(name)
        if alias and reference:
            line = say("equations-inner-suffix-cited", alias=alias, cell=name, reference=reference)
        elif alias:
            line = say("equations-inner-suffix", alias=alias, cell=name)
        elif reference:
            line = say("equations-inner-cited", cell=name, reference=reference)
        else:
            line = say("equations-inner", cell=name)
        yield Paragraph((line,))


def _cited(step: Step, name: str) -> str:
    """The reference of a cell of the library that a text uses as the library has it; "" of another cell."""
    if name not in library.names():
        return ""
    found = library.derivation(name)
    same = blocks(step.recurrence.source).get(name, "").split() == found.equations.split()
    return found.reference if same else ""


def _lines(step: Step, numbering: Numbering) -> Iterator[Block]:
    """The equations; where some are complex, each of these as typed above the pair of real ones that it is."""
    names = complex_arrays(step.recurrence)
    yield Paragraph((say("equations-typeset-complex" if names else "equations-typeset"),))
    real: list[Formula] = []
    for equation in step.recurrence.equations:
        formulas = tuple(_typeset(step, equation, numbering))
        if equation.target.rstrip("'") not in names:
            real += formulas
            continue
        if real:
            yield Group(tuple(real))
            real = []
        yield Source(shorten_lists(equation.text))
        yield Group(formulas)
    if real:
        yield Group(tuple(real))


def typeset_lines(recurrence: Recurrence) -> dict[str, tuple[Formula, ...]]:
    """Every typed line as a formula (a line over parts as several), by its text."""
    step = Step(recurrence, recurrence.program.results)
    return {
        equation.text: tuple(replace(f, number=0) for f in _typeset(step, equation, Numbering()))
        for equation in recurrence.equations
    }


def _is_helper(step: Step, name: str) -> bool:
    """True for what is printed under a letter that nobody typed."""
    return not step.program[name].named and not step.primal.symbols.inlined(name)


def _typeset(step: Step, equation: Equation, numbering: Numbering) -> Iterator[Formula]:
    """A typed line: everything that the engine introduced is put back in."""
    helpers = [n for n in equation.computes if n in step.program.definitions and not step.program[n].named]
    symbols = Symbols(step.program, inline=helpers, letters=step.letters)
    formulas = Formulas(symbols, step.typed)
    for name in equation.computes:
        if name in step.program.definitions and step.program[name].named:
            yield formula(formulas, step.program.definitions[name], number=numbering.next(name), with_entries=False)


def _without_entries(step: Step, statement: Statement, numbering: Numbering) -> Formula:
    number = numbering.next(statement.target.name)
    return formula(step.primal, statement, number=number, with_entries=False)


def _notation(step: Step) -> Iterator[Block]:
    """The signs of the page."""
    v, w, u, diag = Name("v"), Name("w"), Name("U"), Name("diag")
    j, k = index_box("j"), index_box("k")
    product = Row((v, Op("⊙"), w))
    rows = step.recurrence.rows
    if rows:
        yield Paragraph(say.spans("notation-rows", product=Row((v, Gap(), u))))
    signs: Spans = say.spans(
        "notation",
        product=product,
        diag=Row((diag, Fence(v))),
        vector=v,
        applied=Row((w, Gap(), diag, Fence(v)) if rows else (diag, Fence(v), Gap(), w)),
        entry=entry(v, [j]),
        entries=entry(u, [j, k]),
        transposed=superscript(u, Op("⊤")),
    )
    ones: Spans = ()
    if _needs_ones(step):
        total = Row((ONES, Gap(), superscript(v, Op("⊤"))) if rows else (superscript(ONES, Op("⊤")), Gap(), v))
        ones = say.spans("notation-ones", ones=ONES, total=total, vector=v)
    derivative = Row((entry(bar(v), [j]), Op("="), partial(step.loss, entry(v, [j]))))
    bars: Spans = say.spans("notation-bar", barred=bar(v), vector=v, derivative=derivative)
    yield Paragraph(sentences([signs, ones, bars]))
    names = [name_box(name) for name in complex_arrays(step.recurrence)]
    if names:
        yield Paragraph(say.spans("notation-complex", names=listing(names), count=len(names)))


def _needs_ones(step: Step) -> bool:
    """True if a formula of the page sums the entries of a vector."""
    pairs = [(step.primal, s) for s in step.program.statements]
    pairs += [(step.backward, s) for s in step.adjoint.statements]
    pieces = [formulas.arrays_of(s) for formulas, s in pairs]
    return any(p is not None and contains(p.box, ONES) for p in pieces)


# The table of symbols.


def shape_box(step: Step, name: str) -> Box:
    dims = step.program[name].dims
    if not dims:
        return Name("ℝ")
    parts: list[Box] = []
    for d in dims:
        parts += [Op("×"), dimension_box(d)] if parts else [dimension_box(d)]
    return superscript(Name("ℝ"), Row(tuple(parts)) if len(parts) > 1 else parts[0])


def dimension_box(name: str) -> Box:
    return Number(name) if name.isdigit() else name_box(name)


def _symbols(step: Step) -> Iterator[tuple[Spans, ...]]:
    program = step.program
    for name in program.sources:
        if program[name].role == "identity" or is_listed(program[name]) or _is_of_one_hots(step, name):
            continue
        if program[name].role != "fixed" or not _is_shown_by_name(step, name):
            yield (_letters(step, name), (shape_box(step, name),), meaning(step, name))
    for statement in program.statements:
        name = statement.target.name
        if program[name].role == "next" or step.primal.symbols.inlined(name):
            continue
        yield ((step.letter(name),), (shape_box(step, name),), _computed_meaning(step, statement))


def _letters(step: Step, name: str) -> Spans:
    tensor = step.program[name]
    if tensor.role == "state" and tensor.lag == 1 and f"{tensor.of}'" in step.program:
        return comma_listing([step.letter(name), step.letter(f"{tensor.of}'")])
    return (step.letter(name),)


def meaning(step: Step, name: str) -> Spans:
    """Meaning of a given tensor, told by its role and by what reads it."""
    tensor = step.program[name]
    if tensor.role == "input":
        return (_input_meaning(step, name),)
    if tensor.role == "state":
        return (say("meaning-state") if tensor.lag == 1 else say("meaning-late-state", steps=tensor.lag),)
    if tensor.role == "constant":
        return (say("meaning-constant", value=f"{tensor.value}"),)
    if tensor.role == "fixed":
        return (_law_meaning(tensor),)
    return _parameter_meaning(step, name)


def _input_meaning(step: Step, name: str) -> str:
    tensor = step.program[name]
    parts = {part: layout.name for layout in step.recurrence.inputs for part in layout.parts}
    domain = step.recurrence.domains.get(parts.get(tensor.of or name, ""))
    if domain is None:
        return say("meaning-late-input", steps=tensor.lag) if tensor.lag else say("meaning-input")
    if tensor.lag:
        return say(
            "meaning-late-input-entries" if tensor.dims else "meaning-late-input-number",
            steps=tensor.lag,
            domain=f"{domain}",
        )
    return say("meaning-input-entries" if tensor.dims else "meaning-input-number", domain=f"{domain}")


def _law_meaning(tensor: Tensor) -> str:
    """The entries of a fixed array in words."""
    return say("meaning-fixed-listed") if is_listed(tensor) else say("meaning-fixed-law", law=law_of(tensor).text)


def _parameter_meaning(step: Step, name: str) -> Spans:
    into = listing([step.letter(n) for n in _gates(step, name)])
    for statement in step.users[name]:
        if isinstance(statement, Contraction):
            others = [f.name for f in statement.factors if f.name != name]
            if len(others) == 1:
                role, source = step.program[others[0]].role, step.letter(others[0])
                return say.spans("meaning-weights", kind=role, source=source, into=into)
    if any(isinstance(s, Pointwise) and _is_added(s, name) for s in step.users[name]):
        return say.spans("meaning-bias", into=into)
    return say.spans("meaning-parameter", into=into)


def _is_added(statement: Pointwise, name: str) -> bool:
    symbols = {r.symbol for r in statement.operands if r.name == name}
    return any(term in symbols for term in sp.Add.make_args(statement.expression))


def _gates(step: Step, name: str) -> list[str]:
    """The typed quantities whose equation reads a parameter."""
    found: list[str] = []
    for user in step.shown_users(name):
        equation = step.equation_of(user)
        target = equation.target if equation is not None and equation.target in step.program else user
        found.append(target)
    return list(dict.fromkeys(found))


def _is_shown_by_name(step: Step, name: str) -> bool:
    """Whether a typed name stands for a fixed array wherever it is read: that name's row tells what it is."""
    return all(_is_copy(s) and step.program[s.target.name].named for s in step.users[name])


def _is_of_one_hots(step: Step, name: str) -> bool:
    """Whether nothing but one-hot vectors reads a fixed array: a page shows their tokens."""
    if step.program[name].role != "fixed" or not step.users[name]:
        return False
    return all(s.target.name in step.one_hots for s in step.users[name])


def _is_copy(statement: Statement) -> bool:
    return isinstance(statement, Pointwise) and statement.expression.is_Symbol


def _fixed_meaning(step: Step, statement: Statement) -> Spans | None:
    """Meaning of what no parameter moves; None of anything else."""
    program = step.program
    name = statement.target.name
    moving = program.reached_from(n for n in program.sources if program[n].role not in NUMBERS)
    if name in moving or not any(program[r.name].role == "fixed" for r in statement.operands):
        return None
    source = program[statement.operands[0].name]
    if _is_copy(statement):
        return (_law_meaning(source),)
    return (say("meaning-fixed"),)


def _computed_meaning(step: Step, statement: Statement) -> Spans:
    name = statement.target.name
    fixed = _fixed_meaning(step, statement)
    if fixed is not None:
        return fixed
    if isinstance(statement, Pointwise):
        function = statement.expression.func
        if function is sigmoid:
            return (say("meaning-gate"),)
        if function is tanh:
            return (say("meaning-tanh"),)
    if not step.program[name].named:
        equation = step.equation_of(name)
        if equation is not None and equation.target in step.program:
            return say.spans("meaning-argument", of=step.letter(equation.target))
        return (say("meaning-intermediate"),)
    return (say("meaning-output" if step.program[name].role == "output" else "meaning-intermediate"),)


def _blocks(step: Step) -> Iterator[Block]:
    """Arrays whose sizes are declared as sums, and the blocks that the equations above speak of."""
    recurrence = step.recurrence
    groups = (recurrence.inputs, recurrence.states, recurrence.outputs, recurrence.parameters, recurrence.locals)
    divided = [layout for group in groups for layout in group if layout.is_divided]
    if divided:
        rows = [((name_box(ly.name),), (_sum_box(ly),), comma_listing(_blocks_of(step, ly))) for ly in divided]
        yield Paragraph((say("blocks-intro"),))
        yield Table(((say("blocks-array"),), (say("blocks-shape"),), (say("blocks-parts"),)), tuple(rows))


def _blocks_of(step: Step, layout: Layout) -> list[Box]:
    following = [f"{part}'" if f"{part}'" in step.program else part for part in layout.parts]
    return [step.letter(part) for part in following if part in step.program]


def _sum_box(layout: Layout) -> Box:
    """The shape of an array: sums of sizes between crosses."""
    parts: list[Box] = []
    for axis in layout.axes:
        size = sp.Add(*(sp.Integer(d) if d.isdigit() else sp.Symbol(d) for d in axis))
        box = Fence(size_box(size)) if size.is_Add and len(layout.axes) > 1 else size_box(size)
        parts += [Op("×"), box] if parts else [box]
    return superscript(Name("ℝ"), Row(tuple(parts)))


# The count of parameters.


def _counts(step: Step) -> Iterator[Block]:
    layouts = step.recurrence.parameters
    if not layouts:
        return
    yield Heading(say("counts-heading"), 3)
    groups: dict[str, list[Layout]] = {}
    for layout in layouts:
        gates = _gates(step, layout.parts[0])
        groups.setdefault(gates[0] if len(gates) == 1 else "", []).append(layout)
    rows = []
    for gate, members in groups.items():
        total = count_numbers(members)
        letters = comma_listing([name_box(m.name) for m in members])
        rows.append(((step.letter(gate),) if gate else (say("counts-several"),), letters, (size_box(total),)))
    yield Table(((say("counts-block"),), (say("counts-parameters"),), (say("counts-numbers"),)), tuple(rows))
    yield Paragraph(_total(layouts))


def size_box(size: sp.Expr) -> Box:
    """A size, in dimensions."""
    symbols = sorted(size.free_symbols, key=str, reverse=True)
    atoms = {s: Atom(Piece(name_box(str(s))), False) for s in symbols}
    return _Polynomials(atoms, lambda s: float(symbols.index(s))).piece(size).whole()


class _Polynomials(Expressions):
    """Sums of sizes: the highest degree first."""

    def _term_key(self, term: sp.Expr) -> tuple[list[float], int, str]:
        places, length, text = self._factor_key(term)
        degree = sp.Poly(term).total_degree() if term.free_symbols else 0
        return [-float(degree), *places], length, text


def _total(layouts: tuple[Layout, ...]) -> Spans:
    total = count_numbers(layouts)
    factored = sp.factor(total)
    shown = size_box(total)
    if factored != total and factored.is_Mul:
        shown = Row((size_box(total), Op("="), size_box(factored)))
    sizes = {s: EXAMPLE_SIZES[str(s)] for s in total.free_symbols if str(s) in EXAMPLE_SIZES}
    if not sizes or len(sizes) < len(total.free_symbols):
        return say.spans("counts-total", total=shown)
    where = listing([Row((Name(str(s)), Op("="), Number(str(v)))) for s, v in sorted(sizes.items(), key=str)])
    return say.spans("counts-total-example", total=shown, sizes=where, number=f"{int(total.subs(sizes)):,}")
