"""Scripts of all letters of a text → what each of them is: a time, an index, a power, or part of a name.

A script says what it is by what the text does with it: where t, t-1 and t+1 stand is time; letters that a sum runs over
are indices; a number above a letter that also stands without it is a power.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from gatedsym.equations.latex.tree import Node, Row

_BRACKETS = {"(": ")", "[": "]", "⟨": "⟩", "{": "}", "<": ">"}
_CONJUGATE = (["H"], ["†"])
_TRANSPOSE = (["T"], ["⊤"], ["tr"], ["transp"])
_NUMBER = re.compile(r"\d+(?:\.\d+)?\Z")
ACCENT_WORDS = frozenset({"tilde", "hat", "bar", "dot", "ddot", "check", "breve", "ring"})


@dataclass(frozen=True)
class Key:
    """A symbol as its reader tells it from others: letter, marks, and scripts that are no time, index or power."""

    base: str
    accents: tuple[str, ...] = ()
    primes: int = 0
    subs: tuple[str, ...] = ()
    sups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One letter with its scripts told apart.

    Attributes
    ----------
    key : Key
    time : int, optional
        0 at t, -1 at t-1.
    indices : tuple of str
        Of the index form.
    entry : bool
        An index that says nothing stands at it.
    power : tuple of Node, optional
        What stands above it as an exponent.
    each : bool
        The power is of each entry: ``^{\\odot 2}``.
    transposed : bool
    conjugate : bool
        Transposed and conjugate, ``^H``.
    inverted : bool
        The inverse of the transpose, ``^{-\\top}``.
    family : tuple of str
        In a declaration the suffixes of ``W_{f,i,o}``.
    """

    key: Key
    time: int | None = None
    indices: tuple[str, ...] = ()
    power: Row | None = None
    each: bool = False
    transposed: bool = False
    number: str = ""
    twice: bool = False
    entry: bool = False
    conjugate: bool = False
    inverted: bool = False


@dataclass
class Conventions:
    """Meanings of the scripts of a text.

    Attributes
    ----------
    moment : str
        The letter of time.
    names : frozenset of str
        Plain names that the text declares.
    named_numbers : set of Key
        Symbols whose upright number above is part of the name.
    scalars : frozenset of str
        Plain names of numbers: a power may be one.
    defined : frozenset of str
        Plain names of left sides.
    is_latex : bool
    lettered : frozenset of str
        Letters, with what is below them, whose T above is part of the name: an equation defines them with it.
    bare : frozenset of str, optional
        Letters, with what is below them, that also stand with nothing above; None before that is known.
    """

    moment: str = "t"
    names: frozenset[str] = frozenset()
    named_numbers: set[Key] = field(default_factory=set)
    scalars: frozenset[str] = frozenset()
    defined: frozenset[str] = frozenset()
    is_latex: bool = True
    lettered: frozenset[str] = frozenset()
    bare: frozenset[str] | None = None


def below(node: Node) -> str:
    """A letter and what stands below it, as one string."""
    return "_".join([node.text, *node.accents, *("".join(glyphs(script)) for script in node.subs)])


def glyphs(row: Row) -> list[str]:
    """The characters of a script, one string for each letter, word or sign."""
    found: list[str] = []
    for node in row:
        if node.kind == "symbol":
            found.append("_".join([node.text, *node.accents, *["prime"] * node.primes]))
        elif node.kind == "number":
            found.append(node.text)
        elif node.kind == "sign":
            found.append(node.text.strip())
        elif node.kind == "fence":
            found += [node.text[0], *glyphs(node.parts[0]), node.text[1:]]
        elif node.kind in ("fraction", "root", "matrix", "cases", "big"):
            found.append("?")
        for script in (*node.subs, *node.sups):
            found += glyphs(script)
    return found


def items_of(characters: list[str]) -> list[list[str]]:
    """Items between commas, outside of brackets."""
    items: list[list[str]] = [[]]
    depth = 0
    for glyph in characters:
        depth += (glyph in _BRACKETS) - (glyph in _BRACKETS.values())
        if glyph in (",", ";") and depth == 0:
            items.append([])
        else:
            items[-1].append(glyph)
    return [item for item in items if item]


