"""Faults planted in the text of a generated module are caught by its proof."""

from __future__ import annotations

import numpy as np
import pytest
from literature import CELLS

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.errors import ProofError
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.proofs.engine.decide import Refutation
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "emitted-faults"))


@pytest.fixture(scope="module")
def gru():
    recurrence = read_equations(CELLS["gru"], name="gru")
    return recurrence, write_module(recurrence)


@pytest.fixture(scope="module")
def delays():
    recurrence = read_equations(CELLS["delays"], name="delays")
    return recurrence, write_module(recurrence)


def edited(text, kernel, old, new):
    """The module with the first `old` in one kernel replaced; the edit must change something."""
    start = text.index(f"def {kernel}(")
    end = text.find("\n@kernel", start)
    body = text[start : end if end > 0 else len(text)]
    assert old in body, f"{kernel} has no {old!r}"
    changed = text[:start] + body.replace(old, new, 1) + text[start + len(body) :]
    assert changed != text
    return changed


def test_unedited_module_is_proven(gru):
    recurrence, text = gru
    proof = prove_emitted(recurrence, load_module(text, "gru"))
    assert proof.entries > 200
    assert 0 < proof.error_bound < 1e-20


FAULTS = {
    "forward: a dropped term": ("forward", " + h_prev[j] * one_minus_z_row[j]", ""),
    "forward: a wrong sign": ("forward", " + h_prev[j] * one_minus_z_row", " - h_prev[j] * one_minus_z_row"),
    "forward: a transposed matrix": ("forward", "(U_z.T, U_r.T)", "(U_z, U_r.T)"),
    "forward: a gate for another": ("forward", "(U_z.T, U_r.T)", "(U_z.T, U_z.T)"),
    "forward: a block in another's place": ("forward", "(U_z.T, U_r.T)", "(U_r.T, U_z.T)"),
    "forward: a block that is left out": ("forward", "(U_z.T, U_r.T)", "(U_z.T,)"),
    "backward: blocks side by side": ("backward", "pack_stacked(U_panels", "pack_side_by_side(U_panels"),
    "forward: two packed operands in one scratch": (
        "forward",
        "U_panels, scratch = packed_panels(n, 2 * n, scratch)",
        "U_panels, _ = packed_panels(n, 2 * n, scratch)",
    ),
    "forward: a loop that misses the last step": (
        "forward", "last = min(first + segment, steps)", "last = min(first + segment, steps - 1)"
    ),
    "forward: a segment that misses its last step": (
        "forward", "for t in range(first, last)", "for t in range(first, last - 1)"
    ),
    "forward: a segment that begins a step late": ("forward", "range(0, steps, segment)", "range(1, steps, segment)"),
    "forward: inputs of the segment before": ("forward", "x[first:last]", "x[0:last - first]"),
    "forward: rows that do not take turns": ("forward", "a_now[t - first]", "a_now[0]"),
    "forward: a product that forgets what was there": (
        "forward", "multiply_add(a_now[t - first]", "multiply(a_now[t - first], b_row"
    ),
    "forward: two arrays in one scratch": ("forward", "b_row, scratch = allocate(", "b_row, _ = allocate("),
    "forward: a loop that misses the last row": ("forward", "for b in range(b0, b1):", "for b in range(b0, b1 - 1):"),
    "forward: a chunk that fills rows of the one before": ("forward", "h[t], b0, b1, U", "h[t], 0, b1, U"),
    "forward: a loop that begins before its chunk": ("forward", "for b in range(b0, b1):", "for b in range(0, b1):"),
    "forward: a loop that runs beyond its chunk": ("forward", "for b in range(b0, b1):", "for b in range(b0, b1 + 1):"),
    "forward: a kernel that skips all chunks but the first": (
        "forward", "    for first in range(0", "    if b0 > 0:\n        return\n    for first in range(0"
    ),
    "forward: a chunk that stops after one row": ("forward", "for b in range(b0, b1):", "for b in range(b0, b0 + 1):"),
    "forward: rows of the first chunk whatever the chunk": (
        "forward", "for b in range(b0, b1):", "for b in range(0, 1):"
    ),
    "backward: a kernel that skips all chunks but the first": (
        "backward", "    for last in range(steps", "    if b0 > 0:\n        return\n    for last in range(steps"
    ),
    "jacobian: a kernel that skips all chunks but the first": (
        "jacobian", "    for t in range(steps):\n", "    if b0 > 0:\n        return\n    for t in range(steps):\n"
    ),
    "backward: a loop that begins before its chunk": ("backward", "for b in range(b0, b1):", "for b in range(0, b1):"),
    "flow: a loop that runs beyond its chunk": ("flow", "for b in range(b0, b1):", "for b in range(b0, b1 + 1):"),
    "forward: a loop that misses the last unit": (
        "forward", "            for j in range(n):\n", "            for j in range(n - 1):\n"
    ),
    "forward: the state before for the one after": ("forward", "h[t + 1, b]", "h[t, b]"),
    "forward: a bias that is left out": ("forward", "b_row[n + j] = b_r[j]", "b_row[n + j] = b_z[j]"),
    "recall: a gate for another": ("recall", "sigmoid(a_z[j])", "sigmoid(a_r[j])"),
    "recall: another function": ("recall", "tanh(a_g_row[j])", "sigmoid(a_g_row[j])"),
    "recall: a value that is left out": ("recall", "r_row[j] = sigmoid(a_r[j])", "r = sigmoid(a_r[j])"),
    "recall: a value in another's place": ("recall", "z_row = z[t, b]", "z_row = r[t, b]"),
    "recall: a loop that misses the last step": ("recall", "in range(steps):", "in range(steps - 1):"),
    "recall: a loop that misses the last unit": ("recall", "in range(n):", "in range(n - 1):"),
    "recall: a kernel that skips all chunks but the first": (
        "recall", "    for t in range(steps):\n", "    if b0 > 0:\n        return\n    for t in range(steps):\n"
    ),
    "backward: more than adjoints of inputs left out": (
        "backward", "            multiply_add(d_h[t]", "            if inputs:\n                multiply_add(d_h[t]"
    ),
    "backward: a dropped term": ("backward", "d_h_prev[j] += ", "d_h_prev[j] = "),
    "backward: a wrong sign": ("backward", "- d_one_minus_z *", "+ d_one_minus_z *"),
    "backward: sech2 replaced": ("backward", "sech2(", "tanh("),
    "backward: a transposed matrix": ("backward", "0, 0, U_g, team)", "0, 0, U_g.T, team)"),
    "backward: a block one row too low": (
        "backward",
        "pack_stacked(W_panels, (W_z, W_r), team)",
        "pack_block(W_panels, 0, 0, W_z, team); pack_block(W_panels, n - 1, 0, W_r, team)",
    ),
    "backward: a loop that misses the last step": (
        "backward", "range(last - 1, first - 1, -1)", "range(last - 2, first - 1, -1)"
    ),
    "backward: a loop that misses the first step": (
        "backward", "range(last - 1, first - 1, -1)", "range(last - 1, first, -1)"
    ),
    "backward: a segment that is left out": (
        "backward", "range(steps, 0, -segment)", "range(steps - segment, 0, -segment)"
    ),
    "backward: adjoints of inputs of another segment": ("backward", "d_x[first:last]", "d_x[0:last - first]"),
    "backward: a bias share in the first share's place": ("backward", "[b // share]", "[0]"),
    "backward: a bias share in another's place": ("backward", "[b // share]", "[1 - b // share]"),
    "backward: bias shares of other sequences": ("backward", "[b // share]", "[b % share]"),
    "gradients: rows of the last share": ("gradients", "(chunk + 1) // chunks", "chunk // chunks"),
    "gradients: the state after": ("gradients", "h[0:steps]", "h[1:steps + 1]"),
    "flow: an exponent that is forgotten": ("flow", "exponents[t, b] = up", "exponents[t, b] = e"),
    "flow: a cotangent that is not scaled": ("flow", ", -up)", ", 0)"),
    "flow: a wrong derivative": ("flow", "sech2(", "sigmoid("),
    "tangent: a dropped term": ("tangent", "dot_g * z_row[j]", "dot_g"),
    "tangent: a direction that is missed": ("tangent", "in range(d0, d1):", "in range(d0, d1 - 1):"),
    "tangent: an exponent that is forgotten": ("tangent", "exponents[b, d] += e", "exponents[b, d] = e"),
    "jacobian: rows for columns": ("jacobian", "U_z[j, k] *", "U_z[k, j] *"),
    "jacobian: the diagonal everywhere": ("jacobian", "one if j == k else zero", "one"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_refuted(gru, fault):
    recurrence, text = gru
    with pytest.raises((Refutation, ProofError), match="not so"):
        prove_emitted(recurrence, load_module(edited(text, *FAULTS[fault]), "gru"))


@pytest.mark.parametrize(
    ("kernel", "old", "new"),
    [
        ("forward", "h[t + 2], b0, b1", "h[t + 1], b0, b1"),
        ("backward", "d_h[t], d", "d_h[t + 1], d"),
        ("flow", "shift(d_h[t + 1:t + 4, b]", "shift(d_h[t + 2:t + 4, b]"),
        (
            "tangent",
            "copy(dot_h[row, b, d:d + 1], dot_h[row + 1, b, d:d + 1])",
            "copy(dot_h[row, b, d:d + 1], dot_h[row, b, d:d + 1])",
        ),
        ("tangent", "for row in range(2):", "for row in range(1):"),
        ("tangent", "for row in range(2):", "for row in range(1, -1, -1):"),
        ("tangent", "shift(dot_h[0:3, b, d:d + 1]", "shift(dot_h[1:3, b, d:d + 1]"),
    ],
)
def test_fault_in_a_delay_is_refuted(delays, kernel, old, new):
    recurrence, text = delays
    assert prove_emitted(recurrence, load_module(text, "delays")).entries > 0
    with pytest.raises((Refutation, ProofError), match="not so"):
        prove_emitted(recurrence, load_module(edited(text, kernel, old, new), "delays"))


def test_interface_that_promises_another_order_is_refuted(gru):
    recurrence, text = gru
    changed = text.replace('"row": "d_a_z", "column": "x"', '"row": "d_a_r", "column": "x"', 1)
    assert changed != text
    with pytest.raises((Refutation, ProofError), match="not so"):
        prove_emitted(recurrence, load_module(changed, "gru"))


def test_interface_that_forgets_a_value_is_refuted(gru):
    recurrence, text = gru
    start = text.index('        "recall": {')
    without = text[:start] + text[text.index('        "backward": {') :]
    with pytest.raises(ProofError, match="no kernel computes z, which an equation defines"):
        prove_emitted(recurrence, load_module(without, "gru"))


def test_proof_of_another_cell_fails(gru):
    _, text = gru
    other = read_equations(CELLS["gru"].replace("(1 - z)*h + z*g", "z*h + (1 - z)*g"), name="gru")
    with pytest.raises((Refutation, ProofError), match="not so"):
        prove_emitted(other, load_module(text, "gru"))


def flow_over_long_lags(text):
    """log ‖∂L/∂h‖ at lag 150 of a state that loses a factor 1e-4 in each step, from a module's kernels as Python."""
    cell = gs.Cell(CELLS["gru"], name="gru")
    cell.kernels = Kernels(uncompiled(load_module(text, "gru"), NUMPY))
    params = cell.init(m=2, n=3, seed=0)
    params["b_z"][...] = 9.2
    for name in ("U_z", "U_r", "U_g"):
        params[name][...] = 0
    run = cell.forward(params, np.zeros((150, 1, 2)))
    flow = cell.flow(params, run, {"h": ([-1], np.ones((1, 1, 3)))})
    return float(flow.log_norm["h"][0, 0]), 150 * np.log(1 / (1 + np.exp(9.2))) + np.log(3) / 2


def test_flow_rescales_so_that_no_adjoint_underflows(gru):
    found, expected = flow_over_long_lags(gru[1])
    assert found == pytest.approx(expected, rel=1e-12)
    assert expected < -1000


def test_a_flow_that_never_rescales_is_caught(gru):
    never = edited(gru[1], "flow", "up = align(e, carried, given)", "up = e")
    found, expected = flow_over_long_lags(never)
    assert found != pytest.approx(expected, rel=1e-3)
