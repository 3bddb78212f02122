"""The numbers of a worked example: what is printed follows from what is printed as given."""

from __future__ import annotations

import ast
import doctest
import re
import warnings
from dataclasses import replace
from importlib import import_module
from unicodedata import normalize

import numpy as np
import pytest
from literature import CELLS

import gatedsym as gs
from gatedsym.course import worked_example
from gatedsym.course.digits import number_text
from gatedsym.course.example import WorkedExample, carry_out
from gatedsym.course.numbers import number_page
from gatedsym.equations import read_equations
from gatedsym.errors import ArgumentError, EquationWarning
from gatedsym.ir.program import Recurrence
from gatedsym.library import load as library
from gatedsym.typesetting.in_time import at_time
from gatedsym.typesetting.notation import name_box, time_box
from gatedsym.typesetting.pages.derivation import FORMATS, render
from gatedsym.typesetting.plain import formula_text


def recurrence(name: str) -> Recurrence:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(CELLS[name], name=name)


def printed_arrays(text: str) -> dict[str, dict[str, np.ndarray]]:
    """The lists of Python at the end of a page."""
    block = text[text.index("    parameters = {") :]
    tree = ast.parse("\n".join(line[4:] for line in block.splitlines()))
    return {
        ast.unparse(s.targets[0]): {k: np.array(v, dtype=float) for k, v in ast.literal_eval(s.value).items()}
        for s in tree.body
        if isinstance(s, ast.Assign)
    }


def printed_value(text: str, left: str) -> np.ndarray:
    """The last grid of numbers, or number, of the formula whose left side is given."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.strip().startswith(f"{left} ="))
    end = start + 1
    while lines[end].startswith("     ") and lines[end].strip().startswith(("=", "+")):
        end += 1
    last = " ".join(lines[start:end]).split("=")[-1].strip()
    number = lambda w: float(re.sub(r"·10\^\{?(.*?)\}?$", r"e\1", w.replace("−", "-")))  # noqa: E731
    rows = [[number(w) for w in row.split()] for row in last.strip("[]").split(";")]
    return np.array(rows)


def lstm_loss(p: dict[str, np.ndarray], page: dict[str, dict[str, np.ndarray]]) -> complex:
    """The LSTM by hand."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    h, c, loss = page["before"]["h"][0], page["before"]["c"][0], 0.0
    for x, target in zip(page["inputs"]["x"], page["targets"]["h"], strict=True):
        i, f, o = (sigmoid(p[f"W_{k}"] @ x + p[f"U_{k}"] @ h + p[f"b_{k}"]) for k in "ifo")
        g = np.tanh(p["W_g"] @ x + p["U_g"] @ h + p["b_g"])
        c = f * c + i * g
        h = o * np.tanh(c)
        loss = loss + np.sum((h - target) ** 2) / 2
    return loss


def test_gradients_of_the_page_follow_from_its_printed_inputs():
    text = render(number_page(gs.cell("lstm").recurrence))
    page = printed_arrays(text)
    assert f"L = {number_text(float(lstm_loss(page['parameters'], page)))}" in text
    for name, value in page["parameters"].items():
        letter, gate = name.split("_")
        printed = printed_value(text, normalize("NFC", f"{letter}\u0304_{gate}")).reshape(value.shape)
        for place in np.ndindex(value.shape):
            moved = {k: v.astype(complex) for k, v in page["parameters"].items()}
            moved[name][place] += 1e-30j
            slope = lstm_loss(moved, page).imag / 1e-30
            assert printed[place] == pytest.approx(slope, abs=0.6e-4), (name, place)


def test_states_and_adjoints_of_the_page_are_those_of_the_kernels():
    cell = gs.cell("lstm")
    text = render(number_page(cell.recurrence))
    page = printed_arrays(text)
    run = cell.forward(page["parameters"], page["inputs"]["x"][:, None], initial=page["before"])
    grads = cell.backward(page["parameters"], run, {"h": run["h"][1:] - page["targets"]["h"][:, None]})
    for name in ("h", "c", "i", "f"):
        rows = run[name][-2:]
        for t in (1, 2):
            assert printed_value(text, f"{name}_{t}")[:, 0] == pytest.approx(rows[t - 1, 0], abs=0.6e-4)
    assert printed_value(text, "x̄_1")[:, 0] == pytest.approx(grads.x[0, 0], abs=0.6e-4)
    assert printed_value(text, "c̄_0^←")[:, 0] == pytest.approx(grads.initial["c"].ravel(), abs=0.6e-4)
    # The adjoint of a gate at both steps, and the highway's.
    for t in (1, 2):
        assert printed_value(text, f"f̄_{t}")[:, 0] == pytest.approx(grads.locals["f"][t - 1, 0], abs=0.6e-4)