def bare(item: list[str]) -> tuple[list[str], bool]:
    """An item without brackets around it, and whether there were any."""
    bracketed = False
    while len(item) > 2 and item[0] in _BRACKETS and item[-1] == _BRACKETS[item[0]]:
        item, bracketed = item[1:-1], True
    return item, bracketed


def moment_of(item: list[str], letter: str) -> int | None:
    """The time that an item is, in steps from t; None if it is none."""
    inner, _ = bare(item)
    if inner == [letter]:
        return 0
    if len(inner) == 3 and inner[0] == letter and inner[1] in "+-" and inner[2].isdigit() and len(inner[2]) < 5:
        return int(inner[1] + inner[2])
    return None


def symbols(rows: Iterable[Node]) -> Iterator[Node]:
    """Every letter of a formula outside of scripts."""
    for node in rows:
        if node.kind == "symbol":
            yield node
        for part in node.parts:
            yield from symbols(part)


def nodes_of(rows: Iterable[Node]) -> Iterator[Node]:
    """Every node of a formula outside of scripts."""
    for node in rows:
        yield node
        for part in node.parts:
            yield from nodes_of(part)


def find_moment(rows: Iterable[Row], is_latex: bool) -> str:
    """The letter of time: t where a script is t, else the one letter that stands alone and with ±1 in scripts."""
    alone: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for row in rows:
        for node, following in _with_followers(row):
            for script in (*node.subs, *node.sups, *following):
                for item in _split_at_bars(items_of(glyphs(script))):
                    inner, _ = bare(item)
                    if len(inner) == 1 and len(inner[0]) == 1 and inner[0].isalpha():
                        alone[inner[0]] += 1
                    elif len(inner) == 3 and inner[1] in "+-" and inner[2].isdigit() and inner[0].isalpha():
                        moved[inner[0]] += 1
    if not is_latex or alone["t"] or moved["t"]:
        return "t"
    found = [letter for letter in moved if alone[letter]]
    return found[0] if len(found) == 1 else "t"


def _split_at_bars(items: list[list[str]]) -> Iterator[list[str]]:
    """Items, the two of ``k|k-1`` one by one."""
    for item in items:
        at = item.index("|") if item.count("|") == 1 else len(item)
        yield item[:at]
        if item[at + 1 :]:
            yield item[at + 1 :]


def _with_followers(row: Row) -> Iterator[tuple[Node, tuple[Row, ...]]]:
    """Every letter, with what stands in brackets right behind it."""
    for at, node in enumerate(row):
        if node.kind == "symbol":
            after = row[at + 1] if at + 1 < len(row) else None
            bracketed = after is not None and after.kind == "fence" and after.text in ("()", "[]")
            yield node, after.parts if after is not None and bracketed else ()
        for part in node.parts:
            yield from _with_followers(part)


def absorb_times(row: Row, moments: frozenset[str], functions: frozenset[str]) -> Row:
    """The row with ``h(t-1)`` and ``h[n-1]`` as a letter with a script."""
    result: list[Node] = []
    for node in row:
        node = replace(node, parts=tuple(absorb_times(part, moments, functions) for part in node.parts))
        last = result[-1] if result else None
        if (
            node.kind == "fence"
            and node.text in ("()", "[]")
            and last is not None
            and last.kind == "symbol"
            and last.text not in functions
            and not (node.subs or node.sups)
            and not _has_time(last, moments)
            and any(moment_of(glyphs(node.parts[0]), letter) is not None for letter in moments)
        ):
            result[-1] = replace(last, sups=(*last.sups, (replace(node, subs=(), sups=()),)), end=node.end)
        else:
            result.append(node)
    return tuple(result)


def _has_time(node: Node, moments: frozenset[str]) -> bool:
    items = [item for script in (*node.subs, *node.sups) for item in items_of(glyphs(script))]
    return any(moment_of(item, letter) is not None for item in items for letter in moments)


