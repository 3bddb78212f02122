"""The generator's own trees: what a random cell computes, as text to type and as NumPy arrays. Nothing of the engine.

A value has two leading axes, perturbations and sequences, in front of its own. Arithmetic is complex, so that a step
of 1e-30 along the imaginary axis gives a derivative to all digits; what branches, branches on the real part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import erf

Shape = tuple[str, ...]
"""Names of dimensions; ``n+m`` is an axis of two stacked ones."""

Array = np.ndarray[Any, Any]
LEAD = 2


class KinkError(Exception):
    """A point at which a derivative has two sides."""


@dataclass(frozen=True)
class Node:
    """An expression.

    Attributes
    ----------
    op : str
        A key of `OPERATIONS`.
    args : tuple of Node
    shape : tuple of str
    text : str
        Of a leaf: the name or the number; of a function its name; of an index form its own text.
    """

    op: str
    args: tuple[Node, ...]
    shape: Shape
    text: str = ""

    def names(self) -> Iterator[str]:
        """The names that it reads."""
        if self.op == "name":
            yield self.text
        for arg in self.args:
            yield from arg.names()

    def written(self) -> str:
        """What a person types."""
        return OPERATIONS[self.op].written(self, [a.written() for a in self.args])

    def value(self, known: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
        """Its value from those of names."""
        if self.op == "name":
            return known[self.text]
        return OPERATIONS[self.op].value(self, [a.value(known, sizes) for a in self.args], sizes)

    def with_args(self, args: tuple[Node, ...]) -> Node:
        return replace(self, args=args)


@dataclass(frozen=True)
class Operation:
    """How a kind of node is written and computed."""

    written: Callable[[Node, list[str]], str]
    value: Callable[[Node, list[Array], Mapping[str, int]], Array]


def length(axis: str, sizes: Mapping[str, int]) -> int:
    """The length of an axis."""
    return sum(sizes[d] if d in sizes else int(d) for d in axis.split("+"))


def _apart(distance: Array) -> None:
    if distance.size and not np.min(np.abs(distance)) > 1e-7:
        raise KinkError


def _positive(x: Array, kink: float = 0.0) -> Array:
    _apart(x.real - kink)
    return np.asarray(x.real > kink)


def _absolute(x: Array) -> Array:
    return np.where(_positive(x), x, -x)


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _clipped(x: Array) -> Array:
    return np.where(_positive(x), np.where(_positive(x, 1.0), 1, x), 0)


def _floor(x: Array) -> Array:
    _apart(x.real - np.round(x.real))
    return np.floor(x.real) + 0j


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "exp": np.exp,
    "sin": np.sin,
    "cos": np.cos,
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "log_sigmoid": lambda x: -np.log(1 + np.exp(-x)),
    "softsign": lambda x: x / (1 + _absolute(x)),
    "step": lambda x: _positive(x) + 0j,
    "floor": _floor,
    "abs": _absolute,
    "relu": lambda x: np.where(_positive(x), x, 0),
    "hard_sigmoid": lambda x: _clipped(x / 6 + 0.5),
    "hard_sigmoid_02": lambda x: _clipped(0.2 * x + 0.5),
    "elu": lambda x: np.where(_positive(x), x, np.exp(x) - 1),
    "erf": erf,
    "atan": np.arctan,
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "gelu_tanh": lambda x: x * _sigmoid(2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)),
}
"""The functions of the language, each from its definition."""


def _axes(node: Node) -> tuple[int, ...]:
    return tuple(range(-len(node.args[0].shape), 0))


def _largest(x: Array, axes: tuple[int, ...], sign: int = 1) -> Array:
    flat = sign * x.reshape((*x.shape[: x.ndim - len(axes)], -1))
    order = np.sort(flat.real, axis=-1)
    _apart(order[..., -1] - order[..., -2] if flat.shape[-1] > 1 else order[..., -1] + np.inf)
    return sign * np.take_along_axis(flat, np.argmax(flat.real, axis=-1)[..., None], -1)[..., 0]


def _raised(x: Array, node: Node) -> Array:
    """Numbers have no axes of their own; beside an array they take one of length 1 for each of its axes."""
    return x if x.ndim == LEAD + len(node.shape) else x.reshape((*x.shape, *(1,) * len(node.shape)))


def _both(compute: Callable[[Array, Array], Array]) -> Callable[[Node, list[Array], Mapping[str, int]], Array]:
    return lambda node, args, _: compute(_raised(args[0], node), _raised(args[1], node))


def _larger(a: Array, b: Array) -> Array:
    _apart(a.real - b.real)
    return np.where(a.real > b.real, a, b)


def _smaller(a: Array, b: Array) -> Array:
    _apart(a.real - b.real)
    return np.where(a.real < b.real, a, b)


def _product(a: Array, b: Array) -> Array:
    if a.ndim == LEAD + 1 and b.ndim == LEAD + 1:
        return np.einsum("...i,...i->...", a, b)
    if a.ndim == LEAD + 1:
        return np.einsum("...i,...ij->...j", a, b)
    return np.einsum("...ij,...j->...i" if b.ndim == LEAD + 1 else "...ij,...jk->...ik", a, b)


def _stacked(node: Node, args: list[Array], sizes: Mapping[str, int]) -> Array:
    lead = np.broadcast_shapes(*(a.shape[:LEAD] for a in args))
    parts = [a[..., None] if a.ndim == LEAD else a for a in args]
    return np.concatenate([np.broadcast_to(p, (*lead, p.shape[-1])) for p in parts], axis=-1)


def _index_form(node: Node, args: list[Array], sizes: Mapping[str, int]) -> Array:
    subscripts = node.text.split("|")[1]
    before, after = subscripts.split("->")
    return np.einsum(",".join(f"...{s}" for s in before.split(",")) + f"->...{after}", *args)


def _number(node: Node, args: list[Array], sizes: Mapping[str, int]) -> Array:
    return np.full((1, 1), float(node.text), dtype=complex)


def _entrywise(function: str, node: Node) -> str:
    """How a function is written: of a matrix ``exp.``, where the matrix's own would be another thing."""
    dotted = len(node.shape) == 2 and function in ("exp", "log", "sin", "cos", "sqrt")
    return f"{function}." if dotted else function


