"""Boxes: the formulas of a page as a small tree that LaTeX, MathML and plain text print alike.

A `Box` says how a formula looks, not what it means. A `Piece` is a box that knows how tightly it binds, so that whoever
joins pieces sets brackets exactly where a reader needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal

from gatedsym.ir.decimals import decimal_of, is_long

GREEK: dict[str, str] = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ",
    "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω", "eps": "ϵ", "varepsilon": "ε", "varphi": "φ", "lamda": "λ", "lam": "λ",
}  # fmt: skip
"""Names that are spelled letters."""

PAIRS = frozenset({"xi"})
"""Subscripts that are two letters although they spell one: W_{xi}, beside W_{hi}, is the way from x to i."""

ACCENTS = frozenset({"hat", "tilde"})
"""Endings of names that are accents: ``h_tilde``. (A bar is kept for adjoints, a dot for tangents.)"""


DOTLESS = {"i": "ı", "j": "ȷ"}
"""Letters that lose their dot under an accent."""


@dataclass(frozen=True)
class Name:
    """A letter (italic) or a word (upright)."""

    text: str

    @property
    def upright(self) -> bool:
        return len(self.text) > 1


@dataclass(frozen=True)
class Number:
    """A number, as digits."""

    text: str


@dataclass(frozen=True)
class Op:
    """An operator or relation, as its Unicode character."""

    text: str


@dataclass(frozen=True)
class Gap:
    """The thin space of a product that is written without a sign."""


@dataclass(frozen=True)
class Row:
    """Boxes side by side."""

    parts: tuple[Box, ...]


@dataclass(frozen=True)
class Sum:
    """Terms with their signs: the only place where a long formula may break."""

    terms: tuple[tuple[bool, Box], ...]
    """(negative, term)."""


@dataclass(frozen=True)
class Fence:
    """A body in brackets ``()``, ``[]`` or bars ``||``."""

    body: Box
    kind: Literal["()", "[]", "||"] = "()"


@dataclass(frozen=True)
class Script:
    """A base with a subscript, a superscript or both."""

    base: Box
    sub: Box | None = None
    sup: Box | None = None


@dataclass(frozen=True)
class Accent:
    """A bar, hat, tilde, dot or a line over a whole formula."""

    kind: Literal["bar", "hat", "tilde", "dot", "line"]
    body: Box


@dataclass(frozen=True)
class Fraction:
    above: Box
    below: Box


@dataclass(frozen=True)
class Root:
    body: Box


@dataclass(frozen=True)
class Big:
    """∑, ∏ or max over something."""

    sign: str
    under: Box
    body: Box
    over: Box | None = None


@dataclass(frozen=True)
class Grid:
    """Entries of a matrix in square brackets, row by row; a column has rows of one entry."""

    rows: tuple[tuple[Box, ...], ...]


Box = Name | Number | Op | Gap | Row | Sum | Fence | Script | Accent | Fraction | Root | Big | Grid


ONES = Name("𝟏")
"""The vector of ones."""


class Level(IntEnum):
    """Tightness with which a piece binds."""

    SUM = 0
    BIG = 1  # a big sum: everything to its right belongs to it
    HADAMARD = 2
    PRODUCT = 3  # of matrices, of numbers
    CALL = 4
    ATOM = 5


@dataclass(frozen=True)
class Piece:
    """A box with its level.

    Attributes
    ----------
    box : Box
    level : Level
    negative : bool
        A minus stands before the box.
    call : tuple of Box, optional
        Function and bracketed argument, of an application: its square is written tanh²(c).
    """

    box: Box
    level: Level = Level.ATOM
    negative: bool = False
    call: tuple[Box, Box] | None = None

    def at(self, level: Level) -> Box:
        """The box, in brackets if it binds less tightly than `level`."""
        if self.negative:
            return Fence(Sum(((True, self.box),)))
        return self.box if self.level >= level else Fence(self.box)

    def whole(self) -> Box:
        """The box with its sign."""
        return Sum(((True, self.box),)) if self.negative else self.box


def row(*parts: Box) -> Box:
    return parts[0] if len(parts) == 1 else Row(parts)


def comma_list(parts: Sequence[Box]) -> Box:
    """a, b, c without spaces: for indices."""
    joined: list[Box] = []
    for part in parts:
        joined += [Op(","), part] if joined else [part]
    return row(*joined)


def number(numerator: int, denominator: int = 1) -> Piece:
    if is_long(numerator, denominator):
        digits, exponent = decimal_of(abs(numerator), denominator)
        place: Box = Number(str(abs(exponent)))
        ten = Script(Number("10"), sup=Row((Op("−"), place)) if exponent < 0 else place)
        if digits == "1":
            return Piece(ten, Level.ATOM, numerator < 0)
        return Piece(Row((Number(digits), Op("·"), ten)), Level.PRODUCT, numerator < 0)
    top = Number(str(abs(numerator)))
    box: Box = top if denominator == 1 else Fraction(top, Number(str(denominator)))
    return Piece(box, Level.ATOM, numerator < 0)


def add(pieces: Sequence[Piece]) -> Piece:
    """The sum; a positive term comes first where there is one."""
    if len(pieces) == 1:
        return pieces[0]
    terms: list[tuple[bool, Box]] = []
    for p in pieces:
        if isinstance(p.box, Sum) and not p.negative:
            terms += p.box.terms
        else:
            terms.append((p.negative, p.at(Level.BIG) if not p.negative else _positive(p).at(Level.BIG)))
    first = next((n for n, (negative, _) in enumerate(terms) if not negative), 0)
    terms.insert(0, terms.pop(first))
    return Piece(Sum(tuple(terms)), Level.SUM)


def _positive(piece: Piece) -> Piece:
    return replace(piece, negative=False)


def hadamard(pieces: Sequence[Piece]) -> Piece:
    """Entry-by-entry product, ⊙."""
    return _joined(pieces, Op("⊙"), Level.CALL, Level.HADAMARD)


def product(pieces: Sequence[Piece]) -> Piece:
    """Product of matrices or of numbers: factors side by side."""
    return _joined(pieces, Gap(), Level.PRODUCT, Level.PRODUCT)


def _joined(pieces: Sequence[Piece], sign: Box, inner: Level, outer: Level) -> Piece:
    if len(pieces) == 1:
        return pieces[0]
    negative = sum(p.negative for p in pieces) % 2 == 1
    parts: list[Box] = []
    for p in map(_positive, pieces):
        parts += [sign, p.at(inner)] if parts else [p.at(inner)]
    return Piece(Row(tuple(parts)), outer, negative)


def quotient(above: Piece, below: Piece) -> Piece:
    return Piece(Fraction(_positive(above).box, below.whole()), Level.CALL, above.negative)


def call(function: Box, *arguments: Piece) -> Piece:
    """f(a, b)."""
    joined: list[Box] = []
    for a in arguments:
        joined += [Op(", "), a.whole()] if joined else [a.whole()]
    argument = Fence(row(*joined))
    return Piece(Row((function, argument)), Level.CALL, call=(function, argument))


def bars(argument: Piece) -> Piece:
    return Piece(Fence(argument.whole(), "||"))


def root(argument: Piece) -> Piece:
    return Piece(Root(argument.whole()))


def power(base: Piece, exponent: Box) -> Piece:
    """base^exponent; of an application f²(x)."""
    if isinstance(base.box, Root) and exponent == Number("2"):
        return Piece(base.box.body, Level.SUM)
    if base.call is not None and isinstance(exponent, Number) and not isinstance(base.call[0], Script):
        function, argument = base.call
        return Piece(Row((Script(function, sup=exponent), argument)), Level.CALL)
    return Piece(superscript(base.at(Level.ATOM), exponent))


def superscript(box: Box, sup: Box) -> Box:
    """The box with a superscript, beside its subscript if it has one."""
    if isinstance(box, Script) and box.sup is None:
        return replace(box, sup=sup)
    if isinstance(box, Script):
        return Script(Fence(box), sup=sup)
    return Script(box, sup=sup)


def transpose(piece: Piece) -> Piece:
    return Piece(superscript(piece.at(Level.ATOM), Op("⊤")), Level.ATOM, piece.negative)


def diagonal(piece: Piece) -> Piece:
    """diag(v)."""
    return Piece(Row((Name("diag"), Fence(piece.whole()))), Level.CALL)


def big(sign: str, under: Box, body: Piece, over: Box | None = None) -> Piece:
    return Piece(
        Big(sign, under, body.whole() if body.level == Level.BIG else body.at(Level.HADAMARD), over), Level.BIG
    )


def bar(box: Box) -> Box:
    """The adjoint's bar: over the letter where there is one, else over all."""
    if isinstance(box, Name) and not box.upright:
        return Accent("bar", box)
    if isinstance(box, Script) and box.sup is None and isinstance(box.base, Name) and not box.base.upright:
        return replace(box, base=Accent("bar", box.base))
    return Accent("line", box)


