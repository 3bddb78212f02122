"""`init`: what each scheme promises, seeds, stacked blocks, and biases with which a state is retained."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import SCHEMES

M, N = 24, 40
RETAINING = [("lstm", "b_f", 1), ("gru", "b_z", -1), ("gru_torch", "b_z", 1)]  # the sign with which a bias retains


def draw(name="lstm", **options):
    return gs.cell(name).init(m=M, n=N, **options)


def fills(values, limit):
    """Uniform on ±limit: nothing beyond it, and the outermost of some 1,000 draws close to it."""
    return np.abs(values).max() <= limit and np.abs(values).max() > 0.97 * limit


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_seed_gives_the_same_parameters_and_another_seed_others(scheme):
    first, again, other = (draw(scheme=scheme, seed=s) for s in (7, 7, 8))
    assert all(np.array_equal(first[k], again[k]) for k in first)
    assert not any(np.array_equal(first[k], other[k]) for k in first if first[k].ndim == 2)


def test_a_seed_gives_the_numbers_that_it_gave_when_this_was_written():
    assert gs.cell("rnn").init(m=1, n=2, seed=0)["U"].ravel() == pytest.approx(
        [-0.64916147, -0.68373317, 0.44303102, 0.58372454], abs=1e-8
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_float32_parameters_are_the_float64_ones_rounded(scheme):
    wide, narrow = draw(scheme=scheme), draw(scheme=scheme, dtype="float32")
    assert all(narrow[k].dtype == np.float32 and np.array_equal(wide[k].astype("f4"), narrow[k]) for k in wide)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "gru_torch"])
def test_members_of_a_family_are_writable_views_of_one_block(name):
    params = draw(name)
    families = {}
    for key, value in params.items():
        families.setdefault((key.split("_")[0], value.shape), []).append(value)
    for members in families.values():
        (block,) = {id(v.base): v.base for v in members}.values()
        assert block.shape == (len(members), *members[0].shape)
        for value in members:
            assert value.flags.writeable
            assert value.flags.c_contiguous
            value[...] = 3.0
        assert (block == 3.0).all()


def test_uniform_draws_every_parameter_from_one_over_root_n():
    params = draw(scheme="uniform")
    assert all(np.abs(v).max() <= 1 / np.sqrt(N) for v in params.values())
    assert all(fills(params[k], 1 / np.sqrt(N)) for k in ("W_i", "U_o"))
    assert any(params["b_f"] != 0)


def test_xavier_takes_the_fans_of_each_matrix():
    params = draw(scheme="xavier")
    assert fills(params["W_f"], np.sqrt(6 / (M + N)))
    assert fills(params["U_f"], np.sqrt(6 / (N + N)))
    assert not any(params[k].any() for k in params if k.startswith("b"))


def test_stacked_xavier_takes_the_fans_of_the_whole_family():
    params = draw(scheme="xavier-stacked")
    assert fills(params["W_f"], np.sqrt(6 / (M + 4 * N)))
    assert fills(params["U_f"], np.sqrt(6 / (N + 4 * N)))


@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_orthogonal_recurrent_matrices_have_every_singular_value_equal_to_the_gain(gain):
    params = draw(scheme="orthogonal", gain=gain)
    for key in ("U_i", "U_f", "U_g", "U_o"):
        np.testing.assert_allclose(params[key] @ params[key].T, gain**2 * np.eye(N), atol=1e-13)
    assert fills(params["W_f"], np.sqrt(6 / (M + N)))


def test_gaussian_entries_have_variance_gain_squared_over_fan_in():
    """Of 4 · 1,600 normal entries the standard deviation is known to 1 %; five of these are allowed."""
    params = draw(scheme="gaussian", gain=1.5)
    for kind, fan in (("W", M), ("U", N)):
        entries = np.concatenate([params[f"{kind}_{g}"].ravel() for g in "ifgo"])
        assert entries.std() == pytest.approx(1.5 / np.sqrt(fan), rel=0.05)


@pytest.mark.parametrize(("name", "bias", "sign"), RETAINING)
def test_a_retention_bias_has_the_sign_that_keeps_the_state(name, bias, sign):
    """A share σ(2) of the state stays, whether the gate is f or 1 - z."""
    params = draw(name, scheme="xavier", retention=2.0)
    assert (params[bias] == sign * 2.0).all()
    assert not any(v.any() for k, v in params.items() if k[0] in "bv" and k != bias)


@pytest.mark.parametrize(("name", "bias", "sign"), RETAINING)
def test_no_retention_leaves_what_the_scheme_gives_and_the_rest_does_not_move(name, bias, sign):
    plain, set_ = draw(name), draw(name, retention=1)
    assert all(np.array_equal(plain[k], set_[k]) for k in plain if k != bias)
    assert np.abs(plain[bias]).max() <= 1 / np.sqrt(N)


@pytest.mark.parametrize(("name", "bias", "sign"), RETAINING)
def test_chrono_biases_are_logarithms_of_times_up_to_the_horizon(name, bias, sign):
    params = draw(name, retention="chrono", horizon=100, seed=1)
    times = np.exp(sign * params[bias])
    assert 1 <= times.min() < 20 < 80 < times.max() <= 99
    assert np.array_equal(params[bias], draw(name, retention="chrono", horizon=100, seed=1)[bias])


def test_chrono_gives_the_input_gate_the_negative_of_the_forget_bias():
    params = draw("lstm", retention="chrono", horizon=50)
    assert np.array_equal(params["b_i"], -params["b_f"])


def test_the_other_update_sign_gets_the_other_bias():
    other = gs.cell("gru").variant("other_sign", {"h'": "z * h + (1 - z) * g"})
    assert (other.init(m=2, n=3, retention=1.0)["b_z"] == 1.0).all()


def test_the_rnn_has_nothing_that_retains():
    assert [gs.cell(name).can_retain for name in ("rnn", "lstm", "gru", "gru_torch")] == [False, True, True, True]


def test_a_given_size_goes_before_its_default():
    """r = n/2 is what r is unless it is given: then n need not be even."""
    cell = gs.Cell("r = n/2\nx in R^m; h in R^n; A in R^(r,n); B in R^(n,r); W in R^(n,m)\nh' = tanh(B (A h) + W x)")
    assert cell.init(m=2, n=5, r=3, seed=0)["A"].shape == (3, 5)
    with pytest.raises(ArgumentError, match="r = n/2, which is 5/2 here"):
        cell.init(m=2, n=5, seed=0)


def test_a_prescribed_parameter_may_follow_from_another():
    params = gs.cell("lru").init(m=3, n=50, scheme="paper", seed=3)
    modulus = np.exp(-np.exp(params["nu"]))
    np.testing.assert_allclose(np.exp(params["gamma"]), np.sqrt(1 - modulus**2), rtol=1e-10)