def _quotient(node: Node, args: list[str]) -> str:
    return f"({args[0]} {'./' if len(node.args[1].shape) == 2 else '/'} {args[1]})"


def _binary(sign: str, compute: Callable[[Array, Array], Array]) -> Operation:
    return Operation(lambda _, a: f"({a[0]} {sign} {a[1]})", _both(compute))


def _call(name: str, value: Callable[[Node, list[Array], Mapping[str, int]], Array]) -> Operation:
    return Operation(lambda _, a: f"{name}({', '.join(a)})", value)


def _transposed(node: Node, args: list[Array], sizes: Mapping[str, int]) -> Array:
    return args[0] if len(node.shape) == 1 else np.swapaxes(args[0], -1, -2)


def _mean(node: Node, args: list[Array], sizes: Mapping[str, int]) -> Array:
    return np.mean(args[0], axis=_axes(node))


OPERATIONS: dict[str, Operation] = {
    "name": Operation(lambda node, _: node.text, lambda node, a, s: a[0]),
    "number": Operation(lambda node, _: node.text, _number),
    "+": _binary("+", lambda a, b: a + b),
    "-": _binary("-", lambda a, b: a - b),
    "*": _binary("*", lambda a, b: a * b),
    "/": Operation(_quotient, _both(lambda a, b: a / b)),
    "@": Operation(lambda _, a: f"({a[0]} @ {a[1]})", lambda node, a, s: _product(*a)),
    "minus": Operation(lambda _, a: f"(-{a[0]})", lambda node, a, s: -a[0]),
    "power": Operation(lambda node, a: f"({a[0]})**{node.text}", lambda node, a, s: a[0] ** int(node.text)),
    "root": Operation(lambda node, a: f"{_entrywise('sqrt', node)}({a[0]})", lambda node, a, s: np.sqrt(a[0])),
    "log": Operation(lambda node, a: f"{_entrywise('log', node)}({a[0]})", lambda node, a, s: np.log(a[0])),
    "function": Operation(
        lambda node, a: f"{_entrywise(node.text, node)}({a[0]})", lambda node, a, s: FUNCTIONS[node.text](a[0])
    ),
    ".T": Operation(lambda _, a: f"({a[0]}).T", _transposed),
    "outer": _call("outer", lambda node, a, s: a[0][..., :, None] * a[1][..., None, :]),
    "dot": _call("dot", lambda node, a, s: np.sum(a[0] * a[1], axis=_axes(node))),
    "sum": _call("sum", lambda node, a, s: np.sum(a[0], axis=_axes(node))),
    "mean": _call("mean", _mean),
    "largest": _call("max", lambda node, a, s: _largest(a[0], _axes(node))),
    "smallest": _call("min", lambda node, a, s: _largest(a[0], _axes(node), -1)),
    "max": _call("max", _both(_larger)),
    "min": _call("min", _both(_smaller)),
    "stack": Operation(lambda _, a: f"[{'; '.join(a)}]", _stacked),
    "index form": Operation(lambda node, a: node.text.split("|")[0], _index_form),
    "centred": _call("Centred", lambda node, a, s: a[0] - np.mean(a[0], axis=-1, keepdims=True)),
    "scaled": _call("Scaled", lambda node, a, s: a[0] / np.sqrt(np.mean(a[0] ** 2, axis=-1, keepdims=True) + 1e-5)),
}

DEFINITIONS = {
    "centred": "Centred(v) = v - mean(v)",
    "scaled": "Scaled(v) = v / sqrt(mean(v*v) + 1e-5)",
}
"""What a text that uses these defines."""


def name(text: str, shape: Shape) -> Node:
    """A name."""
    return Node("name", (), shape, text)


def number(text: str) -> Node:
    """A number."""
    return Node("number", (), (), text)


def every(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for arg in node.args:
        yield from every(arg)
