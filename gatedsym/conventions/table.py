"""The table of layouts, layouts.toml, read into records: which array of a framework holds which of our parameters."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from gatedsym.errors import ArgumentError, GatedsymError
from gatedsym.expect import shown

Share = Literal["whole", "zero", "ignored"]


@dataclass(frozen=True)
class Block:
    """A part of an array that belongs to one parameter.

    Attributes
    ----------
    parameter : str
        Its name in our cell.
    share : {"whole", "zero", "ignored"}
        ``whole``: the parameter itself. ``zero``: a second bias, zeros when exported, added to the parameter when
        imported. ``ignored``: a block of the parameter's shape that the framework does not read.
    sign : {1, -1}
        The array holds the parameter times the sign.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.conventions.find_layout("gru_torch", "pytorch").arrays[2].blocks[0]
    Block(parameter='b_r', share='whole', sign=1)
    """

    parameter: str
    share: Share = "whole"
    sign: int = 1


@dataclass(frozen=True)
class StackedArray:
    """An array of a framework: a matrix of blocks.

    Attributes
    ----------
    name : str
        As the framework calls it.
    columns : tuple of tuple of Block
        Columns from left to right, in each the blocks from top to bottom, for matrices that act from the left, W x.

    Examples
    --------
    >>> import gatedsym as gs
    >>> weights = gs.conventions.find_layout("lstm", "pytorch").arrays[0]
    >>> weights.name, [block.parameter for block in weights.blocks]
    ('weight_ih_l0', ['W_i', 'W_f', 'W_g', 'W_o'])
    """

    name: str
    columns: tuple[tuple[Block, ...], ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, column by column."""
        return tuple(block for column in self.columns for block in column)


@dataclass(frozen=True)
class Framework:
    """A framework, or a file format, whose arrays they are.

    Attributes
    ----------
    key : str
        The name by which functions take it.
    title, parameters : str
        Its name, and where its arrays are found.
    transposed : bool
        Whether matrices act from the right, x W, so that outputs are columns.
    leading : int
        Axes of length 1 in front of every array.
    sources : tuple of str
        What the table was read from.
    layer : str
        How its names of arrays end that say which layer they are of, "" if they do not.

    Examples
    --------
    >>> import gatedsym as gs
    >>> [one.key for one in gs.conventions.frameworks() if one.transposed]
    ['keras', 'flax', 'flax_nnx', 'tf1']
    """

    key: str
    title: str
    parameters: str
    transposed: bool
    leading: int = 0
    sources: tuple[str, ...] = ()
    layer: str = ""


@dataclass(frozen=True)
class Layout:
    """Arrangement of one cell's parameters in one framework.

    Attributes
    ----------
    framework : Framework
    cell : str
        Our name.
    theirs : str
        The framework's.
    arrays : tuple of StackedArray
    gates, letters : tuple of str
        The order of blocks in our letters, and in the framework's. Empty for a cell without gates.
    states : tuple of str
        The order in which the framework hands out states.
    reset : {"", "before", "after"}
        Where the reset gate acts: before or after the recurrent product.
    update : {"", "keeps", "overwrites"}
        What z does in the framework.
    negated : tuple of str
        Gates of the opposite sign in our cell.
    added : mapping of str to float
        What the framework adds to a bias by itself.
    absent : tuple of str
        Arrays that may be left out.
    without : tuple of str
        Parameters that the layout has no place for.

    Examples
    --------
    >>> import gatedsym as gs
    >>> layout = gs.conventions.find_layout("lstm", "pytorch")
    >>> layout.theirs, layout.gates, layout.states
    ('nn.LSTM', ('i', 'f', 'g', 'o'), ('h', 'c'))
    """

    framework: Framework
    cell: str
    theirs: str
    arrays: tuple[StackedArray, ...]
    gates: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    reset: str = ""
    update: str = ""
    negated: tuple[str, ...] = ()
    added: Mapping[str, float] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@cache
def frameworks() -> tuple[Framework, ...]:
    """All frameworks of the table, in its order.

    Examples
    --------
    >>> import gatedsym as gs
    >>> "pytorch" in [one.key for one in gs.conventions.frameworks()]
    True
    """
    return tuple(
        Framework(
            key=key,
            title=entry["title"],
            parameters=entry["parameters"],
            transposed=_choice(entry["matrices"], {"rows": False, "columns": True}, f"matrices of {key}"),
            leading=entry.get("leading", 0),
            sources=tuple(entry["sources"]),
            layer=entry.get("layer", ""),
        )
        for key, entry in _table()["frameworks"].items()
    )


