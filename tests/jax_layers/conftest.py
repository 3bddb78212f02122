"""Kernels as plain Python, of tangent cells too."""

import pytest

from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit import compile as jit


@pytest.fixture
def plain(monkeypatch):
    """Kernels of cells that are made in the test, and of their tangent cells, run as Python: nothing is compiled."""
    load = jit.load_module
    monkeypatch.setattr(jit, "load_module", lambda text, name: uncompiled(load(text, name), NUMPY))