def read_scripts(node: Node, conventions: Conventions, indices: frozenset[str], dropped: frozenset[str]) -> Reading:
    """A letter with its scripts told apart.

    Parameters
    ----------
    node : Node
        A symbol.
    conventions : Conventions
    indices : frozenset of str
        Letters that are indices in its statement.
    dropped : frozenset of str
        Indices of entries that the whole statement speaks of: they say nothing.
    """
    reading = _Scripts(node, conventions, indices, dropped)
    for script in node.subs:
        reading.below(script)
    for script in node.sups:
        reading.above(script)
    return reading.result()


class _Scripts:
    """The scripts of one letter, told apart one by one."""

    def __init__(self, node: Node, conventions: Conventions, indices: frozenset[str], dropped: frozenset[str]) -> None:
        self.node, self.conventions, self.letters, self.dropped = node, conventions, indices, dropped
        self.time: int | None = None
        self.twice = self.entry = False
        self.subs: list[str] = []
        self.sups: list[str] = []
        self.indices: list[str] = []
        self.accents = list(node.accents)
        self.power: Row | None = None
        self.each = self.transposed = self.conjugate = self.inverted = False
        self.number = ""

    def below(self, script: Row) -> None:
        characters = glyphs(script)
        letters = [c for c in characters if c != ","]
        if letters and set(letters) <= self.letters:
            self.indices += letters
            return
        for item in items_of(characters):
            inner, _ = bare(item)
            if self._is_given(inner):
                continue
            moment = moment_of(item, self.conventions.moment)
            if moment == 0 and f"{self.node.text}_t" in self.conventions.names:
                moment = None
            if self._is_time_or_index(moment, inner):
                continue
            if not self.subs and len(inner) == 1 and inner[0] in ACCENT_WORDS:
                self.accents.append(inner[0])
            else:
                self.subs.append(name_of(inner))

    def _is_given(self, inner: list[str]) -> bool:
        """Take in ``k|k-1``: the value at k by what is known at k-1, one of its own beside that by what k brings."""
        if inner.count("|") != 1:
            return False
        at = inner.index("|")
        own, known = (moment_of(part, self.conventions.moment) for part in (inner[:at], inner[at + 1 :]))
        if own is None or known is None:
            return False
        self._at(own)
        if own != known:
            self.subs.append("prior" if own > known else "smooth")
        return True

    def _is_time_or_index(self, moment: int | None, inner: list[str]) -> bool:
        """Take in an item that is a time or an index; say whether it is one."""
        if moment is not None:
            self._at(moment)
        elif len(inner) == 1 and inner[0] in self.dropped:
            self.entry = True
        elif inner and set(inner) <= self.letters:
            self.indices += inner
        else:
            return False
        return True

    def above(self, script: Row) -> None:
        characters = glyphs(script)
        inner, bracketed = bare(characters)
        if inner == ["T"] and below(self.node) in self.conventions.lettered:
            self.sups.append("T")
            return
        if is_transpose(inner) or is_conjugate(inner):
            self.transposed, self.conjugate = True, is_conjugate(inner)
            return
        if is_inverse_of_the_transpose(inner):
            self.transposed = self.inverted = True
            return
        if len(characters) > 1 and characters[-1] in ("⊤",):
            self.transposed = True
            characters = characters[:-1]
            inner, bracketed = bare(characters)
        if len(inner) > 1 and inner[0] == "*":
            self.power, self.each = tuple(n for n in script if not (n.kind == "sign" and n.text == "*")), True
            return
        grouped = bracketed and not self.conventions.is_latex and len(script) == 1  # A^(2) of the plain language
        if (not bracketed or grouped) and _is_exponent(inner):
            self.power = script
            self.number = "".join(inner)
            return
        if "?" in inner:
            self.power = script
            return
        for item in items_of(characters):
            self._item_above(item, script)

    def _item_above(self, item: list[str], script: Row) -> None:
        inner, bracketed = bare(item)
        if self._is_time_or_index(moment_of(item, self.conventions.moment), inner):
            return
        if not bracketed and _is_expression(script, inner, self):
            self.power = script
        else:
            self.sups.append(name_of(inner))

    def _at(self, moment: int) -> None:
        self.twice = self.twice or (self.time is not None and self.time != moment)
        self.time = moment

    def result(self) -> Reading:
        key = Key(self.node.text, tuple(self.accents), self.node.primes, tuple(self.subs), tuple(self.sups))
        power, number = self.power, self.number
        if number and key in self.conventions.named_numbers and not self.each:
            key = replace(key, sups=(*key.sups, number))
            power, number = None, ""
        own = (key, self.time, tuple(self.indices), power, self.each, self.transposed, number)
        return Reading(*own, twice=self.twice, entry=self.entry, conjugate=self.conjugate, inverted=self.inverted)


