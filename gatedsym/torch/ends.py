"""Cotangents of last states → those of steps, and what goes straight to the past; and back, for derivatives.

The last rows of a state, (delay, B, …), are those after the last steps of each sequence; where a sequence is shorter
than the delay, the oldest of them are rows of the past that it was given.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gatedsym.typing import Array


class Ends(NamedTuple):
    """Cotangents of the last rows of a state.

    Attributes
    ----------
    sparse : (times, array)
        As `Cell.backward` takes them, times (K,) or (K, B); where some went to the past, zeros stand at step 0.
    straight : array (delay, B, …), optional
        Of rows of the past.
    """

    sparse: tuple[Array, Array]
    straight: Array | None


def place_ends(given: Array, delay: int, steps: int, lengths: Array | None) -> Ends:
    """The places of the cotangents of last rows.

    Parameters
    ----------
    given : array (B, …), or (delay, B, …) where the delay is longer than a step
    delay, steps : int
    lengths : array (B,) of int, optional
    """
    rows = given[None] if delay == 1 else given
    if lengths is None and steps >= delay:
        return Ends((np.arange(steps - delay, steps), rows), None)
    stops = np.full(rows.shape[1], steps) if lengths is None else lengths
    times = stops + np.arange(-delay, 0)[:, None]
    if (times >= 0).all():
        return Ends((times, rows), None)
    inside = (times >= 0).reshape(*times.shape, *[1] * (rows.ndim - 2))
    straight = np.zeros_like(rows)
    late, batch = np.nonzero(times < 0)
    straight[times[late, batch] + delay, batch] = rows[late, batch]
    if not steps:
        return Ends((np.zeros(0, int), rows[:0]), straight)
    return Ends((np.maximum(times, 0), np.where(inside, rows, 0)), straight)


def add_to_steps(dense: Array, ends: Ends) -> Array:
    """Cotangents of all steps, (T, B, …), and those of last rows, together."""
    times, rows = ends.sparse
    whole, place = np.array(dense), times if times.ndim == 1 else (times, np.arange(dense.shape[1]))
    np.add.at(whole, place, rows)
    return whole


def last_rows(trajectory: Array, past: Array | None, delay: int, lengths: Array | None) -> Array:
    """The last rows of a trajectory, in the shape of the past.

    Parameters
    ----------
    trajectory : array (T + 1, B, …)
        Row 0 is the newest of the past.
    past : array (B, …) or (delay, B, …), optional
        None: zero.
    delay : int
    lengths : array (B,) of int, optional
    """
    history: Any = trajectory
    if delay > 1:
        older = np.zeros((delay - 1, *trajectory.shape[1:]), trajectory.dtype) if past is None else past[:-1]
        history = np.concatenate([older, trajectory])
    batch = np.arange(history.shape[1])
    stops = np.full(len(batch), len(trajectory) - 1) if lengths is None else lengths
    rows: Array = history[stops + np.arange(delay)[:, None], batch]
    return rows[0] if delay == 1 else rows
