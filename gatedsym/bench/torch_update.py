"""Point → the same update in torch: its layer, or its cell in a loop over steps, a linear readout, Adam, clipping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from gatedsym.bench.answer import require_cell
from gatedsym.bench.points import Point
from gatedsym.bench.updates import CLIP, RATE
from gatedsym.learning.catalogue import adding

LAYERS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "gru_torch": torch.nn.GRU}
CELLS = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell, "gru_torch": torch.nn.GRUCell}


class _Loop(torch.nn.Module):  # type: ignore[misc]
    """A cell of torch, step after step; the last h."""

    def __init__(self, cell: Any) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Any) -> Any:
        state = None
        for row in x:
            state = self.cell(row, state)
        return state[0] if isinstance(state, tuple) else state


class _Layer(torch.nn.Module):  # type: ignore[misc]
    """A layer of torch; the last h."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Any) -> Any:
        return self.layer(x)[0][-1]


def torch_update(point: Point, *, loop: bool) -> Callable[[], Any]:
    """A call that makes one update of a batch that is there."""
    require_cell(point.cell, LAYERS)
    dtype = getattr(torch, point.dtype)
    task = adding(T=point.steps)
    batch = task.batch(0, point.batch, dtype=point.dtype)
    x, target = torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets[-1])
    torch.manual_seed(0)
    kinds, wrapped = (CELLS, _Loop) if loop else (LAYERS, _Layer)
    body = wrapped(kinds[point.cell](task.features, point.hidden, dtype=dtype))
    net = torch.nn.ModuleList([body, torch.nn.Linear(point.hidden, 1, dtype=dtype)])
    parameters = list(net.parameters())
    optimiser = torch.optim.Adam(parameters, RATE)

    def update() -> Any:
        optimiser.zero_grad()
        loss = ((net[1](net[0](x)) - target) ** 2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        optimiser.step()
        return float(loss.detach())

    return update


__all__ = ["torch_update"]
