"""Cells as pure functions of jax: ``gatedsym.jax.layer("lstm")``."""

from __future__ import annotations

try:
    import jax as _jax  # noqa: F401
except ImportError as _error:
    raise ImportError("gatedsym.jax needs jax, which is not installed: pip install 'gatedsym[jax]'.") from _error

from gatedsym.jax import pytrees as pytrees
from gatedsym.jax.layer import Layer as Layer
from gatedsym.jax.layer import layer as layer

__all__ = ["Layer", "layer"]
