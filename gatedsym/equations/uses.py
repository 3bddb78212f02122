"""``use lstm as inner: x = W @ x_outer + b`` and ``cell NAME:`` blocks: found in a text, and told to the grammar.

A line of use becomes its bindings, ``x = W @ x_outer + b``; `inner.h` is written `h_inner`. ``use lstm as two sharing
one:`` takes the parameters of `one`; without ``as`` names stay as they are. A block, ``cell lstm:`` and
the indented lines below it, is the text of a cell that the rest may use: a text that has them all is whole, wherever
and whenever it is read. What is left out keeps its length, so that every other character stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from textwrap import dedent, indent

from gatedsym.errors import EquationError
from gatedsym.ir.cell_texts import text_of

_BLOCK = re.compile(r"^cell +(?P<name>[A-Za-z]\w*) *:[^\n]*\n(?P<body>(?:[ \t]+[^\n]*(?:\n|\Z)|[ \t]*\n)*)", re.M)
_USE = re.compile(
    r"^(?P<indent>[ \t]*)use +(?P<name>[A-Za-z]\w*)(?: +as +(?P<alias>\w+)|(?= *:))"
    r"(?: +sharing +(?P<sharing>\w+))?[ \t]*"
    r"(?P<bindings>:[^\n]*(?:\n(?P=indent)[ \t]+[^\n]*)*)?",
    re.M,
)
_BINDING = re.compile(r"\s*([A-Za-z]\w*) *=(?!=)")
_OF_ALIAS = re.compile(r"(?<![A-Za-z0-9_.])([A-Za-z]\w*)\.([A-Za-z]\w*?)(?=_[{(]|_t\b|\W|\Z)")
_RESERVED = ("d", "dot")
"""Names that would begin like those of adjoints and tangents with an alias behind them."""
_MOST = 20
"""Cells in cells go so deep."""


@dataclass(frozen=True)
class Use:
    """A cell that a text uses.

    Attributes
    ----------
    name, alias : str
        The alias is "" where names stay as they are.
    start, end : int
        Where the line stands in the plain text.
    bindings : tuple of int
        Where each binding begins.
    sharing : str
        The alias of the use whose parameters are its own; "" where it has its own.
    """

    name: str
    alias: str
    start: int
    end: int
    bindings: tuple[int, ...]
    sharing: str = ""

    def called(self, name: str) -> str:
        """The text's name for a name of the cell."""
        return called(name, self.alias)


def called(name: str, alias: str) -> str:
    """A cell's name in a text that uses it: with the alias behind it. Names of adjoints begin with d_, so d is dd_2."""
    if not alias:
        return name
    return f"{name}_{alias}" if name not in _RESERVED else f"d{name}_{alias}"


def blocks(text: str) -> dict[str, str]:
    """The cells that a text brings with it, by name."""
    return {m["name"]: dedent(m["body"]) for m in _BLOCK.finditer(text)}


def without_blocks(text: str) -> str:
    """The text with blanks for the cells that it brings with it."""
    return _BLOCK.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def whole(text: str, above: tuple[str, ...] = (), known: Container[str] = ()) -> str:
    """The text with the cells that it uses, and those that they use, below it.

    Parameters
    ----------
    text : str
    above : tuple of str
        The cells that this text is used in, and itself.
    known : container of str
        Names of cells that the text around this one brings with it.

    Raises
    ------
    EquationError
        For a cell that nobody knows, and for cells that use each other in a circle.
    """
    own, added = blocks(text), list[str]()
    for name, at in _named(text):
        if name in own or (name in known and name not in above):
            continue
        if name in above or len(above) >= _MOST:
            raise circle(text, text.count("\n", 0, at) + 1, (*above, name))
        inner = text_of(name)
        if not inner:
            mend = f"`gatedsym cells` lists the library's; gs.register('{name}', text) brings another."
            line = text.count("\n", 0, at) + 1
            raise EquationError(f"there is no cell '{name}' to use.", text, line, mend=mend)
        own[name] = whole(inner.strip("\n"), (*above, name))
        added.append(f"cell {name}:\n{indent(own[name], '    ')}\n")
    return "\n".join([text.rstrip("\n"), "", *added]) if added else text


def _named(text: str) -> list[tuple[str, int]]:
    """The cells that a text uses, and those that cells which it brings use, each with its place in the text."""
    plain = [*_USE.finditer(without_blocks(text))]
    inside = [use for block in _BLOCK.finditer(text) for use in _USE.finditer(text, *block.span("body"))]
    return [(use["name"], use.start("name")) for use in (*plain, *inside)]


def circle(text: str, line: int, names: tuple[str, ...]) -> EquationError:
    """The error that names cells which use each other."""
    return EquationError(f"these cells use each other: {' → '.join(names)}.", text, line, mend="Break the circle.")


def take_uses(plain: str) -> tuple[str, tuple[Use, ...]]:
    """A plain text without the heads of its lines of use, and with `h_inner` for `inner.h`."""
    characters, found = list(plain), list[Use]()
    for match in _USE.finditer(plain):
        start, end = match.start() + len(match["indent"]), match.end()
        places: list[int] = []
        head = match.start("bindings") + 1 if match["bindings"] else end
        characters[start:head] = " " * (head - start)
        for at in _starts(plain, head, end) if match["bindings"] else []:
            binding = _BINDING.match(plain, at)
            if binding is None:
                continue
            if at > head and plain[at - 1] == ",":
                characters[at - 1] = ";"
            place = binding.start(1)
            if not places and "\n" not in plain[start:place]:  # where the line begins: its indentation counts
                characters[place : binding.end(1)] = " " * (binding.end(1) - place)
                characters[start : start + len(binding[1])] = binding[1]
                place = start
            places.append(place)
        found.append(Use(match["name"], match["alias"] or "", start, end, tuple(places), match["sharing"] or ""))
    return with_aliases("".join(characters), [use.alias for use in found]), tuple(found)


def with_aliases(plain: str, aliases: Iterable[str]) -> str:
    """A plain text with `h_inner` for `inner.h`, of the same length."""
    known = frozenset(aliases)
    return _OF_ALIAS.sub(lambda m: f"{m[2]}_{m[1]}" if m[1] in known else m[0], plain) if known else plain


def _starts(plain: str, start: int, end: int) -> list[int]:
    """Places where bindings may begin: behind the head, a comma, a semicolon or an end of line, outside of brackets."""
    places, depth = [start], 0
    for at in range(start, end):
        depth += (plain[at] in "([{") - (plain[at] in ")]}")
        if depth == 0 and plain[at] in ",;\n":
            places.append(at + 1)
    return places


def used(text: str) -> Mapping[str, str]:
    """For each alias in a text the cell that it stands for."""
    return {m["alias"]: m["name"] for m in _USE.finditer(without_blocks(text)) if m["alias"]}
