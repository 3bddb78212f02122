"""What is asked for after a call belongs to the parameters of that call, or is refused; nothing of it needs SymPy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.execution.own_parameters import OwnParameters

T, B, M, N = 6, 3, 4, 5
LOW_RANK = (
    "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b, v in R^n\nq = U @ h * exp(v)\nh' = tanh(W @ x + U @ h + b)"
)
"""A value that takes parameters again, of a product that no kernel keeps."""


@pytest.fixture(scope="module")
def lstm():
    return gs.cell("lstm")


def problem(cell, dtype="float64", seed=0):
    random = np.random.default_rng(seed)
    x, dh = random.normal(size=(T, B, M)).astype(dtype), random.normal(size=(T, B, N)).astype(dtype)
    return cell.init(m=M, n=N, dtype=dtype), x, {"h": dh}


def derivatives(cell):
    """Everything that takes parameters and a run."""
    direction = {"h": np.ones((1, B, N))}
    return {
        "backward": lambda p, run, d: cell.backward(p, run, d),
        "flow": lambda p, run, d: cell.flow(p, run, d),
        "tangent": lambda p, run, d: cell.tangent(p, run, direction),
        "jacobian": lambda p, run, d: cell.jacobian(p, run),
    }


@pytest.mark.parametrize("what", ["backward", "flow", "tangent", "jacobian"])
@pytest.mark.sampled
def test_a_derivative_with_parameters_that_changed_since_is_refused(lstm, what):
    params, x, cotangents = problem(lstm)
    run = lstm.forward(params, x)
    params["U_f"][1, 2] += 1e-3
    with pytest.raises(ArgumentError, match=r"params\['U_f'\] is not what the run was made with.*forward again"):
        derivatives(lstm)[what](params, run, cotangents)
    params["U_f"][1, 2] = lstm.init(m=M, n=N)["U_f"][1, 2]
    derivatives(lstm)[what](params, run, cotangents)


FORMS = {
    "views of a block": lambda params: params,
    "arrays of their own": lambda params: {k: v.copy() for k, v in params.items()},
    "columns first": lambda params: {k: np.asfortranarray(v) for k, v in params.items()},
    "every second entry": lambda params: {k: np.repeat(v, 2, axis=-1)[..., ::2] for k, v in params.items()},
    "of a subclass": lambda params: {k: v.copy().view(type("Own", (np.ndarray,), {})) for k, v in params.items()},
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [5, 100])  # gathered first, and compared one by one
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.long
def test_a_change_of_any_bit_of_any_parameter_is_noticed(lstm, form, size, dtype):
    random = np.random.default_rng(3)
    params = FORMS[form](lstm.init(m=M, n=size, dtype=dtype))
    run = lstm.forward(params, np.ones((2, 1, M), dtype))
    dh = {"h": np.ones((2, 1, size), dtype)}
    lstm.backward(params, run, dh)
    for name, array in params.items():
        place = tuple(random.integers(length) for length in array.shape)
        old = array[place]
        array[place] = np.nextafter(old, np.dtype(dtype).type(9))
        with pytest.raises(ArgumentError, match=rf"params\['{name}'\]"):
            lstm.backward(params, run, dh)
        array[place] = old
    lstm.backward(params, run, dh)


def test_read_only_parameters_serve_and_equal_bits_elsewhere_too(lstm):
    params, x, cotangents = problem(lstm)
    frozen = {k: v.copy() for k, v in params.items()}
    for array in frozen.values():
        array.flags.writeable = False
    run = lstm.forward(frozen, x)
    one, other = lstm.backward(frozen, run, cotangents), lstm.backward(params, run, cotangents)
    assert all(np.array_equal(one.params[k], other.params[k]) for k in params)


def test_a_nan_is_itself_and_a_zero_of_the_other_sign_is_another():
    zeros = {"b": np.array([0.0, np.nan])}
    own = OwnParameters(zeros, np.dtype("float64"))
    assert own.equal({"b": np.array([0.0, np.nan])})
    assert own.difference({"b": np.array([-0.0, np.nan])}) == "b"
    assert not own.equal({"b": np.array([-0.0, np.nan])})
    assert not own.equal({"b": np.array([[0.0, np.nan]])})


@pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")
@pytest.mark.parametrize("workspace", [None, gs.Workspace()])
def test_a_value_asked_for_later_is_of_the_runs_own_parameters(workspace):
    cell = gs.Cell(LOW_RANK, name="low_rank")
    params, x, _ = problem(cell)
    expected = np.exp(params["v"]) * (cell.forward(params, x)["h"][:-1] @ params["U"].T)
    run = cell.forward(params, x, workspace=workspace)
    for array in params.values():
        array[...] = 7.0
    np.testing.assert_allclose(run["q"], expected, rtol=1e-12)


def test_runs_of_one_stream_share_a_copy_and_an_update_makes_another(lstm):
    params, x, _ = problem(lstm)
    runs = [lstm.forward(params, x[t : t + 1]) for t in range(3)]
    assert runs[0].own is runs[1].own is runs[2].own
    params["b_i"][0] += 1.0
    after = lstm.forward(params, x[:1])
    assert after.own is not runs[0].own
    with pytest.raises(ArgumentError, match="b_i"):
        lstm.backward(params, runs[0], {"h": np.ones((1, B, N))})
    lstm.backward(params, after, {"h": np.ones((1, B, N))})


def test_a_segment_is_computed_again_with_the_parameters_of_the_call(lstm):
    params, x, cotangents = problem(lstm)
    expected = lstm.gradients(params, x, cotangents, segments=3)

    def asked(run, start, stop):
        params["W_g"][...] = 0.0
        return {"h": cotangents["h"][start:stop]}

    found = lstm.gradients(params, x, asked, segments=3)
    for name, gradient in expected.params.items():
        np.testing.assert_allclose(found.params[name], gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.long
def test_steps_of_a_parameters_gradient_are_of_the_runs_own_parameters(lstm):
    params, x, cotangents = problem(lstm)
    flow = lstm.flow(params, lstm.forward(params, x), cotangents)
    before = flow.parameter_steps("U_f")
    params["U_f"][...] = 0.0
    after = flow.parameter_steps("U_f")
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_what_derivatives_need_again_is_handed_out_read_only(lstm):
    params, x, _ = problem(lstm)
    run = lstm.forward(params, x)
    for name in run:
        with pytest.raises(ValueError, match="read-only"):
            run[name][...] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        lstm.forward(params, np.swapaxes(x, 0, 1), batch_first=True)["h"][...] = 0.0


def test_keep_all_is_the_default_and_adjoint_is_another_word_for_it(lstm):
    params, x, _ = problem(lstm)
    runs = [lstm.forward(params, x, **k) for k in ({}, {"keep": "all"}, {"keep": "adjoint"})]
    for name in runs[0]:
        assert all(np.array_equal(runs[0][name], run[name]) for run in runs[1:])
    with pytest.raises(ArgumentError, match="keep must be"):
        lstm.forward(params, x, keep="everything")


GROUPS = ("params", "inputs", "states", "initial")


@pytest.mark.parametrize("group", GROUPS)
def test_gradients_in_a_workspace_refuse_after_it_was_used_again(lstm, group):
    params, x, cotangents = problem(lstm)
    workspace = gs.Workspace()
    run = lstm.forward(params, x)
    first = lstm.backward(params, run, cotangents, workspace=workspace)
    getattr(first, group)
    lstm.forward(params, x, workspace=workspace)
    getattr(first, group)  # the forward pass has memory of its own
    second = lstm.backward(params, run, cotangents, workspace=workspace)
    with pytest.raises(ArgumentError, match=r"these gradients of lstm lay in a workspace.*copy what must live longer"):
        getattr(first, group)
    getattr(second, group)
    lstm.gradients(params, x, cotangents, workspace=workspace)
    with pytest.raises(ArgumentError, match="these gradients of lstm lay in a workspace"):
        getattr(second, group)


def test_a_trajectory_among_gradients_refuses_after_a_later_forward_pass(lstm):
    params, x, cotangents = problem(lstm)
    workspace = gs.Workspace()
    grads = lstm.gradients(params, x, cotangents, returns=("params", "trajectory"), workspace=workspace)
    np.testing.assert_array_equal(grads.trajectory["h"], lstm.forward(params, x)["h"])
    lstm.forward(params, 2 * x, workspace=workspace)
    with pytest.raises(ArgumentError, match="these gradients of lstm lay in a workspace"):
        _ = grads.trajectory
    _ = grads.params


@pytest.mark.long
def test_steps_of_a_gradient_refuse_after_the_runs_workspace_was_used_again(lstm):
    params, x, cotangents = problem(lstm)
    workspace = gs.Workspace()
    flow = lstm.flow(params, lstm.forward(params, x, workspace=workspace), cotangents)
    lstm.forward(params, 2 * x, workspace=workspace)
    with pytest.raises(ArgumentError, match="this run of lstm lay in a workspace"):
        flow.parameter_steps("U_f")


BEGIN = """
import sys
import numpy as np
import gatedsym as gs
cell = gs.cell("lstm")
params = cell.init(m=2, n=2, retention=2.0)
x, dh = np.ones((3, 2, 2)), {"h": np.ones((3, 2, 2))}
"""
RUN = "run = cell.forward(params, x)\n"
ENTRIES = {
    "init": "",
    "forward": RUN,
    "backward": RUN + "cell.backward(params, run, dh).params",
    "gradients": "cell.gradients(params, x, dh).params",
    "flow": RUN + "cell.flow(params, run, dh).log_norm",
    "parameter_steps": RUN + "cell.flow(params, run, dh).parameter_steps('U_f')",
    "tangent": RUN + "cell.tangent(params, run, {'h': np.ones((1, 2, 2))}).states",
    "jacobian": RUN + "cell.jacobian(params, run)",
    "a value": RUN + "[run[name] for name in run]",
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.long
def test_running_a_cell_of_the_library_imports_neither_sympy_nor_lark(entry):
    script = f"{BEGIN}{ENTRIES[entry]}\nprint([m for m in ('sympy', 'lark') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "[]\n", done.stderr
