"""One call of a cell on tensors: its values, gradients and their derivatives, as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch

from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.passes import backward_pass, lent_forward
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Gradients, Run
from gatedsym.execution.workspace import FRESH
from gatedsym.torch.arrays import array_of, tensor_of
from gatedsym.torch.ends import add_to_steps, last_rows, place_ends
from gatedsym.torch.families import as_parameters
from gatedsym.torch.form import Form
from gatedsym.typing import Array

Tensors: TypeAlias = "Sequence[torch.Tensor | None]"


class Call:
    """One call of a cell on tensors.

    Parameters
    ----------
    form : Form
    keep : bool
        Whether the run is kept for derivatives.
    lengths : array (B,) of int, optional
    steps, batch : int, optional
        Of a cell without input.
    lent : bool
        Whether the run refers to tensors that the caller keeps as they are, and what it gives is the run's own memory;
        else it has copies.

    Attributes
    ----------
    run : Run or None
        The last one; without it a derivative runs the cell again.
    """

    def __init__(
        self,
        form: Form,
        keep: bool,
        lengths: Array | None = None,
        steps: int | None = None,
        batch: int | None = None,
        lent: bool = True,
    ) -> None:
        self.form, self.keep, self.lengths, self.steps, self.batch = form, keep, lengths, steps, batch
        self.lent = lent
        self.run: Run | None = None
        self._parts: dict[int, Call] = {}

    def anew(self) -> Call:
        """The same call, of which nothing has been computed."""
        return Call(self.form, self.keep, self.lengths, self.steps, self.batch, self.lent)

    def part(self, number: int) -> Call:
        """The call of one of several that vmap makes in sequence."""
        return self._parts.setdefault(number, self.anew())

    # Values.

    def forward(self, tensors: Tensors) -> tuple[torch.Tensor, ...]:
        """Values: of what is read out, and of the last states."""
        run = self._run(tensors, self.keep)
        self.run = run if self.keep else None
        final = run.final
        return (*map(self._shown, self._rows(run)), *(tensor_of(final[name]) for name in self.form.states))

    def _run(self, tensors: Tensors, keep: bool) -> Run:
        """The run; its parameters are lent: torch counts what is written to a tensor, and refuses."""
        form, count = self.form, len(self.form.families)
        groups = dict[str, dict[str, Array]](inputs={}, initial={})
        for (group, name), tensor in zip(form.places[count:], tensors[count:], strict=True):
            if tensor is not None:
                groups[group][name] = array_of(tensor)
        params = as_parameters(form.families, tensors[:count], form.sizes)
        inputs, initial = groups["inputs"], groups["initial"]
        if self.lengths is not None or not self.lent or not keep:
            return form.cell.forward(
                params,
                inputs,
                initial=initial,
                keep="all" if keep else "states",
                steps=self.steps,
                batch=self.batch,
                copy=not self.lent,
                lengths=self.lengths,
            )
        return lent_forward(form.cell, params, inputs or None, initial, self.steps, self.batch)

    def _rows(self, run: Run) -> list[Array]:
        """Arrays of what is read out, (T, B, …)."""
        cell, states = self.form.cell, self.form.states
        found = [run.rows_of(cell.layout_of(name))[name in states :] for name in self.form.readout]
        return found if self.lent or not self.keep else [np.array(rows) for rows in found]

    def _shown(self, rows: Array) -> torch.Tensor:
        """A tensor of what is read out: zero after the end of a sequence, where no gradient comes from."""
        if self.lengths is not None:
            rows = np.where(_column(np.arange(len(rows))[:, None] < self.lengths, rows.ndim), rows, 0)
        return tensor_of(rows)

    # Derivatives.

    def backward(self, tensors: Tensors, cotangents: Tensors, wanted: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """Gradients of some of the tensors, by their numbers."""
        run = self._kept_run(tensors)
        given, straight = self._cotangents(run, cotangents)
        returns = frozenset(self.form.places[number][0] for number in wanted) & {"params", "inputs"}
        if isinstance(run, RaggedRun):
            grads = self.form.cell.backward(self._parameters(tensors), run, given, returns=returns)
        else:
            grads = backward_pass(run, run.parameters, Cotangents.of_run(run, given), returns, None, FRESH)
        return tuple(tensor_of(self._gradient(grads, straight, number)) for number in wanted)

    def along(self, tensors: Tensors, moved: Sequence[int], tangents: Tensors) -> tuple[torch.Tensor, ...]:
        """Derivatives of all results along a direction of some tensors, by their numbers."""
        product, direction = self._product(tensors, None, moved, tangents, {"trajectory"})
        return tuple(self._along(product, direction, number) for number in range(len(self.form.results)))

    def product(
        self,
        tensors: Tensors,
        cotangents: Tensors,
        moved: Sequence[int],
        tangents: Tensors,
        wanted: Sequence[int],
        results: Sequence[int],
    ) -> tuple[torch.Tensor, ...]:
        """Derivatives of gradients along a direction, for some tensors; and those of some results."""
        returns = {self.form.places[number][0] for number in wanted} & {"params", "inputs"}
        product, direction = self._product(tensors, cotangents, moved, tangents, returns | {"trajectory"})
        found = [tensor_of(self._gradient(product, {}, number)) for number in wanted]
        return (*found, *(self._along(product, direction, number) for number in results))

    def _product(
        self, tensors: Tensors, cotangents: Tensors | None, moved: Sequence[int], tangents: Tensors, returns: set[str]
    ) -> tuple[Gradients, dict[str, dict[str, Array]]]:
        run, params = self._kept_run(tensors), self._parameters(tensors)
        given = {} if cotangents is None else self._cotangents(run, cotangents)[0]
        direction = dict[str, dict[str, Array]](params={}, inputs={}, initial={})
        families = {family.name: family for family in self.form.families}
        for number, tangent in zip(moved, tangents, strict=True):
            (group, name), array = self.form.places[number], np.asarray(array_of(tangent))
            direction[group] |= families[name].split_array(array) if group == "params" else {name: array}
        name = self.form.results[0]
        given = given or {name: ([], np.zeros((0, *run[name].shape[1:]), run.dtype))}
        return self.form.cell.hessian_product(params, run, given, direction, returns=returns), direction

    def _kept_run(self, tensors: Tensors) -> Run:
        if self.run is None:
            self.run = self._run(tensors, True)
        return self.run

    def _parameters(self, tensors: Tensors) -> Parameters:
        return as_parameters(self.form.families, tensors[: len(self.form.families)], self.form.sizes)

    def _gradient(self, grads: Gradients, straight: Mapping[str, Array], number: int) -> Array:
        """The gradient of a tensor, in its shape."""
        group, name = self.form.places[number]
        if group == "params":
            members = self.form.families[number].members
            return grads.params[members[0]] if len(members) == 1 else grads.stacked(members)
        if group == "inputs":
            return grads.inputs[name]
        whole = grads.initial[name]
        if name in straight:
            whole = whole + straight[name]
        return whole[0] if self.form.delays[name] == 1 else whole

    def _cotangents(self, run: Run, tensors: Tensors) -> tuple[dict[str, Any], dict[str, Array]]:
        """Cotangents as `Cell.backward` takes them, and what goes straight to the past of states."""
        found, straight = dict[str, Any](), dict[str, Array]()
        count = len(self.form.readout)
        for name, tensor in zip(self.form.readout, tensors[:count], strict=True):
            if tensor is not None:
                found[name] = array_of(tensor)
        for name, tensor in zip(self.form.states, tensors[count:], strict=True):
            if tensor is None:
                continue
            ends = place_ends(array_of(tensor), self.form.delays[name], run.call_shape.steps, self.lengths)
            if ends.straight is not None:
                straight[name] = ends.straight
                found.setdefault(name, np.zeros((run.call_shape.steps, *ends.straight.shape[1:]), run.dtype))
            found[name] = add_to_steps(found[name], ends) if name in found else ends.sparse
        return found, straight

    def _along(self, product: Gradients, direction: Mapping[str, Mapping[str, Array]], number: int) -> torch.Tensor:
        """The derivative of a result."""
        name, states = self.form.results[number], self.form.states
        rows = product.trajectory[name]
        if number < len(self.form.readout):
            return self._shown(np.array(rows[1:] if name in states else rows))
        return tensor_of(last_rows(rows, direction["initial"].get(name), self.form.delays[name], self.lengths))


def _column(mask: Array, rank: int) -> Array:
    """A mask (T, B) beside arrays (T, B, …)."""
    return mask.reshape(*mask.shape, *[1] * (rank - 2))
