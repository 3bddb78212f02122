"""Ablations found from the equations, and what is measured of them."""

import warnings

import numpy as np
import pytest
from literature import CELLS
from own_cells import GATES, RenamedLSTM, own_cell

import gatedsym as gs
from gatedsym.calculus.ablations import find_ablations, is_activation, keep_shape
from gatedsym.errors import ArgumentError, EquationError
from gatedsym.figures.ablation import ablation as draw
from gatedsym.flow.analyses.ablation import _variants, ablation, cost_of, why_not_applicable
from gatedsym.ir.evaluate import NUMPY, evaluate

PLAIN = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W x + U h)"


def names(cell):
    return [a.name for a in find_ablations(cell.recurrence)]


@pytest.fixture(scope="module")
def plain():
    return ablation(gs.Cell(PLAIN, "plain"), n=6, seeds=2, lags=40, population=512)


def test_gates_open_activations_go_and_gates_are_tied():
    expected = ["i open", "f open", "o open", "g linear", "tanh(c') linear", "f = 1 − i", "i = 1 − f"]
    assert names(gs.cell("lstm")) == expected


def test_an_lstm_by_other_names_has_the_same_ablations():
    theirs = {frozenset(_renamed(name)) for name in names(RenamedLSTM())}
    assert theirs == {frozenset(name.split()) for name in names(gs.cell("lstm"))}


def _renamed(name):
    words = {**GATES, "y": "h", "q": "g"}
    return [words.get(word, word) for word in name.split()]


def test_tying_the_gates_of_an_lstm_gives_the_library_s_coupled_one():
    edits = next(dict(a.edits) for a in find_ablations(gs.cell("lstm").recurrence) if a.name == "f = 1 − i")
    tied, coupled = gs.cell("lstm").variant("tied", edits), gs.cell("cifg")
    assert sorted(tied.parameters) == sorted(coupled.parameters)
    generator = np.random.default_rng(0)
    shapes = {t.name: tuple({"m": 3, "n": 4}[d] for d in t.dims) for t in coupled.recurrence.program.tensors}
    values = {n: generator.standard_normal(shapes[n]) for n in coupled.recurrence.program.sources}
    one, other = (evaluate(c.recurrence.program, values, NUMPY) for c in (tied, coupled))
    np.testing.assert_allclose(one["h'"], other["h'"], rtol=1e-14)


def test_micro_steps_are_edited_together():
    found = find_ablations(gs.cell("rhn").recurrence)
    assert [(a.name, [left for left, _ in a.edits]) for a in found] == [
        ("T open", ["T[1]", "T[l]"]),
        ("H linear", ["H[1]", "H[l]"]),
    ]


def test_gates_without_a_name_and_edits_that_are_no_cell():
    found = {a.name: a for a in find_ablations(own_cell().recurrence)}
    assert found["σ(q) open"].edits == (("C'", "1*C + outer(e, k)"),)
    with pytest.raises(EquationError, match="outer"):
        own_cell().variant("bad", dict(found["e open"].edits))
    shaped = keep_shape(found["e open"], own_cell().recurrence)
    opened = own_cell().variant("opened", dict(shaped.edits))
    assert shaped.edits == (("e", "1 + 0*h"),)
    assert "V" not in opened.parameters


@pytest.mark.parametrize("name", ["mamba_s6", "slstm_heads"])
def test_every_ablation_of_a_cell_in_index_form_is_a_cell(name):
    cell = gs.cell(name)
    variants = _variants(cell)
    assert [v.name for v in variants if v.cell is None] == []
    (opened,) = (v for v in variants if v.name in ("a open", "o open"))
    program = opened.cell.recurrence.program
    (gate,) = opened.name.split()[:1]
    assert program.definitions[gate].expression == 1
    assert program[gate].dims == cell.recurrence.program[gate].dims


GREFF = {
    # Greff et al. 2017: the variant of the peephole LSTM, and its number of parameters for m = 3 inputs and n = 4 units
    "i open": ("no input gate", 3 * (4 * 3 + 4 * 4 + 4) + 2 * 4),
    "f open": ("no forget gate", 3 * (4 * 3 + 4 * 4 + 4) + 2 * 4),
    "o open": ("no output gate", 3 * (4 * 3 + 4 * 4 + 4) + 2 * 4),
    "g linear": ("no input activation function", 4 * (4 * 3 + 4 * 4 + 4) + 3 * 4),
    "tanh(c') linear": ("no output activation function", 4 * (4 * 3 + 4 * 4 + 4) + 3 * 4),
    "f = 1 − i": ("coupled input and forget gate", 3 * (4 * 3 + 4 * 4 + 4) + 2 * 4),
    "no peepholes": ("no peepholes", 4 * (4 * 3 + 4 * 4 + 4)),
}


def test_the_ablations_of_the_peephole_lstm_are_those_of_greff_and_others():
    """All but full gate recurrence, which adds nine matrices where an ablation takes away: it is the cell lstm_fgr."""
    made = {v.name: v.cell for v in _variants(gs.cell("lstm_peephole"))}
    assert set(GREFF) <= set(made)
    for name, (_, parameters) in GREFF.items():
        shapes = made[name].shapes(m=3, n=4)
        assert sum(np.prod(s, dtype=int) for s in shapes.values()) == parameters, name


