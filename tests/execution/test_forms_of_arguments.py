"""Forms of arguments and results: initial states, sparse cotangents, axes, dtypes, memory layout, empty sizes."""

from dataclasses import replace

import numpy as np
import pytest
from reference.by_hand import CELLS
from reference.problems import small

import gatedsym as gs
from gatedsym.errors import ArgumentError

STEP = 1e-6
FINITE = {"rtol": 1e-6, "atol": 1e-8}  # central differences with this step, in float64


@pytest.fixture(scope="module")
def lstm():
    return small("lstm")


def equal(a, b):
    """Bitwise, in values, gradients of parameters, input and states."""
    return (
        all(np.array_equal(a.params[k], b.params[k]) for k in a.params)
        and all(np.array_equal(a.states[k], b.states[k]) for k in a.states)
        and np.array_equal(a.x, b.x)
    )


@pytest.mark.parametrize("name", CELLS)
def test_row_0_of_a_trajectory_is_the_initial_state_and_row_0_of_adjoints_its_gradient(name):
    problem = small(name, steps=4, batch=2)
    grads = problem.backward()
    for state, start in problem.initial.items():
        assert np.array_equal(problem.forward()[state][0], start)
        quotient = np.empty_like(start)
        for at in np.ndindex(start.shape):
            ends = []
            for sign in (1, -1):
                moved = start.copy()
                moved[at] += sign * STEP
                ends.append(replace(problem, initial={**problem.initial, state: moved}).loss())
            quotient[at] = (ends[0] - ends[1]) / (2 * STEP)
        np.testing.assert_allclose(grads.states[state][0], quotient, **FINITE)


def test_without_an_initial_state_it_is_zero(lstm):
    bare = lstm.cell.forward(lstm.params, lstm.x)
    zero = lstm.cell.forward(lstm.params, lstm.x, initial={s: np.zeros((3, 5)) for s in "hc"})
    assert not bare["h"][0].any()
    assert all(np.array_equal(bare[k], zero[k]) for k in bare)


def test_sparse_cotangents_are_dense_ones_with_zeros(lstm):
    run = lstm.forward()
    dense = np.zeros_like(lstm.cotangents["h"])
    dense[[1, 6]] = lstm.cotangents["h"][[1, 6]]
    sparse = {"h": ([1, -1], lstm.cotangents["h"][[1, 6]])}
    assert equal(lstm.cell.backward(lstm.params, run, sparse), lstm.cell.backward(lstm.params, run, {"h": dense}))
    flows = [lstm.cell.flow(lstm.params, run, c).log_norm for c in (sparse, {"h": dense})]
    assert all(np.array_equal(flows[0][k], flows[1][k]) for k in flows[0])


def test_cotangents_at_equal_times_add_up(lstm):
    run, d = lstm.forward(), lstm.cotangents["h"]
    twice = lstm.cell.backward(lstm.params, run, {"h": ([2, 2], d[:2])})
    assert equal(twice, lstm.cell.backward(lstm.params, run, {"h": ([2], d[:1] + d[1:2])}))


