"""Exercises: every solution is what the derivation and the numbers of the cell say, and what is asked lacks it."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from functools import cache

import numpy as np
import pytest
from literature import CELLS

import gatedsym as gs
from gatedsym.course.blanks import BLANK, blanks_of
from gatedsym.course.digits import array_box
from gatedsym.course.exercise import Exercise, exercises
from gatedsym.course.exercise_page import SOLUTIONS, exercise_page
from gatedsym.course.gates import gates_on_highways
from gatedsym.equations import read_equations
from gatedsym.errors import ArgumentError, EquationWarning
from gatedsym.ir.program import Recurrence
from gatedsym.typesetting.document import Block, Document, Formula, Group, Paragraph
from gatedsym.typesetting.notation import Box, contains, mapped
from gatedsym.typesetting.pages.adjoint import gradient_lines, recursion_lines
from gatedsym.typesetting.pages.derivation import FORMATS, read_by_loss, render
from gatedsym.typesetting.pages.step import Step
from gatedsym.typesetting.plain import formula_text, spans_text


@cache
def recurrence(name: str) -> Recurrence:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return gs.cell(name).recurrence if name in ("lstm", "gru", "rnn", "glu") else read_equations(CELLS[name])


@cache
def made(name: str, seed: int = 0) -> tuple[Exercise, ...]:
    return exercises(recurrence(name), seed=seed)


def filled(box: Box, part: Box) -> Box:
    return part if box == BLANK else mapped(box, lambda inner: filled(inner, part))


def formula_of(blocks: tuple[Block, ...]) -> Formula:
    return next(b for b in blocks if isinstance(b, Formula))


def words(blocks: tuple[Block, ...]) -> str:
    return " ".join(spans_text(b.spans) for b in blocks if isinstance(b, Paragraph))


@pytest.mark.parametrize("name", ["lstm", "gru", "rhn", "delays", "mlstm"])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.sampled
def test_what_belongs_in_a_box_makes_the_line_of_the_derivation(name, seed):
    step = Step(recurrence(name), read_by_loss(recurrence(name)))
    known = {(line.left, line.right[0]) for line in recursion_lines(step).values()}
    known |= {(line.left, line.right[0]) for line in gradient_lines(step).values()}
    fills = [e for e in made(name, seed) if e.kind in ("adjoint", "gradient")]
    assert len(fills) > 1
    for exercise in fills:
        asked, answer = formula_of(exercise.question), formula_of(exercise.solution)
        assert (answer.left, answer.right[0]) in known
        part = next(s for s in exercise.solution[0].spans if not isinstance(s, str))
        assert contains(asked.right[0], BLANK)
        assert filled(asked.right[0], part) == answer.right[0]


def test_each_term_and_factor_of_a_line_can_be_left_out():
    step = Step(recurrence("lstm"), read_by_loss(recurrence("lstm")))
    line = next(v for v in recursion_lines(step).values() if formula_text(v.left) == "ā_{f,t}")
    assert [formula_text(b.part) for b in blanks_of(line)] == ["f̄_t", "f_t", "(1 − f_t)"]


def test_the_missing_path_and_those_that_are_shown_are_the_whole_derivative():
    """In entries, by hand: of the LSTM's ∂h/∂h the four paths, each through one gate."""
    gates = set()
    for seed in range(8):
        for exercise in made("lstm", seed):
            if exercise.kind == "path" and "∂h_t/∂h" in formula_text(formula_of(exercise.question).left):
                shown = formula_text(formula_of(exercise.question).right[0])
                missing = re.search(r"→ a_\{(\w),t\}", words(exercise.solution))
                assert missing
                assert set("ifgo") - set(re.findall(r"U_(\w)", shown)) == {missing[1]}
                assert words(exercise.solution).rstrip(".").endswith(f"U_{missing[1]}")
                gates.add(missing[1])
    assert len(gates) > 1


def test_an_open_forget_gate_keeps_and_a_closed_one_forgets():
    exercise = next(e for e in made("lstm") if e.kind == "gate")
    lines = [
        formula_text(b.left) + " = " + formula_text(b.right[0]) for b in exercise.solution if isinstance(b, Formula)
    ]
    assert lines == ["c_t = c_{t−1} + i_t ⊙ g_t", "c_t = i_t ⊙ g_t"]
    said = words(exercise.solution)
    assert "At f_t = 1 the factor of the highway is 1" in said
    assert "At f_t = 0 the factor of the highway is 0" in said
    steps = int(re.search(r"after (\d+) steps where", said)[1])
    keep, bias = (float(x) for x in re.search(r"factor is ([\d.]+): .* a bias of ([\d.]+)\.", said).groups())
    assert keep**steps == pytest.approx(0.5, rel=2e-3 * steps)
    assert 1 / (1 + np.exp(-bias)) == pytest.approx(keep, abs=2e-4)


