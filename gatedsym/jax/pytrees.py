"""Parameters as `Cell.init` draws them → a pytree of jax: a dict of arrays by name, which keeps its sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jax.tree_util import DictKey, register_pytree_with_keys

from gatedsym.execution.initialisation import Parameters

_Form = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]


def _form_of(params: Parameters) -> _Form:
    return tuple(params), tuple(params.sizes.items())


def _with_keys(params: Parameters) -> tuple[list[tuple[Any, Any]], _Form]:
    return [(DictKey(name), array) for name, array in params.items()], _form_of(params)


def _without(params: Parameters) -> tuple[list[Any], _Form]:
    return [*params.values()], _form_of(params)


def _from(form: _Form, arrays: Sequence[Any]) -> Parameters:
    return Parameters(dict(zip(form[0], arrays, strict=True)), dict(form[1]))


register_pytree_with_keys(Parameters, _with_keys, _from, _without)
