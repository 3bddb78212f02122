"""Cells one above the other → the text of one cell: each layer a line of use, what it takes and shares bound in it.

Names are those of the parts with the layer's number, ``h_2``, ``W_i_2``; the sequence that is read keeps its name, and
so does everything where there is one layer. No two names can meet: what follows the last underscore is the layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from fractions import Fraction
from textwrap import indent

from gatedsym.equations.declarations import Axes
from gatedsym.equations.other_sizes import axes_in, axis_in, domain_in
from gatedsym.equations.parts import Part
from gatedsym.equations.scope import Symbol, shape_text
from gatedsym.equations.uses import called
from gatedsym.errors import ArgumentError

_Size = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The way in which layers are put together.

    Attributes
    ----------
    residual : frozenset of int
        Layers whose input is added to what they read out, counted from 1.
    dropout, zoneout : Fraction
        Probabilities that an entry between two layers is set to 0, and that an entry of a state stays.
    share : tuple of str
        Patterns of parameters and further inputs that layers have in common.
    readout : str
        The name that a layer reads out, where its equations leave it open.
    training : bool
        Whether masks are inputs; else their means stand in their place.
    """

    residual: frozenset[int] = frozenset()
    dropout: Fraction = Fraction(0)
    zoneout: Fraction = Fraction(0)
    share: tuple[str, ...] = ()
    readout: str = ""
    training: bool = True


@dataclass(frozen=True)
class _Flow:
    """The value that goes from one layer to the next: its text, its shape, and whether a line declares it.

    `is_state` tells the next value of a state, which a cell gives without an output line.
    """

    text: str
    axes: Axes
    is_complex: bool = False
    declared: bool = True
    is_state: bool = False


def stacked_text(layers: Sequence[Part], plan: Plan, head: Part | None) -> str:
    """The text of a stack.

    Parameters
    ----------
    layers : sequence of Part
        The first one reads the sequence.
    plan : Plan
    head : Part, optional
        A cell without state that reads the last layer; its names stay as they are.

    Raises
    ------
    ArgumentError
        For layers that do not fit each other.
    """
    for part in (*layers, *([] if head is None else [head])):
        if part.recurrence.rows:
            raise ArgumentError(
                f"{part.name} has vectors as rows, x W, and a stack has columns: write its products as W @ x, and "
                "transpose its parameters."
            )
    return _Stack(layers, plan, head).text()


