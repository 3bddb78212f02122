"""The bound: never violated; the published special cases; what the equations bound and what they do not."""

import numpy as np
import pytest
from literature import CELLS
from own_cells import OWN, RenamedLSTM, own_cell
from scipy.optimize import brentq

import gatedsym as gs
from gatedsym.calculus.fusion import fuse_pointwise
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.joined import join_primal
from gatedsym.calculus.stable import stabilise
from gatedsym.errors import ArgumentError
from gatedsym.flow import bound, white_noise
from gatedsym.flow.analyses.bound import bound_powers, why_not_applicable
from gatedsym.flow.numerics.intervals import Interval
from gatedsym.flow.theory.step_bound import NORMS, StepBound
from gatedsym.flow.theory.structure import Structure
from gatedsym.ir.evaluate import NUMPY, evaluate

DRAWS = 2500
ROUNDING = 1 + 1e-13
"""Of what is measured: the bound is rounded outward, the product of Jacobians that it is held against is not."""


class Draws:
    """Many small networks of a cell, each with weights and inputs of its own, side by side."""

    def __init__(self, cell, n=3, m=2, steps=4, draws=DRAWS, gain=2.0, seed=0):
        program = stabilise(cell.recurrence.program)
        generator = np.random.default_rng(seed)
        self.program, self.sizes = program, {"m": m, "n": n, **{d: int(d) for d in program.dims() if d.isdigit()}}
        given = {}
        for name in program.sources:
            tensor = program[name]
            shape = (draws, *(self.sizes[d] for d in tensor.dims))
            if tensor.role == "parameter":
                # Gains from far below to far above the transition.
                given[name] = generator.uniform(0, gain, (draws, *(1,) * len(tensor.dims))) * generator.normal(
                    size=shape
                )
            elif tensor.role == "state":
                given[name] = np.zeros(shape)
        jacobian = join_primal(derive_jacobian(program, of=[r for r in program.results if r.endswith("'")]), program)
        self.steps, self.jacobians, self.lead = [], [], draws
        for _ in range(steps):
            for name in program.sources:
                if program[name].role == "input":
                    shape = (draws, *(self.sizes[d] for d in program[name].dims))
                    given[name] = generator.normal(size=shape)
            values = evaluate(jacobian, given, NUMPY)
            self.steps.append(evaluate(program, given, NUMPY))
            self.jacobians.append(values)
            given |= {s: self.steps[-1][f"{s}'"] for s in given if program[s].role == "state"}
        self.states = [s for s in program.sources if program[s].role == "state"]

    def matrix(self, step):
        """The Jacobian of a step, one for each network."""
        rows = []
        for y in self.states:
            row = []
            for s in self.states:
                sizes = [int(np.prod([self.sizes[d] for d in self.program[x].dims])) for x in (y, s)]
                block = np.broadcast_to(
                    self.jacobians[step][f"J[{y}',{s}]"],
                    (self.lead, *(self.sizes[d] for x in (y, s) for d in self.program[x].dims)),
                )
                row.append(block.reshape(self.lead, *sizes))
            rows.append(np.concatenate(row, axis=2))
        return np.concatenate(rows, axis=1)

    def bounds(self, norm):
        """The matrix of bounds on blocks, one for each network, and the names that the equations do not bound."""
        program = self.program
        weights = {k: v for k, v in self.steps[0].items() if k not in program.batched}
        measured = {}
        for name in program.batched:
            values = np.stack([s[name] for s in self.steps])
            axes = (0, *range(2, values.ndim))
            measured[name] = Interval.of(values.min(axis=axes), values.max(axis=axes))
        composites = fuse_pointwise(program)
        structure = Structure.of(composites, weights, self.sizes)
        step = StepBound(structure, weights, measured, lead=1)
        blocks = step.blocks(norm)
        whole = np.zeros((self.lead, len(self.states), len(self.states)))
        for j, y in enumerate(self.states):
            for k, s in enumerate(self.states):
                whole[:, j, k] = blocks.get((f"{y}'", s), 0.0)
        return whole, step.broken


