"""Lyapunov spectra: the published numbers of the random tanh network, exact identities, and every kind of cell."""

import importlib

import numpy as np
import pytest
from literature import CELLS, SHUFFLED
from tanh_theory import tanh_theory

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow import lyapunov, white_noise
from gatedsym.flow.analyses.lyapunov import CHECKPOINTS, growth_of, kaplan_yorke, mean_and_error
from gatedsym.flow.ensemble import Ensemble, Member, Setting
from gatedsym.flow.inputs.source import read_source
from gatedsym.flow.numerics.tangents import run_network, why_no_tangents

TANH = gs.Cell("x in R^n; J in R^(n,n)\nx' = J @ tanh(x)", name="tanh_network")
SMALL = {"n": 6, "seeds": 1, "steps": 100, "warmup": 20, "gain": 1.0}


class Renamed(gs.Cell):
    """An LSTM with other names and another order of lines, which draws what the library's LSTM draws."""

    def __init__(self):
        super().__init__(SHUFFLED, name="renamed")

    def init(self, k, l, **options):  # noqa: E741
        drawn = gs.cell("lstm").init(m=k, n=l, **options)
        names = {"A": "W", "B": "U", "z": "b"} | {"p": "f", "s": "i", "q": "g", "w": "o"}
        return {name: drawn["_".join(names[part] for part in name.split("_"))] for name in self.parameters}


def network(cell, n=6, steps=120, seed=0, gain=1.0, start=None):
    setting = Setting(cell, "gaussian", gain, 1.0 if cell.can_retain else None)
    ensemble = Ensemble((cell,), read_source(white_noise(3)), (setting,), n, (seed,), horizon=100)
    return run_network(Member(ensemble, setting, seed), n, steps, start)


def jacobian(net, t):
    """The Jacobian of one step, blocks side by side, from the kernel that makes it whole."""
    blocks, states = net.cell.jacobian(net.params, net.run), list(net.cell.states)
    return np.block([[blocks[f"{y}'", s][t, 0] for s in states] for y in states])


# Published numbers


@pytest.mark.parametrize(("gain", "q", "largest"), [(1.5, 0.79335, 0.06522), (3.0, 6.30539, 0.31025)])
def test_theory_of_the_tanh_network_has_the_published_numbers(gain, q, largest):
    found = tanh_theory(gain)
    assert abs(found["q"] - q) < 1e-4
    assert abs(found["largest"] - largest) < 1e-4


def test_mean_exponent_and_onset_of_the_theory():
    assert abs(tanh_theory(3.0)["mean"] - -2.2728) < 1e-4
    # The next term of the expansion is about 3 (g - 1) of the first.
    assert abs(tanh_theory(1.002)["largest"] / (2 / 3 * 0.002**2) - 1) < 0.01


def test_largest_exponent_of_the_tanh_network_is_the_theorys():
    # At n = 500 the bias of finite size is -1.3 %, the scatter of a mean over these seeds and steps 0.4 %.
    data = lyapunov(TANH, n=600, seeds=4, steps=1200, warmup=200, gain=3.0, exponents=1)
    assert abs(float(data["exponent"].mean()) / tanh_theory(3.0)["largest"] - 1) < 0.02
    assert data["dimension"].isnull().all()


def extrapolated(values, errors, sizes):
    """The limit of large n of means with standard errors that depart from it as 1/n, and its standard error."""
    weights = 1 / np.asarray(errors) ** 2
    matrix = np.stack([np.ones(len(sizes)), 1 / np.asarray(sizes, float)], axis=1)
    covariance = np.linalg.inv(matrix.T @ (weights[:, None] * matrix))
    return (covariance @ (matrix.T @ (weights * values)))[0], np.sqrt(covariance[0, 0])


def mean_with_error(values):
    values = np.ravel(values)
    return values.mean(), values.std(ddof=1) / np.sqrt(values.size)


def test_the_limit_of_large_networks_is_extrapolated():
    """An instrument is tried on what it should find: 2 + 3/n, known to 0.01."""
    sizes = np.array([50, 100, 200])
    noise = np.array([0.01, -0.01, 0.01])
    limit, error = extrapolated(2 + 3 / sizes + noise, [0.01] * 3, sizes)
    assert abs(limit - 2) < 3 * error
    assert 0.01 < error < 0.03


@pytest.mark.long
def test_near_the_onset_the_largest_exponent_goes_to_the_theorys_as_one_over_n():
    """g = 1.5: 15 % low at n = 400; what is left at n → ∞ is the theory's 0.06522, within three standard errors."""
    sizes = (250, 500, 1000)
    pairs = [
        mean_with_error(lyapunov(TANH, n=n, seeds=seeds, steps=1200, warmup=400, gain=1.5, exponents=1)["exponent"])
        for n, seeds in zip(sizes, (12, 8, 4))
    ]
    limit, error = extrapolated(*zip(*pairs), sizes)
    assert abs(limit - 0.06522) < 3 * error
    assert error < 0.1 * 0.06522
    assert pairs[0][0] < 0.06522


