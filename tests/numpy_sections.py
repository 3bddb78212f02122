"""Docstrings in NumPy's style → their sections, and the entries of those that list something."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """An entry of a list: its first line, the names there and the kind behind their colon, and what it says below."""

    head: str
    names: tuple[str, ...]
    kind: str
    text: str


def sections(docstring):
    """From the title of each section to its text; what stands before the first under ""."""
    first, *others = re.split(r"\n(?=[A-Z][\w ]*\n-{3,}(?:\n|$))", docstring)
    titled = (part.split("\n", 2) for part in others)
    return {"": first} | {lines[0]: lines[2] if len(lines) > 2 else "" for lines in titled}


def entries(text):
    """The entries of a section, in order."""
    found = []
    for block in re.split(r"\n(?=\S)", text.strip("\n")) if text.strip() else ():
        head, _, below = block.partition("\n")
        names, _, kind = head.partition(" : ")
        found.append(Entry(head, tuple(n.strip().lstrip("*") for n in names.split(",")), kind.strip(), below.strip()))
    return found
