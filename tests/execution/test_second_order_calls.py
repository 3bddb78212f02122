"""Hessian products, moved tangents, adjoints of lines and influences, as people ask for them."""

import copy
import pickle

import numpy as np
import pytest
from conventions.plain import plain_cell

import gatedsym as gs
from gatedsym.errors import ArgumentError, UnknownNameError
from gatedsym.execution import line_adjoints
from gatedsym.execution.kernels import Kernels
from gatedsym.execution.tangent_cells import tangent_cell
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled

T, B, M, N = 4, 2, 3, 2


def plain(name):
    """A cell with all that is generated beside its own module, not compiled."""
    cell = gs.cell(name) if isinstance(name, str) else name
    cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
    for choice in ((True, True), (True, False), (False, True), (False, False)):
        tangent = tangent_cell(cell, *choice)
        tangent.kernels = Kernels(uncompiled(tangent.kernels.module, NUMPY))
    lines = line_adjoints.kernels_of(cell)
    cell.memo.keep(line_adjoints.KERNEL, Kernels(uncompiled(lines.module, NUMPY)))
    return cell


class Small:
    """A cell, a run and cotangents of h."""

    def __init__(self, name, **options):
        self.cell, self.rng = plain(name), np.random.default_rng(0)
        self.params = self.cell.init(m=M, n=N, seed=1)
        self.x = self.rng.normal(size=(T, B, M))
        given = np.swapaxes(self.x, 0, 1) if options.get("batch_first") else self.x
        self.run = self.cell.forward(self.params, given, **options)
        self.dh = {"h": self.rng.normal(size=(T, B, N))}
        self.direction = {name: self.rng.normal(size=np.shape(v)) for name, v in self.params.items()}

    def product(self, direction, **options):
        return self.cell.hessian_product(self.params, self.run, self.dh, direction, **options)

    def gradients(self):
        return self.cell.backward(self.params, self.run, self.dh)


@pytest.fixture(scope="module")
def lstm():
    return Small("lstm")


@pytest.fixture(scope="module")
def gru():
    return Small("gru")


# Hessian products


def test_the_hessian_is_symmetric(lstm):
    """⟨H v, w⟩ = ⟨v, H w⟩ over parameters, inputs and initial states together."""
    rng = np.random.default_rng(5)
    shapes = {**{n: np.shape(v) for n, v in lstm.params.items()}, "x": (T, B, M), "h": (B, N), "c": (B, N)}
    v, w = ({n: rng.normal(size=s) for n, s in shapes.items()} for _ in range(2))

    def inner(found, direction):
        total = sum((found.params[n] * direction[n]).sum() for n in lstm.params) + (found.x * direction["x"]).sum()
        return total + sum((found.initial[n][0] * direction[n]).sum() for n in "hc")

    assert inner(lstm.product(v), w) == pytest.approx(inner(lstm.product(w), v), rel=1e-12)


def test_a_direction_is_given_by_name_in_groups_or_as_gradients(lstm):
    gradients = lstm.gradients()
    groups = {"params": gradients.params, "x": gradients.x, "initial": gradients.initial}
    by_name = {**gradients.params, "x": gradients.x, "h": gradients.initial["h"], "c": gradients.initial["c"]}
    assert lstm.product(gradients) == lstm.product(groups) == lstm.product(by_name)


def test_a_product_has_the_derivative_of_the_trajectory(lstm):
    """Along a direction of everything: a difference of runs; its last row is what `tangent` gives."""
    rng = np.random.default_rng(7)
    along = {**lstm.direction, "x": rng.normal(size=(T, B, M))}
    found = lstm.product(along).trajectory
    ends = [
        lstm.cell.forward({n: a + e * along[n] for n, a in lstm.params.items()}, lstm.x + e * along["x"])
        for e in (1e-5, -1e-5)
    ]
    for state in "hc":
        np.testing.assert_allclose(found[state], (ends[0][state] - ends[1][state]) / 2e-5, rtol=1e-6, atol=1e-9)