class _Stack:
    """A stack on its way into a text."""

    def __init__(self, layers: Sequence[Part], plan: Plan, head: Part | None) -> None:
        self.layers, self.plan, self.head = layers, plan, head
        self.blocks: dict[str, str] = {}
        self.declared: list[str] = []
        self.lines: list[str] = []
        self.sizes = list(_sizes_of_layers(layers, plan))
        self.shared = _shared(layers, plan.share)
        self._meet_shared()

    def text(self) -> str:
        """Declarations, a line of use for each layer and the head, and the texts of all."""
        self._refuse_names_of_head()
        flow = self._first()
        for number in range(1, len(self.layers) + 1):
            flow = self._layer(number, flow)
        self._last(flow)
        own = "\n".join([*self.declared, *self.lines])
        return own + "\n\n" + "\n".join(f"cell {name}:\n{indent(text, '    ')}\n" for name, text in self.blocks.items())

    # Layer by layer.

    def _first(self) -> _Flow:
        """The sequence, which the first layer reads."""
        part = self.layers[0]
        if not part.main:
            return _Flow("", ())
        main = part.symbol(part.main)
        axes = self._axes(1, part.axes(part.main))
        self.declared.append(self._input(1, main, main.name))
        return _Flow(main.name, axes, main.is_complex)

    def _layer(self, number: int, below: _Flow) -> _Flow:
        """Write a layer; returns what it reads out."""
        part = self.layers[number - 1]
        taken = self._dropped(number, below)
        bound = [f"{part.main} = {taken.text}"] if part.main else []
        for symbol in part.of_kind("input"):
            if symbol.name != part.main:
                bound.append(f"{symbol.name} = {self._further(number, symbol)}")
        bound += self._zoned(number)
        bound += [f"{name} = {_number_text(value)}" for name, value in part.constants.items()]
        shared = [s.name for s in part.of_kind("parameter") if (number, s.name) in self.shared]
        bound += [f"{name} = {self._called(self.shared[number, name], name)}" for name in shared]
        alias = f" as {number}" if len(self.layers) > 1 else ""
        self.lines.append(f"use {self._block(part)}{alias}: {'; '.join(bound)}".rstrip(": "))
        read = part.readout(self.plan.readout)
        axes = self._axes(number, part.axes(read.name))
        is_state = read.kind == "state"
        text = self._called(number, read.name) + "'" * is_state
        return self._added(number, below, _Flow(text, axes, read.is_complex, read.axes is not None, is_state))

    def _added(self, number: int, below: _Flow, out: _Flow) -> _Flow:
        """The value that a layer reads out, its input added where the plan says so."""
        if number not in self.plan.residual or not below.text:
            return out
        name = self._called(number, self._free(("out", "total", "through")))
        space = "C" if out.is_complex or below.is_complex else "R"
        self.declared.append(f"{name} in {_space(out.axes, space)}")
        self.lines.append(f"{name} = {out.text} + {below.text}")
        return _Flow(name, out.axes, space == "C")

    def _dropped(self, number: int, below: _Flow) -> _Flow:
        """The value that a layer takes: what the layer below reads out, under a mask if there is dropout."""
        if number == 1 or not self.plan.dropout or not self.plan.training:
            return below
        mask = f"{self._free(('kept', 'keep', 'mask'))}_{number - 1}"
        stays = 1 - self.plan.dropout
        self.declared.append(f"input {mask} in {_masks(below.axes)} with mean {_decimal(stays)}")
        return replace(below, text=f"{mask} * {below.text} / {_factor(stays)}")

    def _zoned(self, number: int) -> list[str]:
        """Bindings of the states of a layer under zoneout, whose equations are written beside them."""
        part, found = self.layers[number - 1], list[str]()
        for state in part.of_kind("state") if self.plan.zoneout else ():
            name, new = self._called(number, state.name), self._called(number, f"{state.name}_next")
            axes = self._axes(number, part.axes(state.name))
            self.declared.append(f"{name} in {_space(axes, 'C' if state.is_complex else 'R')}")
            stays, goes = _factor(self.plan.zoneout), _factor(1 - self.plan.zoneout)
            if self.plan.training:
                stays = f"{self._free(('zone', 'stay', 'stays'))}_{name}"
                goes = f"(1 - {stays})"
                self.declared.append(f"input {stays} in {_masks(axes)} with mean {_decimal(self.plan.zoneout)}")
            self.lines.append(f"{name}' = {stays} * {name} + {goes} * {new}")
            found.append(f"{state.name} = {name}")
        return found

    def _further(self, number: int, symbol: Symbol) -> str:
        """An input of a layer beside the one that reads the layer below: one of the stack."""
        owner = self.shared.get((number, symbol.name), number)
        name = self._called(owner, symbol.name)
        if owner == number:
            self.declared.append(self._input(number, symbol, name))
        return name

    def _last(self, flow: _Flow) -> None:
        """Write what the stack gives: the head's outputs, or what the last layer reads out."""
        if self.head is None:
            if not flow.is_state:
                self.lines.append(f"output {flow.text}")
            return
        main, wanted = self.head.symbol(self.head.main), self.head.axes(self.head.main)
        if len(wanted) != len(flow.axes) or main.is_complex != flow.is_complex:
            gives, takes = (_space(axes, "C" if c else "R")
                            for axes, c in ((flow.axes, flow.is_complex), (wanted, main.is_complex)))  # fmt: skip
            raise ArgumentError(
                f"the last layer reads out {gives}, but the head {self.head.name} takes {main.name} in {takes}: put a "
                "cell between them that changes the shape."
            )
        if not flow.declared:
            self.declared.append(f"{flow.text} in {_space(flow.axes, 'C' if flow.is_complex else 'R')}")
        bound = [f"{self.head.main} = {flow.text}"]
        bound += [f"{name} = {_number_text(value)}" for name, value in self.head.constants.items()]
        self.lines.append(f"use {self._block(self.head)}: {'; '.join(bound)}")

    # Names and sizes.

    def _called(self, number: int, name: str) -> str:
        return called(name, str(number) if len(self.layers) > 1 else "")

    def _axes(self, number: int, axes: Axes) -> Axes:
        return axes_in(axes, self.sizes[number - 1])

    def _input(self, number: int, symbol: Symbol, name: str) -> str:
        axes = self._axes(number, self.layers[number - 1].axes(symbol.name))
        if symbol.domain is None:
            return f"input {name} in {_space(axes, 'C' if symbol.is_complex else 'R')}"
        domain = domain_in(symbol.domain, self.sizes[number - 1])
        if domain is None:
            raise ArgumentError(
                f"layer {number} ({self.layers[number - 1].name}) takes {symbol.name} in {symbol.domain}, an end of "
                "which would be a sum of sizes here: put a cell below it that reads out one array of one size."
            )
        law = "" if domain.mean is None else f" with mean {domain.mean}"
        return f"input {name} in {replace(domain, mean=None)}{_power(axes)}{law}"

    def _free(self, words: tuple[str, ...]) -> str:
        """A word that no part has as a name."""
        taken = {name for part in self.layers for name in part.names} | (self.head.names if self.head else frozenset())
        for word in words:
            if not any(name == word or name.startswith(f"{word}_") for name in taken):
                return word
        raise ArgumentError(
            f"the cells have names that begin with {', '.join(words)}, which the stack needs: rename one of them."
        )

    def _block(self, part: Part) -> str:
        """The name under which a part's text stands in the stack's."""
        name = "".join(ch if ch.isascii() and ch.isalnum() else "_" for ch in part.name).strip("_")
        name = name if name[:1].isalpha() else f"cell_{name}".rstrip("_")
        text = part.text.strip("\n")
        for known in (name, *(f"{name}_{k}" for k in range(2, len(self.layers) + 3))):
            if self.blocks.setdefault(known, text) == text:
                return known
        raise AssertionError("more names than parts")

    def _refuse_names_of_head(self) -> None:
        if self.head is None:
            return
        own = {part.main for part in self.layers[:1]}
        if len(self.layers) == 1:
            own |= self.layers[0].names
        met = sorted((self.head.names - {self.head.main}) & own)
        if met:
            raise ArgumentError(f"the head {self.head.name} and the cells both have the name {met[0]!r}: rename one.")

    def _meet_shared(self) -> None:
        """Give what layers share one shape: the sequence then has the size of what layers read out."""
        for (number, name), owner in self.shared.items():
            mine, theirs = (self._axes(k, self.layers[k - 1].axes(name)) for k in (number, owner))
            first = self.layers[0]
            for one, other in zip(mine, theirs):
                if one != other and owner == 1 and first.main and (other,) == tuple(self._axes(1, ((other[0],),))):
                    self.sizes[0] = {d: one if axis == other else axis for d, axis in self.sizes[0].items()}
            mine, theirs = (self._axes(k, self.layers[k - 1].axes(name)) for k in (number, owner))
            if mine != theirs:
                raise ArgumentError(
                    f"layers {owner} and {number} cannot share {name}: it has shape {shape_text(theirs)} in layer "
                    f"{owner} and {shape_text(mine)} in layer {number}; leave it out of share."
                )


