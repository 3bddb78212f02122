"""A cell in a cell: its equations stand among the text's own, each name with the alias behind it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.equations import edit_equations, read_equations
from gatedsym.equations.uses import blocks, whole
from gatedsym.errors import ArgumentError, EquationError
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Recurrence
from gatedsym.proofs.engine.brute_force import prove_adjoint
from gatedsym.typesetting.pages.derivation import derivation, render

LEAK = "x, h in R^n; a in R^n\nh' = a * h + x"
OUTER = "x_t in R^m; V in R^(n,m); P in R^(n,n); y in R^n\n"


@pytest.fixture(autouse=True)
def leak():
    gs.register("leak", LEAK)
    gs.register("each", "x in R^m; h in R^n; W in R^(n,m)\nh'[j] = sum[k] W[j,k] * x[k]")


def texts(text: str) -> list[str]:
    return [equation.text for equation in read_equations(text).equations]


def test_states_and_parameters_become_those_of_the_text():
    found = read_equations(f"{OUTER}use leak as inner: x = V @ x_t\ny' = tanh(P @ y + inner.h')")
    assert [layout.name for layout in found.states] == ["y", "h_inner"]
    assert [layout.name for layout in found.parameters] == ["V", "P", "a_inner"]
    assert [equation.text for equation in found.equations] == [
        "y' = tanh(P @ y + h_inner')",
        "x_inner = V @ x",
        "h_inner' = a_inner * h_inner + x_inner",
    ]
    assert found.uses == (("inner", "leak"),)


def test_a_bound_state_has_no_memory_of_its_own():
    found = read_equations(f"{OUTER}use leak as inner: x = V @ x_t, h = P @ y\ny' = inner.h'")
    assert [layout.name for layout in found.states] == ["y"]
    expected = read_equations(f"{OUTER}a_inner in R^n\ny' = a_inner * (P @ y) + V @ x_t")
    values = {n: np.random.default_rng(0).normal(size=[{"m": 2, "n": 3}[d] for d in expected.program[n].dims])
              for n in expected.program.sources}  # fmt: skip
    results = [evaluate(r.program, values, NUMPY)["y'"] for r in (found, expected)]
    assert np.allclose(*results, rtol=1e-15)


@pytest.mark.parametrize("separator", ["; ", ", ", "\n    "])
def test_bindings_stand_side_by_side_or_on_lines_of_their_own(separator):
    head = "use leak as inner:" + ("\n    " if "\n" in separator else " ")
    assert "h_inner = P @ y" in texts(f"{OUTER}{head}x = V @ x_t{separator}h = P @ y\ny' = inner.h'")


def test_the_size_of_a_bound_input_is_that_of_its_expression():
    text = f"{OUTER}use gru as g: x = [V @ x_t, y]\ny' = tanh(P @ y + g.h')"
    shapes = {layout.name: layout.axes for layout in gs.Cell(text).recurrence.parameters}
    assert shapes["W_z_g"] == (("n",), ("n", "n"))
    other = f"{OUTER}Q in R^(n,p)\nuse gru as g: x = V @ x_t, n = p\ny' = tanh(P @ y + Q @ g.h')"
    shapes = {layout.name: layout.axes for layout in gs.Cell(other).recurrence.parameters}
    assert shapes["U_z_g"] == (("p",), ("p",))


def test_two_uses_share_nothing():
    found = read_equations(f"{OUTER}use leak as one: x = V @ x_t\nuse leak as two: x = one.h'\ny' = P @ two.h' + y")
    assert [layout.name for layout in found.parameters] == ["V", "P", "a_one", "a_two"]


def test_cells_that_use_cells_are_used():
    gs.register("twice", "x, y in R^n\nuse leak as deep: x = x\ny' = y + deep.h'".replace("x = x", "x = x_t"))
    found = read_equations(f"{OUTER}use twice as outer: x = V @ x_t\ny' = P @ y + outer.y'")
    assert {layout.name for layout in found.states} == {"y", "y_outer", "h_deep_outer"}
    program = found.program
    assert prove_adjoint(program, derive_adjoint(program), wrt=program.sources) is not None


def test_a_cell_keeps_the_text_of_what_it_uses():
    cell = gs.Cell(f"{OUTER}use leak as inner: x = V @ x_t\ny' = tanh(P @ y + inner.h')", "mine")
    assert blocks(cell.source)["leak"].strip() == LEAK
    assert whole(cell.source) == cell.source
    gs.register("leak", "x, h in R^n\nh' = x - h")
    assert "a_inner" in [layout.name for layout in cell.recurrence.parameters]
    again = gs.Cell(cell.source, "mine")
    assert isinstance(again.recurrence, Recurrence)
    assert again == cell
    other = gs.Cell(f"{OUTER}use leak as inner: x = V @ x_t\ny' = tanh(P @ y + inner.h')", "mine")
    assert other != cell


def test_a_text_may_bring_the_cell_with_it():
    text = (
        f"{OUTER}use own as inner: x = V @ x_t\ny' = P @ y + inner.h'\n\ncell own:\n    x, h in R^n\n    h' = h - x\n"
    )
    assert "h_inner' = h_inner - x_inner" in texts(text)


def test_an_edit_leaves_the_inner_cell_as_it_is():
    text = whole(f"{OUTER}use leak as inner: x = V @ x_t\ny' = tanh(P @ y + inner.h')")
    edited = edit_equations(text, {"y'": "inner.h'"})
    assert "P" not in [layout.name for layout in read_equations(edited).parameters]
    assert "h_inner' = a_inner * h_inner + x_inner" in texts(edited)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("use leek as inner: x = V @ x_t", "there is no cell 'leek' to use"),
        ("use leak as inner", "the input 'x' of leak is bound to nothing"),
        ("use leak as inner: x = V @ x_t; q = y", "'q' is no input, state or size of leak"),
        ("use leak as inner: x = V", "the right side has shape R^(n, m)"),
        (
            "use each as inner: x = [V @ x_t, y]",
            "in the equation h'[j] = sum[k] W[j,k] * x[k] of each",
        ),
        ("use leak as inner: x = V @ x_t; x = y", "bound twice"),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_line_that_uses_it(line, message):
    with pytest.raises(EquationError) as refusal:
        read_equations(f"{OUTER}{line}\ny' = tanh(P @ y + inner.h')")
    assert message in str(refusal.value)
    assert "line 2" in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "h in R^n\n\nuse leek: x = h\nh' = h",
        "h in R^n  # use leek nowhere\n\nuse leek as l: x = h\nh' = h",
        "cell own:\n  x, s in R^n\n  use leek: x = x\n  s' = x\nh in R^n\nuse own as o: x = h\nh' = o.s'",
    ],
)
def test_a_cell_that_nobody_knows_is_refused_at_its_line(text):
    with pytest.raises(EquationError, match="there is no cell 'leek' to use") as refusal:
        read_equations(text)
    assert refusal.value.line == 3


def test_circles_are_refused():
    gs.register("snake", "x, h in R^n\nuse snake as tail: x = x_t\nh' = tail.h'")
    with pytest.raises(EquationError, match="these cells use each other: snake → snake"):
        read_equations(f"{OUTER}use snake as inner: x = V @ x_t\ny' = P @ inner.h' + y")


def test_cells_that_a_text_brings_may_use_each_other():
    chain = "".join(f"cell a{k}:\n  x, h in R^n\n  use a{k + 1} as p: x = x_t\n  h' = p.h' + h\n" for k in range(5))
    text = f"h in R^n\nuse a0 as u: x = h\nh' = u.h'\n{chain}cell a5:\n  x, h in R^n\n  h' = h + x\n"
    assert len(read_equations(text).states) == 7
    ring = text.replace("  h' = h + x\n", "  use a2 as p: x = x_t\n  h' = p.h'\n")
    with pytest.raises(EquationError, match=r"these cells use each other: .*a2 → a3 → a4 → a5 → a2"):
        read_equations(ring)


def test_a_text_uses_a_hundred_cells_at_most():
    lines = "".join(f"use leak as u{k}: x = h\n" for k in range(101))
    with pytest.raises(EquationError, match="this text uses more than 100 cells"):
        read_equations(f"h in R^n\n{lines}h' = u1.h'")


def test_names_that_cannot_be_typed_are_not_registered():
    with pytest.raises(ArgumentError, match="no name of a cell"):
        gs.register("my cell", LEAK)
    with pytest.raises(ArgumentError, match="equations are text"):
        gs.register("mine", 3)


def test_the_page_cites_a_cell_of_the_library_that_a_text_uses():
    text = f"{OUTER}use gru as g: x = V @ x_t\ny' = tanh(P @ y + g.h')"
    page = " ".join(render(derivation(gs.Cell(text, "mine").recurrence)).split())
    assert "Names that end in _g are those of the cell gru (K. Cho et al." in page


def test_a_name_that_is_bound_to_a_name_is_that_name():
    found = read_equations("x, y in R^n\nuse leak as inner: x = x_t\nuse leak as above: x = inner.h'\ny' = above.x + y")
    assert [equation.text for equation in found.equations] == [
        "y' = h_inner' + y",
        "h_inner' = a_inner * h_inner + x",
        "h_above' = a_above * h_above + h_inner'",
    ]


def test_what_a_cell_reads_of_the_past_is_the_past_of_what_it_is_bound_to():
    gs.register("late", "x, h in R^n\nh' = x_t - x_{t-2}")
    found = read_equations(
        "x in R^n\nuse late as one: x = x_t\nuse late as two: x = one.h'\nuse late as three: x = 2 * two.h'"
    )
    assert sorted(equation.text for equation in found.equations) == [
        "h_one' = x - x[-2]",
        "h_three' = x_three' - x_three[-2]",
        "h_two' = h_one' - h_one[-2]",
        "x_three' = 2 * h_two'",
    ]
    assert found.delays == {"x": 2, "h_one": 2, "h_two": 1, "x_three": 2, "h_three": 1}


def test_parameters_are_shared_one_by_one_or_all():
    line = "use gru as two{}: x = one.h'"
    text = "x in R^n\nuse gru as one: x = x_t\n"
    found = read_equations(text + line.format(" sharing one"))
    assert {layout.name for layout in found.parameters} == {f"{p}_{g}_one" for p in "WUb" for g in "zrg"}
    found = read_equations(text + line.format("") + "; U_z = one.U_z; b_g = -one.b_g")
    names = {layout.name for layout in found.parameters}
    assert "U_z_two" not in names
    assert "b_g_two" not in names
    assert "W_z_two" in names
    assert "b_g_two = -b_g_one" in [equation.text for equation in found.equations]
    third = read_equations(text + line.format(" sharing one") + "\nuse gru as three sharing two: x = two.h'")
    assert {layout.name for layout in third.parameters} == {f"{p}_{g}_one" for p in "WUb" for g in "zrg"}


def test_shared_parameters_have_one_shape():
    with pytest.raises(
        EquationError, match=r"'W_z' of gru has shape R\^\(n, n\), the right side has shape R\^\(n, m\)"
    ):
        read_equations("x in R^m\nuse gru as one: x = x_t\nuse gru as two sharing one: x = one.h'")
    with pytest.raises(EquationError, match="no use above is called 'none'"):
        read_equations("x in R^m\nuse gru as one sharing none: x = x_t")
    with pytest.raises(EquationError, match="one has no parameter 'W_i' that lstm could share"):
        read_equations("x in R^m\nuse gru as one: x = x_t\nuse lstm as two sharing one: x = x_t")


def test_constants_and_counts_of_an_inner_cell_are_given():
    found = read_equations("x in R^m\nuse leaky_rnn as one: x = x_t; alpha = 1/4\nuse rhn as two: x = one.h'; L = 2")
    assert found.constants["alpha_one"] == Fraction(1, 4)
    assert len([layout for layout in found.parameters if layout.name.startswith("R_H")]) == 2
    with pytest.raises(EquationError, match="in rhn: the range of a declaration"):
        read_equations("x in R^m\nuse rhn as two: x = x_t; L = 1/2")


@pytest.mark.parametrize(
    ("right", "bound", "message"),
    [
        ("s[-a] + x", "a = 1/2", "with a = 1/2, in own: an index needs a whole number"),
        ("s[-c] + x", "c = 1/2", "with c = 1/2, in own: an index needs a whole number"),
        ("s + b * x / a", "a = 0; b = 3", "with a = 0, b = 3, in the equation s' = s + b * x / a of own: this divides"),
        ("s + a * lost", "a = 3", "line 2: 'lost' is neither declared nor defined"),
    ],
)
def test_a_refusal_names_the_numbers_that_are_bound_where_they_may_be_the_fault(right, bound, message):
    text = (
        f"h in R^n\nuse own as o: x = h; {bound}\nh' = o.s'\ncell own:\n  x, s in R^n; a = 2; b = 1\n  s' = {right}\n"
    )
    with pytest.raises(EquationError) as refusal:
        read_equations(text)
    assert message in str(refusal.value)


def test_without_an_alias_names_outputs_and_inputs_stay():
    gs.register("costs", "input y in R^n; input target in {0..k-1}; V in R^(k,n); output loss; dim k = 3\n"
                "loss = -dot(onehot(target), log_softmax(V @ y))")  # fmt: skip
    found = read_equations("x in R^m\nuse rnn as one: x = x_t\nuse costs: y = one.h'")
    assert [layout.name for layout in found.outputs] == ["loss"]
    assert str(found.domains["target"]) == "{0..k-1}"
    assert [layout.name for layout in found.parameters] == ["W_one", "U_one", "b_one", "V"]
    with pytest.raises(EquationError, match="'h' is a name of this text and of gru"):
        read_equations("x in R^m\nuse rnn: x = x_t\nuse gru: x = h'")


def test_states_know_the_cell_that_they_come_from():
    gs.register("pair", "x in R^m\nuse rnn as low: x = x_t\nuse leak as high: x = low.h'")
    found = read_equations("x in R^m; y in R^n\nuse pair as p: x = x_t\nuse leak as q: x = p.h_high'; h = y\ny' = q.h'")
    assert found.origins == {"h_low_p": ("p", "low"), "h_high_p": ("p", "high"), "y": ("q",)}


def test_a_size_of_the_text_that_ends_like_an_alias_is_its_own():
    with pytest.raises(EquationError, match="'v' has shape R\\^k_inner, the right side has shape R\\^n"):
        read_equations(
            "x in R^n; v, w in R^k_inner\nuse leak as inner: x = x_t\nv = inner.h'\noutput u\nu = sum(v * w)"
        )


def test_a_name_that_an_alias_would_make_an_adjoint_gets_a_letter():
    gs.register("drift", "x, d in R^n\nd' = x + d")
    found = read_equations("x, y in R^n\nuse drift as i: x = x_t\ny' = i.d' - i.d")
    assert [layout.name for layout in found.states] == ["y", "dd_i"]
