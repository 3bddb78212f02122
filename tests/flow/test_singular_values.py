"""Singular values of products of Jacobians: hundreds of digits as the judge, and cases whose answer is known."""

import mpmath
import numpy as np
import pytest
from literature import SHAPES
from test_lyapunov import TANH, Renamed, jacobian, network

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow import singular_values, white_noise
from gatedsym.flow.analyses.lyapunov import growth_of
from gatedsym.flow.analyses.singular_values import singular_values_of
from gatedsym.flow.numerics.graded import Graded
from gatedsym.flow.numerics.orthogonal import orthonormalise, orthonormalise_ranked
from gatedsym.flow.numerics.tangents import why_no_tangents

RESIDUAL = gs.Cell(
    "x in R^m; h, s in R^n; W in R^(n,m); Q, U, V in R^(n,n); w in R^n\n"
    "a = σ(U h + W x + 1)\nh' = a*h + (1 - a)*tanh(V s)\ns' = softsign(w*s + Q.T h)",
    name="residual_pair",
)
RECTIFIED = gs.Cell("h in R^n; U in R^(n,n)\nh' = relu(U h)", name="rectified")
EPS = np.finfo(float).eps


def judged(net, first, lags, digits):
    """log10 of the singular values (lag, index), from Jacobians multiplied with so many digits."""
    rows = []
    with mpmath.workdps(digits):
        product = mpmath.eye(net.size)
        for step in range(lags[-1]):
            product = mpmath.matrix(jacobian(net, first + step).tolist()) * product
            if step + 1 in lags:
                found = mpmath.svd_r(product, compute_uv=False)
                rows.append(sorted((float(mpmath.log10(v)) for v in found), reverse=True))
    return np.array(rows)


@pytest.mark.parametrize("cell", [gs.cell("rnn"), gs.cell("lstm"), RESIDUAL], ids=lambda c: c.name)
@pytest.mark.long
def test_singular_values_are_those_of_hundreds_of_digits(cell):
    net = network(cell, n=4, steps=70, seed=1)
    lags = [1, 7, 60]
    expected = judged(net, 10, lags, 300)
    assert expected[-1].max() - expected[-1].min() > 30
    # Relative errors of the singular values themselves: ln 10 times these.
    assert np.allclose(singular_values_of(net, 10, lags), expected, rtol=0, atol=1e-11)


def test_at_short_lags_they_are_those_of_the_plain_product():
    net = network(gs.cell("gru"), n=24, steps=20)
    product = jacobian(net, 12) @ jacobian(net, 11) @ jacobian(net, 10)
    expected = np.log10(np.linalg.svd(product, compute_uv=False))
    assert np.allclose(singular_values_of(net, 10, [3])[0], expected, rtol=0, atol=1e-10)


def test_powers_of_a_symmetric_matrix_far_beyond_the_range_of_floats():
    generator = np.random.default_rng(0)
    basis = np.linalg.qr(generator.normal(size=(12, 12)))[0]
    values = 10.0 ** np.linspace(0.5, -3, 12)
    matrix = (basis * values) @ basis.T
    rows, product = np.eye(12), Graded.identity(12)
    for _ in range(1000):
        rows, product = product.carried(rows @ matrix.T, np.zeros(12), 8 * EPS)
    found = product.log2_singular_values(8 * EPS) * np.log10(2)
    # 1000 roundings of the matrix's own smallest value, 3.5 decades below its largest, each of a relative 1e-16 * 3e3.
    assert np.allclose(found, 1000 * np.log10(values), rtol=0, atol=1e-9)
    assert found[-1] < -2990


@pytest.mark.long
def test_an_orthogonal_linear_network_is_an_isometry_at_every_lag():
    cell = gs.Cell("x in R^n; A in R^(n,n)\nx' = A @ x", name="rotation")
    data = singular_values(cell, n=8, seeds=2, lags=(1, 10, 300), warmup=0, init="orthogonal")
    assert float(np.abs(data["log10_singular_value"]).max()) < 1e-12
    assert float(data["log10_condition"].max()) < 1e-12


def test_the_condition_number_is_largest_over_smallest():
    data = singular_values(["rnn", "lstm"], white_noise(3), n=5, seeds=2, lags=(1, 30), init="gaussian")
    for cell, size in (("rnn", 5), ("lstm", 10)):
        one = data.sel(cell=cell).squeeze().isel(retention=0 if cell == "lstm" else 1)
        values = one["log10_singular_value"]
        assert int(values.notnull().sum("index").min()) == int(one["state_size"]) == size
        ends = values.isel(index=0) - values.isel(index=size - 1)
        assert np.allclose(one["log10_condition"], ends, rtol=1e-14)


def test_directions_that_are_lost_are_exactly_zero_and_their_condition_number_infinite():
    data = singular_values(RECTIFIED, n=8, seeds=1, lags=(1, 20), warmup=0, init="orthogonal").squeeze()
    lost = np.isneginf(data["log10_singular_value"]).sum("index")
    assert 0 < int(lost[0]) <= int(lost[1])
    assert np.isposinf(data["log10_condition"]).all()


