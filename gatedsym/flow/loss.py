"""Losses: from the states of a run to the cotangents dL/dh that enter the backward pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell


@dataclass(frozen=True)
class Loss:
    """A loss on the states of a run.

    Attributes
    ----------
    kind : {"cotangent", "cross-entropy", "squared-error"}
        ``cotangent``: dL/dh is a random direction of length 1, one for each sequence. The others are a linear readout
        y = V h, V_{kj} ~ N(0, 1/n), with the cross-entropy of softmax(y) against a class, or with ‖y - target‖² / 2.
        (A function that a person gives is a `CallableLoss`, of the kind ``given``.)
    at : {"last", "every"}
        The last step, or the sum over all steps.
    outputs : int
        Rows of V.

    Raises
    ------
    ArgumentError
        For another kind or another place.

    Examples
    --------
    >>> import gatedsym as gs
    >>> flow = gs.gradient_flow("rnn", "noise", n=4, seeds=2, lags=5, loss=gs.flow.Loss("cross-entropy", outputs=3))
    >>> flow.attrs["loss"]
    'cross-entropy of a random linear readout on the last state'
    """

    kind: Literal["cotangent", "cross-entropy", "squared-error", "given"] = "cotangent"
    at: Literal["last", "every"] = "last"
    outputs: int = 10

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in {"cotangent", "cross-entropy", "squared-error"}:
            raise ArgumentError(f"loss {shown(self.kind)}: choose cotangent, cross-entropy or squared-error.")
        if self.at not in {"last", "every"}:
            raise ArgumentError(f"a loss at {self.at!r}: choose last or every.")

    @property
    def description(self) -> str:
        """The loss in words, for a caption."""
        where = "on the last state" if self.at == "last" else "on the state of every step"
        if self.kind == "cotangent":
            return f"a random cotangent of length 1 {where}"
        name = "cross-entropy" if self.kind == "cross-entropy" else "squared error"
        return f"{name} of a random linear readout {where}"

    def on_the_last_step(self, why: str) -> Loss:
        """The same, sure to read the last step alone, or an ArgumentError that begins with the reason."""
        if self.at != "last":
            raise ArgumentError(f"{why}: give a loss at the last step.")
        return self

    def cotangents(self, h: Array, seed: int, targets: Array | None = None) -> tuple[Array, Array]:
        """dL/dh at the steps where the loss reads h.

        Parameters
        ----------
        h : array (T, B, …)
            States after each step: numbers, vectors or matrices.
        seed : int
            Of the cotangents, of V and of targets that are not given.
        targets : array of int (T, B), optional
            The class at each step, for the cross-entropy.

        Returns
        -------
        times : array of int (S,)
            Which steps, counted from 0.
        dh : array (S, B, …)
        """
        steps, batch = h.shape[:2]
        n, shape = int(np.prod(h.shape[2:])), h.shape[1:]
        times = np.arange(steps) if self.at == "every" else np.arange(max(steps - 1, 0), steps)
        generator = np.random.default_rng([seed, 0xC07A])
        if self.kind == "cotangent":
            drawn = generator.standard_normal((len(times), batch, n))
            unit = drawn / np.sqrt((drawn**2).sum(axis=-1, keepdims=True))
            return times, unit.astype(h.dtype).reshape(len(times), *shape)
        V = generator.standard_normal((self.outputs, n)) / np.sqrt(n)
        # einsum sums in one order; a BLAS may not, depending on its threads.
        y = np.einsum("tbn,kn->tbk", h[times].reshape(len(times), batch, n), V)
        if self.kind == "squared-error":
            residual = y - generator.standard_normal(y.shape)
        else:
            classes = generator.integers(0, self.outputs, size=y.shape[:2]) if targets is None else targets[times]
            weight = np.exp(y - y.max(axis=-1, keepdims=True))
            residual = weight / weight.sum(axis=-1, keepdims=True) - np.eye(self.outputs)[classes]
        return times, np.einsum("tbk,kn->tbn", residual, V).astype(h.dtype).reshape(len(times), *shape)

    def cotangents_before_padding(
        self, h: Array, lengths: Array, seed: int, targets: Array | None = None
    ) -> Array | tuple[Array, Array]:
        """dL/dh where sequences have lengths, behind which a state repeats: (B, …) at each end, or as `cotangents`."""
        if self.at == "every":
            return self.cotangents(h, seed, targets)
        last, own = np.maximum(lengths - 1, 0), np.arange(len(lengths))
        targets = None if targets is None else targets[last, own][None]
        return np.asarray(self.cotangents(h[last, own][None], seed, targets)[1][0])


def compared_state(cell: Cell) -> str:
    """The state on which cells are compared: h, or the first one of a cell without h.

    Of a cell with other cells in it and no h of its own, what the uppermost layer reads out.
    """
    states = list(cell.states)
    if not states:
        raise ArgumentError(f"cell {cell.name} has no state, so no gradient flows through time: give a recurrent cell.")
    if "h" not in states and re.search(r"^[ \t]*use ", cell.source, re.M):
        from gatedsym.calculus.layers import layers_of

        return layers_of(cell.recurrence)[-1].last[0]
    return "h" if "h" in states else states[0]


def read_loss(loss: str | Loss | Callable[[Any], Any], classes: int) -> Loss:
    """A Loss, or one of the kinds by name with its defaults: a cross-entropy tells all classes of the input apart.

    A function is a Loss by now: `gatedsym.flow.foreign` makes it one, before an analysis runs.
    """
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str) and loss == "cross-entropy":
        return Loss("cross-entropy", outputs=classes)
    return Loss(kind=loss)  # type: ignore[arg-type]
