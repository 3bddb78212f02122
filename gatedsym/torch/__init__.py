"""gatedsym in PyTorch: cells as layers that torch's optimisers train, and models watched while they learn.

import gatedsym.torch as gt

layer = gt.Layer("lstm", m=8, n=64)
y, states = layer(x)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    import torch as _torch  # noqa: F401  # absent, it is told in one sentence
except ImportError as _error:
    raise ImportError("gatedsym.torch needs PyTorch: install it with pip install 'gatedsym[torch]'.") from _error

from gatedsym.lazy import lazy_names
from gatedsym.torch.layer import Layer

if TYPE_CHECKING:
    from gatedsym.torch.as_cell import cell_of as cell_of
    from gatedsym.torch.exchange import from_torch as from_torch
    from gatedsym.torch.exchange import to_torch as to_torch
    from gatedsym.torch.losses import loss as loss
    from gatedsym.torch.watching.watcher import Watcher as Watcher
    from gatedsym.torch.watching.watcher import WatchWarning as WatchWarning
    from gatedsym.torch.watching.watcher import watch as watch

_HOMES = {
    "WatchWarning": "gatedsym.torch.watching.watcher",
    "Watcher": "gatedsym.torch.watching.watcher",
    "cell_of": "gatedsym.torch.as_cell",
    "from_torch": "gatedsym.torch.exchange",
    "loss": "gatedsym.torch.losses",
    "to_torch": "gatedsym.torch.exchange",
    "watch": "gatedsym.torch.watching.watcher",
}
"""Names that analyses stand behind: they are loaded when they are first used, for a layer needs none."""

__all__ = ["Layer", "WatchWarning", "Watcher", "cell_of", "from_torch", "loss", "to_torch", "watch"]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gatedsym.torch", homes=_HOMES)