def test_only_what_is_asked_for_is_there(lstm):
    found = lstm.product(lstm.direction, returns=("params",))
    assert found.params["U_f"] == pytest.approx(lstm.product(lstm.direction).params["U_f"], rel=1e-13)
    with pytest.raises(ArgumentError, match="without 'inputs'"):
        _ = found.x


def test_a_product_of_a_linear_cell_is_that_of_its_own_second_derivative():
    """h' = W x + U h has second derivatives through time alone: one step has none."""
    cell = plain(gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = W @ x + U @ h", name="linear"))
    params, rng = cell.init(m=M, n=N), np.random.default_rng(0)
    direction = {n: rng.normal(size=v.shape) for n, v in params.items()}
    for steps, is_zero in ((1, True), (2, False)):
        run = cell.forward(params, rng.normal(size=(steps, B, M)))
        found = cell.hessian_product(params, run, {"h": ([-1], np.ones((1, B, N)))}, direction)
        assert bool(found.params["W"].any()) is not is_zero


def test_batch_first_runs_have_batch_first_products(gru):
    other = Small("gru", batch_first=True)
    dx = np.random.default_rng(3).normal(size=(T, B, M))
    dh = {"h": np.swapaxes(gru.dh["h"], 0, 1)}
    found = other.cell.hessian_product(other.params, other.run, dh, {"x": np.swapaxes(dx, 0, 1)})
    np.testing.assert_allclose(np.swapaxes(found.x, 0, 1), gru.product({"x": dx}).x, rtol=1e-13)


def test_a_product_says_where_slopes_jump_and_what_is_declared():
    relu = Small("rnn_relu").product({"b": np.ones(N)})
    text = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ stop(h))"
    stopped = Small(gs.Cell(text, name="stopped")).product({"U": np.ones((N, N))})
    assert (relu.kinks, relu.declared) == (("h'",), ())
    assert (stopped.kinks, stopped.declared) == ((), ("h'",))


@pytest.mark.parametrize(
    ("direction", "told"),
    [
        ({}, "direction must map names to arrays"),
        (None, "direction must map names to arrays"),
        ({"V": np.ones(2)}, "direction has 'V'"),
        ({"params": {"h": np.ones((B, N))}}, "direction has 'h' among params"),
        ({"U_f": np.ones((N, M))}, r"direction\['U_f'\] has shape \(2, 3\); it must be \(2, 2\)"),
        ({"x": np.ones((T + 1, B, M))}, r"it must be \(4, 2, 3\)"),
        ({"h": np.ones((B + 1, N))}, r"it must be \(2, 2\)"),
        ({"U_f": np.ones((N, N), complex)}, "complex128"),
    ],
)
def test_a_direction_that_does_not_fit_is_refused(lstm, direction, told):
    with pytest.raises(ArgumentError, match=told):
        lstm.product(direction)


def test_a_run_of_another_cell_and_missing_cotangents_are_refused(lstm, gru):
    with pytest.raises(ArgumentError, match="run belongs to gru"):
        lstm.cell.hessian_product(lstm.params, gru.run, lstm.dh, lstm.direction)
    with pytest.raises(ArgumentError, match="cotangents must map names"):
        lstm.cell.hessian_product(lstm.params, lstm.run, {}, lstm.direction)


def test_parameters_that_have_changed_are_refused(lstm):
    changed = copy.deepcopy(lstm.params)
    changed["U_f"][0, 0] += 1
    with pytest.raises(ArgumentError, match="parameters changed since"):
        lstm.cell.hessian_product(changed, lstm.run, lstm.dh, lstm.direction)


# Tangents along parameters and inputs