@cache
def layouts() -> tuple[Layout, ...]:
    """All layouts of the table, in its order.

    Examples
    --------
    >>> import gatedsym as gs
    >>> len(gs.conventions.layouts()) > 5
    True
    """
    known = {f.key: f for f in frameworks()}
    return tuple(
        _layout(known[entry["framework"]], cell, theirs, entry)
        for entry in _table()["layouts"]
        for cell, theirs in entry["cells"].items()
    )


def require_framework(framework: object) -> None:
    """Raise ArgumentError for the name of a framework that the table has not."""
    keys = [f.key for f in frameworks()]
    if not isinstance(framework, str) or framework not in keys:
        raise ArgumentError(f"framework is {shown(framework)}; it must be one of {', '.join(keys)}.")


def find_layout(cell: str, framework: str) -> Layout:
    """The layout of a cell in a framework.

    Parameters
    ----------
    cell : str
        A name of the library.
    framework : str
        A key of the table, such as ``pytorch``.

    Returns
    -------
    Layout

    Raises
    ------
    ArgumentError
        If the table has no such framework, or the framework no such cell.

    Examples
    --------
    >>> import gatedsym as gs
    >>> [array.name for array in gs.conventions.find_layout("lstm", "pytorch").arrays]
    ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0']
    """
    require_framework(framework)
    offered = {found.cell: found for found in layouts() if found.framework.key == framework}
    if cell not in offered:
        title = next(f.title for f in frameworks() if f.key == framework)
        raise ArgumentError(f"{title} has no layout for the cell {cell!r}; it has them for {', '.join(offered)}.")
    return offered[cell]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("gatedsym.conventions").joinpath("layouts.toml").read_text("utf-8"))


def _choice(value: str, choices: Mapping[str, bool], what: str) -> bool:
    if value not in choices:
        raise GatedsymError(f"layouts.toml: {what} is {value!r}; write {' or '.join(choices)}.")
    return choices[value]


def _layout(framework: Framework, cell: str, theirs: str, entry: Mapping[str, Any]) -> Layout:
    gates = tuple(entry.get("gates", ()))
    letters = tuple(entry.get("letters", gates))
    update = entry.get("update", "")
    negated = ("z",) if update and update != _table()["update"][cell] else ()
    arrays: list[StackedArray] = []
    for name, content in entry["arrays"].items():
        if "{letter}" in name:
            for letter, gate in zip(letters, gates, strict=True):
                arrays.append(StackedArray(name.replace("{letter}", letter), _columns(content, (gate,), negated)))
        else:
            arrays.append(StackedArray(name, _columns(content, gates, negated)))
    return Layout(
        framework=framework,
        cell=cell,
        theirs=theirs,
        arrays=tuple(arrays),
        gates=gates,
        letters=letters,
        states=tuple(entry["states"]),
        reset=entry.get("reset", ""),
        update=update,
        negated=negated,
        added=dict(entry.get("added", {})),
        absent=tuple(entry.get("absent", ())),
        without=tuple(entry.get("without", ())),
    )


def _columns(content: Any, gates: tuple[str, ...], negated: tuple[str, ...]) -> tuple[tuple[Block, ...], ...]:
    stacks = content["beside"] if isinstance(content, Mapping) else [content]
    return tuple(_stack(stack, gates, negated) for stack in stacks)


def _stack(content: str | list[str], gates: tuple[str, ...], negated: tuple[str, ...]) -> tuple[Block, ...]:
    texts = [content] if isinstance(content, str) else content
    spelled = [
        text.replace("{gate}", gate) for text in texts for gate in (gates if "{gate}" in text else ("",))
    ]  # fmt: skip
    return tuple(_block(text, negated) for text in spelled)


_SHARES: Mapping[str, Share] = {"": "whole", "0*": "zero", "ignored ": "ignored"}


def _block(text: str, negated: tuple[str, ...]) -> Block:
    match = re.fullmatch(r"(0\*|ignored |)([A-Za-z]\w*)", text)
    if match is None:
        raise GatedsymError(f"layouts.toml: {text!r} is no block; write a parameter, 0*parameter or ignored parameter.")
    share, parameter = _SHARES[match[1]], match[2]
    return Block(parameter, share, -1 if parameter.rpartition("_")[2] in negated else 1)
