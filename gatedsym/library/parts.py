"""The text of a cell that uses cells of the library → what of it has the initialisation of which derivation file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gatedsym.equations.parts import Part
from gatedsym.equations.uses import Use, blocks, take_uses, whole, without_blocks
from gatedsym.ir.interface import Layout
from gatedsym.library.load import derivation, names
from gatedsym.library.records import Initialisation

_Axes = Sequence[Sequence[str]]
_BOUND = re.compile(r"\s*([A-Za-z]\w*) *= *([A-Za-z]\w*)[ \t]*(?=[,;\n]|\Z)")


@dataclass(frozen=True)
class PlacedPart:
    """A cell in the text of another.

    Attributes
    ----------
    initialisation : Initialisation, optional
        That of the library's cell, by its names; None of a cell whose equations are not the library's to the letter.
    parameters : mapping of str to str
        For each of its parameters the name that the whole text has for it.
    shared : frozenset of str
        Those, by the part's names, that another part has before.
    dimensions : mapping of str to str
        For each of its dimensions that a parameter has the name that the whole text has for it.
    """

    initialisation: Initialisation | None
    parameters: Mapping[str, str]
    shared: frozenset[str]
    dimensions: Mapping[str, str]

    def within(self, around: PlacedPart) -> PlacedPart:
        """The same part by the names of a text in which that around it stands."""
        return PlacedPart(
            self.initialisation,
            {name: around.parameters[outer] for name, outer in self.parameters.items()},
            self.shared | {name for name, outer in self.parameters.items() if outer in around.shared},
            {name: around.dimensions[outer] for name, outer in self.dimensions.items()},
        )


@lru_cache(64)
def placed_parts(text: str, parameters: tuple[Layout, ...]) -> tuple[PlacedPart, ...]:
    """The cells that a text uses, in its order; in place of one that the library does not have those that it uses.

    Parameters
    ----------
    text : str
    parameters : tuple of Layout
        Those of the cell that the text is.
    """
    return tuple(_placed(whole(text), {layout.name: layout.axes for layout in parameters}))


def _placed(text: str, axes: Mapping[str, _Axes]) -> list[PlacedPart]:
    inside, found, called = blocks(text), list[PlacedPart](), dict[str, dict[str, str]]()
    plain = without_blocks(text)
    for use in take_uses(plain)[1]:
        own = Part(use.name, inside[use.name], {})
        layouts = {layout.name: layout.axes for layout in own.recurrence.parameters}
        bound = _bound(plain, use) | called.get(use.sharing, {})
        names = {name: outer for name in layouts if (outer := bound.get(name, use.called(name))) in axes}
        before = {outer for earlier in called.values() for outer in earlier.values()}
        called[use.alias] = names
        shared = frozenset(name for name, outer in names.items() if outer in before)
        part = PlacedPart(_of_library(use.name, own.text), names, shared, _dimensions(layouts, names, axes))
        deeper = _placed(own.text, layouts) if part.initialisation is None else []
        found += [inner.within(part) for inner in deeper] or [part]
    return found


def _bound(plain: str, use: Use) -> dict[str, str]:
    """The names that bindings of names alone have for names of the part: ``U = U_1``."""
    found = (_BOUND.match(plain, at) for at in use.bindings)
    return {match[1]: match[2] for match in found if match}


def _dimensions(layouts: Mapping[str, _Axes], called: Mapping[str, str], axes: Mapping[str, _Axes]) -> dict[str, str]:
    """For each dimension of a part that one of its parameters has, what the text around it calls it."""
    return {
        inner: outer
        for name, whole_name in called.items()
        for own, around in zip(layouts[name], axes[whole_name], strict=True)
        for inner, outer in zip(own, around, strict=False)
    }


def _of_library(name: str, text: str) -> Initialisation | None:
    if name not in names():
        return None
    known = derivation(name)
    return known.initialisation if _lines(whole(known.equations)) == _lines(text) else None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]
