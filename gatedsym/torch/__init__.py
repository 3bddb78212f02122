"""gatedsym in PyTorch: cells as layers that torch's optimisers train, and models watched while they learn.

import gatedsym.torch as gt

layer = gt.Layer("lstm", m=8, n=64)
y, states = layer(x)
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401  # absent, it is told in one sentence
except ImportError as _error:
    raise ImportError("gatedsym.torch needs PyTorch: install it with pip install 'gatedsym[torch]'.") from _error

from gatedsym.torch.as_cell import cell_of
from gatedsym.torch.exchange import from_torch, to_torch
from gatedsym.torch.layer import Layer
from gatedsym.torch.losses import loss
from gatedsym.torch.watching.watcher import Watcher, WatchWarning, watch

__all__ = ["Layer", "WatchWarning", "Watcher", "cell_of", "from_torch", "loss", "to_torch", "watch"]
