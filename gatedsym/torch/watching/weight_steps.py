"""The passages of a place → what each step gives to the gradient of each weight of its module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from gatedsym.torch.watching.recompute import Passage
from gatedsym.typing import Array


def step_gradients(passages: Sequence[Passage], scale: float) -> dict[str, Array]:
    """The gradient of each weight at every step of the sequences, (T, …), in float64.

    Parameters
    ----------
    passages : sequence of Passage
        Of one place; what they give at a step adds up.
    scale : float
        By which the loss had been multiplied.
    """
    length = max(int(passage.steps[-1]) for passage in passages)
    sums: dict[str, Array] = {}
    for passage in (part for whole in passages for part in _of_one_length(whole)):
        mantissas, exponents = _parameter_steps(passage)
        powers = np.clip(exponents, -2200, 2200).astype(np.int32)
        steps = {
            name: np.ldexp(rows.astype(float), powers.reshape(-1, *[1] * (rows.ndim - 1)))
            for name, rows in mantissas.items()
        }
        for name, rows in passage.of.weight_gradients(steps):
            whole = sums.setdefault(name, np.zeros((length, *rows.shape[1:])))
            whole[passage.steps - 1] += (rows[::-1] if passage.direction == "reverse" else rows) / scale
    return sums


def shares_of_steps(rows: Array) -> Array:
    """log10 of norms of the steps' gradients, and their shares of the whole gradient, (2, T + 2).

    A share is the part of a step's gradient along the whole one, over the length of that: shares add up to 1.
    """
    flat = rows.reshape(len(rows), -1)
    whole = flat.sum(axis=0)
    found = np.full((2, len(rows) + 2), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        found[0, 1:-1] = np.log10(np.linalg.norm(flat, axis=1))
        found[1, 1:-1] = flat @ whole / (whole @ whole)
    return found


def _of_one_length(passage: Passage) -> Iterator[Passage]:
    """The sequences of each length by themselves where a passage reads from their ends.

    Its steps count from there, and a step of sequences of unlike lengths is none of theirs from the beginning.
    """
    if passage.lengths is None or passage.direction == "forward":
        yield passage
        return
    cell = passage.of.cell
    for length in np.unique(passage.lengths):
        own = np.flatnonzero(passage.lengths == length)
        x = {name: np.ascontiguousarray(passage.run[name][:length, own]) for name in cell.inputs}
        initial = {name: rows[..., own, :] for name, rows in passage.initial.items()}
        run = cell.forward(passage.params, x, initial=initial)
        given = {name: np.ascontiguousarray(rows[:length, own]) for name, rows in passage.given.items()}
        flow = cell.flow(passage.params, run, given)
        yield replace(passage, flow=flow, initial=initial, given=given, steps=np.arange(1, length + 1), lengths=None)


def _parameter_steps(passage: Passage) -> tuple[dict[str, Array], Array]:
    """The gradients of all parameters step by step, (T, …), in the direction's own time, and exponents of two (T,)."""
    if not passage.joined:
        return passage.flow.steps_of_parameters()
    run, cell, found = passage.run, passage.of.cell, []
    batch = run.call_shape.batch // passage.joined
    for k in range(passage.joined):
        own = slice(k * batch, (k + 1) * batch)
        initial = {state: rows[own] for state, rows in passage.initial.items()}
        one = cell.forward(passage.params, np.ascontiguousarray(run[cell.inputs[0]][:, own]), initial=initial)
        given = {state: rows[:, own] for state, rows in passage.given.items()}
        found.append(cell.backward(passage.params, one, given, returns=("params",)).params)
    return {name: np.stack([f[name] for f in found]) for name in cell.parameters}, np.zeros(passage.joined, int)
