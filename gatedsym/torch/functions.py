"""The recurrence as functions that torch differentiates: values, gradients, derivatives along directions, products.

Each derivative is a function again, until `Product`: the gradient's gradient and its derivative along a direction are
the Hessian–vector product of the cell, in reverse mode, in forward mode, and in one over the other. Beyond it a
sentence says that there is no more; nothing is zero because nobody wrote it.

What a run leaves for derivatives hangs on a tensor that is saved like any other: so it goes when torch frees what is
saved, and a checkpoint that drops and computes again what is saved does so with the run too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch.autograd import forward_ad

from gatedsym.errors import GatedsymError
from gatedsym.torch.call import Call

Ctx = Any
Maybe: TypeAlias = "torch.Tensor | None"


class ThirdOrderError(GatedsymError, NotImplementedError):
    """A derivative beyond the second, which is not offered."""


def is_watched() -> bool:
    """Whether a transform of torch.func or a level of forward mode is active, so that any tensor may carry more."""
    return bool(torch._C._are_functorch_transforms_active()) or forward_ad._current_level >= 0


def _token(call: Call) -> torch.Tensor:
    """A tensor on which the call hangs."""
    token = torch.empty(0)
    token.call = call
    return token


def _save(ctx: Ctx, call: Call, *tensors: Maybe) -> None:
    ctx.set_materialize_grads(False)
    ctx.form_of_call = call.anew()
    kept = (_token(call), *tensors)
    ctx.save_for_backward(*kept)
    ctx.save_for_forward(*kept)


def _saved(ctx: Ctx) -> tuple[Call, tuple[Maybe, ...]]:
    """The call, and the tensors saved behind it; a call that a hook on saved tensors lost is made anew."""
    token, *tensors = ctx.saved_tensors
    return getattr(token, "call", None) or ctx.form_of_call.anew(), tuple(tensors)


def numbers_of(needed: Sequence[bool]) -> tuple[int, ...]:
    """The numbers of what is needed."""
    return tuple(number for number, wanted in enumerate(needed) if wanted)


def spread(count: int, numbers: Sequence[int], found: Sequence[Maybe]) -> list[Maybe]:
    """So many places, those of some numbers filled."""
    places: list[Maybe] = [None] * count
    for number, value in zip(numbers, found, strict=True):
        places[number] = value
    return places


def _present(tensors: Sequence[Maybe]) -> tuple[tuple[int, ...], list[torch.Tensor]]:
    """Numbers of the tensors that are there, and the tensors."""
    numbers = numbers_of([tensor is not None for tensor in tensors])
    return numbers, [tensor for tensor in tensors if tensor is not None]


def _in_sequence(
    apply: Callable[..., tuple[torch.Tensor, ...]], size: int, dims: Sequence[Any], args: Sequence[Any], primals: slice
) -> tuple[Any, Any]:
    """Results for each entry of a mapped axis, one after the other; where only cotangents have it, of one run."""
    call: Call = args[0]
    alone = any(dim is not None for dim in dims[primals])
    found = []
    for n in range(size):
        taken = [
            arg.select(dim, n) if isinstance(dim, int) else arg for arg, dim in zip(args[1:], dims[1:], strict=True)
        ]
        found.append(apply(call.part(n) if alone else call, *taken))
    return tuple(torch.stack(rows) for rows in zip(*found, strict=True)), 0


def _keep(ctx: Ctx, call: Call, tensors: Sequence[Maybe], results: Sequence[torch.Tensor]) -> None:
    """Save what derivatives read; the run reads what is read out: so that may not be overwritten unnoticed."""
    _save(ctx, call, *tensors, *results[: len(call.form.readout)])


class Recorded(torch.autograd.Function):
    """(call, *tensors) → what is read out, and the last states; see `Form`. For reverse mode outside of transforms.

    Torch calls it with less ado than `Recurrence`, which transforms of torch.func and forward mode need.
    """

    @staticmethod
    def forward(ctx: Ctx, call: Call, *tensors: Maybe) -> tuple[torch.Tensor, ...]:
        found = call.forward(tensors)
        _keep(ctx, call, tensors, found)
        return found

    @staticmethod
    def backward(ctx: Ctx, *cotangents: Maybe) -> tuple[Maybe, ...]:
        return Recurrence.backward(ctx, *cotangents)


class Recurrence(torch.autograd.Function):
    """(call, *tensors) → what is read out, and the last states; see `Form`."""

    @staticmethod
    def forward(call: Call, *tensors: Maybe) -> tuple[torch.Tensor, ...]:
        return call.forward(tensors)

    @staticmethod
    def setup_context(ctx: Ctx, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        call, *tensors = inputs
        _keep(ctx, call, tensors, output)

    @staticmethod
    def backward(ctx: Ctx, *cotangents: Maybe) -> tuple[Maybe, ...]:
        call, saved = _saved(ctx)
        tensors = saved[: len(call.form.places)]
        wanted = numbers_of(ctx.needs_input_grad[1:])
        if not wanted or all(cotangent is None for cotangent in cotangents):
            return (None,) * (1 + len(tensors))
        if torch.is_grad_enabled() or is_watched():
            found = Reverse.apply(call, wanted, *cotangents, *tensors)
        else:
            found = call.backward(tensors, cotangents, wanted)
        return (None, *spread(len(tensors), wanted, found))

    @staticmethod
    def jvp(ctx: Ctx, _: None, *tangents: Maybe) -> Any:
        call, saved = _saved(ctx)
        moved, given = _present(tangents)
        return Along.apply(call, moved, *given, *saved[: len(call.form.places)])

    @staticmethod
    def vmap(info: Any, in_dims: Any, call: Call, *tensors: Maybe) -> tuple[Any, Any]:
        return _in_sequence(Recurrence.apply, info.batch_size, in_dims, (call, *tensors), slice(1, None))


class Reverse(torch.autograd.Function):
    """(call, wanted, *cotangents, *tensors) → the gradients of the tensors that are wanted, by their numbers."""

    @staticmethod
    def forward(call: Call, wanted: tuple[int, ...], *args: Maybe) -> tuple[torch.Tensor, ...]:
        count = len(call.form.results)
        return call.backward(args[count:], args[:count], wanted)

    @staticmethod
    def setup_context(ctx: Ctx, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        call, ctx.wanted, *args = inputs
        _save(ctx, call, *args)

    @staticmethod
    def backward(ctx: Ctx, *directions: Maybe) -> tuple[Maybe, ...]:
        call, args = _saved(ctx)
        count = len(call.form.results)
        needed = ctx.needs_input_grad[2:]
        results, wanted = numbers_of(needed[:count]), numbers_of(needed[count:])
        numbers, given = _present(directions)
        if not given:
            return (None,) * (2 + len(args))
        moved = tuple(ctx.wanted[n] for n in numbers)
        found = Product.apply(call, moved, wanted, results, *given, *args)
        of_results = spread(count, results, found[len(wanted) :])
        return (None, None, *of_results, *spread(len(args) - count, wanted, found[: len(wanted)]))

    @staticmethod
    def jvp(ctx: Ctx, _: None, __: None, *tangents: Maybe) -> Any:
        call, args = _saved(ctx)
        count, wanted = len(call.form.results), ctx.wanted
        total: tuple[torch.Tensor, ...] = ()
        if any(tangent is not None for tangent in tangents[:count]):
            total = Reverse.apply(call, wanted, *tangents[:count], *args[count:])
        moved, given = _present(tangents[count:])
        if given:
            further = Product.apply(call, moved, wanted, (), *given, *args)
            total = tuple(a + b for a, b in zip(total, further, strict=True)) if total else further
        return total

    @staticmethod
    def vmap(info: Any, in_dims: Any, call: Call, wanted: tuple[int, ...], *args: Maybe) -> tuple[Any, Any]:
        primals = slice(2 + len(call.form.results), None)
        return _in_sequence(Reverse.apply, info.batch_size, in_dims, (call, wanted, *args), primals)


class Along(torch.autograd.Function):
    """(call, moved, *tangents, *tensors) → the derivatives of all results along tangents of the tensors that move."""

    @staticmethod
    def forward(call: Call, moved: tuple[int, ...], *args: Maybe) -> tuple[torch.Tensor, ...]:
        return call.along(args[len(moved) :], moved, args[: len(moved)])

    @staticmethod
    def setup_context(ctx: Ctx, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        call, ctx.moved, *args = inputs
        _save(ctx, call, *args)

    @staticmethod
    def backward(ctx: Ctx, *cotangents: Maybe) -> tuple[Maybe, ...]:
        call, args = _saved(ctx)
        count = len(ctx.moved)
        tangents, tensors = args[:count], args[count:]
        if all(cotangent is None for cotangent in cotangents):
            return (None,) * (2 + len(args))
        needed = ctx.needs_input_grad[2:]
        numbers, wanted = numbers_of(needed[:count]), numbers_of(needed[count:])
        back, further = (), ()
        if numbers:
            back = Reverse.apply(call, tuple(ctx.moved[n] for n in numbers), *cotangents, *tensors)
        if wanted:
            further = Product.apply(call, ctx.moved, wanted, (), *tangents, *cotangents, *tensors)
        return (None, None, *spread(count, numbers, back), *spread(len(tensors), wanted, further))

    @staticmethod
    def jvp(ctx: Ctx, *tangents: Any) -> Any:
        raise ThirdOrderError(
            "gt.Layer has no forward mode over forward mode: take forward over reverse, "
            "torch.func.jacfwd(torch.func.grad(f)), or reverse over forward."
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, call: Call, moved: tuple[int, ...], *args: Maybe) -> tuple[Any, Any]:
        primals = slice(2 + len(moved), None)
        return _in_sequence(Along.apply, info.batch_size, in_dims, (call, moved, *args), primals)


class Product(torch.autograd.Function):
    """(call, moved, wanted, results, *directions, *cotangents, *tensors) → Hessian products, and results' derivatives.

    For the tensors that are wanted the derivative of their gradient along the directions of those that move; then the
    derivatives of some results along these.
    """

    @staticmethod
    def forward(
        call: Call, moved: tuple[int, ...], wanted: tuple[int, ...], results: tuple[int, ...], *args: Maybe
    ) -> tuple[torch.Tensor, ...]:
        first, last = len(moved), len(moved) + len(call.form.results)
        return call.product(args[last:], args[first:last], moved, args[:first], wanted, results)

    @staticmethod
    def setup_context(ctx: Ctx, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Ctx, *cotangents: Maybe) -> Any:
        raise ThirdOrderError(_NO_THIRD)

    @staticmethod
    def jvp(ctx: Ctx, *tangents: Any) -> Any:
        raise ThirdOrderError(_NO_THIRD)

    @staticmethod
    def vmap(
        info: Any, in_dims: Any, call: Call, moved: tuple[int, ...], wanted: Any, results: Any, *args: Maybe
    ) -> tuple[Any, Any]:
        primals = slice(4 + len(moved) + len(call.form.results), None)
        return _in_sequence(Product.apply, info.batch_size, in_dims, (call, moved, wanted, results, *args), primals)


_NO_THIRD = (
    "gt.Layer has first and second derivatives, and no third: take the third by differences of second ones, "
    "or detach what need not be differentiated."
)
