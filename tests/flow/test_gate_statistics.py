"""Gates found from the equations, how open they are over time, and inputs that open and close them."""

import numpy as np
import pytest
from own_cells import GATES, RenamedLSTM, own_cell

import gatedsym as gs
from gatedsym.calculus.gates import find_gated_products, gate_names
from gatedsym.errors import ArgumentError
from gatedsym.figures.gate_clamping import valve as draw_valve
from gatedsym.figures.gate_statistics import gate_statistics as draw_statistics
from gatedsym.flow.analyses.gate_clamping import _Step, _Valves, valve
from gatedsym.flow.analyses.gate_clamping import why_not_applicable as why_no_valve
from gatedsym.flow.analyses.gate_statistics import gate_statistics, why_not_applicable

SIZES = {"n": 6, "seeds": 2, "steps": 12, "batch": 2}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


@pytest.fixture(scope="module")
def statistics():
    return gate_statistics(["lstm", own_cell(), "feed_forward_gate"], **SIZES)


@pytest.mark.parametrize(
    ("name", "gates"),
    [("lstm", ("i", "f", "o")), ("gru", ("z", "r")), ("slstm", ("o", "i", "f")), ("rnn", ()), ("rnn_logistic", ())],
)
def test_a_gate_is_a_value_between_0_and_1_that_multiplies_another(name, gates):
    assert gate_names(gs.cell(name).recurrence.program) == gates


def test_what_passes_a_gate_is_read_off_the_products():
    texts = [p.text for p in find_gated_products(gs.cell("gru").recurrence.program)]
    assert texts == ["r ⊙ h", "z ⊙ g", "(1 - z) ⊙ h"]


def test_gates_need_no_name_of_their_own():
    cell = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W x) + exp(-relu(U h)) * h", "nameless")
    assert len(find_gated_products(cell.recurrence.program)) == 1