def entry(box: Box, indices: Sequence[Box]) -> Box:
    """v[j,k]."""
    return Row((tight(box), Fence(comma_list(indices), "[]"))) if indices else box


def index_box(index: str) -> Box:
    """j, or j₁ for j1."""
    letter, digits = index[:1], index[1:]
    return Script(Name(letter), sub=Number(digits)) if digits else Name(letter)


def mapped(box: Box, change: Callable[[Box], Box]) -> Box:
    """The box with its inner boxes changed."""
    match box:
        case Name() | Number() | Op() | Gap():
            return box
        case Row(parts):
            return Row(tuple(map(change, parts)))
        case Sum(terms):
            return Sum(tuple((negative, change(term)) for negative, term in terms))
        case Fence(body, kind):
            return Fence(change(body), kind)
        case Script(base, sub, sup):
            return Script(change(base), None if sub is None else change(sub), None if sup is None else change(sup))
        case Accent(kind, body):
            return Accent(kind, change(body))
        case Fraction(above, below):
            return Fraction(change(above), change(below))
        case Root(body):
            return Root(change(body))
        case Big(sign, under, body, over):
            return Big(sign, change(under), change(body), None if over is None else change(over))
        case Grid(rows):
            return Grid(tuple(tuple(map(change, row)) for row in rows))