def test_an_update_gate_keeps_where_it_is_closed():
    exercise = next(e for e in made("gru") if e.kind == "gate")
    lines = [formula_text(b.right[0]) for b in exercise.solution if isinstance(b, Formula)]
    assert lines == ["g_t", "h_{t−1}"]
    assert "At z_t = 0 the factor of the highway is 1" in words(exercise.solution)
    assert "a bias of −" in words(exercise.solution)


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.sampled
def test_gates_at_one_and_zero_are_the_factor_with_numbers_in_it(name):
    """Where the gate is all of the factor it is 1 or 0; where it is a part, the gate is gone from it."""
    step = Step(recurrence(name), read_by_loss(recurrence(name)))
    for gate in gates_on_highways(step):
        for value in (0, 1):
            factor, line = gate.factor_at(step, value), gate.update_at(step, value)
            assert not contains(factor, step.letter(gate.name))
            assert line is None or not contains(line.right[0], step.letter(gate.name))
            if gate.single is not None:
                assert formula_text(factor) == str(1 - value if gate.single else value)


def test_a_gate_among_other_factors_is_asked_of_without_a_bias():
    cell = gs.cell("rhn").recurrence
    gates = [e for e in exercises(cell) if e.kind == "gate"]
    assert len(gates) == 2
    assert "beside other factors" in words(gates[0].question)
    assert "At T_{1,t} = 0 the factor of the highway is 1 − T_{2,t}" in words(gates[0].solution)
    assert "bias" not in words(gates[0].solution)


def test_numbers_of_an_exercise_are_those_of_the_worked_example():
    from gatedsym.course import worked_example

    example = worked_example(recurrence("lstm"))
    shown = {str(array_box(v)) for v in (*example.adjoints[1].values(),)}
    for exercise in made("lstm"):
        if exercise.kind == "number":
            assert str(formula_of(exercise.solution).right[-1]) in shown
            given = next(b for b in exercise.question if isinstance(b, Group))
            for line in given.formulas:
                assert any(contains(r, line.left) for r in formula_of(exercise.solution).right)


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn"])
def test_no_exercise_gives_away_what_another_one_asks_for(name):
    asked = []
    for exercise in (e for seed in range(3) for e in made(name, seed)):
        if exercise.kind == "start":
            asked = []
        if exercise.kind == "number":
            shown = [line.left for b in exercise.question if isinstance(b, Group) for line in b.formulas]
            assert not [letter for letter in asked if letter in shown]
            asked.append(formula_of(exercise.solution).left)


def test_a_number_that_was_asked_for_is_named_where_it_is_needed():
    told = [words(e.question) for e in made("lstm") if e.kind == "number"]
    assert "from these numbers" in told[0]
    assert re.search(r"from .*f.*, which was asked for before, and from these numbers", told[1])


def test_the_steps_and_pairs_of_a_truncation_are_counted():
    for seed in range(4):
        exercise = next(e for e in made("rnn", seed) if e.kind == "truncation")
        steps, chunk = map(int, re.search(r"of (\d+) steps .* chunks of (\d+)", words(exercise.question)).groups())
        loss = int(re.search(r"ℓ_\{?(\d+)", words(exercise.question))[1])
        first, last, whole, kept = map(
            int, re.search(r"steps (\d+) to (\d+).* Of (\d+) pairs (\d+)", words(exercise.solution)).groups()
        )
        chunk_of = [(t - 1) // chunk for t in range(steps + 1)]
        assert [t for t in range(1, loss + 1) if chunk_of[t] == chunk_of[loss]] == list(range(first, last + 1))
        pairs = [(a, b) for a in range(1, steps + 1) for b in range(1, a + 1)]
        assert (whole, kept) == (len(pairs), sum(chunk_of[a] == chunk_of[b] for a, b in pairs))


def test_a_cell_without_state_has_nothing_of_time():
    assert {e.kind for e in made("glu")} <= {"adjoint", "gradient", "number"}


def test_the_same_seed_gives_the_same_exercises():
    assert exercises(recurrence("gru"), seed=3) == exercises(recurrence("gru"), seed=3)
    assert made("gru", 0) != made("gru", 3)


def test_solutions_fold_follow_stand_alone_or_are_left_out():
    pages = {s: exercise_page(recurrence("rnn"), solutions=s) for s in SOLUTIONS}
    html = {s: render(page, "html") for s, page in pages.items()}
    assert html["fold"].count("<details>") == len(made("rnn"))
    assert "<details>" not in html["end"]
    assert "Solution 1" in html["end"]
    assert "Solution" not in html["none"]
    assert "Fill in" not in html["only"]
    with pytest.raises(ArgumentError, match="solutions"):
        exercise_page(recurrence("rnn"), solutions="perhaps")


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn", "glu"])
@pytest.mark.long
def test_pages_of_exercises_are_written_in_every_format(name, tmp_path):
    page: Document = exercise_page(recurrence(name))
    for format in FORMATS:
        assert render(page, format).count("Solution") >= len(made(name))
    if shutil.which("pdflatex"):
        (tmp_path / "page.tex").write_text(render(page, "latex"), "utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120)
        assert done.returncode == 0, done.stdout[-2000:]
