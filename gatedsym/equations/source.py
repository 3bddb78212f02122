"""The text of a person and its plain form, each character of which knows where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from gatedsym.equations import input_domains
from gatedsym.equations.rates import Rates
from gatedsym.equations.uses import Use
from gatedsym.errors import EquationError

MAX_CHARACTERS = 100_000
MAX_NESTING = 50


@dataclass(frozen=True)
class Span:
    """A stretch of the plain text, from `start` up to but not including `end`."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """From the beginning of this one to the end of the other."""
        return Span(self.start, max(self.end, other.end))


@dataclass(frozen=True)
class Source:
    """A text of equations, as typed and in plain notation.

    Attributes
    ----------
    typed : str
    plain : str
        What the grammar reads.
    origins : tuple of int
        For each character of `plain` its offset in `typed`: the last one, where it stands for several.
    tags : tuple of Span
        The equation numbers that were left out.
    domains : tuple of Found
        The domains of inputs, which the grammar does not read.
    notes : tuple of str
        What else a person is to be told of how the text was read.
    rates : Rates
        The rates of change, which the grammar reads as lines of their names.
    uses : tuple of Use
        The cells that the text uses, whose lines the grammar reads as their bindings.
    convention : str
        ``rows`` or ``columns`` where a line says what vectors are.
    starts : tuple of int
        For each character of `plain` the first offset that it stands for; empty where that is its origin.
    """

    typed: str
    plain: str
    origins: tuple[int, ...]
    tags: tuple[Span, ...] = ()
    domains: tuple[input_domains.Found, ...] = ()
    notes: tuple[str, ...] = ()
    rates: Rates = field(default_factory=Rates)
    uses: tuple[Use, ...] = ()
    convention: str = ""
    starts: tuple[int, ...] = ()

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.typed.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def typed_range(self, span: Span) -> tuple[int, int]:
        """Position of a span in the text as typed: offsets of its first character and just after its last."""
        if not self.origins:
            return 0, 0
        start = (self.starts or self.origins)[min(span.start, len(self.origins) - 1)]
        end = self.origins[min(max(span.end, span.start + 1), len(self.origins)) - 1] + 1
        return start, max(start, end)

    def position(self, span: Span) -> tuple[int, int, int]:
        """Line and column of a span, counted from 1 as an editor shows them, and its width within that line."""
        start, end = self.typed_range(span)
        number = 0
        while number + 1 < len(self._line_starts) - 1 and self._line_starts[number + 1] <= start:
            number += 1
        line_end = self._line_starts[number + 1] if number + 1 < len(self._line_starts) else len(self.typed)
        return number + 1, start - self._line_starts[number] + 1, max(1, min(end, line_end) - start)

    def line(self, span: Span) -> int:
        """The line, counted from 1, on which a span begins."""
        return self.position(span)[0]

    def excerpt(self, span: Span) -> str:
        """The text of a span as typed."""
        start, end = self.typed_range(span)
        return self.typed[start:end]

    def within(self, span: Span, product: str) -> str:
        """A product that is to stand where a span stands, in brackets unless it binds there as one thing anyway."""
        before = self.plain[: span.start].rstrip()[-1:]
        after = self.plain[span.end :].lstrip(" ")
        following = after.lstrip()[:1] if after[:1] == "\n" else after[:1]
        if before in "=+-(,[;:" and (following in "+-),];" or (after[:1] == "\n" and following not in "*/@·×^.")):
            return product
        return f"({product})"

    def error(self, message: str, span: Span | None = None, mend: str = "") -> EquationError:
        """An EquationError with line and caret; about the whole text where no span is given."""
        if span is None:
            return EquationError(message, self.typed, mend=mend)
        return self.error_at(message, self.position(span), mend)

    def error_at(
        self, message: str, position: tuple[int, int, int], mend: str = "", kind: type[EquationError] = EquationError
    ) -> EquationError:
        """An EquationError at a line, a column and a width of the text as typed."""
        return kind(message, self.typed, *position, mend)
