"""The recurrence as an operator of torch, which `torch.compile` takes into a graph whole; first derivatives alone.

A graph holds tensors, numbers and texts: so a call names its cell and sizes by a key, a hash of both; and what it
leaves for its derivative hangs on a tensor, the ticket, that it gives beside its results. Where the ticket reaches the
backward operator in other memory, because a graph copied it, the cell runs again.

Nothing passes in silence: forward mode, transforms of torch.func and second derivatives say that the layer has them
when it is called by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

import numpy as np
import torch
from torch.autograd import forward_ad

from gatedsym.errors import GatedsymError
from gatedsym.torch.arrays import array_of
from gatedsym.torch.call import Call
from gatedsym.torch.form import Form
from gatedsym.torch.functions import numbers_of, spread

Maybe: TypeAlias = "torch.Tensor | None"

_FORMS: dict[str, Form] = {}
_LIBRARY = torch.library.Library("gatedsym", "DEF")
_TAKEN = "str key, Tensor?[] tensors, Tensor? lengths, SymInt steps, SymInt batch"
_LIBRARY.define(f"recurrence({_TAKEN}, bool keep) -> Tensor[]")
_LIBRARY.define(f"recurrence_backward({_TAKEN}, Tensor?[] cotangents, Tensor ticket, int[] wanted) -> Tensor[]")


class _Ticket(np.ndarray):
    """The memory of a ticket, which has the call."""

    call: Call


_TICKETS: WeakValueDictionary[int, _Ticket] = WeakValueDictionary()
"""By address; each lives as long as a tensor has its memory."""


def _write_ticket(call: Call) -> torch.Tensor:
    """A tensor on whose memory the call hangs."""
    ticket = np.zeros(1, np.uint8).view(_Ticket)
    ticket.call = call
    _TICKETS[ticket.ctypes.data] = ticket
    return torch.from_numpy(ticket)


def _call_of(ticket: torch.Tensor) -> Call | None:
    """The call that hangs on a ticket, or None if it is a copy."""
    found = _TICKETS.get(ticket.data_ptr())
    return None if found is None else found.call


class CompiledLayerError(GatedsymError, NotImplementedError):
    """A derivative that a layer in a graph does not offer."""


def register(form: Form) -> None:
    """Make a form known to the operator, by its key."""
    _FORMS[form.key] = form


def run_operator(
    form: Form, tensors: Sequence[Maybe], lengths: Maybe, steps: int | None, batch: int | None
) -> list[torch.Tensor]:
    """Results as `functions.Recurrence` gives them, of a call that a graph can hold."""
    keep = torch.is_grad_enabled() and any(tensor is not None and tensor.requires_grad for tensor in tensors)
    *found, _ = torch.ops.gatedsym.recurrence(form.key, tensors, lengths, steps or 0, batch or 0, keep)
    return found


def _refuse(what: str) -> CompiledLayerError:
    return CompiledLayerError(
        f"gt.Layer in a graph, of torch.compile or make_fx, has first derivatives in reverse mode and no {what}: "
        "call the layer itself, or put torch.compiler.disable(layer) in the model that is compiled."
    )


def _call(key: str, lengths: Maybe, steps: int, batch: int, keep: bool) -> Call:
    """A call whose run has copies: a graph may put other things in the memory of what it can compute again."""
    form = _FORMS[key]
    counts = {} if form.inputs else {"steps": steps, "batch": batch}
    return Call(form, keep, array_of(lengths), **counts, lent=False)


def _compute(key: str, tensors: list[Maybe], lengths: Maybe, steps: int, batch: int, keep: bool) -> list[torch.Tensor]:
    if forward_ad._current_level >= 0:  # torch.compile drops tangents that come with its inputs, and says nothing
        raise _refuse("forward mode")
    call = _call(key, lengths, steps, batch, keep)
    return [*call.forward(tensors), _write_ticket(call)]


def _compute_backward(
    key: str,
    tensors: list[Maybe],
    lengths: Maybe,
    steps: int,
    batch: int,
    cotangents: list[Maybe],
    ticket: torch.Tensor,
    wanted: list[int],
) -> list[torch.Tensor]:
    call = _call_of(ticket) or _call(key, lengths, steps, batch, True)
    found = call.backward(tensors, cotangents, wanted)
    return [tensor.contiguous() for tensor in found]


def _fake(key: str, tensors: list[Maybe], lengths: Maybe, steps: Any, batch: Any, keep: bool) -> list[torch.Tensor]:
    """Empty tensors in the shapes of the results."""
    form = _FORMS[key]
    first = len(form.families)
    inputs = tensors[first : first + len(form.inputs)]
    if inputs:
        assert inputs[0] is not None
        steps, batch = inputs[0].shape[:2]
    like = next(tensor for tensor in (*tensors[:first], *tensors[::-1]) if tensor is not None)
    found = [like.new_empty((steps, batch, *form.shapes[name])) for name in form.readout]
    for name in form.states:
        lead = (form.delays[name], batch) if form.delays[name] > 1 else (batch,)
        found.append(like.new_empty((*lead, *form.shapes[name])))
    return [*found, like.new_empty((1,), dtype=torch.uint8)]


def _fake_backward(
    key: str,
    tensors: list[Maybe],
    lengths: Maybe,
    steps: Any,
    batch: Any,
    cotangents: list[Maybe],
    ticket: torch.Tensor,
    wanted: list[int],
) -> list[torch.Tensor]:
    taken = [tensors[number] for number in wanted]
    return [tensor.new_empty(tensor.shape) for tensor in taken if tensor is not None]


class _Recurrence(torch.autograd.Function):
    """The operator, with its gradient."""

    @staticmethod
    def forward(
        key: str, lengths: Maybe, steps: int, batch: int, keep: bool, *tensors: Maybe
    ) -> tuple[torch.Tensor, ...]:
        with torch._C._AutoDispatchBelowAutograd():
            return tuple(torch.ops.gatedsym.recurrence(key, list(tensors), lengths, steps, batch, keep))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        ctx.set_materialize_grads(False)
        ctx.key, lengths, ctx.steps, ctx.batch, _, *tensors = inputs
        ctx.mark_non_differentiable(output[-1])
        ctx.save_for_backward(lengths, output[-1], *tensors)

    @staticmethod
    def backward(ctx: Any, *cotangents: Maybe) -> tuple[Maybe, ...]:
        lengths, ticket, *tensors = ctx.saved_tensors
        wanted, given = numbers_of(ctx.needs_input_grad[5:]), list(cotangents[:-1])
        if all(cotangent is None for cotangent in given):
            return (None,) * (5 + len(tensors))
        found = torch.ops.gatedsym.recurrence_backward(
            ctx.key, tensors, lengths, ctx.steps, ctx.batch, given, ticket, list(wanted)
        )
        return (None,) * 5 + tuple(spread(len(tensors), wanted, found))

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        raise _refuse("forward mode")


class _Gradient(torch.autograd.Function):
    """The backward operator, which has no derivative."""

    @staticmethod
    def forward(number: int, *args: Any) -> tuple[torch.Tensor, ...]:
        key, lengths, steps, batch, ticket, wanted, *tensors = args
        with torch._C._AutoDispatchBelowAutograd():
            return tuple(
                torch.ops.gatedsym.recurrence_backward(
                    key, tensors[number:], lengths, steps, batch, tensors[:number], ticket, wanted
                )
            )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *cotangents: Maybe) -> Any:
        raise _refuse("second derivatives")

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        raise _refuse("forward mode")


def _differentiable(
    key: str, tensors: list[Maybe], lengths: Maybe, steps: int, batch: int, keep: bool
) -> list[torch.Tensor]:
    if torch._C._are_functorch_transforms_active():
        raise _refuse("transforms of torch.func")
    return list(_Recurrence.apply(key, lengths, steps, batch, keep, *tensors))


def _differentiable_backward(
    key: str,
    tensors: list[Maybe],
    lengths: Maybe,
    steps: int,
    batch: int,
    cotangents: list[Maybe],
    ticket: torch.Tensor,
    wanted: list[int],
) -> list[torch.Tensor]:
    return list(_Gradient.apply(len(cotangents), key, lengths, steps, batch, ticket, wanted, *cotangents, *tensors))


def _mapped(*args: Any) -> Any:
    raise _refuse("vmap")


for _name, _kernels in {
    "recurrence": (_compute, _differentiable, _fake),
    "recurrence_backward": (_compute_backward, _differentiable_backward, _fake_backward),
}.items():
    _LIBRARY.impl(_name, _kernels[0], "CPU")
    _LIBRARY.impl(_name, _kernels[1], "Autograd")
    _LIBRARY.impl(_name, _mapped, "FuncTorchBatched")
    torch.library.register_fake(f"gatedsym::{_name}", _kernels[2], lib=_LIBRARY)
