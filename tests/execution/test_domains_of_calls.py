"""Inputs with a domain: a call refuses what lies outside, and says where."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.errors import ArgumentError, InterfaceError
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.ir.interface_table import read_interface, table_of
from gatedsym.proofs.specification import uncompiled

TEXT = "x in R^m; mask in {0,1}^m; dt in R, dt >= 0; h in R^n; W in R^(n,m)\nh' = tanh(h) * dt + W @ (mask * x)\n"


@pytest.fixture(scope="module")
def cell():
    made = gs.Cell(TEXT, "masked")
    made.kernels = Kernels(uncompiled(made.kernels.module, NUMPY))
    return made


@pytest.fixture
def inputs():
    return {"x": np.ones((4, 2, 3)), "mask": np.ones((4, 2, 3)), "dt": np.ones((4, 2))}


def test_the_table_of_a_module_says_domains_and_reads_them_back(cell):
    told = {name: str(domain) for name, domain in cell.interface.domains.items()}
    assert told == {"mask": "{0, 1}", "dt": "[0, inf)"}
    assert "input in [0, inf)" in write_module(cell.recurrence)


def test_a_table_with_a_wrong_domain_is_refused(cell):
    table = table_of(write_module(cell.recurrence))
    for domains in ({"mask": "{1..0}"}, {"mask": "anything"}, {"h": "{0, 1}"}):
        with pytest.raises(InterfaceError, match="gatedsym generate"):
            read_interface({**table, "domains": domains})


@pytest.mark.parametrize("value", [-1.0, np.nan])
@pytest.mark.parametrize("known", [False, True])
def test_numbers_outside_are_refused_with_their_place(cell, inputs, value, known):
    params = cell.init(m=3, n=2)
    if known:  # shapes that an earlier call has shown to be right are not looked at again
        cell.forward(params, inputs)
    inputs["dt"][3, 1] = value
    with pytest.raises(ArgumentError) as refusal:
        cell.forward(params, inputs)
    assert str(refusal.value).startswith(f"dt[3, 1] is {value:g}; masked reads dt in [0, inf)")
    with pytest.raises(ArgumentError, match=r"^dt\[1, 3\]"):
        cell.forward(params, {k: np.swapaxes(v, 0, 1) for k, v in inputs.items()}, batch_first=True)


def test_masks_of_booleans_and_of_integers_are_taken(cell, inputs):
    params = cell.init(m=3, n=2)
    expected = cell.forward(params, inputs)["h"]
    for kind in (bool, np.int64):
        assert np.array_equal(cell.forward(params, inputs | {"mask": inputs["mask"].astype(kind)})["h"], expected)