def test_a_tangent_of_parameters_inputs_and_states_is_the_adjoint_read_the_other_way(lstm):
    """⟨ṡ, w⟩ = ⟨direction, gradients of w⟩, for two directions at once."""
    rng, k = np.random.default_rng(4), 2
    shapes = {**{n: np.shape(v) for n, v in lstm.params.items()}, "x": (T, B, M), "h": (B, N), "c": (B, N)}
    v = {n: rng.normal(size=(k, *s)) for n, s in shapes.items()}
    w = {n: rng.normal(size=(B, N)) for n in "hc"}
    tangents = lstm.cell.tangent(lstm.params, lstm.run, v)
    back = lstm.cell.backward(lstm.params, lstm.run, {n: ([-1], a[None]) for n, a in w.items()})
    for number in range(k):
        scale = 2.0 ** tangents.exponents[number][:, None]
        left = sum((tangents.states[n][number] * scale * w[n]).sum() for n in "hc")
        right = sum((back.params[n] * v[n][number]).sum() for n in lstm.params) + (back.x * v["x"][number]).sum()
        right += sum((back.initial[n][0] * v[n][number]).sum() for n in "hc")
        assert left == pytest.approx(right, rel=1e-12)


def test_a_tangent_of_an_input_alone_neither_vanishes_nor_overflows():
    """An input moves at the first step; the state doubles, or is divided by 2^20, at each of 120 steps."""
    cell = plain(gs.Cell("x in R^n; h in R^n; a in R^n\nh' = a * h + x", name="leak"))
    for rate, power in ((2.0, 119), (2.0**-20, -2380)):
        params = {"a": np.full(1, rate)}
        run = cell.forward(params, np.zeros((120, 1, 1)))
        moved = np.zeros((1, 120, 1, 1))
        moved[0, 0] = 1
        tangents = cell.tangent(params, run, {"x": moved})
        assert (tangents.states["h"][0, 0, 0], tangents.exponents[0, 0]) == (1.0, power)


def test_a_tangent_of_states_alone_is_what_it_was(lstm):
    rng = np.random.default_rng(6)
    v = {n: rng.normal(size=(2, B, N)) for n in "hc"}
    alone = lstm.cell.tangent(lstm.params, lstm.run, v)
    beside = lstm.cell.tangent(lstm.params, lstm.run, {**v, "x": np.zeros((2, T, B, M))})
    np.testing.assert_allclose(beside.states["h"], alone.states["h"], rtol=1e-12)
    assert np.array_equal(beside.exponents, alone.exponents)


@pytest.mark.parametrize(
    ("directions", "told"),
    [
        ({"U_f": np.ones((2, N, N)), "V": np.ones((2, N))}, "directions has 'V'"),
        ({"U_f": np.ones((2, N, N)), "x": np.ones((3, T, B, M))}, "one k"),
        ({"U_f": np.ones((2, N, M))}, r"it must be \(2, 2\)"),
    ],
)
def test_directions_of_parameters_that_do_not_fit_are_refused(lstm, directions, told):
    with pytest.raises(ArgumentError, match=told):
        lstm.cell.tangent(lstm.params, lstm.run, directions)


def test_a_cell_without_state_carries_no_direction():
    cell = plain_cell("glu")
    run = cell.forward(cell.init(m=M, n=N), np.ones((T, B, M)))
    with pytest.raises(ArgumentError, match="glu has no state"):
        cell.tangent(cell.init(m=M, n=N), run, {"h": np.ones((1, B, N))})


# Adjoints of lines


def test_adjoints_of_lines_add_up_to_gradients(gru):
    gradients = gru.gradients()
    a_z, a_g = gradients.locals["a_z"], gradients.locals["a_g"]
    assert gradients.locals["z"].shape == (T, B, N)
    np.testing.assert_allclose(a_z.sum(axis=(0, 1)), gradients.params["b_z"], rtol=1e-12)
    read = gru.run["r"] * gru.run["h"][:-1]
    np.testing.assert_allclose(np.einsum("tbj,tbk->jk", a_g, read), gradients.params["U_g"], rtol=1e-12)


def test_a_line_is_differentiated_as_it_is_typed(gru):
    """h' = (1 - z) * h + z * g: the adjoint of z counts both uses, though kernels compute 1 - z by itself."""
    gradients, run = gru.gradients(), gru.run
    expected = gradients.states["h"][1:] * (run["g"] - run["h"][:-1])
    np.testing.assert_allclose(gradients.locals["z"], expected, rtol=1e-12)