def _sizes_of_layers(layers: Sequence[Part], plan: Plan) -> Iterator[dict[str, _Size]]:
    """For each layer its sizes by those of the stack: what it takes has the size of what the layer below reads out."""
    below: tuple[Part, Symbol, Axes] | None = None
    for number, part in enumerate(layers, start=1):
        names = [d.name for d in part.recurrence.dimensions]
        taken = {d for axis in part.axes(part.main) for d in axis} if part.main else set()
        own: dict[str, _Size] = {}
        for d in names:
            plain = len(layers) == 1 or d == "n" or (d == "m" and (number == 1 or d not in taken))
            own[d] = (d,) if plain else (called(d, str(number)),)
        if below is not None:
            _fit(number, part, own, below)
        yield own
        if number < len(layers):
            read = part.readout(plan.readout)
            below = part, read, axes_in(part.axes(read.name), own)


def _fit(number: int, part: Part, own: dict[str, _Size], below: tuple[Part, Symbol, Axes]) -> None:
    """Settle the sizes of what a layer takes, in place.

    Raises
    ------
    ArgumentError
        For a layer that cannot take what the layer below reads out.
    """
    lower, read, axes = below
    gives = (
        f"layer {number - 1} ({lower.name}) reads out {read.name} in {_space(axes, 'C' if read.is_complex else 'R')}"
    )
    if not part.main:
        raise ArgumentError(f"layer {number} ({part.name}) has no input, so it cannot stand on another: put it first.")
    main, wanted = part.symbol(part.main), part.axes(part.main)
    takes = f"layer {number} ({part.name}) takes {main.name} in {_space(wanted, 'C' if main.is_complex else 'R')}"
    if main.domain is not None:
        raise ArgumentError(f"layer {number} ({part.name}) takes {main.name} in {main.domain}, and {gives}: put a cell "
                            "between them that gives such numbers, or put it first.")  # fmt: skip
    fits = len(axes) == len(wanted) and main.is_complex == read.is_complex
    told: dict[str, _Size] = {}
    for mine, theirs in zip(wanted, axes):
        if len(mine) == 1 and mine[0] in own and mine[0] != "n":
            fits &= told.setdefault(mine[0], theirs) == theirs
        else:
            fits &= axis_in(mine, own) == theirs
    if not fits:
        raise ArgumentError(f"{gives}, but {takes}: put a cell between them that changes the shape.")
    own.update(told)


