"""The names of arrays in a file → the recurrent layers that they may belong to, by the tables of layouts.

A file of a whole model holds several layers, in two directions, and other things besides. Which is which stands in
names: ``encoder.rnn.weight_ih_l1_reverse`` is an array of layer 1, backwards, of the module ``encoder.rnn``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gatedsym.conventions.table import Framework, layouts, require_framework
from gatedsym.errors import ArgumentError

_SEPARATED = r"(?:(?P<module>.*)[./:])?"


@dataclass(frozen=True)
class Layer:
    """Arrays that stand together in a file.

    Attributes
    ----------
    framework : Framework
        In whose words they are named.
    module : str
        What stands before their names, "" if nothing does.
    number : int, optional
        Of the layer in its module; None where names have none, as those of a single cell.
    reverse : bool
        Whether it runs from the last step to the first.
    names : mapping of str to str
        From a layout's name of an array to that in the file.
    theirs : tuple of str
        What the framework's layouts call it, where the file says so; empty where names are all that there is.
    amiss : str
        Why no cell computes what it computes, in a sentence without its end, or "".
    notes : tuple of str
        Sentences on what it does in its network beside what its cell does.

    Examples
    --------
    >>> import gatedsym as gs
    >>> names = [f"encoder.{kind}_{of}_l0" for kind in ("weight", "bias") for of in ("ih", "hh")]
    >>> layer = gs.conventions.find_layers(names, "pytorch")[0]
    >>> layer.label, layer.names["weight_ih_l0"], layer.is_called("encoder")
    ('encoder:0', 'encoder.weight_ih_l0', True)
    """

    framework: Framework
    module: str
    number: int | None
    reverse: bool
    names: Mapping[str, str]
    theirs: tuple[str, ...] = ()
    amiss: str = ""
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name that a person calls it by: ``encoder.rnn:0``, ``encoder.rnn:1:reverse``, ``lstm_cell``."""
        return ":".join(part for part in (self.module, self._place) if part) or "."

    @property
    def _place(self) -> str:
        """Number and direction."""
        parts = ("" if self.number is None else f"{self.number}", "reverse" if self.reverse else "")
        return ":".join(part for part in parts if part)

    def is_called(self, asked: str) -> bool:
        """Whether the words `asked` name this layer: its label, its module alone, or its place in a module alone."""
        return bool(asked) and asked in (self.label, self.module, self._place, f":{self._place}")


def find_layers(names: Iterable[str], framework: str | None = None) -> list[Layer]:
    """All groups of names that a framework's layouts know, in the order of the file.

    Parameters
    ----------
    names : iterable of str
        Of all arrays of the file.
    framework : str, optional
        The only one to try.

    Returns
    -------
    list of Layer
        Empty where no name is one of a recurrent layer.

    Raises
    ------
    ArgumentError
        For a framework that the table has not.

    Examples
    --------
    >>> import gatedsym as gs
    >>> params = gs.cell("lstm").init(m=3, n=4)
    >>> names = gs.conventions.export_parameters("lstm", params, "pytorch", layer="encoder:1")
    >>> [layer.label for layer in gs.conventions.find_layers(names)]
    ['encoder:1']
    """
    if framework is not None:
        require_framework(framework)
    names, found = list(names), []
    for one in dict.fromkeys(layout.framework for layout in layouts()):
        if framework in (None, one.key):
            found += _layers_of(one, names)
    return found


def _layers_of(framework: Framework, names: Iterable[str]) -> list[Layer]:
    known = dict.fromkeys(a.name for layout in layouts() if layout.framework == framework for a in layout.arrays)
    patterns = {name: _pattern(name, framework.layer) for name in known}
    groups: dict[tuple[str, int | None, bool], dict[str, str]] = {}
    for name in names:
        for of, pattern in patterns.items():
            if match := pattern.fullmatch(name):
                parts = match.groupdict()
                number = None if parts.get("number") is None else int(parts["number"])
                key = (parts["module"] or "", number, bool(parts.get("reverse")))
                groups.setdefault(key, {})[of] = name
    return [Layer(framework, *key, of) for key, of in groups.items()]


def place_names(names: Iterable[str], framework: Framework, label: str) -> dict[str, str]:
    """From a layout's names of arrays to those that they have in a file of the layer that a label names.

    Parameters
    ----------
    names : iterable of str
        As the layout has them.
    framework : Framework
    label : str
        As `Layer.label`: ``encoder.rnn:1:reverse``; ``lstm_cell`` and ``.`` for a single cell.

    Raises
    ------
    ArgumentError
        If the framework's names tell no layers apart, and a number or a direction is asked for.
    """
    *before, last = label.split(":")
    reverse = last == "reverse"
    parts = before if reverse else [*before, last]
    number = parts.pop() if parts and re.fullmatch("[0-9]{1,6}", parts[-1]) else None
    if (reverse and number is None) or (number is not None and not framework.layer):
        raise ArgumentError(
            f"layer={label!r} names a place that {framework.title} does not write into names of arrays: give the name "
            f"of its module alone{', or module:number:reverse' if framework.layer else ''}."
        )
    module = ":".join(parts)
    before_name = "" if module in ("", ".") else module + (_SEPARATORS.get(framework.key, "."))
    if not framework.layer:
        return {name: before_name + name for name in names}
    place = "" if number is None else f"{framework.layer.rstrip('0123456789')}{int(number)}{'_reverse' * reverse}"
    return {name: f"{before_name}{name.removesuffix(framework.layer)}{place}" for name in names}


def strange_names(layer: Layer, layers: Iterable[Layer], names: Iterable[str]) -> list[str]:
    """Names that stand in the module of a layer as its arrays do, and are no array that its framework knows.

    A scale or a raw copy beside a matrix (``weight_hh_l0_g``) means that the matrix is not what the network multiplies
    by, and a bias that is spelled in another way would be taken for none.
    """
    known = {n for one in layers if one.framework == layer.framework for n in one.names.values()}
    beside = re.compile(f"{re.escape(layer.module)}[./:][^./:]+" if layer.module else "[^./:]+")
    return [name for name in names if name not in known and beside.fullmatch(name)]


_SEPARATORS = {"keras": "/", "flax": "/", "flax_nnx": "/", "tf1": "/"}


def _pattern(name: str, layer: str) -> re.Pattern[str]:
    """The names by which an array of a layout is found: in any module and, where names say so, of any layer."""
    if not layer or not name.endswith(layer):
        return re.compile(f"{_SEPARATED}{re.escape(name)}(?::0)?")  # as TensorFlow calls the only output of a variable
    before, digits = layer.rstrip("0123456789"), r"(?P<number>[0-9]{1,6})(?P<reverse>_reverse)?"
    return re.compile(f"{_SEPARATED}{re.escape(name.removesuffix(layer))}(?:{re.escape(before)}{digits})?")


__all__ = ["Layer", "find_layers", "place_names", "strange_names"]