def test_a_line_behind_a_state_is_differentiated_as_it_is_typed():
    """1 - h' reads the next state: its total adjoint counts that, and so does what stands before it."""
    text = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\na = W @ x + U @ h\nh' = sigmoid(a)\noutput y = 1 - h'"
    cell = plain(gs.Cell(text, name="behind"))
    params, dy = cell.init(m=M, n=N), np.ones((1, B, N))
    run = cell.forward(params, np.ones((1, B, M)))
    gradients = cell.backward(params, run, {"y": dy})
    np.testing.assert_allclose(gradients.states["h"][1], -dy[0])
    np.testing.assert_allclose(gradients.locals["a"][0], -run["h"][1] * (1 - run["h"][1]), rtol=1e-12)
    np.testing.assert_array_equal(gradients.locals["y"], dy)


def test_adjoints_of_lines_are_of_the_runs_own_parameters(gru):
    params = copy.deepcopy(gru.params)
    run = gru.cell.forward(params, gru.x)
    gradients = gru.cell.backward(params, run, gru.dh)
    params["U_g"][...] = 0
    np.testing.assert_array_equal(gradients.locals["r"], gru.gradients().locals["r"])


def test_an_unknown_line_is_answered_by_a_list(gru):
    with pytest.raises(UnknownNameError, match=r"no 'q' among the adjoints of lines of gru; there are .*a_z, z, "):
        _ = gru.gradients().locals["q"]


def test_adjoints_of_lines_need_the_run_and_the_cotangents_of_then(gru):
    dh = {"h": gru.dh["h"].copy()}
    gradients = gru.cell.backward(gru.params, gru.run, dh)
    dh["h"][0] += 1
    with pytest.raises(ArgumentError, match="have changed since gru"):
        _ = gradients.locals
    gradients = gru.cell.backward(gru.params, gru.cell.forward(gru.params, gru.x), dh)
    with pytest.raises(ArgumentError, match="the run, which is gone"):
        _ = gradients.locals
    gradients = gru.cell.gradients(gru.params, gru.x, gru.dh)
    with pytest.raises(ArgumentError, match="know no adjoints of lines"):
        _ = gradients.locals


def test_adjoints_of_lines_travel_with_gradients_once_computed(gru):
    gradients = gru.gradients()
    with pytest.raises(ArgumentError, match="know no adjoints of lines"):
        _ = pickle.loads(pickle.dumps(gradients)).locals
    assert gradients.locals == pickle.loads(pickle.dumps(gradients)).locals


# Influences


def test_influences_are_factored_and_say_where_they_are_zero(gru):
    found = gru.cell.influence(gru.params, gru.run).immediate
    assert found["h'", "W_g"].pattern == "slope[j]*x[l] where k = j"
    assert found["h'", "U_r"].pattern == "slope[j,k]*h[l]"
    weight = found["h'", "W_g"]
    assert weight.shape == (T, B, N, N, M)
    (term,) = weight.terms
    assert term.slope.shape == (T, B, N)
    assert np.array_equal(term.load, gru.x)
    assert np.array_equal(weight.zeros, np.broadcast_to(~np.eye(N, dtype=bool)[:, :, None], (N, N, M)))
    assert np.array_equal(weight.dense().any(axis=(0, 1)), ~weight.zeros)


def test_an_influence_on_another_state_alone_is_zero(lstm):
    found = lstm.cell.influence(lstm.params, lstm.run).immediate["c'", "W_o"]
    assert (found.terms, found.pattern) == ((), "0")
    assert found.zeros.all()
    assert not found.dense().any()


def test_a_weight_used_twice_in_a_step_has_a_term_for_each_use():
    text = "h in R^n; U in R^(n,n)\na = tanh(U @ h)\nh' = tanh(U @ a)"
    cell = plain(gs.Cell(text, name="twice"))
    params = cell.init(n=N)
    run = cell.forward(params, steps=1, batch=1, initial={"h": np.full((1, N), 0.5)})
    found = cell.influence(params, run).immediate["h'", "U"]
    assert [term.through for term in found.terms] == ["U_h", "U_a"]
    gradient = cell.backward(params, run, {"h": np.ones((1, 1, N))}).params["U"]
    np.testing.assert_allclose(found.dense()[0, 0].sum(axis=0), gradient, rtol=1e-12)