@pytest.mark.long
def test_without_peepholes_it_is_the_plain_lstm_however_they_are_typed():
    for cell in (gs.cell("lstm_peephole"), gs.Cell(CELLS["peephole"], "printed")):
        (one,) = (v for v in _variants(cell) if v.kind == "peepholes")
        generator, plain = np.random.default_rng(0), gs.cell("lstm")
        params = {k: generator.standard_normal(s) for k, s in plain.shapes(m=3, n=4).items()}
        x = generator.standard_normal((6, 2, 3))
        assert sorted(one.cell.parameters) == sorted(plain.parameters)
        np.testing.assert_allclose(one.cell.forward(params, x)["h"], plain.forward(params, x)["h"], rtol=1e-13)


@pytest.mark.parametrize("name", ["lstm", "indrnn", "lstm_peephole_full"])
def test_recurrent_weights_and_weights_outside_of_gates_are_no_peepholes(name):
    assert "no peepholes" not in names(gs.cell(name))


@pytest.mark.parametrize(
    ("gate", "left"),
    [
        ("sigmoid(p*h + W x)", "sigmoid(W x)"),
        ("sigmoid(-p*h - W x)", "sigmoid(-p*h - W x)"),
        ("sigmoid(W x - (b - h*p))", "sigmoid(W x - (b))"),
        ("sigmoid(W x - (b - h*p - q))", "sigmoid(W x - (b - q))"),
        ("sigmoid((b) + h*p)", "sigmoid((b))"),
        ("sigmoid(p*h)", "sigmoid(p*h)"),
        ("sigmoid(p*h + q*h)", "sigmoid(0)"),
        ("sigmoid(b + 2*p*h)", "sigmoid(b + 2*p*h)"),
    ],
)
def test_a_peephole_is_a_term_of_a_parameter_and_a_state(gate, left):
    text = f"x in R^m; h in R^n; W in R^(n,m); p, q, b in R^n\nz = {gate} + 0*(p + q + b)\nh' = z*tanh(W x)"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [dict(a.edits)["z"] for a in find_ablations(gs.Cell(text, "own").recurrence) if a.kind == "peepholes"]
    assert found == ([f"{left} + 0*(p + q + b)"] if left != gate else [])


def test_two_long_calls_of_one_function_are_two_ablations():
    text = "x in R^m; h in R^n; W in R^(n,m); U, V in R^(n,n)\nh' = tanh(W x + U h) + tanh(W x + V h)"
    assert names(gs.Cell(text, "twice")) == ["tanh(…) linear", "tanh(…) linear (2)"]


@pytest.mark.parametrize(
    ("function", "answer"),
    [("tanh", True), ("relu", True), ("gelu", True), ("exp", False), ("sin", False), ("floor", False), ("log", False),
     ("maximum", False), ("absolute", False)],
)  # fmt: skip
def test_an_activation_rises_without_steps_and_not_too_fast(function, answer):
    assert is_activation(function) is answer


def test_costs_are_counted():
    m, n = 5, 3
    assert cost_of(gs.cell("rnn"), m, n) == (n * m + n * n + n, 2 * n * m + 2 * n * n + 2 * n + n)
    assert cost_of(gs.cell("lstm"), m, n)[0] == 4 * (n * m + n * n + n)


@pytest.mark.long
def test_a_linear_network_has_chi_of_its_weights_and_the_exponent_of_its_matrix(plain):
    linear = plain.isel(cell=0, init=0, gain=0, retention=0).sel(ablation="h' linear")
    # Xavier: entries of an n by n matrix have variance 1/n, so that the second moment stays.
    np.testing.assert_allclose(linear["chi"], 1.0, atol=1e-4)
    for seed in range(2):
        u = gs.Cell(PLAIN, "plain").init(m=57, n=6, seed=seed, scheme="xavier")["U"]
        radius = np.log(np.abs(np.linalg.eigvals(u)).max())
        assert linear["lambda_1"].values[seed] == pytest.approx(radius, abs=0.05)


@pytest.mark.long
def test_tanh_takes_from_the_gradient_what_a_linear_network_keeps(plain):
    rates = plain["rate"].isel(cell=0, init=0, gain=0, retention=0)
    assert (rates.sel(ablation="as it is") < rates.sel(ablation="h' linear")).all()


def test_cells_with_nothing_to_take_away_say_so():
    linear = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = W x + U h", "linear")
    assert "linear" in why_not_applicable(linear)
    assert "no state" in why_not_applicable(gs.cell("feed_forward_gate"))
    with pytest.raises(ArgumentError, match="linear"):
        ablation(linear, n=4, seeds=1)


@pytest.mark.long
def test_the_figure_has_a_line_for_each_ablation(plain):
    figure = draw(plain)
    assert list(figure.table["ablation"]) == ["as it is", "h' linear"]
    texts = [t.get_text() for t in figure.drawing.axes[0].texts]
    assert "h' linear" in texts
    assert "–" in texts  # a plain network has no highway
