"""Arguments of a layer → tensors by name, (T, B, …), of the parameters' type; or a sentence."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch

from gatedsym.errors import ArgumentError, PrecisionWarning
from gatedsym.torch.form import Form

_TYPES = (torch.float32, torch.float64)


def check_parameters(name: str, tensor: torch.Tensor) -> None:
    """Refuse parameters of another type or device than kernels compute with.

    Raises
    ------
    ArgumentError
    """
    if tensor.device.type != "cpu":
        raise ArgumentError(f"{name} is on {tensor.device}; gt.Layer computes on the CPU: move it, layer.to('cpu').")
    if tensor.dtype not in _TYPES:
        raise ArgumentError(
            f"{name} is {_word(tensor.dtype)}; gt.Layer computes in float32 and float64: convert it, layer.float(). "
            "Inputs of float16 and bfloat16 are taken, and computed in float32."
        )


def read_inputs(form: Form, x: Any, dtype: torch.dtype, batch_first: bool) -> dict[str, torch.Tensor]:
    """The inputs of a cell by name, (T, B, …)."""
    pairs = form.pairs
    found: dict[str, torch.Tensor] = {}
    for name, tensor in _by_name(form, x).items():
        if not isinstance(tensor, torch.Tensor):
            raise ArgumentError(f"{name} is a {type(tensor).__name__}; give a tensor, torch.as_tensor({name}).")
        tensor = tensor.transpose(0, 1) if batch_first and tensor.ndim >= 2 else tensor
        if name in pairs:
            found |= dict(zip(pairs[name], _parts(tensor), strict=True))
        else:
            found[name] = tensor
    _require_names("x", found, form.inputs, form)
    found = {name: _fitted(name, found[name], dtype, form.shapes[name], batch_first, form) for name in form.inputs}
    if len({tensor.shape[:2] for tensor in found.values()}) > 1:
        leads = ", ".join(f"{name} {tuple(tensor.shape[:2])}" for name, tensor in found.items())
        raise ArgumentError(f"inputs differ in (T, B): {leads}; give as many steps and sequences of each.")
    return found


def read_past(form: Form, states: Any, dtype: torch.dtype, batch: int, places: int) -> dict[str, torch.Tensor]:
    """The initial states of all layers and directions by name, (places, B, …), those that are given."""
    if states is None:
        return {}
    if not isinstance(states, Mapping):
        raise ArgumentError(
            f"states is a {type(states).__name__}; give a dict of tensors by name, as the layer returned it: "
            f"{', '.join(form.delays) or 'this cell has none'}."
        )
    found: dict[str, torch.Tensor] = {}
    pairs = form.pairs
    for name, tensor in states.items():
        parts = pairs.get(name, (name,)) if isinstance(name, str) else (name,)
        found |= dict(zip(parts, _parts(tensor) if name in pairs else (tensor,), strict=True))
    for name, tensor in found.items():
        if name not in form.delays:
            raise ArgumentError(f"states has {name!r}; {form.cell.name} has {', '.join(form.delays) or 'none'}.")
        title = f"states[{name!r}]"
        if not isinstance(tensor, torch.Tensor):
            raise ArgumentError(f"{title} is a {type(tensor).__name__}; give a tensor, torch.as_tensor.")
        delay, own = form.delays[name], form.shapes[name]
        needed = (places, *((delay,) if delay > 1 else ()), batch, *own)
        if tensor.shape != needed:
            raise ArgumentError(f"{title} has shape {tuple(tensor.shape)}; it must be {needed}.")
        found[name] = _converted(title, tensor, dtype)
    return found


def _by_name(form: Form, x: Any) -> Mapping[str, Any]:
    if x is None:
        return {}
    if isinstance(x, Mapping):
        return x
    inputs = form.inputs
    whole = next((name for name, pair in form.pairs.items() if pair == inputs), None)
    if len(inputs) != 1 and whole is None:
        raise ArgumentError(
            f"x: {form.cell.name} has the inputs {', '.join(inputs) or '(none)'}; pass a dict of tensors by name."
            if inputs
            else f"x is given, but {form.cell.name} has no input: leave it out, and pass steps= and batch=."
        )
    return {whole or inputs[0]: x}


def _require_names(what: str, found: Mapping[str, Any], names: tuple[str, ...], form: Form) -> None:
    for name in sorted(set(found) ^ set(names), key=str):
        how = f"lacks {name!r}" if name in names else f"has {name!r}"
        raise ArgumentError(f"{what} {how}; the inputs of {form.cell.name} are {', '.join(names) or '(none)'}.")


def _fitted(
    name: str, tensor: torch.Tensor, dtype: torch.dtype, own: tuple[int, ...], batch_first: bool, form: Form
) -> torch.Tensor:
    shape = tuple(tensor.shape)
    if len(shape) != 2 + len(own) or shape[2:] != own:
        seen = (shape[1], shape[0], *shape[2:]) if batch_first and len(shape) >= 2 else shape
        lead = "B, T" if batch_first else "T, B"
        needed = ", ".join((lead, *map(str, own)))
        raise ArgumentError(f"{name} has shape {seen}; it must be ({needed}), as {form.cell.name} has these sizes.")
    return _converted(name, tensor, dtype)


def _parts(tensor: Any) -> tuple[Any, Any]:
    """The real and the imaginary part."""
    if not isinstance(tensor, torch.Tensor) or not tensor.is_complex():
        return tensor, torch.zeros_like(tensor)
    return tensor.real, tensor.imag


def _converted(name: str, tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """The tensor in the parameters' type; integers stay, and are looked at where they are read."""
    if tensor.device.type != "cpu":
        raise ArgumentError(f"{name} is on {tensor.device}; gt.Layer computes on the CPU: move it, {name}.cpu().")
    if tensor.dtype == dtype or not (tensor.is_floating_point() or tensor.is_complex()):
        return tensor
    if tensor.is_complex():
        raise ArgumentError(f"{name} is {_word(tensor.dtype)}, and real numbers are needed: give {name}.real.")
    _say(name, tensor.dtype, dtype)
    return tensor.to(dtype)


def _say(name: str, given: torch.dtype, dtype: torch.dtype) -> None:
    """Say, once for each line of a program that calls, that a tensor is converted."""
    warnings.warn(
        f"{name} is {_word(given)} and the parameters are {_word(dtype)}: gt.Layer computes in {_word(dtype)} and "
        f"converts {name} at every call; {name}.to(torch.{_word(dtype)}) says so in the program",
        PrecisionWarning,
        stacklevel=5,
    )


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
