"""One call of a watched module → copies of what it read and gave, and of the gradients that reach its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from gatedsym.errors import ArgumentError
from gatedsym.torch.reading import read_inputs, read_past
from gatedsym.torch.sequences import read_lengths, unpack
from gatedsym.torch.watching.modules import DIRECTIONS, WatchedModule, Weights, as_array
from gatedsym.typing import Array


@dataclass(kw_only=True)
class Call:
    """A call of a layer or a cell.

    Attributes
    ----------
    place : str
        The module's name in the model, with "#2" for its second use in a pass.
    order : int
        Of the calls of the watched model.
    of : WatchedModule
    weights : Weights
    inputs : dict of str to array
        (T, B, m); of a cell of steps (B, m).
    initial : dict of str to array
        (layers · directions, B, n); of a cell of steps (B, n).
    outputs : dict of str to array
        What torch gave: "output" (T, B, …) of a layer, and each state.
    cotangents : dict of str to array
        The gradients that have arrived, by the names of `outputs`.
    arrived : weak reference to a callable
        Which is told when a gradient has arrived.
    refused : str
        Why its gradients say nothing, or "".
    """

    place: str
    order: int
    of: WatchedModule
    weights: Weights
    inputs: Mapping[str, Array]
    initial: Mapping[str, Array]
    outputs: Mapping[str, Array]
    cotangents: dict[str, Array] = field(default_factory=dict)
    arrived: Callable[[], Callable[[Call], None] | None] = lambda: None
    refused: str = ""

    def receive(self, name: str, read: Callable[[Any], Array], gradient: Any) -> None:
        """Keep a gradient that has arrived; those of several backward passes add up."""
        if torch.is_grad_enabled():  # within a backward pass: it records itself
            self.refused = (
                f"{self.place}: a backward pass with create_graph=True reaches states on ways that inputs and outputs "
                "do not show; what it brings is left out. Take the penalty's backward pass in updates that are not "
                "watched."
            )
        arrived = read(gradient)
        known = self.cotangents.get(name)
        self.cotangents[name] = arrived if known is None else known + arrived
        if (announce := self.arrived()) is not None:
            announce(self)


@dataclass(frozen=True)
class SequenceLayout:
    """The arrangement of a layer's sequences: packed, without a batch, batch first or time first.

    Attributes
    ----------
    packed : PackedSequence, optional
        Whose sizes and order they have.
    batched, batch_first : bool
    dtype : torch.dtype
        Of the copies.
    """

    packed: Any
    batched: bool
    batch_first: bool
    dtype: Any

    def sequence(self, tensor: Any) -> Array:
        """(T, B, …), in the order in which a person gave the sequences; zero behind their ends."""
        if not self.batched:
            tensor = tensor.unsqueeze(1)
        elif self.batch_first and self.packed is None:
            tensor = tensor.transpose(0, 1)
        return self.time_first(tensor)

    def time_first(self, rows: Any) -> Array:
        """(T, B, …) from rows as torch's loops have them: packed ones, or time first."""
        rows = rows.detach()
        if self.packed is not None:
            rows, _ = pad_packed_sequence(PackedSequence(rows, *self.packed[1:]))
        return as_array(rows, self.dtype)

    def state(self, tensor: Any) -> Array:
        """(layers · directions, B, n)."""
        return as_array(tensor if self.batched else tensor.unsqueeze(1), self.dtype)


@dataclass(kw_only=True)
class LayerCall(Call):
    """A call of a layer that takes whole sequences.

    Attributes
    ----------
    layout : SequenceLayout
    lengths : array (B,) of int, optional
        Of packed sequences.
    random : tensor, optional
        The state of torch's generator before the call, from which masks of dropout follow.
    rows : tuple of int
        The shape of rows between layers, from which masks have theirs.
    of_masks : SequenceLayout
        In which these rows are.
    given_in : torch.dtype
        Of that output.
    """

    layout: SequenceLayout
    lengths: Array | None
    random: Any
    rows: tuple[int, ...]
    of_masks: SequenceLayout
    given_in: Any


@dataclass(kw_only=True)
class StepCall(Call):
    """A call of a cell: one step.

    Attributes
    ----------
    series : int
        Of the sequence to which it belongs.
    step : int
        Its number in that sequence, from 1.
    """

    series: int = 0
    step: int = 1


Arrived = Callable[[], Callable[[Call], None] | None]