def is_transpose(inner: list[str]) -> bool:
    """Whether a script without its brackets is the T of a transpose."""
    return inner in _TRANSPOSE


def is_transposed(node: Node) -> bool:
    """Whether a letter or a bracket has the T of a transpose above it."""
    return node.kind in ("symbol", "fence") and any(is_transpose(bare(glyphs(script))[0]) for script in node.sups)


def is_conjugate(inner: list[str]) -> bool:
    """Whether a script without its brackets is the H of a transpose of conjugates."""
    return inner in _CONJUGATE


def is_inverse_of_the_transpose(inner: list[str]) -> bool:
    """Whether a script is ``-T``."""
    return inner in (["-", "T"], ["-", "⊤"])


def _is_exponent(inner: list[str]) -> bool:
    """Whether a script is a number: 2, -1, 1/2."""
    digits = [c for c in inner if c not in ("-", "/")]
    return bool(digits) and all(_NUMBER.match(c) for c in digits) and len(inner) <= 4


def _is_expression(script: Row, inner: list[str], scripts: _Scripts) -> bool:
    """Whether a script is an exponent rather than a name: of e, of a number's name, or with a time in it."""
    if scripts.node.text == "e" and not scripts.node.subs and "e" not in scripts.conventions.names:
        return True
    if _is_label(script, scripts):
        return False
    if any(node.subs or node.sups for node in symbols(script)) or any(
        node.kind == "fence" and len(script) > 1 for node in script
    ):
        return True
    conventions = scripts.conventions
    own = f"{scripts.node.text}_{name_of(inner)}"
    named = own in conventions.names or own in conventions.defined
    if len(inner) != 1 or named:
        return False
    return inner[0] in conventions.scalars or (not conventions.is_latex and scripts.node.text in conventions.names)


def _is_label(script: Row, scripts: _Scripts) -> bool:
    """Whether one letter with scripts, and no time, is part of the name below it: ``W_{hh}^{g^y}``, of no W_{hh}."""
    held = [node for node in script if node.kind != "space"]
    if len(held) != 1 or held[0].kind != "symbol" or scripts.conventions.bare is None:
        return False
    inner = [item for s in (*held[0].subs, *held[0].sups) for item in items_of(glyphs(s))]
    timed = any(moment_of(item, scripts.conventions.moment) is not None for item in inner)
    known = {below(scripts.node), scripts.node.text} & (scripts.conventions.bare | scripts.conventions.names)
    return bool(inner) and not timed and not known


_SPOKEN = {"+": "plus", "-": "minus", "*": "star", "→": "to", "†": "dagger", "·": "", "/": "over", "'": "prime",
           "×": "x", "∥": "par", "⊕": "plus", "..": "to", "=": "eq", "|": "given"}  # fmt: skip


def name_of(inner: list[str]) -> str:
    """A script as part of a name: letters side by side are joined, words and signs stand between underscores."""
    parts: list[str] = []
    glue = False
    for glyph in inner:
        word = _SPOKEN.get(glyph, glyph)
        word = re.sub(r"[^A-Za-z0-9_]", "", word)
        if not word:
            continue
        single = len(word) == 1 or word.isdigit()
        if parts and glue and single:
            parts[-1] += word
        else:
            parts.append(word)
        glue = single and glyph not in _SPOKEN
    return "_".join(parts)
