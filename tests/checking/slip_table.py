"""Slips in homework → a table: which the checker suspects first, and whether it is right.

    python tests/checking/slip_table.py

Each ``slips/*.toml`` lists slips: a pass that is right, and what is exchanged in it. Those of ``blind.toml`` are by
another person, made before the checker knew them: what it did with them when it was first shown them is told beside
what it does today.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gatedsym as gs
from gatedsym.checking import Answer
from gatedsym.errors import GatedsymError

FOLDER = Path(__file__).parent / "slips"


@dataclass(frozen=True)
class Row:
    """A slip and what the checker says of it."""

    table: str
    entry: Mapping[str, Any]
    answer: Answer | None
    error: str = ""

    @property
    def found(self) -> bool:
        """Whether the first suspect is the slip, in the equation in which it is."""
        first = None if self.answer is None else self.answer.first
        if first is None or first.kind not in self.entry["slip"]:
            return False
        return "of" not in self.entry or self.entry["of"] in first.of

    @property
    def listed(self) -> bool:
        """Whether the slip is among the suspects."""
        told = [] if self.answer is None else [s for some in self.answer.suspects for s in some]
        return any(s.kind in self.entry["slip"] and self.entry.get("of", s.of[:1] and s.of[0]) in s.of for s in told)

    def __str__(self) -> str:
        first = None if self.answer is None else self.answer.first
        said = self.error or (
            f"{first.kind} {','.join(first.of)}" if first else self.answer.verdict if self.answer else ""
        )
        mark = "first" if self.found else "listed" if self.listed else "MISSED"
        wanted = f"{self.entry['slip'][0]} {self.entry.get('of', '')}"
        return f"{mark:7}{self.table:7}{self.entry['file']:23}{wanted:34}{said}"


def entries() -> list[tuple[str, dict[str, Any]]]:
    """All slips, with the table that each is from."""
    return [
        (path.stem, entry)
        for path in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8"))["slips"]
    ]


def slipped(entry: Mapping[str, Any]) -> str:
    """The text of a pass with a slip in it."""
    text = (FOLDER / entry["file"]).read_text("utf-8")
    if text.count(entry["old"]) != 1:
        raise ValueError(
            f"{entry['file']} has {entry['old']!r} {text.count(entry['old'])} times, and must have it once."
        )
    return text.replace(entry["old"], entry["new"])


def row_of(table: str, entry: Mapping[str, Any]) -> Row:
    """The checker's answer to a slip."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / entry["file"]
        path.write_text(slipped(entry), "utf-8")
        name = f"{path}:{entry['function']}" if "function" in entry else str(path)
        try:
            return Row(table, entry, gs.check(entry["cell"], name))
        except GatedsymError as error:
            return Row(table, entry, None, str(error))


def rows(words: list[str]) -> Iterator[Row]:
    for table, entry in entries():
        if not words or any(w in f"{table} {entry['file']} {entry['slip']} {entry['old']}" for w in words):
            yield row_of(table, entry)


def totals(found: Sequence[Row]) -> Iterator[str]:
    """A line for each table; for slips that were first shown blind, what was found of them then."""
    for table in dict.fromkeys(row.table for row in found):
        own = [row for row in found if row.table == table]
        first, listed = sum(r.found for r in own), sum(r.listed for r in own)
        share = f"{first / len(own):.0%}"
        yield f"{table}: {len(own)} slips, {first} suspected first ({share}), {listed} among the suspects"
        then = Counter(row.entry["at_first"] for row in own if "at_first" in row.entry)
        if then:
            read = then["found"] + then["missed"]
            yield (
                f"{table}, when first shown: {then['found']} of the {read} in passes that could be read;"
                f" {then['unread']} were in passes that could not"
            )


def main() -> None:
    found = []
    for row in rows(sys.argv[1:]):
        found.append(row)
        print(row, flush=True)
    for line in totals(found):
        print(line)


if __name__ == "__main__":
    main()
