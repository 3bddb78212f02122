"""Kernels as plain Python, of tangent cells too; float64 in jax for one test."""

import pytest

from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit import compile as jit


@pytest.fixture
def float64():
    """Jax computes in float64 for one test: other tests may want its default."""
    jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to test its layers")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.fixture
def plain(monkeypatch):
    """Kernels of cells that are made in the test, and of their tangent cells, run as Python: nothing is compiled."""
    load = jit.load_module
    monkeypatch.setattr(jit, "load_module", lambda text, name: uncompiled(load(text, name), NUMPY))
