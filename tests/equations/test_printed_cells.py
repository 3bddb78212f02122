"""Printed equations go all the way: every format of the page, the module, a step forward and backward."""

from __future__ import annotations

import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module
from gatedsym.typesetting.pages.derivation import FORMATS, derivation, render

PRINTED = tomllib.loads(Path(__file__).with_name("printed_equations.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", ["esn", "eq_without_t_braces", "snn_cases_threshold", "docs_intersection"])
def test_a_printed_cell_is_derived_generated_and_runs(name):
    entry = PRINTED[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cell = gs.Cell(f"{entry['declarations']}\n{entry['text']}", name="printed")
    page = derivation(cell.recurrence)
    assert all(render(page, form) for form in FORMATS)
    cell.kernels = Kernels(uncompiled(load_module(write_module(cell.recurrence), "printed"), NUMPY))
    params = cell.init(dtype="float64", **{d.name: n for n, d in enumerate(cell.recurrence.dimensions, 2)})
    inputs = cell.recurrence.inputs
    sizes = {d.name: n for n, d in enumerate(cell.recurrence.dimensions, 2)}
    x = {i.name: np.ones((3, 2, *(sizes[axis] for axis in i.axes for axis in axis))) for i in inputs}
    run = cell.forward(params, x, keep="adjoint")
    names = [*(state.name for state in cell.recurrence.states), *(out.name for out in cell.recurrence.outputs)]
    grads = cell.backward(params, run, {n: np.ones((3, *np.asarray(run[n]).shape[1:])) for n in names})
    assert all(np.isfinite(value).all() for value in grads.params.values())
    assert any(np.any(value != 0) for value in grads.params.values())