ANY = {
    "lstm": lambda: gs.cell("lstm"),
    "gru": lambda: gs.cell("gru"),
    "peephole": lambda: gs.Cell(CELLS["peephole"], "peephole"),
    "slstm": lambda: gs.cell("slstm"),
    "own": lambda: own_cell(OWN.replace("h[-2]", "h")),
    "normed": lambda: gs.Cell(
        "x in R^m; h in R^n; U in R^(n,n); W in R^(n,m); s in R\n"
        "a = U h + W x\nh' = tanh(s * a / sqrt(1 + mean(a * a))) + h/2",
        "normed",
    ),
}


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", sorted(ANY))
@pytest.mark.sampled
def test_no_random_network_violates_the_bound(name, norm):
    """2500 networks of each of six cells, and four products of each: 60 000 comparisons for each norm."""
    draws = Draws(ANY[name]())
    limits, _ = draws.bounds(norm)
    order = 2 if norm == "2" else np.inf
    product, power = np.eye(len(limits[0])), np.eye(len(draws.matrix(0)[0]))
    for step in reversed(range(4)):
        product, power = product @ limits, power @ draws.matrix(step)
        measured = np.linalg.norm(power, order, axis=(-2, -1))
        allowed = np.linalg.norm(product, order, axis=(-2, -1))
        assert np.isfinite(allowed).all()
        assert (measured <= allowed * ROUNDING).all()
        assert not violated_blocks(draws, step, limits, order)


SHAPES = [(1, 1, 2, 1.0), (2, 3, 3, 30.0), (5, 2, 6, 0.05)]
"""n, m, steps; and weights from nearly nothing to far beyond saturation."""


@pytest.mark.parametrize("name", sorted(ANY))
@pytest.mark.sampled
def test_the_bound_holds_over_sizes_and_scales(name):
    """10 080 networks in all: six cells, three sizes, each with weights of another scale."""
    for n, m, steps, scale in SHAPES:
        draws = Draws(ANY[name](), n=n, m=m, steps=steps, draws=560, gain=scale, seed=n)
        limits = draws.bounds("2")[0]
        product, power = np.eye(len(limits[0])), np.eye(len(draws.matrix(0)[0]))
        for step in reversed(range(steps)):
            product, power = product @ limits, power @ draws.matrix(step)
            allowed = np.linalg.norm(product, 2, axis=(-2, -1))
            assert (np.linalg.norm(power, 2, axis=(-2, -1)) <= allowed * ROUNDING).all(), (n, scale, step)
            assert not violated_blocks(draws, step, limits, 2), (n, scale, step)
            # A power of 2 takes nothing from either, and keeps both within range.
            unit = np.exp2(-np.floor(np.log2(np.where(allowed > 0, allowed, 1.0))))[:, None, None]
            product, power = product * unit, power * unit


def violated_blocks(draws, step, limits, order):
    """Blocks of a step's Jacobian that exceed their bound in some network."""
    found = []
    ends = np.cumsum([0] + [int(np.prod([draws.sizes[d] for d in draws.program[s].dims])) for s in draws.states])
    matrix = draws.matrix(step)
    for j, y in enumerate(draws.states):
        for k, s in enumerate(draws.states):
            block = matrix[:, ends[j] : ends[j + 1], ends[k] : ends[k + 1]]
            if (np.linalg.norm(block, order, axis=(-2, -1)) > limits[:, j, k] * ROUNDING).any():
                found.append((y, s))
    return found


def test_a_bound_that_is_too_small_would_be_seen():
    draws = Draws(gs.cell("gru"))
    limits, _ = draws.bounds("2")
    assert violated_blocks(draws, 3, limits * 0.85, 2) == [("h", "h")]


def test_hochreiters_inequality_holds_in_ten_thousand_logistic_networks():
    """|d theta_v(t - q) / d theta_u(t)| <= n (f'max |W|_A)^q, |W|_A the largest row sum; f'max = 1/4."""
    n = 4
    draws = Draws(gs.cell("rnn_logistic"), n=n, steps=5, draws=10_000, gain=8.0)
    weights = draws.steps[0]["U"]
    rows = np.abs(weights).sum(axis=-1).max(axis=-1)
    limits, broken = draws.bounds("inf")
    assert not broken
    assert np.allclose(limits[:, 0, 0], rows / 4, rtol=1e-11)
    assert (limits[:, 0, 0] >= rows / 4).all()
    product = np.eye(n)
    for q, step in enumerate(reversed(range(5)), start=1):
        product = product @ draws.matrix(step)
        largest = np.abs(product).max(axis=(-2, -1))
        assert (largest <= n * (rows / 4) ** q * ROUNDING).all()
        tau = n * np.abs(weights).max(axis=(-2, -1)) / 4
        assert (largest <= n * tau**q * ROUNDING).all()
    assert (tau < 1).any()