def inline(box: Box) -> Box:
    """The box for a line of text: derivatives are written with a slash."""
    box = mapped(box, inline)
    if isinstance(box, Fraction) and isinstance(box.above, Row) and box.above.parts[0] == Op("∂"):
        below = box.below.parts if isinstance(box.below, Row) else (box.below,)
        return Row((*box.above.parts, Op("/"), *below))
    return box


def contains(box: Box, part: Box) -> bool:
    """True if the part occurs in the box."""
    found = box == part

    def look(inner: Box) -> Box:
        nonlocal found
        found = found or contains(inner, part)
        return inner

    mapped(box, look)
    return found


def tight(box: Box) -> Box:
    """The box, in brackets if it is more than one factor."""
    loose = isinstance(box, Sum | Big) or (isinstance(box, Row) and any(isinstance(p, Op | Gap) for p in box.parts))
    return Fence(box) if loose else box


def partial(of: Box, by: Box) -> Box:
    """∂of/∂by."""
    return Fraction(Row((Op("∂"), tight(of))), Row((Op("∂"), tight(by))))


def word(text: str) -> Box:
    """One part of a name: a Greek letter, a letter, a number, a letter with a number, or an upright word."""
    if text.isdigit():
        return Number(text)
    head = text.rstrip("0123456789")
    tail = text[len(head) :]
    base = Name(GREEK.get(head, head))
    return Script(base, sub=Number(tail)) if tail else base


def split_name(name: str) -> tuple[Box, list[Box]]:
    """The letter of a name and its subscripts: ``W_i`` is W with i, ``h_tilde`` is h with a tilde."""
    head, *rest = [part for part in name.split("_") if part] or [name]
    first = word(head)
    base, subs = (first.base, [first.sub]) if isinstance(first, Script) and first.sub is not None else (first, [])
    for part in rest:
        kind: Literal["hat", "tilde"] = "hat" if part == "hat" else "tilde"
        if part in ACCENTS and subs:
            subs[-1] = Accent(kind, subs[-1])
        elif part in ACCENTS:
            base = Accent(kind, base)
        else:
            subs.append(Name(part) if part in PAIRS else word(part))
    return base, subs


def name_box(name: str, time: Box | None = None) -> Box:
    """The box of a name, its time among the subscripts."""
    base, subs = split_name(name)
    if time is not None:
        subs = [*subs, time]
    return Script(base, sub=comma_list(subs)) if subs else base


def time_box(lag: int) -> Box:
    """t, t-1, …; t+1 for a negative lag."""
    if lag == 0:
        return Name("t")
    return Row((Name("t"), Op("−" if lag > 0 else "+"), Number(str(abs(lag)))))