@pytest.fixture(scope="module")
def spectra():
    """Summaries of whole spectra at g = 3, from sizes to means with standard errors."""
    found = {}
    for n, seeds in ((50, 24), (100, 12), (160, 6)):
        data = lyapunov(TANH, n=n, seeds=seeds, steps=300, warmup=200, gain=3.0)
        found[n] = {k: mean_with_error(data[k]) for k in ("mean_exponent", "dimension", "entropy_rate")}
    return found


@pytest.mark.parametrize(
    ("quantity", "published", "resolution"),
    [("mean_exponent", -2.2728, 0.02), ("dimension", 0.2872, 0.03), ("entropy_rate", 0.02511, 0.05)],
)
@pytest.mark.long
def test_spectrum_of_the_tanh_network_gives_the_published_summary(spectra, quantity, published, resolution):
    """In the limit of large n, within three standard errors; and these are small enough for that to be a statement."""
    limit, error = extrapolated(*zip(*(found[quantity] for found in spectra.values())), list(spectra))
    assert abs(limit - published) < 3 * error
    assert error < resolution * abs(published)


def test_the_error_by_blocks_is_as_large_as_the_scatter_of_the_blocks_says():
    growth = np.random.default_rng(0).normal(0.5, 1.0, (40 * CHECKPOINTS, 300))
    mean, error = mean_and_error(growth, np.arange(40 * CHECKPOINTS + 1), 40)
    assert np.allclose(mean.mean(), 0.5, atol=3 / np.sqrt(60000))
    assert np.allclose(error.mean(), 1 / np.sqrt(40 * CHECKPOINTS), rtol=0.05)


# Exact identities


@pytest.mark.parametrize("name", ["lstm", "gru", "lru"])
def test_exponents_add_up_to_the_logarithm_of_the_determinant(name):
    net = network(gs.cell(name), steps=70)
    growth, _ = growth_of(net, net.size, 20, np.arange(0, 51, 10), seed=0)
    expected = sum(np.linalg.slogdet(jacobian(net, t))[1] for t in range(20, 70))
    assert np.isclose(growth.sum(), expected, rtol=1e-10)


def test_exponents_of_a_linear_network_are_its_eigenvalues():
    cell = gs.Cell("x in R^n; A in R^(n,n)\nx' = A @ x", name="linear")
    data = lyapunov(cell, n=5, seeds=1, steps=4000, warmup=500, gain=1.0)
    params = cell.init(n=5, seed=0, scheme="gaussian", gain=1.0)
    expected = -np.sort(-np.log(np.abs(np.linalg.eigvals(params["A"]))))
    # What tangents start with is forgotten as 1 over the steps.
    assert np.allclose(data["exponent"].squeeze(), expected, atol=5 / 4000)


def test_a_delay_of_two_steps_halves_the_exponents_and_doubles_their_number():
    cell = gs.Cell("h in R^n; A in R^(n,n)\nh' = A @ h[-2]", name="delayed")
    data = lyapunov(cell, n=4, seeds=1, steps=4000, warmup=500, gain=1.0)
    params = cell.init(n=4, seed=0, scheme="gaussian", gain=1.0)
    expected = np.repeat(-np.sort(-np.log(np.abs(np.linalg.eigvals(params["A"])))) / 2, 2)
    assert int(data["state_size"][0]) == 8
    assert np.allclose(data["exponent"].squeeze(), expected, atol=5 / 4000)


def test_the_interval_between_decompositions_does_not_change_the_exponents(monkeypatch):
    often = importlib.import_module("gatedsym.flow.analyses.lyapunov")
    adapted = lyapunov("gru", white_noise(3), **SMALL)
    monkeypatch.setattr(often, "LONGEST", 1)
    every = lyapunov("gru", white_noise(3), **SMALL)
    assert float(adapted["interval"].squeeze()) > 1
    assert float(every["interval"].squeeze()) == 1
    assert np.allclose(adapted["exponent"], every["exponent"], rtol=0, atol=1e-9, equal_nan=True)


def test_fewer_exponents_are_the_largest_ones():
    whole = lyapunov("lstm", white_noise(3), **SMALL)["exponent"].squeeze().values
    part = lyapunov("lstm", white_noise(3), exponents=3, **SMALL)["exponent"].squeeze().values
    # Tangents start elsewhere, which is forgotten as 1 over the steps.
    assert np.allclose(part, whole[:3], atol=0.05)


