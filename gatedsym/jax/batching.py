"""A map of a cell, and arrays of which some have one axis more → the map of all of them: what `jax.vmap` asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from gatedsym.jax.form import Form
from gatedsym.jax.signature import Slot

Evaluate = Callable[..., list[Any]]


def mapped(
    evaluate: Evaluate, form: Form, operands: Sequence[Any], axes: Sequence[int | None]
) -> tuple[list[Any], list[int]]:
    """The results of a map over one more axis, and where they have it.

    Where everything that is mapped lies in sequences of the batch, the axis is more sequences: one call does it.
    Where parameters are mapped, or gradients of them are wanted one by one, it is one call after the other.
    """
    size = next(jnp.shape(a)[axis] for a, axis in zip(operands, axes, strict=True) if axis is not None)
    whole = all(slot.rows is not None for slot in form.results)
    if whole and all(slot.rows is not None or axis is None for slot, axis in zip(form.operands, axes, strict=True)):
        return _folded(evaluate, form, operands, axes, size)
    return _in_turn(evaluate, form, operands, axes)


def _folded(
    evaluate: Evaluate, form: Form, operands: Sequence[Any], axes: Sequence[int | None], size: int
) -> tuple[list[Any], list[int]]:
    batch = form.signature.batch
    longer = [_as_rows(slot, a, axis, size) for slot, a, axis in zip(form.operands, operands, axes, strict=True)]
    found = evaluate(form.of_rows(batch * size), *longer)
    places = [slot.rows or 0 for slot in form.results]
    apart = [
        jnp.reshape(array, (*array.shape[:place], size, batch, *array.shape[place + 1 :]))
        for array, place in zip(found, places, strict=True)
    ]
    return apart, places


def _as_rows(slot: Slot, array: Any, axis: int | None, size: int) -> Any:
    """An array whose mapped axis is more sequences of the batch; one that is not mapped is repeated."""
    if slot.rows is None:
        return array
    if axis is None:
        array = jnp.broadcast_to(jnp.expand_dims(array, slot.rows), _with_axis(slot, size))
    else:
        array = jnp.moveaxis(array, axis, slot.rows)
    shape = array.shape
    return jnp.reshape(array, (*shape[: slot.rows], shape[slot.rows] * shape[slot.rows + 1], *shape[slot.rows + 2 :]))


def _with_axis(slot: Slot, size: int) -> tuple[int, ...]:
    place = slot.rows or 0
    return (*slot.shape[:place], size, *slot.shape[place:])


def _in_turn(
    evaluate: Evaluate, form: Form, operands: Sequence[Any], axes: Sequence[int | None]
) -> tuple[list[Any], list[int]]:
    which = [axis is not None for axis in axes]
    moving = [jnp.moveaxis(a, axis, 0) for a, axis in zip(operands, axes, strict=True) if axis is not None]

    def one(moving_now: Sequence[Any]) -> list[Any]:
        rest = iter(moving_now)
        return evaluate(form, *(next(rest) if there else a for a, there in zip(operands, which, strict=True)))

    found = jax.lax.map(one, moving)
    return found, [0] * len(found)
