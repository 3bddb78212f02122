"""Printed equations, as tests hold them → a page that tells what becomes of each, printed-equations.md.

    python derivations/docs/list_printed.py

`tests/equations/test_printed_page.py` holds the page to what the reader says today.
"""

from __future__ import annotations

import os
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatedsym.equations import declare, read_equations
from gatedsym.errors import EquationError, EquationWarning

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "tests" / "equations" / "printed_equations.toml"
PAGE = HERE / "printed-equations.md"

HEAD = """\
# What becomes of printed equations

{total} sets of equations as papers, lecture notes and pages print them, retyped. They are chosen for how differently
they print, and each is a test with the same cell in plain notation beside it. *Declarations* are the shapes, which few
sources give; `gatedsym new NAME --from paper.tex` proposes them. *Proposed* says that all of them follow from the
equations; else what a person has to add stands there, or the question that the proposal marks as open.

{whole} stand as printed, {apart} of them with nothing to add but what is proposed; {refused} are refused, each with a
sentence that says what to type: those have two readings, or say too little.

This page is written by `python derivations/docs/list_printed.py`.

| source | as printed | declarations |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Fate:
    """What becomes of one source.

    Attributes
    ----------
    source : str
    said : str
        ``accepted``, or the refusal.
    needs : str
        What is to be declared or defined beside the equations; of a refused text nothing.
    """

    source: str
    said: str
    needs: str

    @property
    def row(self) -> str:
        """A line of the table."""
        cells = (_in_a_line(self.source), self.said, self.needs)
        return "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"


def fate_of(entry: Mapping[str, str]) -> Fate:
    """Read one source, and ask what its declarations would be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        try:
            read_equations(f"{entry.get('declarations', '')}\n{entry['text']}")
        except EquationError as refusal:
            return Fate(entry["source"], f"refused: {_in_a_line(refusal.message)} *{_in_a_line(refusal.mend)}*", "")
        return Fate(entry["source"], "accepted", _needs(entry["text"]))


def _needs(text: str) -> str:
    """What the equations alone leave to a person."""
    try:
        proposal = declare(text)
    except EquationError as refusal:
        return _in_a_line(refusal.mend)
    if not proposal.declarations and not proposal.open:
        return "in the text"
    return "; ".join(_in_a_line(entry.sentence) for entry in proposal.open) or "proposed"


def _in_a_line(text: str) -> str:
    """Words of a message, for a cell of a table: what Markdown would read is escaped."""
    escaped = " ".join(text.split())
    for sign in "\\*_<>$`":
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped


def write_page(entries: Mapping[str, Mapping[str, str]]) -> str:
    """The page, a row a source in the order of the tests."""
    fates = [fate_of(entry) for entry in entries.values()]
    whole = [fate for fate in fates if fate.said == "accepted"]
    apart = sum(fate.needs in ("proposed", "in the text") for fate in whole)
    head = HEAD.format(total=len(fates), whole=len(whole), apart=apart, refused=len(fates) - len(whole))
    return head + "\n".join(fate.row for fate in fates) + "\n"


def main() -> None:
    """Write the page as the reader is now, and name it."""
    text = write_page(tomllib.loads(SOURCES.read_text(encoding="utf-8")))
    half = HERE / f".{PAGE.name}.new"  # a reader finds the old file or the new one, never a part
    half.write_text(text, encoding="utf-8")
    os.replace(half, PAGE)
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
