"""Names of a cell's inputs → the one that reads the sequence, a text, noise or the layer below."""

from __future__ import annotations

from collections.abc import Iterable


def main_input_of(names: Iterable[str]) -> str:
    """The input that reads the sequence: x, or the first one of a cell without x; "" where there is none."""
    listed = list(names)
    return "x" if "x" in listed else listed[0] if listed else ""
