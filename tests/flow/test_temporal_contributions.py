"""Temporal contributions: what kernels give step by step, closed forms where weights are zero, cells of any form."""

import numpy as np
import pytest
from own_cells import GATES, RenamedLSTM, own_cell

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow import Loss, temporal_contributions, white_noise
from gatedsym.flow.analyses.temporal_contributions import family_norms, why_not_applicable

STEPS = 9
SMALL = {"n": 5, "seeds": 2, "steps": STEPS, "batch": 1}
SINGLE = 1e-6  # numbers are kept in single precision, relative to logarithms of up to about ten


@pytest.fixture(scope="module")
def lstm():
    return temporal_contributions("lstm", white_noise(3), **SMALL)


@pytest.mark.parametrize("name", ["lstm", "own"])
@pytest.mark.long
def test_contributions_are_the_gradients_of_single_steps_that_kernels_give(name):
    cell = own_cell() if name == "own" else gs.cell(name)
    data = temporal_contributions(cell, white_noise(3), **SMALL, retention=None)
    params = cell.init(m=3, n=5, seed=1, scheme="xavier")
    run = cell.forward(params, white_noise(3).windows(STEPS, 1, 1))
    _, dh = Loss("cotangent", "every").cotangents(run["h"][1:], 1)
    for t in (0, 4, STEPS - 1):
        flow = cell.flow(params, run, {"h": ([t], dh[t : t + 1])})
        for parameter in cell.parameters:
            mantissas, exponents = flow.parameter_steps(parameter)
            norms = np.linalg.norm(mantissas.reshape(STEPS, -1), axis=1) * 2.0**exponents
            measured = 10.0 ** data["log10_norm"].sel(seed=1, parameter=parameter, t=t + 1).squeeze()[: t + 1]
            assert np.allclose(measured, norms[: t + 1], rtol=5 * SINGLE, atol=0)


@pytest.mark.parametrize("bias", [0.0, 2.0])
def test_without_weights_the_candidate_learns_as_far_back_as_the_forget_gate_holds(bias):
    """o i tanh'(0) f^(t - k) = f^(t - k) / 4 for b_g; all other gates stand beside a zero."""
    data = temporal_contributions("lstm", white_noise(3), **SMALL, init="gaussian", gain=0.0, retention=bias)
    norms = data["log10_norm"].squeeze(("cell", "init", "gain", "retention"), drop=True)
    k, t = np.meshgrid(norms["k"], norms["t"], indexing="ij")
    expected = np.log10(0.25) - (t - k) * np.log10(1 + np.exp(-bias))
    candidate = norms.sel(parameter="b_g").values
    assert np.allclose(candidate[:, k <= t], expected[k <= t], rtol=0, atol=SINGLE)
    assert np.isnan(candidate[:, k > t]).all()
    assert (norms.sel(parameter="b_f").values[:, k <= t] == -np.inf).all()
    # The first lag with f^lag < 1 %: 7 for f = 1/2, never within 9 steps for f = 0.88.
    assert (data["reach"].sel(parameter="b_g") == (7 if bias == 0 else STEPS)).all()
    assert data["reach"].sel(parameter="b_f").isnull().all()


def test_a_family_is_its_members_side_by_side(lstm):
    one = lstm.isel(init=0, gain=0, retention=0, seed=0, cell=0).sel(k=3, t=7)
    members = 10.0 ** one["log10_norm"].sel(parameter=["U_i", "U_f", "U_g", "U_o"]).values.astype(float)
    assert float(family_norms(one, "U")) == pytest.approx(np.log10(np.linalg.norm(members)), abs=SINGLE)
    # Step 1 reads the zero initial state.
    assert float(family_norms(lstm, "U").sel(k=1, t=7).max()) == -np.inf


def test_names_and_order_of_lines_do_not_matter(lstm):
    data = temporal_contributions(RenamedLSTM(), white_noise(3), **SMALL)
    for own, theirs in (("A", "W"), ("B", "U"), ("z", "b")):
        for gate, same in GATES.items():
            mine = data["log10_norm"].sel(cell="renamed", parameter=f"{own}_{gate}")
            expected = lstm["log10_norm"].sel(cell="lstm", parameter=f"{theirs}_{same}")
            assert np.allclose(mine, expected, rtol=0, atol=5 * SINGLE, equal_nan=True)


def test_parameters_of_outputs_contribute_nothing_to_a_loss_on_the_state():
    cell = gs.Cell("h in R^n; U, V in R^(n,n); b in R^n\nh' = tanh(U h + b)\noutput y\ny = V h'", name="read")
    data = temporal_contributions(cell, white_noise(3), **SMALL)["log10_norm"].squeeze()
    lower = np.tril(np.ones((STEPS, STEPS), dtype=bool)).T
    assert (data.sel(parameter="V").values[:, lower] == -np.inf).all()
    assert np.isfinite(data.sel(parameter="b").values[:, lower]).all()


def test_cells_without_state_or_parameters_are_refused_with_the_reason():
    assert "no state" in why_not_applicable(gs.cell("glu"))
    with pytest.raises(ArgumentError, match="no state"):
        temporal_contributions("glu", white_noise(3), **SMALL)
    assert "no parameters" in why_not_applicable(gs.Cell("x, h in R^n\nh' = tanh(x + h)", name="bare"))
    assert why_not_applicable(gs.cell("rnn")) == ""
