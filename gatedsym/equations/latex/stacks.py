"""Vectors as a row that is set upright, ``[h^\\top, x^\\top]^\\top``, to one above the other, ``[h, x]``."""

from __future__ import annotations

from dataclasses import replace

from gatedsym.equations.latex.scripts import bare, glyphs, is_transpose, is_transposed
from gatedsym.equations.latex.tree import Node, Row


def with_upright_stacks(row: Row) -> Row:
    """The row with every transposed list of transposed vectors as a list of vectors."""
    return tuple(_upright(replace(n, parts=tuple(with_upright_stacks(part) for part in n.parts))) for n in row)


def _upright(node: Node) -> Node:
    if node.kind != "fence" or node.text not in ("[]", "()") or not is_transposed(node):
        return node
    items = [n for n in node.parts[0] if n.kind != "space"]
    vectors, signs = items[::2], items[1::2]
    listed = len(vectors) > 1 and len(items) % 2 == 1 and all(n.text in (",", ";") for n in signs)
    if not listed or not all(is_transposed(n) for n in vectors):
        return node
    body = tuple(_plain(n) if n in vectors else n for n in node.parts[0])
    return replace(_plain(node), text="[]", parts=(body,))


def _plain(node: Node) -> Node:
    return replace(node, sups=tuple(script for script in node.sups if not is_transpose(bare(glyphs(script))[0])))