def total_loss(example: WorkedExample) -> float:
    return sum(example.loss(t) for t in range(1, example.steps + 1))


def check_gradients(example: WorkedExample) -> None:
    """Every parameter and every row that is given, along one direction, against a central difference."""
    generator, step = np.random.default_rng(1), 1e-5
    # One direction has a part along each parameter; another along each input and state.
    for field, slopes in (("parameters", example.gradients), ("rows", example.rows)):
        direction = {k: generator.normal(size=np.shape(v)) for k, v in slopes.items()}
        expected = sum(float(np.sum(slopes[k] * direction[k])) for k in slopes)
        ends = [total_loss(carry_out(moved(example, field, direction, sign * step))) for sign in (1, -1)]
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(expected, rel=2e-5, abs=1e-7), field


def moved(example: WorkedExample, field: str, direction, by: float) -> WorkedExample:
    if field == "parameters":
        return replace(example, parameters={k: v + by * direction[k] for k, v in example.parameters.items()})
    past = {k: v + by * direction[k] for k, v in example.past.items()}
    inputs = {
        of: np.array([row + by * direction[of, t + 1] for t, row in enumerate(rows)])
        for of, rows in example.inputs.items()
    }
    return replace(example, past=past, inputs=inputs)


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.sampled
def test_gradients_are_what_the_loss_says(name):
    check_gradients(worked_example(recurrence(name), steps=3))


def test_a_cut_gradient_is_the_sum_of_what_the_chunks_give_alone():
    whole = worked_example(gs.cell("gru").recurrence, steps=4)
    cut = whole.truncated(2)
    second = replace(
        whole,
        steps=2,
        past={("h", 0): whole.values[1]["h'"]},
        inputs={"x": whole.inputs["x"][2:]},
        targets={"h'": whole.targets["h'"][2:]},
    )
    first = replace(whole, steps=2, inputs={"x": whole.inputs["x"][:2]}, targets={"h'": whole.targets["h'"][:2]})
    alone = [carry_out(part).gradients for part in (first, second)]
    for name in whole.gradients:
        np.testing.assert_allclose(cut.gradients[name], alone[0][name] + alone[1][name], rtol=1e-12)
        assert not np.allclose(cut.gradients[name], whole.gradients[name])


def test_given_numbers_have_one_decimal():
    example = worked_example(gs.cell("gru").recurrence)
    for array in (*example.parameters.values(), *example.inputs.values(), *example.past.values()):
        np.testing.assert_array_equal(array, np.round(array, 1))
        assert np.all(array != 0)


def test_the_same_seed_gives_the_same_page_and_another_one_another():
    cell = gs.cell("rnn").recurrence
    assert render(number_page(cell)) == render(number_page(cell))
    assert render(number_page(cell)) != render(number_page(cell, seed=1))


def test_a_size_that_the_cell_lacks_is_refused_with_those_it_has():
    with pytest.raises(ArgumentError, match="no dimension q: its dimensions are"):
        worked_example(gs.cell("rnn").recurrence, sizes={"q": 2})
    assert worked_example(gs.cell("rnn").recurrence, sizes={"n": 3}).gradients["U"].shape == (3, 3)


def test_a_cell_that_is_never_finite_is_refused():
    with pytest.raises(ArgumentError, match="no finite values"):
        worked_example(read_equations("x in R^m; h in R^m\nh' = log(-exp(x * h))", name="never"))


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.sampled
def test_every_format_has_every_number(name):
    page = number_page(recurrence(name))
    assert all(render(page, format).count("0.") > 10 for format in FORMATS)


@pytest.mark.parametrize("name", library.names())
@pytest.mark.sampled
def test_every_cell_of_the_library_has_an_example(name):
    assert total_loss(worked_example(gs.cell(name).recurrence)) >= 0


@pytest.mark.parametrize(
    ("name", "lag", "printed"),
    [
        ("h", 0, "h_2"),
        ("h", 1, "h_1"),
        ("h", 3, "h_{−1}"),
        ("a_i", 0, "a_{i,2}"),
        ("t", 1, "t_1"),
        ("W_t", 1, "W_{t,1}"),
    ],
)
def test_a_step_stands_where_the_time_stood_and_nowhere_else(name, lag, printed):
    assert formula_text(at_time(name_box(name, time_box(lag)), 2)) == printed


def test_the_weights_of_a_gate_t_have_no_time():
    text = render(number_page(read_equations("x, t in R^n; W_t in R^(n,n)\nt' = tanh(W_t @ x) * t", name="cell")))
    assert "W_t x_1" in text
    assert "t_1 = " in text


@pytest.mark.parametrize("module", ["course.example", "course.exercise", "diagrams.wires"])
def test_examples_in_docstrings_say_what_is_so(module):
    found = doctest.testmod(import_module(f"gatedsym.{module}"))
    assert found.attempted
    assert not found.failed