@pytest.mark.long
def test_an_slstm_loses_a_direction_for_each_unit_whose_stabiliser_is_set_anew():
    # c, n and m of a unit may move together without a change of h; where m' = a, nothing is left of that.
    net = network(gs.cell("slstm"), n=6, steps=20)
    anew = net.run["m"][1:, 0] == net.run["a"][:, 0]
    lags = [1, 2, 10]
    found = singular_values_of(net, 10, lags)
    lost = [int(anew[10 : 10 + lag].any(axis=0).sum()) for lag in lags]
    assert np.isneginf(found).sum(axis=1).tolist() == lost
    assert 0 < lost[0] < lost[-1]


@pytest.mark.parametrize("cell", [gs.cell("slstm"), RECTIFIED], ids=lambda c: c.name)
def test_the_singular_values_beside_the_lost_ones_are_right(cell):
    net = network(cell, n=3, steps=20, seed=2)
    found, expected = singular_values_of(net, 10, [1, 8]), judged(net, 10, [1, 8], 200)
    kept = np.isfinite(found)
    assert 0 < kept.sum() < kept.size
    # A loss is seen where a share of 1e-14 is left; what such a share does to the others is of its size.
    assert np.allclose(found[kept], expected[kept], rtol=0, atol=1e-9)
    assert (expected[~kept] < expected.max() - 14).all()


@pytest.mark.long
def test_renamed_symbols_and_reordered_lines_change_nothing():
    sizes = {"n": 4, "seeds": 1, "lags": (1, 20), "init": "gaussian", "retention": 1.0}
    lstm = singular_values("lstm", white_noise(3), **sizes)["log10_singular_value"].values
    renamed = singular_values(Renamed(), white_noise(3), **sizes)["log10_singular_value"].values
    assert np.allclose(renamed, lstm, rtol=0, atol=1e-10)


def test_a_delayed_state_counts_with_all_its_rows():
    cell = gs.Cell(SHAPES["deep_delay"], name="deep_delay")
    data = singular_values(cell, white_noise(3), n=3, seeds=1, lags=(1,), init="gaussian").squeeze()
    values = data["log10_singular_value"].values
    assert len(values) == 12
    # One step shifts nine numbers to another place; what the newest row reads makes some of them longer.
    assert np.abs(values).min() < 1e-12


def test_networks_that_diverge_are_missing_from_there_on():
    cell = gs.Cell("h in R^n; U in R^(n,n)\nh' = U h + h*h", name="squares")
    data = singular_values(cell, n=6, seeds=1, lags=(1, 200), warmup=0, init="gaussian", start=3.0).squeeze()
    assert data["log10_singular_value"].sel(lag=1).notnull().all()
    assert data["log10_singular_value"].sel(lag=200).isnull().all()
    assert np.isnan(float(data["log10_condition"].sel(lag=200)))


def test_a_cell_without_state_is_told_why():
    cell = gs.Cell("x in R^m; W in R^(n,m)\noutput y\ny = tanh(W x)", name="layer")
    with pytest.raises(ArgumentError) as caught:
        singular_values(cell, white_noise(3))
    assert str(caught.value) == why_no_tangents(cell)


def test_the_exponents_are_what_singular_values_become():
    net = network(TANH, n=5, steps=2000, gain=3.0)
    growth, _ = growth_of(net, 5, 0, np.array([0, 2000]), seed=0)
    rates = singular_values_of(net, 0, [2000])[0] * np.log(10) / 2000
    assert np.allclose(-np.sort(-growth[0] / 2000), rates, atol=5 / 2000)


# Orthonormal rows


@pytest.mark.parametrize("count", [1, 23, 24, 25, 70])
def test_rows_are_made_orthonormal_and_multiply_back(count):
    rows = np.random.default_rng(0).normal(size=(count, 70)) * 10.0 ** np.linspace(0, -9, count)[:, None]
    found, lower, shares = orthonormalise(rows, 0.0)
    lengths = np.linalg.norm(rows, axis=1)
    assert np.abs(found @ found.T - np.eye(count)).max() < 50 * EPS
    assert (np.abs(lower @ found - rows).max(axis=1) < 50 * EPS * lengths).all()
    assert np.allclose(np.diagonal(lower), np.abs(np.diagonal(np.linalg.qr(rows.T)[1])), rtol=1e-10)
    assert np.allclose(shares, np.diagonal(lower) / lengths)


def test_rows_in_the_span_of_earlier_ones_are_found_and_replaced():
    rows = np.random.default_rng(1).normal(size=(60, 60))
    rows[30], rows[40], rows[50:] = 2 * rows[3] + rows[5], 0, rows[:10]
    found, lower, shares = orthonormalise(rows, 1e-13)
    assert np.flatnonzero(shares == 0).tolist() == [30, 40, *range(50, 60)]
    assert (np.diagonal(lower) == 0).tolist() == (shares == 0).tolist()
    assert np.abs(lower @ found - rows).max() < 1e-13
    assert np.abs(found @ found.T - np.eye(60)).max() < 1e-11


def test_rows_in_the_span_of_others_are_put_last_with_nothing_of_their_own():
    generator = np.random.default_rng(2)
    rows = generator.normal(size=(40, 40))
    # Shares around the tolerance: what counts as lost depends on what stands before, and must not go round in circles.
    rows[5:30] = rows[:1] + 1e-13 * generator.normal(size=(25, 40))
    order, found, lower, shares = orthonormalise_ranked(rows, 1e-12)
    assert sorted(order) == list(range(40))
    rank = int((shares > 0).sum())
    assert (shares[:rank] > 0).all()
    assert not lower[:, rank:].any()
    assert np.abs(lower @ found - rows[order]).max() < 1e-11