@pytest.mark.parametrize(("name", "slope"), [("rnn", 1.0), ("rnn_logistic", 0.25), ("rnn_relu", 1.0)])
def test_the_plain_bound_is_the_largest_singular_value_times_the_steepest_slope(name, slope):
    draws = Draws(gs.cell(name), n=5, draws=50)
    limits, _ = draws.bounds("2")
    assert np.allclose(limits[:, 0, 0], slope * np.linalg.norm(draws.steps[0]["U"], 2, axis=(-2, -1)), rtol=1e-11)


def edge_of_gaussian_weights(n):
    """Mean and standard deviation of the largest singular value at g = 1, to the next order in n.

    Johnstone, Annals of Statistics 29 (2001): the largest eigenvalue of n W Wᵀ about its edge follows the Tracy-Widom
    law of order 1, whose mean is -1.2065 and whose standard deviation is 1.2680.
    """
    centre = (np.sqrt(n - 1) + np.sqrt(n)) ** 2
    scale = (np.sqrt(n - 1) + np.sqrt(n)) * (1 / np.sqrt(n - 1) + 1 / np.sqrt(n)) ** (1 / 3)
    largest = np.sqrt(centre - 1.2065 * scale)
    return largest / np.sqrt(n), 1.2680 * scale / (2 * largest * np.sqrt(n))


@pytest.mark.parametrize(("name", "gamma"), [("rnn", 1.0), ("rnn_logistic", 0.25)])
def test_a_largest_singular_value_below_one_over_gamma_makes_the_gradient_vanish(name, gamma):
    """Sufficient for vanishing (Pascanu, Mikolov and Bengio 2013): in 2500 networks, |product of k| <= (gamma s)^k."""
    draws = Draws(gs.cell(name), n=4, steps=6, gain=2 / gamma)
    stretch = gamma * np.linalg.norm(draws.steps[0]["U"], 2, axis=(-2, -1))
    power, vanishing = np.eye(4), stretch < 1
    assert 100 < vanishing.sum() < DRAWS - 100
    for k, step in enumerate(reversed(range(6)), start=1):
        power = power @ draws.matrix(step)
        norms = np.linalg.norm(power, 2, axis=(-2, -1))
        assert (norms <= stretch**k * ROUNDING).all()
        # Necessary for exploding: who grows is stretched by more than one.
        assert not (norms[vanishing] >= 1).any()


def test_a_spectral_radius_below_one_does_not_keep_a_gradient_from_exploding():
    """Many notes put it in the theorem. Here it is 0, and with one unit saturated the gradient triples at each step."""
    cell, U = gs.cell("rnn"), np.array([[3.0, -3.0], [3.0, -3.0]])
    assert np.abs(np.linalg.eigvals(U)).max() < 1e-6
    params = {"W": np.eye(2), "U": U, "b": np.zeros(2)}
    x = np.broadcast_to([3.0, 60.0], (40, 1, 2))  # holds the first unit at 0, the second at 1
    run = cell.forward(params, x, initial={"h": np.array([[0.0, 1.0]])})
    blocks, power = cell.jacobian(params, run)["h'", "h"], np.eye(2)
    for t in range(40):
        power = blocks[t, 0] @ power
    assert np.linalg.norm(power, 2) >= 3.0**40 * (1 - 1e-12)


def test_the_constant_error_carousel_needs_a_slope_times_self_weight_of_one():
    """Hochreiter 1991: f'(net) w = 1 and nothing less keeps an error over 1000 steps; identity and w = 1 does."""
    carousel = gs.Cell("input x in R; c in R; w in R\nc' = w*c + x", "carousel")
    for weight, kept in ((1.0, 1.0), (0.99, 0.99**1000), (1.01, 1.01**1000)):
        run = carousel.forward({"w": np.array(weight)}, np.zeros((1000, 1)))
        slopes = carousel.jacobian({"w": np.array(weight)}, run)["c'", "c"]
        assert np.prod(slopes) == pytest.approx(kept, rel=1e-11)


