"""Every formula that a derivation page prints, read as a person would read it, computes what the engine computes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from derivation_cells import CELLS
from numpy.testing import assert_allclose
from reader_of_formulas import EntryReader, Reader, named

from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.equations import read_equations
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.typesetting.document import Formula, Group
from gatedsym.typesetting.formulas import function_box
from gatedsym.typesetting.notation import Name, big, name_box, partial, split_name
from gatedsym.typesetting.pages.jacobian import jacobian_section
from gatedsym.typesetting.pages.step import Numbering, Step
from gatedsym.typesetting.symbols import Symbols

M, N = 4, 3
WITH_MATRICES = [name for name in CELLS if name != "heads"]


@cache
def step_of(cell: str) -> Step:
    recurrence = read_equations(CELLS[cell], name=cell)
    return Step(recurrence, recurrence.program.results[:1])


@cache
def values_of(cell: str) -> dict[str, np.ndarray]:
    """Values of the step, of its adjoint for random cotangents, and of its Jacobian."""
    step = step_of(cell)
    program, rng = step.program, np.random.default_rng(5)
    sizes = {"m": M, "n": N, "p": 2, "q": 5}
    values = {}
    for name in program.sources:
        shape = tuple(sizes[d] for d in program[name].dims)
        role = program[name].role
        if role == "identity":
            values[name] = np.eye(shape[0])
        elif role != "constant":
            values[name] = rng.normal(size=shape)
    values = evaluate(program, values, NUMPY)
    for name in step.adjoint.sources:
        if step.adjoint[name].role == "cotangent":
            values[name] = rng.normal(size=values[step.adjoint[name].of].shape)
    values |= {f"delta_{dim}": np.eye(size) for dim, size in sizes.items()}
    values = evaluate(step.graph.derived, evaluate(step.adjoint, values, NUMPY), NUMPY)
    return evaluate(derive_jacobian(program), values, NUMPY)


def as_matrix(value: np.ndarray, rows: bool) -> np.ndarray:
    """A vector as the column, or the row, that the page takes it for."""
    return value if value.ndim != 1 else value[None, :] if rows else value[:, None]


def reader(cell: str, symbols: Symbols) -> Reader:
    """A reader who knows the letters of a page."""
    step, values = step_of(cell), values_of(cell)
    letters = {name_box("m"): np.asarray(float(M)), name_box("n"): np.asarray(float(N))}
    for name in symbols.tensors:
        if name not in values:
            continue
        formulas = step.backward if symbols is step.backward.symbols else step.primal
        if not symbols.inlined(name) and symbols.tensors[name].role != "identity":
            letters[formulas.letter(name)] = as_matrix(values[name], step.recurrence.rows)
    return Reader(letters, N, step.recurrence.rows)


def statements(step: Step) -> list[tuple[object, object]]:
    found = [(step.primal, s) for p in (step.program, step.graph.derived) for s in p.statements]
    return found + [(step.backward, s) for s in step.adjoint.statements]


@pytest.mark.parametrize("cell", WITH_MATRICES)
def test_matrix_notation_says_what_the_statement_computes(cell: str):
    step, values = step_of(cell), values_of(cell)
    readers = {id(f): reader(cell, f.symbols) for f in (step.primal, step.backward)}
    read = 0
    for formulas, statement in statements(step):
        piece = formulas.arrays_of(statement)
        if piece is None:
            continue
        expected = as_matrix(values[statement.target.name], step.recurrence.rows)
        got = np.broadcast_to(readers[id(formulas)].value(piece.whole()), expected.shape)
        assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=str(statement))
        read += 1
    assert read > len(step.program.statements)


@pytest.mark.parametrize("cell", list(CELLS))
def test_entries_say_what_the_statement_computes(cell: str):
    step, values = step_of(cell), values_of(cell)
    for formulas, statement in statements(step):
        letters = {name_box("m"): np.asarray(float(M)), name_box("n"): np.asarray(float(N))}
        for name in formulas.symbols.tensors:
            if name in values and (not formulas.symbols.inlined(name) or name in formulas.symbols.primal):
                letters[formulas.letter(name)] = values[name]
        if all(formulas.symbols.tensors[r.name].role == "identity" for r in statement.operands):
            continue  # the size of a dimension: its own formula is never printed
        expected = values[statement.target.name]
        person = EntryReader(letters)
        formula = formulas.entries_of(statement).whole()
        free = [formulas.symbols.index(i) for i in statement.target.indices]
        for where in np.ndindex(expected.shape):
            got = person.value(formula, dict(zip(free, where, strict=True)))
            assert_allclose(got, expected[where], rtol=1e-9, atol=1e-12, err_msg=str(statement))


@pytest.mark.parametrize("name", ["step", "half_step", "sign"])
def test_a_letter_of_what_jumps_says_its_value_at_the_jump(name: str):
    around = np.array([-2.0, 0.0, 2.0])
    assert_allclose(named(function_box(name))(around), NUMPY.functions[name](around), rtol=0, atol=0)


@pytest.mark.parametrize("cell", [c for c in WITH_MATRICES if c != "feed_forward"])
def test_blocks_of_the_jacobian_in_closed_form_are_the_derived_blocks(cell: str):
    step, values = step_of(cell), values_of(cell)
    person = reader(cell, step.primal.symbols)
    letters = dict(person.letters)
    numbering = Numbering()
    blocks = [b for b in jacobian_section(step, numbering) if isinstance(b, Formula)]
    checked = 0
    for block in blocks:
        for right in block.right:
            value = Reader(letters, N, step.recurrence.rows).value(right)
            letters.setdefault(block.left, value)
            assert_allclose(value, letters[block.left], rtol=1e-9, atol=1e-12)
    for source in step.states:
        for result in step.nexts:
            left = partial(step.letter(result), step.letter(source))
            if left in letters and len(step.program[source].dims) == 1 == len(step.program[result].dims):
                expected = values[f"J[{result},{source}]"]
                assert_allclose(np.broadcast_to(letters[left], expected.shape), expected, rtol=1e-9, atol=1e-12)
                checked += 1
    assert checked


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_line_of_the_adjoint_is_on_the_page(cell: str):
    from gatedsym.typesetting.pages.derivation import derivation

    step = step_of(cell)
    document = derivation(step.recurrence)
    formulas = [b for b in document.blocks if isinstance(b, Formula)]
    formulas += [f for b in document.blocks if isinstance(b, Group) for f in b.formulas]
    numbers = [f.number for f in formulas if f.number]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    left_sides = {f.left for f in formulas}
    for name in step.adjoint.results:
        of = step.adjoint[name].of
        if len(step.program[of].dims) < 2 or step.program[of].role == "state":
            letter = step.backward.letter(name)
            assert any(letter == left or str(letter) in str(left) for left in left_sides), name


def test_a_sum_over_time_puts_brackets_around_more_than_one_term():
    from gatedsym.typesetting.notation import Level, Piece, add
    from gatedsym.typesetting.plain import formula_text

    two = add([Piece(Name("a")), Piece(Name("b"))])
    assert two.level == Level.SUM
    assert formula_text(big("∑", Name("t"), two).box) == "∑_t (a + b)"


@pytest.mark.parametrize(("name", "printed"), [("W_xi", "xi"), ("W_hi", "hi"), ("b_phi", "ϕ")])
def test_the_way_from_x_to_i_is_no_greek_letter(name, printed):
    assert split_name(name)[1] == [Name(printed)]