def test_gradients_are_linear_in_the_cotangents_of_several_states(lstm):
    run = lstm.forward()
    both = lstm.backward()
    parts = [lstm.cell.backward(lstm.params, run, {s: d}) for s, d in lstm.cotangents.items()]
    for key in both.params:
        np.testing.assert_allclose(both.params[key], sum(p.params[key] for p in parts), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(both.x, sum(p.x for p in parts), rtol=1e-12, atol=1e-13)


def test_the_adjoint_of_the_last_row_is_its_cotangent():
    problem = small("gru")
    assert np.array_equal(problem.backward().states["h"][-1], problem.cotangents["h"][-1])


def test_cotangents_are_not_written_to(lstm):
    before = lstm.cotangents["h"].copy()
    lstm.backward()
    assert np.array_equal(lstm.cotangents["h"], before)


def test_batch_first_exchanges_the_first_two_axes_of_everything(lstm):
    run, grads = lstm.forward(), lstm.backward()
    turned = lstm.cell.forward(lstm.params, lstm.x.swapaxes(0, 1), initial=lstm.initial, batch_first=True)
    cotangents = {s: d.swapaxes(0, 1) for s, d in lstm.cotangents.items()}
    back = lstm.cell.backward(lstm.params, turned, cotangents)
    assert all(np.array_equal(turned[k].swapaxes(0, 1), run[k]) for k in run)
    assert np.array_equal(back.x.swapaxes(0, 1), grads.x)
    assert all(np.array_equal(back.states[s].swapaxes(0, 1), grads.states[s]) for s in "hc")
    assert all(np.array_equal(back.params[k], grads.params[k]) for k in grads.params)
    sparse = lstm.cell.backward(lstm.params, turned, {"h": ([-1], lstm.cotangents["h"][-1][:, None])})
    straight = lstm.cell.backward(lstm.params, run, {"h": ([-1], lstm.cotangents["h"][-1:])})
    assert np.array_equal(sparse.x.swapaxes(0, 1), straight.x)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint16", "float16", "float32"])
def test_input_of_any_dtype_that_converts_safely_is_converted(lstm, dtype):
    x = (np.abs(lstm.x) * 2).astype(dtype)
    assert np.array_equal(
        lstm.cell.forward(lstm.params, x)["h"], lstm.cell.forward(lstm.params, x.astype("float64"))["h"]
    )


def test_input_may_be_nested_lists(lstm):
    assert np.array_equal(
        lstm.cell.forward(lstm.params, lstm.x.tolist())["h"], lstm.cell.forward(lstm.params, lstm.x)["h"]
    )


def layouts(array):
    """The same values in other places of memory."""
    spread = np.zeros([2 * s for s in array.shape], array.dtype)
    inner = spread[tuple(slice(None, None, 2) for _ in array.shape)]
    inner[...] = array
    frozen = array.copy()
    frozen.flags.writeable = False
    return {
        "strided": inner,
        "fortran": np.asfortranarray(array),
        "reversed": array[::-1].copy()[::-1],
        "frozen": frozen,
    }


@pytest.mark.parametrize("layout", ["strided", "fortran", "reversed", "frozen"])
def test_memory_layout_does_not_change_a_bit(lstm, layout):
    other = replace(
        lstm,
        x=layouts(lstm.x)[layout],
        params={k: layouts(v)[layout] for k, v in lstm.params.items()},
        initial={k: layouts(v)[layout] for k, v in lstm.initial.items()},
        cotangents={k: layouts(v)[layout] for k, v in lstm.cotangents.items()},
    )
    assert equal(other.backward(), lstm.backward())


@pytest.mark.parametrize("name", CELLS)
def test_keeping_only_what_the_adjoint_needs_changes_nothing_that_can_be_seen(name):
    problem = small(name)
    whole, lean = problem.forward(), problem.forward(keep="adjoint")
    assert list(whole) == list(lean)
    back = problem.cell.backward(problem.params, lean, problem.cotangents)
    assert equal(back, problem.backward())
    assert all(np.array_equal(whole[k], lean[k]) for k in whole)


@pytest.mark.parametrize("name", CELLS)
def test_a_run_that_keeps_nothing_has_the_same_states_and_refuses_the_rest(name):
    problem = small(name)
    whole, lean = problem.forward(), problem.forward(keep="states")
    interface = problem.cell.interface
    assert list(lean) == [layout.name for group in ("states", "outputs") for layout in interface.layouts(group)]
    assert all(np.array_equal(whole[k], lean[k]) for k in lean)
    with pytest.raises(ArgumentError, match="holds states alone"):
        problem.cell.backward(problem.params, lean, problem.cotangents)


def test_steps_that_take_turns_in_memory_give_the_states_of_a_long_run():
    cell = gs.cell("lstm")
    params, x = cell.init(m=3, n=5, dtype="float32"), np.random.default_rng(0).normal(size=(301, 2, 3))
    whole = cell.forward(params, x.astype("float32"), keep="adjoint")
    lean = cell.forward(params, x.astype("float32"), keep="states")
    assert np.array_equal(whole["h"], lean["h"])
    assert lean.arrays["a"].shape[0] < 301 == whole.arrays["a"].shape[0]
    with pytest.raises(KeyError, match="it has h, c"):
        lean["i"]


def test_writing_over_the_input_after_the_forward_pass_does_not_change_gradients(lstm):
    x = lstm.x.copy()
    run = lstm.cell.forward(lstm.params, x, initial=lstm.initial)
    x[...] = 0
    assert equal(lstm.cell.backward(lstm.params, run, lstm.cotangents), lstm.backward())


def test_gradients_stay_what_they_are_whatever_a_caller_then_writes(lstm):
    params = {k: v.copy() for k, v in lstm.params.items()}
    cotangents = {k: v.copy() for k, v in lstm.cotangents.items()}
    run = lstm.forward()
    grads = lstm.cell.backward(params, run, cotangents)
    for array in (*params.values(), *cotangents.values(), *run.arrays.values()):
        if array.flags.writeable and not any(np.shares_memory(array, p) for p in lstm.params.values()):
            array.fill(np.nan)
    assert equal(grads, lstm.backward())
    grads.params["b_f"] *= 2
    grads.states.pop("c")
    assert np.array_equal(grads.params["b_f"], 2 * lstm.backward().params["b_f"])
    assert list(grads.states) == ["h"]


def test_calls_of_the_same_shapes_that_differ_in_something_else_are_told_apart():
    cell = gs.cell("lstm")
    params, x = cell.init(m=3, n=4, seed=1), np.random.default_rng(0).normal(size=(5, 5, 3))
    first = np.full((5, 4), 0.5)
    for _ in range(2):
        run = cell.forward(params, x)
        assert np.array_equal(cell.forward(params, x.swapaxes(0, 1), batch_first=True)["h"].swapaxes(0, 1), run["h"])
        assert (cell.forward(params, x, initial={"c": first})["c"][0] == 0.5).all()
        assert np.array_equal(
            cell.forward(params, x, initial={"c": first})["h"],
            cell.forward(params, {"x": x}, initial={"c": first[None]})["h"],
        )
        assert not run["c"][0].any()
        assert cell.forward(params, x.astype("float32"))["x"].dtype == "float64"
        listed = {k: v.tolist() for k, v in params.items()}
        assert np.array_equal(cell.forward(listed, x.tolist())["h"], run["h"])
        dh = np.arange(100.0).reshape(5, 5, 4)
        states = cell.backward(params, run, {"h": dh}).states
        as_integers = cell.backward(params, run, {"h": dh.astype(int).tolist()}).states
        assert np.array_equal(states["h"], as_integers["h"])
        assert not np.array_equal(states["h"], cell.backward(params, run, {"c": dh}).states["h"])


def test_a_run_can_be_differentiated_more_than_once(lstm):
    run = lstm.forward()
    first, second = (lstm.cell.backward(lstm.params, run, lstm.cotangents) for _ in range(2))
    assert equal(first, second)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("steps", "batch"), [(0, 3), (4, 0), (0, 0)])
