"""Complex arrays go in and come out as numpy has them; kernels, lists and optimisers see pairs of real ones."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

import gatedsym
from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.proofs.cell import prove_cell

TEXT = """x in R^m; z in C^n; theta, nu in R^n; B in C^(n,m); C in C^(p,n); D in R^(p,m)
lam = exp(-exp(nu) + i*exp(theta))
z' = lam * z + B x
output y
y = re(C z') + D x
"""
GATED = """x in C^m; z in C^n; W in R^(n, m); A in C^(n,n); B in C^(n,m); b in R^n
f = sigmoid(W re(x) + b)
v = A z / (1 + z * conj(z)) + B x
z' = f * z + (1 - f) * v
"""
T, BATCH = 5, 2


@pytest.fixture(scope="module")
def cell() -> Cell:
    return Cell(TEXT, name="complex_lru")


@pytest.fixture(scope="module")
def params(cell):
    drawn = cell.init(m=3, n=4, p=3, seed=0)
    return {name: drawn[name] for name in ("theta", "nu", "B", "C", "D")}


def by_hand(params, x, z):
    lam = np.exp(-np.exp(params["nu"]) + 1j * np.exp(params["theta"]))
    states, outputs = [z], []
    for row in x:
        states.append(lam * states[-1] + row @ params["B"].T)
        outputs.append((states[-1] @ params["C"].T).real + row @ params["D"].T)
    return np.array(states), np.array(outputs)


def test_a_run_has_the_values_of_complex_arithmetic(cell, params):
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=(T, BATCH, 3)), rng.normal(size=(BATCH, 4)) + 1j * rng.normal(size=(BATCH, 4))
    run = cell.forward(params, x, initial={"z": z})
    states, outputs = by_hand(params, x, z)
    assert run["z"].dtype == np.complex128
    assert_allclose(run["z"], states, rtol=1e-13, atol=1e-13)
    assert_allclose(run["y"], outputs, rtol=1e-13, atol=1e-13)
    assert np.array_equal(run["lam"][0].real, run["lam_re"][0])


def test_an_adjoint_is_the_derivative_by_the_real_part_plus_i_times_that_by_the_imaginary_part(cell, params):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(T, BATCH, 3))
    dz = rng.normal(size=(T, BATCH, 4)) + 1j * rng.normal(size=(T, BATCH, 4))
    grads = cell.backward(params, cell.forward(params, x), {"z": dz, "y": np.ones((T, BATCH, 3))})

    def loss(changed):
        states, outputs = by_hand({**params, **changed}, x, np.zeros((BATCH, 4), complex))
        return outputs.sum() + np.sum(dz.conj() * states[1:]).real

    h = 1e-6
    for name in ("B", "C"):
        found = np.empty_like(params[name])
        for place in np.ndindex(found.shape):
            steps = {}
            for unit in (1, 1j):
                moved = [params[name].copy() for _ in range(2)]
                moved[0][place] += h * unit
                moved[1][place] -= h * unit
                steps[unit] = (loss({name: moved[0]}) - loss({name: moved[1]})) / (2 * h)
            found[place] = steps[1] + 1j * steps[1j]
        assert_allclose(grads.params[name], found, rtol=1e-7, atol=1e-7)  # central differences: h² and 1e-16/h
    assert grads.states["z"].shape == (T + 1, BATCH, 4)
    assert grads.states["z"].dtype == np.complex128


def test_gradients_have_torchs_convention(cell, params):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(3).normal(size=(T, BATCH, 3))
    grads = cell.backward(params, cell.forward(params, x), {"y": np.ones((T, BATCH, 3))})
    own = {name: torch.tensor(np.array(array), requires_grad=True) for name, array in params.items()}
    lam = torch.exp(torch.complex(-torch.exp(own["nu"]), torch.exp(own["theta"])))
    z, loss = torch.zeros(BATCH, 4, dtype=torch.complex128), torch.zeros(())
    for row in torch.tensor(x):
        z = lam * z + row.to(z.dtype) @ own["B"].T
        loss = loss + ((z @ own["C"].T).real + row @ own["D"].T).sum()
    loss.backward()
    for name, array in own.items():
        assert_allclose(grads.params[name], array.grad.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.long
def test_the_lrus_own_real_text_gives_the_same_numbers():
    pairs = Cell(
        "x in R^m; z in C^n; B in C^(n,m); C in C^(m,n); D in R^m; nu, theta, gamma in R^n\noutput y\n"
        "lam = exp(-exp(nu) + i*exp(theta))\nz' = lam * z + exp(gamma) * (B x)\ny = re(C z') + D * x",
        name="lru_complex",
    )
    real = gatedsym.cell("lru")
    given = real.init(m=3, n=4, seed=1)
    own = {name: given[name] for name in ("nu", "theta", "gamma", "D")}
    own |= {name: given[f"{name}_p"] + 1j * given[f"{name}_q"] for name in ("B", "C")}
    x = np.random.default_rng(4).normal(size=(T, BATCH, 3))
    run, other = pairs.forward(own, x), real.forward(given, x)
    assert_allclose(run["z"], other["p"] + 1j * other["q"], rtol=1e-13, atol=1e-14)
    assert_allclose(run["y"], other["y"], rtol=1e-13, atol=1e-14)
    dy = np.random.default_rng(5).normal(size=(T, BATCH, 3))
    grads, others = pairs.backward(own, run, {"y": dy}), real.backward(given, other, {"y": dy})
    for name in ("B", "C"):
        both = others.params[f"{name}_p"] + 1j * others.params[f"{name}_q"]
        assert_allclose(grads.params[name], both, rtol=1e-12, atol=1e-13)
    for name in ("nu", "theta", "gamma", "D"):
        assert_allclose(grads.params[name], others.params[name], rtol=1e-12, atol=1e-13)


@pytest.mark.long
def test_a_complex_input_and_its_gradient_are_complex():
    gated = Cell(GATED, name="gated_complex")
    given, rng = gated.init(m=3, n=4, seed=0), np.random.default_rng(0)
    x = rng.normal(size=(T, BATCH, 3)) + 1j * rng.normal(size=(T, BATCH, 3))
    run = gated.forward(given, x)
    assert np.array_equal(run["z"], gated.forward(given, {"x": x})["z"])
    assert np.array_equal(run["z"], gated.forward(given, {"x_re": x.real, "x_im": x.imag})["z"])
    assert np.array_equal(run["x"], x)
    grads = gated.backward(given, run, {"z": ([-1], np.ones((1, BATCH, 4), complex))})
    assert grads.inputs["x"].shape == x.shape
    assert grads.inputs["x"].dtype == np.complex128
    again = gated.gradients(given, x, {"z": ([-1], np.ones((1, BATCH, 4), complex))})
    assert_allclose(again.params["A"], grads.params["A"], rtol=1e-12, atol=1e-14)


@pytest.mark.long
def test_directions_are_complex():
    gated = Cell(GATED, name="gated_complex")
    given, rng = gated.init(m=3, n=4, seed=0), np.random.default_rng(0)
    x = rng.normal(size=(T, BATCH, 3)) + 0j
    run, direction = gated.forward(given, x), rng.normal(size=(1, BATCH, 4)) + 1j * rng.normal(size=(1, BATCH, 4))
    found = gated.tangent(given, run, {"z": direction})
    value = found.states["z"] * 2.0 ** found.exponents[..., None]
    h = 1e-6
    ends = [gated.forward(given, x, initial={"z": sign * h * direction[0]})["z"][-1] for sign in (1, -1)]
    assert_allclose(value[0], (ends[0] - ends[1]) / (2 * h), rtol=1e-7, atol=1e-9)


def test_parameters_are_lists_of_real_arrays_that_read_and_write_as_complex_ones(cell):
    drawn = cell.init(m=3, n=4, p=3, seed=0, dtype="float32")
    assert list(drawn) == ["theta", "nu", "B_re", "B_im", "C_re", "C_im", "D"]
    assert drawn["B"].dtype == np.complex64
    with pytest.raises(ValueError, match="read-only"):
        drawn["B"][0, 0] = 1
    drawn["B"] = 2 * drawn["B"]
    assert np.array_equal(drawn["B"].imag, drawn["B_im"])
    assert pickle.loads(pickle.dumps(drawn)) == drawn
    x = np.random.default_rng(0).normal(size=(T, BATCH, 3)).astype("float32")
    assert cell.forward(drawn, x)["z"].dtype == np.complex64


def test_what_is_given_twice_or_complex_where_real_is_wanted_is_refused(cell, params):
    x = np.zeros((T, BATCH, 3))
    with pytest.raises(ArgumentError, match="B_re is given twice"):
        cell.forward({**params, "B_re": params["B"].real}, x)
    with pytest.raises(ArgumentError, match="complex128"):
        cell.forward({**params, "D": params["D"] + 1j}, x)


@pytest.mark.parametrize("text", [TEXT, GATED])
def test_cells_of_complex_arrays_are_proven(text):
    assert all(verdict.word == "proven" for verdict in prove_cell(Cell(text, name="complex_cell")))
