"""A cell in a loop over steps, as people write it in torch: of torch's own cells, and of any cell in torch operations.

Of the second, what inputs and parameters alone decide is computed for all steps at once, before the loop: so a person
writes it who wants it fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from gatedsym.bench.answer import require_cell
from gatedsym.bench.problem import Problem
from gatedsym.bench.torch_layer import TorchLayer
from gatedsym.bench.torch_program import TorchProgram, carry_out

CELLS = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru_torch": torch.nn.GRUCell}


class TorchCells(TorchLayer):
    """nn.RNNCell, nn.LSTMCell or nn.GRUCell with the parameters of a problem, step after step."""

    def __init__(self, problem: Problem) -> None:
        require_cell(problem.point.cell, CELLS)
        super().__init__(problem)
        n = problem.point.hidden
        cell = CELLS[problem.point.cell](n, n, dtype=self._x.dtype)
        with torch.no_grad():
            for name, value in cell.named_parameters():
                value.copy_(getattr(self._layer, f"{name}_l0"))
        self._layer = cell

    def _run(self) -> Any:
        state: Any = tuple(leaf[0] for leaf in self._initial)
        if len(state) == 1:
            (state,) = state
        rows = []
        for row in self._x:
            state = self._layer(row, state)
            rows.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(rows)


class TorchHoisted(TorchProgram):
    """A cell's Program, interpreted by torch, with what states do not enter computed for all steps at once."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        program = self._program
        waiting = {n for n in program.sources if program[n].role == "state" or program[n].lag}
        self._ahead = []
        for statement in self._every:
            if waiting.isdisjoint(ref.name for ref in statement.operands):
                self._ahead.append(statement)
            else:
                waiting.add(statement.target.name)
        self._every = [s for s in self._every if s.target.name in waiting]
        read = {ref.name for s in self._every for ref in s.operands} | set(program.results)
        self._kept = [s.target.name for s in self._ahead if s.target.name in read]
        self._rows: dict[str, Any] = {}

    def _run(self) -> dict[str, Any]:
        point, known = self._problem.point, self._constants()
        for name, value in self._parts(self._leaves["inputs"], 2).items():
            known[name] = value.reshape(-1, *value.shape[2:])
        carry_out(self._ahead, self._program, known, self._problem.sizes)
        lead = (point.steps, point.batch)
        self._rows = {n: known[n].reshape(*lead, *known[n].shape[1:]).unbind(0) for n in self._kept}
        return super()._run()

    def _given(self) -> list[str]:
        return [*super()._given(), *self._kept]

    def _source(self, name: str, past: Mapping[str, Sequence[Any]], inputs: Mapping[str, Any], t: int) -> Any:
        return self._rows[name][t] if name in self._rows else super()._source(name, past, inputs, t)
