"""Arguments that are objects of other frameworks → cells, arrays and losses of ours.

An object is known by the framework that its type comes from. The framework's bridge, a room beside the way, is loaded
then and registers what translates; nothing here imports a framework or a bridge.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.flow.callable_loss import CallableLoss, Gradient
from gatedsym.flow.given import GivenCell
from gatedsym.flow.inputs.series import Series, white_noise
from gatedsym.flow.inputs.source import Source, read_source
from gatedsym.flow.loss import compared_state
from gatedsym.typing import Array

if TYPE_CHECKING:
    pass

BRIDGES = {"torch": "gatedsym.torch.bridge"}
"""Frameworks, by the first word of their types' modules, and the module that registers the bridge."""
_registered: dict[str, Bridge] = {}


class Bridge(Protocol):
    """A framework's objects in our terms."""

    def cell_of(self, module: Any, /) -> GivenCell:
        """The cell that a recurrent module is, with its weights; refused in a sentence where it is none."""

    def array_of(self, tensor: Any, /) -> Any:
        """The numbers of a tensor, as NumPy has them."""

    def sequences_of(self, packed: Any, /) -> tuple[Array, Array] | None:
        """The padded numbers (T, B, m) of packed sequences, and their lengths; None of anything else."""

    def gradient_by(self, like: GivenCell | None, function: Any, /) -> Gradient:
        """Differentiation of a function of tensors, of the kind that a module computes with."""


def register_bridge(framework: str, bridge: Bridge) -> None:
    """Register what translates the objects of a framework."""
    _registered[framework] = bridge


def bridge_of(thing: object) -> Bridge | None:
    """The bridge of the framework that a thing's type, or one that it extends, comes from; None for all else."""
    roots = {str(kind.__module__).partition(".")[0] for kind in type(thing).__mro__}
    framework = next((name for name in BRIDGES if name in roots), None)
    return None if framework is None else _loaded(framework)


def _loaded(framework: str) -> Bridge:
    if framework not in _registered:
        importlib.import_module(BRIDGES[framework])
    return _registered[framework]


def translate_arguments(arguments: dict[str, Any], parameters: Mapping[str, Parameter]) -> None:
    """Put cells, arrays and losses in place of a framework's objects among the arguments of an analysis.

    Parameters
    ----------
    arguments : dict
        Those that a person gave; changed in place. Where all networks are given, what is drawn for networks is not
        drawn several times for nothing: one initialisation, and one seed where nothing depends on it.
    parameters : mapping of str to Parameter
        Of the analysis.

    Raises
    ------
    ArgumentError
        If an object has no cell, or does not fit the others.
    """
    if isinstance(arguments.get("cells"), Iterator):
        arguments["cells"] = list(arguments["cells"])
    cells = _read(arguments.get("cells"))
    given = [c for c in cells if isinstance(c, GivenCell)]
    if given:
        arguments["cells"] = cells
    if "x" in arguments and not _unpack_input(arguments, parameters):
        _translate_input(arguments, given)
    if callable(arguments.get("loss")):
        arguments["loss"] = _callable_loss(arguments["loss"], given)
    if given:
        _fit_sizes(arguments, parameters, cells, given)


def _read(cells: Any) -> list[Any]:
    """Cells as a list, modules as the cells that they are; each has a name of its own."""
    if bridge_of(cells) is not None or not isinstance(cells, list | tuple):
        cells = [cells]
    found: list[Any] = []
    for one in cells:
        bridge = bridge_of(one)
        found.append(one if bridge is None else _named_apart(bridge.cell_of(one), found))
    return found


def _named_apart(cell: GivenCell, others: Iterable[Any]) -> GivenCell:
    """The cell, its name followed by a number where another one has it."""
    taken = {getattr(other, "name", other) for other in others}
    names = (cell.name, *(f"{cell.name}_{k}" for k in range(2, len(taken) + 3)))
    name = next(name for name in names if name not in taken)
    return cell if name == cell.name else cell.named(name)


def _unpack_input(arguments: dict[str, Any], parameters: Mapping[str, Parameter]) -> bool:
    """Put packed sequences in as an input with lengths, (T, B, m) whatever the modules read; tell whether they are."""
    bridge = bridge_of(arguments["x"])
    found = None if bridge is None else bridge.sequences_of(arguments["x"])
    if found is None:
        return False
    if "lengths" not in parameters and len(set(found[1].tolist())) > 1:
        raise ArgumentError(
            "x is packed, and its sequences differ in length, which this analysis does not take: give sequences of one "
            "length, or ask an analysis that takes lengths=, gradient_norm."
        )
    if arguments.get("lengths") is not None:
        raise ArgumentError("lengths= is given beside a packed x, which has its own: leave it out.")
    arguments["x"] = found[0]
    if "lengths" in parameters:
        arguments["lengths"] = found[1]
    return True


