"""Gradient through depth and time: the norm of dL/dh of every layer at every lag, for cells of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.flow.analyses.gradient_norm import LN10, cotangents_of
from gatedsym.flow.ensemble import Cells, Member, Networks, chrono_horizon, label, read_ensemble, why_no_flow
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss, read_loss
from gatedsym.flow.numerics.adjoints import median_over_sequences
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.calculus.layers import Layer
    from gatedsym.cells import Cell


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no depth to follow the gradient through, in a sentence, or ""."""
    if reason := why_no_flow(cell):
        return reason
    if cell.record is not None and not cell.record.uses:
        return f"{cell.name} is one cell: depth is that of cells with cells in them, such as gs.stack([…])."
    if len(_layers(cell)) < 2:
        return f"{cell.name} has states of one cell alone: depth is that of several, such as gs.stack([…])."
    return ""


@analysis(why_not_applicable, n=64, seeds=5, init="uniform", retention=(0.0, 1.0))
def depth(
    cells: Cells,
    x: Reading = "text",
    *,
    lags: int = 100,
    batch: int = 4,
    loss: str | Loss | Callable[[Any], Any] = "cotangent",
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Norm of the gradient with respect to the states of every layer, at every lag before the end.

    A network starts from its zero state and reads ``lags + 1`` steps; the loss is on what its uppermost layer reads
    out. A layer is a cell in the cell: of a stack each of those that were stacked, of a text each that it uses.

    Parameters
    ----------
    lags : int
        The longest lag.
    batch : int
        Sequences for each seed; a seed's value is their median.
    loss : Loss, str or callable
        By default a random cotangent of length 1 on the last state of the uppermost layer, whose trajectory a function
        gets; see `gradient_norm`.

    Returns
    -------
    xarray.Dataset
        ``log10_norm`` (cell, init, gain, retention, seed, layer, lag): log10 of the 2-norm of the total adjoint of what
        layer 1, 2, … from below reads out (h of an LSTM): it counts what passes through the layers above in the same
        step. -inf where it is exactly 0, NaN where the cell has no such layer or setting or its values are not finite.
        ``layer_name`` (cell, layer): the alias of the cell that the layer is, and the states that were measured.

    Raises
    ------
    ArgumentError
        For data that cannot be used (DataError), a size below 1, an unknown loss, or a cell without layers
        (`why_not_applicable`).

    References
    ----------
    Our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.depth(gs.stack(["rnn", "rnn"]), "noise", n=4, seeds=2, lags=10)
    >>> list(data)[:3]
    ['log10_norm', 'layer_name']
    """
    source = read_source(x)
    of = read_loss(loss, source.classes)
    lags, batch = source.lags_and_batch(lags, batch)
    ensemble = read_ensemble(
        cells, source, networks, horizon=chrono_horizon(lags), why_not_applicable=why_not_applicable, lags=lags,
        batch=batch,
    )  # fmt: skip
    layers = {cell.name: _layers(cell) for cell in ensemble.cells}
    count = max(map(len, layers.values()))
    values = ensemble.empty(count, lags + 1)
    for member, norms in ensemble.map(lambda member: _norms(member, layers[member.cell.name], of, lags, batch)):
        values[member.place][: len(norms)] = norms
    names = [[f"{k.name}: {', '.join(k.last)}" for k in own] + [""] * (count - len(own)) for own in layers.values()]
    data = xr.Dataset(
        {"log10_norm": ((*ensemble.axes, "layer", "lag"), values), "layer_name": (("cell", "layer"), names)},
        coords={**ensemble.axes, "layer": np.arange(1, count + 1), "lag": np.arange(lags + 1)},
        attrs={**ensemble.describe(of, batch=batch, lags=lags), "title": "gradient through depth and time"},
    )
    data.attrs["compared_states"] = [own[-1].last[0] for own in layers.values()]
    return label(
        data,
        (
            ("log10_norm", "log10 of the 2-norm of the gradient", "1"),
            ("layer_name", "alias of the cell that a layer is, and its states that were measured", "1"),
            ("layer", "layer from below", "1"),
            ("lag", "lag T - t before the last step", "step"),
        ),
    )


def _layers(cell: Cell) -> tuple[Layer, ...]:
    from gatedsym.calculus.layers import layers_of

    return layers_of(cell.recurrence)


def _norms(member: Member, layers: Sequence[Layer], loss: Loss, lags: int, batch: int) -> Array:
    """log10 norms (layer, lag) of one network, the median over its sequences."""
    driven, state = member.run(lags + 1, batch), layers[-1].last[0]
    cotangents = {state: cotangents_of(driven, state, loss, member.seed)}
    norms = member.cell.flow(driven.params, driven.run, cotangents).log_norm
    rows = []
    for layer in layers:
        squares = np.logaddexp.reduce([2 * np.asarray(norms[name]) for name in layer.last], axis=0)
        # Row t of a state is h_t: lag 0 is the last row.
        rows.append(median_over_sequences(squares[::-1][: lags + 1] / (2 * LN10)))
    return np.array(rows)