def test_kaplan_yorke_interpolates_between_the_sums_that_change_sign():
    assert np.isclose(kaplan_yorke(np.array([0.5, 0.1, -1.2, -3.0])), 2.5)
    assert kaplan_yorke(np.array([-0.1, -0.2])) == 0
    assert kaplan_yorke(np.array([0.3, -np.inf])) == 1
    assert kaplan_yorke(np.array([0.3, 0.1])) == 2
    assert np.isnan(kaplan_yorke(np.array([0.3, 0.1]), complete=False))


def test_the_last_of_the_running_estimates_is_the_result():
    data = lyapunov("lstm", white_noise(3), **SMALL).squeeze()
    running = data["running"].isel(time=-1)
    assert float(running.sel(quantity="largest exponent")) == pytest.approx(float(data["exponent"][0]), rel=1e-12)
    assert np.isclose(float(running.sel(quantity="mean exponent")), float(data["exponent"].mean()))


# Every kind of cell


@pytest.mark.long
def test_renamed_symbols_and_reordered_lines_change_nothing():
    lstm = lyapunov("lstm", white_noise(3), retention=1.0, **SMALL)
    renamed = lyapunov(Renamed(), white_noise(3), retention=1.0, **SMALL)
    # Sums run in another order; the smallest exponents see that most.
    assert np.allclose(renamed["exponent"].values, lstm["exponent"].values, rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", ["delays", "heads", "two_inputs", "lstmp"])
@pytest.mark.sampled
def test_cells_of_every_kind_have_a_spectrum(name):
    cell = gs.Cell(CELLS[name], name=name)
    data = lyapunov(cell, white_noise(3), n=3, seeds=1, steps=50, warmup=10, gain=1.0).squeeze()
    assert int(data["state_size"]) == data.sizes.get("index", 1)
    assert not data["exponent"].isnull().any()


@pytest.mark.long
def test_a_matrix_as_state_gets_a_smaller_hidden_size_and_says_so():
    cell = gs.Cell("x in R^m; S in R^(n,n); w, v in R^(n,m)\nS' = 0.9*S + outer(tanh(w @ x), v @ x)", name="matrix")
    data = lyapunov(cell, white_noise(3), n=64, seeds=1, steps=50, warmup=0, gain=1.0).squeeze()
    assert int(data["hidden_size"]) == 22
    assert int(data["state_size"]) == 22**2
    assert np.allclose(data["exponent"], np.log(0.9), atol=1e-12)


def test_a_direction_that_a_step_removes_has_an_exponent_of_minus_infinity():
    cell = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = relu(W x + U h)", name="rectified")
    spectrum = lyapunov(cell, white_noise(3), **SMALL)["exponent"].squeeze()
    assert np.isfinite(spectrum[0])
    assert np.isneginf(spectrum[-1])


def test_a_leading_direction_that_is_lost_makes_way_for_the_others():
    # p keeps its length until one step sets it to zero, q and r shrink all the while.
    cell = gs.Cell("x in R^m; p, q, r in R^n; w in R^n\np' = p*sum(x)\nq' = 0.5*q + 0*w\nr' = 0.25*r", name="cut")
    x = np.ones((640, 1, 1))
    x[100] = 0
    data = lyapunov(cell, x, n=2, seeds=1, steps=600, warmup=40, gain=1.0)
    expected = [np.log(0.5)] * 2 + [np.log(0.25)] * 2 + [-np.inf] * 2
    assert np.allclose(data["exponent"].squeeze(), expected, atol=10 / 600)


def test_networks_that_diverge_are_missing_and_the_others_stay():
    cell = gs.Cell("h in R^n; U in R^(n,n)\nh' = relu(U h)", name="diverges")
    data = lyapunov(cell, n=8, seeds=1, steps=600, warmup=20, gain=(0.5, 8.0))
    assert data["exponent"].sel(gain=8.0).isnull().all()
    assert data["exponent"].sel(gain=0.5).notnull().all()


@pytest.mark.parametrize(
    ("equations", "said"),
    [
        ("x in R^m; W in R^(n,m)\noutput y\ny = tanh(W x)", "no state"),
        ("x in R^m; h in R^n; W in R^(n,m)\nh' = tanh(W x)", "does not depend on its state"),
    ],
)
def test_a_cell_without_a_spectrum_is_told_why_in_one_sentence(equations, said):
    cell = gs.Cell(equations, name="forgets")
    reason = why_no_tangents(cell)
    assert said in reason
    assert reason.endswith(".")
    with pytest.raises(ArgumentError) as caught:
        lyapunov(cell, white_noise(3), **SMALL)
    assert str(caught.value) == reason


def test_too_few_steps_are_refused():
    with pytest.raises(ArgumentError, match="steps = 20"):
        lyapunov("rnn", white_noise(3), n=4, seeds=1, steps=20)


def test_a_cell_with_state_has_nothing_against_it():
    assert why_no_tangents(gs.cell("lstm")) == ""
