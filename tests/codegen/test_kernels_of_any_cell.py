"""Cells of the literature and cells that stress the engine: proven as emitted, and held against finite differences."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from literature import CELLS, SHAPES

import gatedsym as gs
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.proofs.emitted import prove_emitted, prove_stable
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")

ALL = CELLS | SHAPES
SIZES = {"m": 2, "n": 4, "p": 3, "q": 5, "d": 3, "r": 2, "k": 2, "l": 4, "steps": 2, "up": 3, "b1": 2}
STEPS, BATCH = 3, 2


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "kernels-of-any-cell"))


def plain_cell(name):
    """The cell, its kernels run as plain Python with NumPy's functions: the same source without Numba's minutes."""
    cell = gs.Cell(ALL[name], name=name)
    module = load_module(write_module(cell.recurrence), name)
    cell.kernels = Kernels(uncompiled(module, NUMPY))
    return cell


class Problem:
    """A cell with random parameters, inputs, initial rows and cotangents of everything."""

    def __init__(self, cell, steps=STEPS, batch=BATCH):
        self.cell, self.rng, self.steps, self.batch = cell, np.random.default_rng(1), steps, batch
        interface = cell.kernels.interface
        free = {d.name for d in interface.dimensions if not d.fixed}
        sizes = {k: v for k, v in SIZES.items() if k in free}
        full, self.delays = cell.sizes(**sizes), interface.delays
        groups = {
            g: {ly.name: ly.axes for ly in interface.layouts(g)} for g in ("inputs", "states", "outputs", "parameters")
        }

        def draw(group, *lead):
            shapes = {
                n: [sum(full[d] if d in full else int(d) for d in a) for a in groups[group][n]] for n in groups[group]
            }
            return {n: np.array(0.5 * self.rng.normal(size=(*lead, *s))) for n, s in shapes.items()}

        self.params, self.x = draw("parameters"), draw("inputs", steps, batch)
        rows = {**draw("states", 1, batch), **draw("inputs", 1, batch)}
        self.initial = {
            n: np.concatenate([row * (k + 1) for k in range(self.delays[n])])
            for n, row in rows.items()
            if self.delays[n]
        }
        if cell.name == "slstm":  # its normaliser is positive
            self.initial["n"] = 1 + np.abs(self.initial["n"])
        self.cotangents = draw("states", steps, batch) | draw("outputs", steps, batch)

    def point(self):
        return {"params": self.params, "x": self.x, "initial": self.initial}

    def run(self, point):
        call_shape = {} if self.x else {"steps": self.steps, "batch": self.batch}
        return self.cell.forward(point["params"], point["x"] or None, initial=point["initial"], **call_shape)

    def loss(self, point):
        run = self.run(point)
        values = {n: run[n][1:] if n in self.cell.states else run[n] for n in self.cotangents}
        return sum(float((values[n] * c).sum()) for n, c in self.cotangents.items())

    def moved(self, direction, step):
        return {g: {n: a + step * direction[g][n] for n, a in group.items()} for g, group in self.point().items()}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.sampled
def test_emitted_kernels_are_proven(name):
    recurrence = read_equations(ALL[name], name=name)
    text = write_module(recurrence)
    assert max(map(len, text.splitlines())) <= 120
    assert prove_emitted(recurrence, load_module(text, name)).entries > 0


@pytest.mark.parametrize(
    "name", ["cifg", "rhn", "lem", "min_lstm", "min_gru", "slstm", "functions", "shared_parameter"]
)
def test_stable_forms_are_proven(name):
    assert prove_stable(read_equations(ALL[name], name=name)).entries > 0


@pytest.mark.parametrize("name", ALL)
@pytest.mark.sampled
def test_gradients_equal_finite_differences(name):
    """Central differences with step 1e-5: truncation and rounding are each some 1e-10 of sums of order one."""
    problem = Problem(plain_cell(name))
    gradients = problem.cell.backward(problem.params, problem.run(problem.point()), problem.cotangents)
    found = {"params": gradients.params, "x": gradients.inputs, "initial": gradients.initial}
    for group, arrays in problem.point().items():
        direction = {g: {n: np.zeros_like(a) for n, a in values.items()} for g, values in problem.point().items()}
        direction[group] = {n: problem.rng.normal(size=a.shape) for n, a in arrays.items()}
        slope = sum(float((found[group][n] * v).sum()) for n, v in direction[group].items())
        difference = problem.loss(problem.moved(direction, 1e-5)) - problem.loss(problem.moved(direction, -1e-5))
        assert slope == pytest.approx(difference / 2e-5, rel=1e-7, abs=1e-8), group


@pytest.mark.parametrize("name", ALL)
@pytest.mark.sampled
def test_flow_norms_are_those_of_the_backward_pass(name):
    problem = Problem(plain_cell(name))
    run = problem.run(problem.point())
    gradients = problem.cell.backward(problem.params, run, problem.cotangents)
    flow = problem.cell.flow(problem.params, run, problem.cotangents)
    for symbol, adjoint in {**gradients.states, **gradients.inputs}.items():
        norm = np.sqrt((adjoint.reshape((*adjoint.shape[:2], -1)) ** 2).sum(axis=-1))
        np.testing.assert_allclose(np.exp(flow.log_norm[symbol]), norm, rtol=1e-12)


@pytest.mark.sampled
@pytest.mark.parametrize("name", [n for n in ALL if n not in ("feed_forward_gate", "glu")])
def test_tangents_equal_finite_differences(name):
    problem = Problem(plain_cell(name))
    run, delays = problem.run(problem.point()), problem.delays
    moving = {s: problem.rng.normal(size=problem.initial[s].shape) for s in problem.cell.states}
    given = {s: np.stack([v, 2 * v], axis=1) for s, v in moving.items()}
    tangents = problem.cell.tangent(problem.params, run, {s: v if delays[s] > 1 else v[0] for s, v in given.items()})
    direction = {g: {n: np.zeros_like(a) for n, a in values.items()} for g, values in problem.point().items()}
    direction["initial"] |= moving
    ends = [problem.run(problem.moved(direction, step)) for step in (1e-5, -1e-5)]
    for symbol in problem.cell.states:
        slope = (ends[0][symbol][-1] - ends[1][symbol][-1]) / 2e-5
        mantissa = tangents.states[symbol][-1] if delays[symbol] > 1 else tangents.states[symbol]
        for number in range(2):
            scale = 2.0 ** tangents.exponents[number].reshape((BATCH, *[1] * (slope.ndim - 1)))
            np.testing.assert_allclose(mantissa[number] * scale, (number + 1) * slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("steps", "batch"), [(0, 2), (3, 0)])
@pytest.mark.parametrize("name", ALL)
@pytest.mark.sampled
def test_empty_runs_have_shapes_and_zero_gradients(name, steps, batch):
    problem = Problem(plain_cell(name), steps, batch)
    run = problem.run(problem.point())
    gradients = problem.cell.backward(problem.params, run, problem.cotangents)
    assert {n: g.shape for n, g in gradients.params.items()} == {n: p.shape for n, p in problem.params.items()}
    assert not any(g.any() for g in gradients.params.values())
    flow = problem.cell.flow(problem.params, run, problem.cotangents)
    for symbol in problem.cell.states:
        assert run[symbol].shape[:2] == flow.log_norm[symbol].shape == (steps + 1, batch)


@pytest.mark.parametrize("name", ["heads", "lem", "mlstm", "scalar", "two_inputs", "swap"])
def test_jacobians_carry_tangents_through_a_step(name):
    problem = Problem(plain_cell(name))
    run = problem.run(problem.point())
    blocks = problem.cell.jacobian(problem.params, run)
    moving = {s: problem.rng.normal(size=problem.initial[s].shape) for s in problem.cell.states}
    tangents = problem.cell.tangent(problem.params, run, moving, start=1, stop=2)
    for symbol in problem.cell.states:
        total = 0.0
        for other, v in moving.items():
            block = blocks[f"{symbol}'", other][1]
            rank = v[0].ndim - 1
            total = total + (block * v[0].reshape((BATCH, *[1] * (block.ndim - 1 - rank), *v[0].shape[1:]))).sum(
                axis=tuple(range(block.ndim - rank, block.ndim))
            )
        scale = 2.0 ** tangents.exponents[0].reshape((BATCH, *[1] * (np.ndim(total) - 1)))
        np.testing.assert_allclose(tangents.states[symbol][0] * scale, total, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_compiled_kernels_are_the_same_source(dtype):
    """The scalar cell compiles in seconds; its rounding is that of a dozen operations."""
    cell, plain = gs.Cell(ALL["scalar"], name="scalar"), Problem(plain_cell("scalar"))
    compiled = Problem(cell)
    cast = {g: {n: a.astype(dtype) for n, a in values.items()} for g, values in plain.point().items()}
    run = compiled.run(cast)
    tolerance = 1e-13 if dtype == "float64" else 1e-5
    assert run["h"].dtype == dtype
    expected = plain.run(plain.point())
    np.testing.assert_allclose(run["h"], expected["h"], rtol=tolerance)
    given = {n: c.astype(dtype) for n, c in plain.cotangents.items()}
    got = cell.backward(cast["params"], run, given).params
    for name, value in plain.cell.backward(plain.params, expected, plain.cotangents).params.items():
        assert got[name].dtype == dtype
        np.testing.assert_allclose(got[name], value, rtol=20 * tolerance)


def test_initial_scalars_can_be_written():
    params = gs.Cell(ALL["scalar_parameters"], name="scalar_parameters").init(m=2, n=3)
    params["s"][...] = 2
    assert params["s"].shape == ()
    assert params["s"] == 2


@pytest.mark.long
def test_module_text_is_the_same_under_every_hash_seed():
    program = (
        "import hashlib; from literature import CELLS; from gatedsym.codegen.module import write_module;"
        "from gatedsym.equations import read_equations as read\n"
        "for n in ('printed_lstm', 'mlstm', 'layer_norm_lstm', 'min_lstm', 'antisymmetric', 'collisions'):\n"
        "    print(n, hashlib.sha256(write_module(read(CELLS[n], name=n)).encode()).hexdigest())"
    )
    folders = [str(Path(__file__).parents[1]), str(Path(gs.__file__).parents[1])]
    texts = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(folders)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0].count("\n") == 6
    assert texts[0] == texts[1]


def test_jacobian_kernel_has_no_second_names():
    text = write_module(read_equations(ALL["gru"], name="gru"))
    jacobian = text[text.index("def jacobian(") :]
    assert "U_z[j, k] * " in jacobian
    assert "J_U_z" not in jacobian


def test_jacobian_of_a_diagonal_recurrence_is_diagonal():
    recurrence = read_equations(ALL["indrnn"], name="indrnn")
    block = derive_jacobian(recurrence.program)
    rng = np.random.default_rng(0)
    shapes = {"x": (2,), "h": (3,), "W": (3, 2), "u": (3,), "b": (3,)}
    given = {n: rng.normal(size=s) for n, s in shapes.items()}
    values = evaluate(recurrence.program, given, NUMPY)
    got = evaluate(block, {n: values[n] for n in block.sources if n in values}, NUMPY)["J[h',h]"]
    np.testing.assert_allclose(got, np.diag(given["u"] * (values["a_h"] > 0)))


@pytest.mark.sampled
@pytest.mark.parametrize("delay", [3, 300, 600])
@pytest.mark.long
def test_kernels_of_a_long_delay_are_proven_and_no_longer_than_those_of_a_short_one(delay):
    def written(delay):
        return read_equations(f"h in R^n; U in R^(n,n)\nh' = tanh(U @ h[-{delay}])", name="long")

    text = write_module(written(delay))
    proof = prove_emitted(written(delay), load_module(text, "long"))
    assert proof.entries > 0
    assert bool(proof.remarks) == (delay > 24), proof.remarks
    assert text.count("\n") == write_module(written(2)).count("\n")
