"""The interface of a module is proven: whatever single entry of it is changed, `prove` says so."""

import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import gatedsym as gs
from gatedsym.errors import ProofError
from gatedsym.proofs.emitted import prove_emitted

ENTRIES = ("dimensions", "inputs", "states", "outputs", "parameters", "locals", "parts", "delays", "biases", "gates",
           "tensors", "arrays", "gradients")  # fmt: skip
ORDERED = tuple((name,) for name in ("dimensions", "inputs", "states", "outputs", "parameters", "locals"))
Path = tuple[Any, ...]


def mutations(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each single change: (where, what stands there then): an entry less, another word, a number more, a sign."""
    if isinstance(value, dict):
        for key in value:
            yield path, {k: v for k, v in value.items() if k != key}
            yield path, {f"{k}_" if k == key else k: v for k, v in value.items()}
            yield from mutations(value[key], (*path, key))
        if len(value) > 1:
            first = next(iter(value))
            yield path, {k: v for k, v in value.items() if k != first} | {first: value[first]}
    elif isinstance(value, list):
        for key in range(len(value)):
            yield path, value[:key] + value[key + 1 :]
            yield from mutations(value[key], (*path, key))
        if len(value) > 1 and value[1:] + value[:1] != value:
            yield path, value[1:] + value[:1]
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int):
        yield path, value + 1
        yield path, -value - (not value)
    else:
        yield path, 1 if value is None else f"{value}_"


def changed(interface: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    whole = copy.deepcopy(interface)
    at = whole
    for key in path[:-1]:
        at = at[key]
    if not path:
        return value
    at[path[-1]] = value
    return whole


def with_interface(module: Any, interface: dict[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(INTERFACE=interface, **{k: getattr(module, k) for k in module.INTERFACE["kernels"]})


def harmless(path: Path, value: Any, interface: dict[str, Any]) -> bool:
    """Another order of what has none: of biases, gates, described tensors and arrays, pieces of scratch memory."""
    at: Any = interface
    for key in path:
        at = at[key]
    if isinstance(value, dict):
        return value == at and path not in ORDERED
    in_another_order = isinstance(value, list) and len(value) == len(at) and value != at
    return in_another_order and (path in [("biases",), ("gates",)] or "scratch" in path)


def survivors(name: str, keys: tuple[str, ...]) -> list[tuple[Path, Any]]:
    cell = gs.cell(name)
    module = cell.kernels.module
    assert prove_emitted(cell.recurrence, module)
    found = []
    for path, value in mutations(module.INTERFACE):
        if path and path[0] in keys and not harmless(path, value, module.INTERFACE):
            try:
                prove_emitted(cell.recurrence, with_interface(module, changed(module.INTERFACE, path, value)))
            except ProofError:
                continue
            found.append((path, value))
    return found


def test_no_change_of_an_interface_survives() -> None:
    assert not survivors("rnn", (*ENTRIES, "kernels", "format", "cell", "equations"))


@pytest.mark.parametrize("name", ["lstm", "gru", "qrnn", "slstm_heads"])
def test_no_change_of_what_callers_read_survives(name: str) -> None:
    assert not survivors(name, tuple(k for k in ENTRIES if k not in ("gradients", "tensors", "arrays")))


def rotated(interface: dict[str, Any]) -> None:
    parameters = interface["parameters"]
    names = [*parameters]
    interface["parameters"] = dict(zip(names[1:] + names[:1], parameters.values(), strict=True))


def renamed(interface: dict[str, Any]) -> None:
    first, second, *rest = interface["locals"]
    found = interface["locals"]
    interface["locals"] = {second: found[first], first: found[second]} | {name: found[name] for name in rest}


def later(interface: dict[str, Any]) -> None:
    interface["delays"]["h"] += 1


def flipped(interface: dict[str, Any]) -> None:
    interface["gates"][0]["sign"] *= -1


def unbiased(interface: dict[str, Any]) -> None:
    interface["biases"] = []


@pytest.mark.parametrize("fault", [rotated, renamed, later, flipped, unbiased])
def test_an_interface_that_misleads_its_callers_is_refuted(fault: Any) -> None:
    cell = gs.cell("lstm")
    interface = copy.deepcopy(cell.kernels.module.INTERFACE)
    fault(interface)
    with pytest.raises(ProofError, match="the interface is that of the equations"):
        prove_emitted(cell.recurrence, with_interface(cell.kernels.module, interface))
