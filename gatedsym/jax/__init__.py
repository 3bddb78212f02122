"""Cells as pure functions of jax: ``gatedsym.jax.layer("lstm")``."""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    import jax as _jax  # noqa: F401
except ImportError as _error:
    raise ImportError("gatedsym.jax needs jax, which is not installed: pip install 'gatedsym[jax]'.") from _error

from gatedsym.jax import pytrees as pytrees
from gatedsym.jax.layer import Layer as Layer
from gatedsym.jax.layer import layer as layer
from gatedsym.lazy import lazy_names

__all__ = ["Layer", "layer"]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gatedsym.jax")