def test_no_steps_or_no_sequences_give_empty_results_and_zero_gradients(name, steps, batch):
    problem = small(name, steps=steps, batch=batch)
    run, grads = problem.forward(), problem.backward()
    flow = problem.cell.flow(problem.params, run, problem.cotangents)
    jacobian = problem.cell.jacobian(problem.params, run)
    for state in problem.initial:
        assert run[state].shape == grads.states[state].shape == (steps + 1, batch, 5)
        assert not grads.states[state].any()
        assert flow.log_norm[state].shape == (steps + 1, batch)
        assert (flow.log_norm[state] == -np.inf).all()
        assert jacobian[f"{state}'", state].shape == (steps, batch, 5, 5)
    assert grads.x.shape == (steps, batch, 4)
    assert all(v.shape == problem.params[k].shape and not v.any() for k, v in grads.params.items())
    tangents = problem.cell.tangent(problem.params, run, {"h": np.ones((2, batch, 5))})
    assert tangents.states["h"].shape == (2, batch, 5)
    if steps == 0:
        carried = tangents.states["h"] * 2.0 ** tangents.exponents[..., None]
        np.testing.assert_allclose(carried, np.ones((2, batch, 5)), rtol=1e-15)


def test_nan_and_infinity_in_a_row_reach_its_results_and_no_other_row(lstm):
    clean = lstm.forward()
    for bad in (np.nan, np.inf):
        x = lstm.x.copy()
        x[2, 1, 0] = bad
        run = lstm.cell.forward({k: np.abs(v) for k, v in lstm.params.items()}, x, initial=lstm.initial)
        kept = lstm.cell.forward({k: np.abs(v) for k, v in lstm.params.items()}, lstm.x, initial=lstm.initial)
        assert np.array_equal(run["h"][:, [0, 2]], kept["h"][:, [0, 2]])
        assert np.array_equal(run["h"][:3], kept["h"][:3])
        assert np.isnan(run["h"][3:, 1]).all() == np.isnan(bad)
    assert np.isfinite(clean["h"]).all()