@pytest.mark.parametrize("n", [64, 128, 256, 512])
def test_the_largest_singular_value_of_gaussian_weights_approaches_twice_the_gain(n):
    """It lies within 1.96 and 2.02 on average from n = 128 on; at n = 64 the expectation is 1.944."""
    from gatedsym.flow.numerics.spectral import spectral_norm

    gain, seeds = 1.3, 8
    drawn = [gs.cell("rnn").init(m=2, n=n, seed=k, scheme="gaussian", gain=gain)["U"] for k in range(seeds)]
    expected, deviation = edge_of_gaussian_weights(n)
    assert abs(np.mean([spectral_norm(U) for U in drawn]) / gain - expected) < 3 * deviation / np.sqrt(seeds)
    assert (1.96 < expected < 2.02) == (n >= 128)


def test_at_the_transition_the_bound_is_loose_by_nearly_a_factor_of_two_per_step():
    """Without input a tanh network stays at zero. Two is the limit of large n and long lags; here it is about 1.88."""
    draws = bound("rnn", np.zeros((60, 1, 2)), n=128, seeds=4, init="gaussian").squeeze().sel(norm="2")
    gap = (draws["log10_bound"] - draws["log10_norm"]).transpose("seed", "lag")
    per_step = (gap.sel(lag=60) - gap.sel(lag=19)) / 41
    assert 1.8 < 10 ** float(per_step.mean()) < 2.0
    # Sufficient for vanishing, not necessary: the bound grows while the norm falls.
    below = (
        bound("rnn", np.zeros((60, 1, 2)), n=128, seeds=1, init="gaussian", gain=0.7).squeeze().sel(norm="2", lag=60)
    )
    assert float(below["log10_bound"]) > 5
    assert float(below["log10_norm"]) < -5
    # Below 1/2 it is sufficient.
    under = (
        bound("rnn", np.zeros((60, 1, 2)), n=128, seeds=1, init="gaussian", gain=0.4).squeeze().sel(norm="2", lag=60)
    )
    assert float(under["log10_norm"]) < float(under["log10_bound"]) < -4


LATCH = "input x in R; a in R; w in R\na' = w*tanh(a) + x"


def test_the_latch_flips_where_its_attractor_meets_its_repeller():
    """h* = w sqrt(1 - 1/w) - artanh sqrt(1 - 1/w) is 0.077805 for w = 1.25: da'/da = 1 at a fixed point, solved."""
    cell = gs.Cell(LATCH, "latch")
    program = cell.recurrence.program
    joined = join_primal(derive_jacobian(program), program)
    w = 1.25

    def at(a):
        return evaluate(joined, {"a": np.array(a), "w": np.array(w), "x": np.array(0.0)}, NUMPY)

    edge = brentq(lambda a: float(at(a)["J[a',a]"]) - 1, -3.0, -1e-9, xtol=1e-14)
    flips = edge - w * np.tanh(edge)
    assert abs(flips - 0.077805) < 1e-4 * 0.077805
    for push, side in ((0.999, -1), (1.001, 1)):
        run = cell.forward({"w": np.array(w)}, np.full((8000, 1), push * flips), initial={"a": np.array([-1.0])})
        assert np.sign(run["a"][-1, 0]) == side


def test_what_the_equations_bound():
    def ranges(text):
        cell = text if not isinstance(text, str) else gs.Cell(text, "some")
        program = stabilise(cell.recurrence.program)
        sizes = {"m": 2, "n": 3}
        weights = {n: np.zeros([sizes[d] for d in program[n].dims]) for n in program.sources
                   if program[n].role == "parameter"}  # fmt: skip
        values = {n: np.zeros([sizes[d] for d in program[n].dims]) for n in program.sources
                  if program[n].role in ("input", "state")}  # fmt: skip
        known = evaluate(program, values | weights, NUMPY)
        found = Structure.of(
            fuse_pointwise(program), {k: v for k, v in known.items() if k not in program.batched}, sizes
        ).ranges
        return {n: (float(found[n].low), float(found[n].high)) for n in program.sources if program[n].role == "state"}

    assert ranges(gs.cell("gru")) == {"h": (-1, 1)}
    assert ranges(gs.cell("lstm")) == {"h": (-1, 1), "c": (-np.inf, np.inf)}
    coupled = ranges(gs.cell("cifg"))
    assert coupled["c"] == (-1, 1)
    assert coupled["h"] == pytest.approx((-np.tanh(1), np.tanh(1)), rel=1e-14)
    assert coupled["h"][1] > np.tanh(1)  # rounded outward
    assert ranges(gs.cell("rnn_relu")) == {"h": (0, np.inf)}
    assert ranges(gs.cell("slstm"))["n"] == (0, np.inf)
    low, high = ranges("h in R^n; U in R^(n,n)\nh' = 0.9*h + 0.1*tanh(U h)")["h"]
    assert -1.001 < low <= -1
    assert 1 <= high < 1.001


