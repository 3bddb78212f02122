"""torch's own recurrent layers (eager), the peer that most people use."""

from __future__ import annotations

from typing import Any

import torch

from gatedsym.bench.answer import Answer, require_cell
from gatedsym.bench.problem import Problem
from gatedsym.bench.torch_names import gradients_by_name
from gatedsym.conventions import export_parameters

LAYERS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru_torch": torch.nn.GRU}


class TorchLayer:
    """nn.RNN, nn.LSTM or nn.GRU with the parameters of a problem."""

    def __init__(self, problem: Problem) -> None:
        cell = problem.point.cell
        require_cell(cell, LAYERS)
        n = problem.point.hidden
        self._cell, self._states = cell, list(problem.initial)
        self._layer = LAYERS[cell](n, n, dtype=getattr(torch, problem.point.dtype))
        with torch.no_grad():
            for name, value in export_parameters(cell, problem.params, "pytorch").items():
                getattr(self._layer, name).copy_(torch.from_numpy(value))
        self._x = torch.from_numpy(problem.x).requires_grad_()
        self._initial = [torch.from_numpy(v)[None].requires_grad_() for v in problem.initial.values()]
        self._cotangent = torch.from_numpy(problem.cotangents["h"])

    def _run(self) -> Any:
        first = self._initial[0] if len(self._initial) == 1 else tuple(self._initial)
        return self._layer(self._x, first)[0]

    def forward(self) -> Any:
        with torch.inference_mode():
            return self._run()

    def both(self) -> Any:
        self._layer.zero_grad()
        for leaf in (self._x, *self._initial):
            leaf.grad = None
        self._run().backward(self._cotangent)

    def answer(self) -> Answer:
        values = self.forward().numpy()
        self.both()
        names = {n: n if n.endswith("_l0") else f"{n}_l0" for n, _ in self._layer.named_parameters()}  # of a cell too
        arrays = {names[n]: p.grad.numpy() for n, p in self._layer.named_parameters()}
        initial = {n: leaf.grad[0].numpy() for n, leaf in zip(self._states, self._initial, strict=True)}
        return Answer({"h": values}, gradients_by_name(self._cell, arrays), {"x": self._x.grad.numpy()}, initial)