def record_layer(
    of: WatchedModule, place: str, order: int, args: Any, output: Any, weights: Weights, random: Any, arrived: Arrived
) -> LayerCall:
    """A call of nn.LSTM, nn.GRU or nn.RNN, with hooks on its outputs that keep the gradients."""
    given, states = given_to(args)
    out, final = output
    packed = given if isinstance(given, PackedSequence) else None
    data, whole = (given, out) if packed is None else (given.data, out.data)
    layout = SequenceLayout(packed, packed is not None or data.ndim == 3, of.module.batch_first, of.precision)
    tensors = dict(zip(of.states, several(final), strict=True))
    rows = layout.sequence(whole)
    call = LayerCall(
        place=place, order=order, of=of, weights=weights, inputs={"x": layout.sequence(data)},
        initial={s: layout.state(t) for s, t in zip(of.states, several(states))},
        outputs={"output": rows} | {s: layout.state(t) for s, t in tensors.items()},
        layout=layout, lengths=None if packed is None else _lengths(packed), random=random,
        rows=rows.shape if packed is None else tuple(whole.shape), given_in=whole.dtype, of_masks=layout,
        arrived=arrived,
    )  # fmt: skip
    for key, tensor in {"output": whole, **tensors}.items():
        if tensor.requires_grad:
            read = layout.sequence if key == "output" else layout.state
            tensor.register_hook(partial(call.receive, key, read))
    return call


def record_own(
    of: WatchedModule, place: str, order: int, args: Any, output: Any, weights: Weights, random: Any, arrived: Arrived
) -> LayerCall:
    """A call of a `gatedsym.torch.Layer`, with hooks on its outputs that keep the gradients."""
    positional, named = args
    given = dict(zip(("x", "states", "lengths"), positional)) | dict(named)
    (y, final), x, lengths = output, given.get("x"), read_lengths(given.get("lengths"))
    packed, form, time_first = None, of.module.places[0].form, not of.module.batch_first
    if isinstance(x, PackedSequence):
        packed, time_first, (x, lengths), y = x, True, unpack(x), y.data
    layout, plain = (SequenceLayout(p, True, not time_first, of.precision) for p in (packed, None))
    rows = layout.sequence(y)
    inputs = read_inputs(form, x, of.precision, not time_first)
    past = read_past(form, given.get("states"), of.precision, rows.shape[1], of.layers * of.directions)
    call = LayerCall(
        place=place, order=order, of=of, weights=weights, layout=layout, random=random, arrived=arrived,
        inputs={name: as_array(tensor, of.precision) for name, tensor in inputs.items()},
        initial={name: as_array(tensor, of.precision) for name, tensor in past.items()},
        outputs={"output": rows} | {name: layout.state(tensor) for name, tensor in final.items()},
        lengths=None if lengths is None else np.asarray(lengths), rows=rows.shape, of_masks=plain, given_in=y.dtype,
    )  # fmt: skip
    for key, tensor in {"output": y, **final}.items():
        if tensor.requires_grad:
            tensor.register_hook(partial(call.receive, key, layout.sequence if key == "output" else layout.state))
    return call


def record_step(
    of: WatchedModule, place: str, order: int, args: Any, output: Any, weights: Weights, arrived: Arrived
) -> tuple[StepCall, Any]:
    """A call of nn.LSTMCell, nn.GRUCell or nn.RNNCell, and its outputs with hooks on them.

    The outputs are new views: their gradients are what comes from outside of the cell, wherever c' is used within.
    """
    given, states = given_to(args)

    def read(tensor: Any) -> Array:
        return as_array(tensor if tensor.ndim == 2 else tensor.unsqueeze(0), of.precision)

    tensors = dict(zip(of.states, (t.view_as(t) for t in several(output)), strict=True))
    call = StepCall(
        place=place, order=order, of=of, weights=weights, inputs={"x": read(given)}, arrived=arrived,
        initial={s: read(t) for s, t in zip(of.states, several(states))},
        outputs={s: read(t) for s, t in tensors.items()},
    )  # fmt: skip
    for key, tensor in tensors.items():
        if tensor.requires_grad:
            tensor.register_hook(partial(call.receive, key, read))
    views = tuple(tensors.values())
    return call, views if isinstance(output, tuple) else views[0]


def given_to(args: Any) -> tuple[Any, Any]:
    """Input and states of a call, given by place or by name."""
    positional, named = args
    given = dict(zip(("input", "hx"), positional)) | dict(named)
    if "input" not in given:
        raise ArgumentError("a watched module was called without an input: call it as torch's own is called.")
    return given["input"], given.get("hx")


def several(states: Any) -> tuple[Any, ...]:
    """State tensors in a row: none, one, or those of a tuple."""
    if states is None:
        return ()
    return tuple(states) if isinstance(states, tuple | list) else (states,)


def _lengths(packed: Any) -> Array:
    """Steps of each sequence, in the order in which a person gave them."""
    sizes = packed.batch_sizes.numpy()
    lengths = (sizes[:, None] > np.arange(sizes[0])).sum(axis=0)
    return lengths if packed.unsorted_indices is None else np.asarray(lengths[packed.unsorted_indices.cpu().numpy()])


def directions_of(call: LayerCall) -> Iterator[tuple[int, str]]:
    """Each direction of a layer, with its number."""
    yield from enumerate(DIRECTIONS[: call.of.directions])