def _shared(layers: Sequence[Part], patterns: tuple[str, ...]) -> dict[tuple[int, str], int]:
    """For each layer and name that is shared the layer whose name it is: the first that has it."""
    found: dict[tuple[int, str], int] = {}
    for pattern in patterns:
        first: dict[str, int] = {}
        for number, part in enumerate(layers, start=1):
            kinds = part.of_kind("parameter")
            if pattern != "*":
                kinds = kinds + [s for s in part.of_kind("input") if s.name != part.main]
            for symbol in kinds:
                if fnmatchcase(symbol.name, pattern):
                    owner = first.setdefault(symbol.name, number)
                    found |= {} if owner == number else {(number, symbol.name): owner}
        if not any(fnmatchcase(name, pattern) for _, name in found):
            raise ArgumentError(
                f"share has {pattern!r}, and no two layers have such a parameter or input: leave it out."
            )
    return found


def residual_layers(layers: Sequence[Part], asked: bool | Sequence[int], readout: str) -> frozenset[int]:
    """Layers whose input is added to what they read out.

    Parameters
    ----------
    layers : sequence of Part
    asked : bool or sequence of int
        True: each layer whose input has the size of what it reads out, the first one left out where the sequence has a
        size of its own; or the layers by number.
    readout : str

    Raises
    ------
    ArgumentError
        For a layer whose sizes differ, a number that is no layer's, and where there would be no such layer.
    """
    if asked is False:
        return frozenset()
    sizes = list(_sizes_of_layers(layers, Plan(readout=readout)))
    numbers = range(1, len(layers) + 1) if asked is True else asked
    found = set()
    for number in numbers:
        if number not in range(1, len(layers) + 1):
            raise ArgumentError(f"residual has layer {number}, and there are {len(layers)}: count them from 1.")
        part, own = layers[number - 1], sizes[number - 1]
        read = part.readout(readout)
        gives, takes = (axes_in(part.axes(name), own) if name else () for name in (read.name, part.main))
        if gives == takes and part.main:
            found.add(number)
        elif asked is not True or number > 1:
            raise ArgumentError(
                f"residual: layer {number} ({part.name}) takes {shape_text(takes)} and reads out "
                f"{shape_text(gives)}, which cannot be added: name the layers where sizes agree, residual=[2]."
            )
    if not found:
        raise ArgumentError(
            f"residual: the sequence has shape {shape_text(takes)} and {layers[0].name} reads out {shape_text(gives)}, "
            "and no layer stands above: leave it out, or add a layer."
        )
    return frozenset(found)


def _space(axes: Axes, letter: str) -> str:
    return letter + shape_text(axes)[1:]


def _power(axes: Axes) -> str:
    return shape_text(axes)[1:]


def _masks(axes: Axes) -> str:
    return "{0,1}" + _power(axes)


def _factor(number: Fraction) -> str:
    """A number as a factor of a product."""
    text = _decimal(number)
    return f"({text})" if "/" in text else text


def _decimal(number: Fraction) -> str:
    """A number as a person types it: 0.7, or 2/3."""
    text = f"{float(number):g}"
    return text if Fraction(text) == number else str(number)


def _number_text(value: object) -> str:
    return str(value) if isinstance(value, int | Fraction) else repr(float(value))  # type: ignore[arg-type]
