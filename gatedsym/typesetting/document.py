"""The page between derivation and printers: headings, paragraphs, displayed formulas with their reasons, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gatedsym.messages import room
from gatedsym.typesetting.notation import Box

say = room("typesetting")

Span = str | Box
"""A stretch of a line: words, or a formula among them."""

Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    text: str | Spans
    level: int = 2

    @property
    def spans(self) -> Spans:
        return (self.text,) if isinstance(self.text, str) else self.text


@dataclass(frozen=True)
class Paragraph:
    spans: Spans


@dataclass(frozen=True)
class Bullets:
    items: tuple[Spans, ...]


@dataclass(frozen=True)
class Formula:
    """A displayed formula, ``left = right = …``, and why it holds.

    Attributes
    ----------
    left : Box
    right : tuple of Box
        One or more right sides.
    entries : tuple of Box, optional
        Left and right side of the same in entries: the index notation behind the matrices.
    reason : spans
    number : int
        By which other lines refer to it; 0 for none.
    relation : str
        The sign between left and right.
    """

    left: Box
    right: tuple[Box, ...]
    entries: tuple[Box, Box] | None = None
    reason: Spans = ()
    number: int = 0
    relation: str = "="


@dataclass(frozen=True)
class Group:
    """Formulas that need no word between them, aligned at their relation."""

    formulas: tuple[Formula, ...]


@dataclass(frozen=True)
class Table:
    """A table; every cell is a run of words and formulas."""

    header: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]


@dataclass(frozen=True)
class Source:
    """Text to be set as it was typed."""

    text: str


@dataclass(frozen=True)
class Fold:
    """Blocks that a reader opens when she wants them, such as a solution; where paper cannot fold they just follow."""

    label: Spans
    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Bullets | Formula | Group | Table | Source | Fold


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes
    ----------
    title : str
    reference : str
        Where the equations come from; empty if nobody said.
    blocks : tuple of Block
    """

    title: str
    reference: str
    blocks: tuple[Block, ...]


def listing(boxes: Sequence[Span]) -> Spans:
    """Formulas or words in a sentence: a, b and c."""
    *before, last = boxes or ("",)
    return say.spans("listing-and", before=comma_listing(before), last=last) if before else _only(last)


def comma_listing(boxes: Sequence[Span]) -> Spans:
    """Formulas one after the other: a, b, c."""
    spans: Spans = ()
    for box in boxes:
        spans = say.spans("listing-comma", before=spans, next=box) if spans else _only(box)
    return spans


def _only(span: Span) -> Spans:
    return (span,) if span != "" else ()


def joined(parts: Iterable[Span | Spans]) -> Spans:
    """Spans and single words or formulas, one after the other."""
    spans: list[Span] = []
    for part in parts:
        spans += part if isinstance(part, tuple) else (part,)
    return tuple(spans)


def sentences(parts: Sequence[Span | Spans]) -> Spans:
    """Sentences one after the other; empty ones are left out."""
    spans: list[Span | Spans] = []
    for part in parts:
        if part:
            spans += [" ", part] if spans else [part]
    return joined(spans)