DELAYED = """
x in R^m;  h in R^n;  s in R^n;  output y in R^k
W in R^(n, n+m);  V in R^(n, m);  U in R^(n, n);  C in R^(k, n);  b in R^n

h' = tanh(W @ [h[-2], x] + V @ x[-1] + b)
s' = s * sigmoid(U @ h) + h'
y  = C @ s'
"""


@pytest.fixture(scope="module")
def delayed():
    """A cell with a delayed state, a delayed input, a stacked vector and an output."""
    cell = gs.Cell(DELAYED, name="delayed")
    generator = np.random.default_rng(0)
    draws = {
        "x": (5, 2, 3),
        "past x": (1, 2, 3),
        "past h": (2, 2, 4),
        "past s": (2, 4),
        "dy": (5, 2, 2),
        "dh": (5, 2, 4),
    }
    arrays = {k: generator.normal(size=v) for k, v in draws.items()}
    return cell, cell.init(m=3, n=4, k=2, seed=1), arrays


def delayed_run(delayed, arrays):
    cell, params, _ = delayed
    past = {k.split()[1]: v for k, v in arrays.items() if k.startswith("past")}
    return cell.forward(params, arrays["x"], initial=past)


@pytest.mark.long
def test_the_past_of_delayed_states_and_inputs_has_gradients(delayed):
    cell, params, arrays = delayed
    grads = cell.backward(params, delayed_run(delayed, arrays), {"y": arrays["dy"], "h": arrays["dh"]})

    def loss(moved):
        run = delayed_run(delayed, moved)
        return (run["y"] * arrays["dy"]).sum() + (run["h"][1:] * arrays["dh"]).sum()

    found = {"x": grads.x, "past x": grads.initial["x"], "past h": grads.initial["h"], "past s": grads.states["s"][0]}
    for key, value in found.items():
        direction = np.random.default_rng(1).normal(size=arrays[key].shape)
        ends = [loss({**arrays, key: arrays[key] + sign * STEP * direction}) for sign in (1, -1)]
        assert (value * direction).sum() == pytest.approx((ends[0] - ends[1]) / (2 * STEP), rel=1e-6)


def test_outputs_are_trajectories_without_a_row_for_the_initial_state(delayed):
    run = delayed_run(delayed, delayed[2])
    assert run["y"].shape == (5, 2, 2)
    np.testing.assert_allclose(run["y"], run["s"][1:] @ delayed[1]["C"].T, rtol=1e-13)


def test_an_ordinary_row_of_the_past_is_not_enough_for_a_delayed_state(delayed):
    cell, params, arrays = delayed
    with pytest.raises(ValueError, match=r"initial\['h'\] has shape \(2, 4\); it must be \(2, 2, 4\) \(delay, B, …\)"):
        cell.forward(params, arrays["x"], initial={"h": arrays["past s"]})


def test_a_dimension_that_only_sizes_others_is_asked_for_where_parameters_are_drawn_and_nowhere_else():
    text = "d = n/2\nx in R^m; h in R^d; W in R^(d,m); U in R^(d,d)\nh' = tanh(W @ x + U @ h)"
    cell = gs.Cell(text, name="half_as_wide")
    with pytest.raises(ValueError, match="needs the size of n"):
        cell.init(m=2)
    run = cell.forward(cell.init(m=2, n=6), np.ones((4, 1, 2)))
    assert run["h"].shape == (5, 1, 3)


@pytest.mark.parametrize("batch_first", [False, True])
def test_cotangents_at_the_ends_mean_the_same_at_the_next_call_of_their_shapes(batch_first):
    cell = gs.cell("rnn")
    params, x = cell.init(m=2, n=3, seed=0), np.random.default_rng(0).standard_normal((4, 4, 2))
    run = cell.forward(params, x, batch_first=batch_first)
    for seed in range(3):
        ends = np.random.default_rng(seed).standard_normal((4, 3))
        at_last = ([-1], ends[:, None] if batch_first else ends[None])
        given, sparse = (cell.backward(params, run, {"h": h}).params for h in (ends, at_last))
        assert all(np.array_equal(given[name], sparse[name]) for name in params)