def _translate_input(arguments: dict[str, Any], given: Sequence[GivenCell]) -> None:
    """Numbers of a tensor in place of it; beside modules an array is read as they read it."""
    x = arguments["x"]
    if (bridge := bridge_of(x)) is not None:
        x = arguments["x"] = bridge.array_of(x)
    if not given or isinstance(x, str | Path | Series | Source):
        return
    orders = {cell.batch_first: cell for cell in given}
    if len(orders) == 2:
        raise ArgumentError(
            f"x is an array, which {orders[True].given_by} reads as (batch, time, feature) and "
            f"{orders[False].given_by} as (time, batch, feature): measure them one after the other."
        )
    order = "(batch, time, feature)" if True in orders else "(time, batch, feature)"
    if np.ndim(x) != 3:
        raise ArgumentError(f"x has shape {np.shape(x)}: give {order}, as {given[0].given_by} reads it.")
    if True in orders:
        arguments["x"] = np.swapaxes(np.asarray(x), 0, 1)


def _callable_loss(loss: Any, given: Sequence[GivenCell]) -> CallableLoss:
    """A function as a loss: differentiated by the framework of the modules, or of its own type, if there is one."""
    for cell in given:
        if cell.states and cell.gives not in ("", compared_state(cell)):
            raise ArgumentError(
                f"{cell.given_by} gives {cell.gives}, and an analysis follows the gradient from its state "
                f"{compared_state(cell)}: give a function of that state, gatedsym.torch.loss(function)."
            )
    like = given[0] if given else None
    bridge = bridge_of(loss) or (_loaded(like.framework) if like is not None else None)
    gradient = None if bridge is None else bridge.gradient_by(like, loss)
    return CallableLoss(function=loss, gradient=gradient, batch_first=any(c.batch_first for c in given))


def _fit_sizes(
    arguments: dict[str, Any], parameters: Mapping[str, Parameter], cells: Sequence[Any], given: Sequence[GivenCell]
) -> None:
    """Sizes and settings that a person left open, from the modules; a size that is none of theirs is refused."""
    if "x" in parameters:
        features = given[0].given_sizes.get("m")
        usual = parameters["x"].default if features is None else white_noise(features)
        source = arguments["x"] = read_source(arguments.get("x", usual))
        for cell in given:
            _require_features(cell, source)
    alone = len(given) == len(cells)
    own = [size for cell in given if (size := cell.hidden_size) is not None]
    if "n" in parameters and own:
        asked = arguments.setdefault("n", own[0])
        if alone and asked not in own:
            raise ArgumentError(
                f"the weights of {given[0].given_by} have n = {own[0]}, and n = {shown(asked)} is asked for: leave n "
                "out."
            )
    if "m" in parameters and (features := given[0].given_sizes.get("m")) is not None:
        arguments.setdefault("m", features)
    if alone:
        if "init" in parameters:
            arguments.setdefault("init", _first(parameters["init"].default))
            _leave_gains(arguments, parameters, given[0])
        one = isinstance(arguments.get("loss"), CallableLoss) and arguments["x"].array is not None
        if one and "seeds" in parameters:
            arguments.setdefault("seeds", 1)


def _leave_gains(arguments: dict[str, Any], parameters: Mapping[str, Parameter], cell: GivenCell) -> None:
    """One gain, for it scales weights that are drawn; another one that is asked for is refused."""
    if "gain" not in parameters:
        return
    asked = arguments.setdefault("gain", 1.0)
    if np.any(np.asarray(asked, dtype=object) != 1):
        raise ArgumentError(
            f"gain = {shown(asked)} scales weights that are drawn, and those of {cell.given_by} are given: leave gain "
            "out."
        )


def _first(default: Any) -> Any:
    return default if isinstance(default, str) else default[0]


def _require_features(cell: GivenCell, source: Source) -> None:
    """Refuse an input that a module's weights do not read: through a projection it would be another network."""
    size = cell.given_sizes.get("m")
    if size is not None and cell.inputs and size != source.features:
        raise ArgumentError(
            f"{cell.given_by} reads {size} features, and x has {source.features}: give what the module reads, an array "
            f"with {size} features, or gs.flow.white_noise({size})."
        )


__all__ = ["BRIDGES", "Bridge", "bridge_of", "register_bridge", "translate_arguments"]