@pytest.mark.long
def test_names_that_the_equations_do_not_bound_are_told():
    data = bound(["lstm", "gru", "cifg"], white_noise(3), n=6, seeds=1, lags=5)
    assert data["measured_names"].values.tolist() == ["c", "", ""]


@pytest.mark.long
def test_a_renamed_lstm_has_the_same_bound_and_norms():
    pair = [bound(c, white_noise(3), n=6, seeds=2, lags=12) for c in ("lstm", RenamedLSTM())]
    for name in ("log10_bound", "log10_norm", "log10_gradient"):
        theirs, renamed = (d[name].squeeze("cell", drop=True).values for d in pair)
        assert np.allclose(theirs, renamed, rtol=0, atol=1e-9)


@pytest.mark.long
def test_a_cell_with_a_matrix_a_delay_and_a_shared_parameter_is_bounded_and_measured():
    cell = own_cell()
    data = bound(cell, white_noise(3), n=5, seeds=3, lags=20, batch=2)
    assert bool(data["log10_norm"].notnull().all())
    assert bool((data["log10_norm"] <= data["log10_bound"] + 1e-10).all())
    assert bool((data["log10_gradient"] <= data["log10_bound"].sel(norm="2") + 1e-10).all())
    assert float(abs(data["log10_norm"].sel(lag=0)).max()) < 1e-12


def test_measured_norms_are_those_of_the_product_of_jacobians():
    cell, x = gs.cell("lstm"), white_noise(3).windows(6, 1, 0)
    data = bound(cell, x, n=4, seeds=1, init="xavier", retention=2.0).squeeze()
    params = cell.init(m=3, n=4, seed=0, scheme="xavier", retention=2.0)
    run = cell.forward(params, x)
    blocks = cell.jacobian(params, run)
    product = np.eye(8)
    for t in range(5, -1, -1):
        J = np.block([[blocks[f"{y}'", s][t, 0] for s in ("h", "c")] for y in ("h", "c")])
        product = product @ J
        found = data.sel(lag=6 - t)["log10_norm"]
        assert np.isclose(10 ** float(found.sel(norm="2")), np.linalg.norm(product, 2), rtol=1e-12)
        assert np.isclose(10 ** float(found.sel(norm="inf")), np.abs(product).sum(axis=1).max(), rtol=1e-12)
    flow = cell.flow(params, run, {"h": cotangents_of(run, data)})
    assert np.isclose(
        float(data["log10_gradient"].sel(lag=6)), float(flow.log_norm["state"][0, 0]) / np.log(10), atol=1e-10
    )


def cotangents_of(run, data):
    from gatedsym.flow import Loss

    _, dh = Loss().cotangents(run["h"][-1:], int(data["seed"]))
    return np.array([-1]), dh


def test_powers_of_a_bound_neither_overflow_nor_underflow():
    assert np.allclose(bound_powers(np.array([[1e-200]]), "2", 3), [0, -200, -400, -600])
    assert np.allclose(bound_powers(np.array([[0.0, 1e200], [1e200, 0.0]]), "inf", 3), [0, 200, 400, 600])
    assert np.isneginf(bound_powers(np.array([[0.0, 1.0], [0.0, 0.0]]), "2", 2)[2])


@pytest.mark.parametrize(("name", "said"), [("feed_forward_gate", "no state"), ("lru", "the same at every step")])
def test_cells_with_nothing_to_bound_are_refused_with_the_reason(name, said):
    cell = gs.cell(name)
    assert said in why_not_applicable(cell)
    with pytest.raises(ArgumentError, match=said):
        bound(cell, n=4, seeds=1, lags=4)
    assert why_not_applicable(gs.cell("gru")) == ""


def test_cells_with_a_large_state_are_measured_at_a_smaller_size():
    data = bound(["rnn", "mlstm"], white_noise(2), n=16, seeds=1, lags=2, init="xavier")
    assert data["hidden_size"].values.tolist() == [16, 8]