def test_openness_is_that_of_the_run(statistics):
    lstm = gs.cell("lstm")
    x, _ = _source().draw(12, 2, 1)
    params = lstm.init(m=x.shape[2], n=6, seed=1, scheme="xavier", retention=1.0)
    forget = lstm.forward(params, x)["f"].reshape(12, -1)
    one = statistics.isel(init=0, gain=0).sel(cell="lstm", retention="1", seed=1, gate="f")
    np.testing.assert_allclose(one["mean"], forget.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(one["upper"], np.quantile(forget, 0.9, axis=1), rtol=1e-12)


def test_openness_of_sequences_of_unlike_length_is_that_of_the_steps_that_there_are():
    lstm, lengths = gs.cell("lstm"), np.array([7, 5, 0])
    x = np.random.default_rng(0).standard_normal((9, 3, 5))
    x[np.arange(9)[:, None] >= lengths] = np.nan
    data = gate_statistics("lstm", x, lengths=lengths, n=4, seeds=1, init="gaussian", gain=8.0, retention=None)
    params = lstm.init(m=5, n=4, seed=0, scheme="gaussian", gain=8.0)
    forget = lstm.forward(params, x, lengths=lengths)["f"]
    one = data.squeeze().sel(gate="f")
    for time in range(9):
        there = forget[time][lengths > time]
        expected = there.mean() if there.size else np.nan
        np.testing.assert_allclose(one["mean"][time], expected, rtol=1e-12)
    steps = np.concatenate([forget[:length, b] for b, length in enumerate(lengths)])
    np.testing.assert_allclose(one["unit_left"], (steps < 0.1).mean(axis=0))
    assert (
        "3 sequences of 0 to 7 steps (each step: those that have it) for each"
        in draw_statistics(data).caption.note.plain
    )
    with pytest.raises(ArgumentError, match="lengths are 0 for every sequence: give one of them a step"):
        gate_statistics("lstm", x, lengths=[0, 0, 0], n=4, seeds=1)


def test_saturated_units_are_counted_over_time():
    lstm = gs.cell("lstm")
    x = np.random.default_rng(0).standard_normal((30, 3, 5))
    data = gate_statistics("lstm", x, n=4, seeds=1, init="gaussian", gain=8.0, retention=None)
    run = lstm.forward(lstm.init(m=5, n=4, seed=0, scheme="gaussian", gain=8.0), x)
    one = data.isel(cell=0, init=0, gain=0, retention=0, seed=0).sel(gate="o")
    np.testing.assert_allclose(one["unit_left"], (run["o"] < 0.1).mean(axis=(0, 1)))
    np.testing.assert_allclose(one["unit_right"], (run["o"] > 0.9).mean(axis=(0, 1)))
    assert one["unit_left"].min() > 0.1


def test_the_share_let_through_is_that_of_the_products():
    lstm = gs.cell("lstm")
    x = np.random.default_rng(0).standard_normal((20, 2, 5))
    data = gate_statistics("lstm", x, n=4, seeds=1, retention=1.0)
    data = data.isel(cell=0, init=0, gain=0, retention=0, seed=0)
    run = lstm.forward(lstm.init(m=5, n=4, seed=0, scheme="xavier", retention=1.0), x)
    c = run["c"][:-1]
    share = np.abs(run["f"] * c).mean() / np.abs(c).mean()
    np.testing.assert_allclose(data["through"].sel(passage="f ⊙ c"), share, rtol=1e-12)


def test_a_forget_bias_of_1_keeps_sigmoid_of_1_without_weights():
    x = np.zeros((5, 1, 3))
    data = gate_statistics("lstm", x, n=4, seeds=1, retention=1.0)
    assert data["mean"].sel(gate="f").isel(time=0).item() == pytest.approx(0.731059, abs=1e-6)


def test_an_lstm_by_other_names_has_the_same_statistics():
    ours, theirs = (gate_statistics(c, **SIZES, retention=1.0) for c in (RenamedLSTM(), "lstm"))
    for own, gate in GATES.items():
        if gate != "g":
            a, b = ours["mean"].sel(gate=own).values, theirs["mean"].sel(gate=gate).values
            np.testing.assert_allclose(a, b, rtol=1e-12)


def test_cells_without_a_gate_say_so():
    assert "no gate" in why_not_applicable(gs.cell("rnn"))
    assert "rho" in why_not_applicable(gs.cell("lru"))
    with pytest.raises(ArgumentError, match="no gate"):
        gate_statistics("rnn", **SIZES)


@pytest.mark.long
def test_the_figure_has_a_row_for_each_cell_and_bias(statistics):
    figure = draw_statistics(statistics)
    assert len(figure.drawing.axes) == 3 * 5
    assert "Karpathy" in figure.caption.plain


def test_the_valve_closes_and_opens_while_the_same_stands_before_it():
    data = valve("feed_forward_gate", n=5, levels=(0.01, 0.2, 0.99))
    data = data.isel(cell=0, init=0, gain=0, retention=0, seed=0, passage=0)
    params = gs.cell("feed_forward_gate").init(m=15, n=5, seed=0, scheme="xavier")
    for level, x in zip((0.01, 0.2, 0.99), data["input"].values):
        gate = sigmoid(params["U"] @ x)
        np.testing.assert_allclose(gate, level, atol=1e-6)
        np.testing.assert_allclose(data["passed"].sel(level=level), gate * (params["W"] @ x), rtol=1e-9)
    assert data["kept"] == 1
    np.testing.assert_allclose(data["passed"].values[1] / data["operand"].values[0], 0.2, atol=1e-6)


def test_the_valve_of_a_cell_with_several_states_and_matrices():
    data = valve(own_cell(), n=3)
    assert float(data["miss"].max()) < 1e-6
    assert "(1 - e) ⊙ s" in data["passage"].values
    assert draw_valve(data).caption.shown.plain.startswith("Response of the gates")


STABILISED = """
input e in R^m; s, v, u in R^n
A_{p,q,r} in R^(n,m); B in R^(n,n)
r = A_r e + B s
u' = max(r, A_p e + u)
p = exp(A_p e + u - u')
q = exp(r - u')
v' = p*v + q*tanh(A_q e)
s' = tanh(v')
"""


@pytest.mark.parametrize(("cell", "gates"), [("slstm", "ifo"), (gs.Cell(STABILISED, "stabilised"), "pq")], ids=str)
@pytest.mark.long
def test_stabilised_gates_are_opened_though_they_are_flat_beyond_a_corner(cell, gates):
    whole = valve([cell], n=4)
    data = whole.isel(cell=0, init=0, gain=0, retention=0, seed=0)
    assert {str(p)[0] for p in data["passage"].values} == set(gates)
    assert float(data["miss"].max()) < 1e-6
    same = [p for p in data["passage"].values if p[0] != "o"]
    assert bool((data["kept"].sel(passage=same) == 1).all())
    assert len(draw_valve(whole).drawing.axes) == 3 * data.sizes["passage"]


def test_an_input_reported_for_a_stabilised_gate_sets_it_in_the_equations_of_the_cell():
    """The gates by hand, from the input that the search reports: rounded corners are a way to it, no part of it."""
    cell = gs.Cell(STABILISED, "stabilised")
    step = _Step(_Valves.of(cell), cell.init(m=12, n=4, seed=0, scheme="xavier"), (12, 4), 0)
    passage = next(p for p in _Valves.of(cell).passages if p.gate == "p")
    g, (x,) = step.given, step.seek(passage, 0.2)[None]
    kept, written = g["A_p"] @ x + g["u"], g["A_r"] @ x + g["B"] @ g["s"]
    np.testing.assert_allclose(np.exp(kept - np.maximum(kept, written)), 0.2, atol=1e-6)


def test_gates_out_of_reach_of_an_input_are_said():
    cell = gs.Cell("h in R^n; U in R^(n,n)\nz = sigmoid(U h); h' = z * h + 1", "alone")
    assert "no input" in why_no_valve(cell)
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        valve("lstm", n=3, levels=(0.0, 1.0))


def _source():
    from gatedsym.flow.inputs.source import read_source

    return read_source("text")
