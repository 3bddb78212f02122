"""A one with a condition, ``\\mathbf{1}[u > v]``, to a choice: 1 where it holds, else 0; ``[v]_+`` to relu."""

from __future__ import annotations

from dataclasses import replace

from gatedsym.equations.latex.tree import Node, Row

COMPARISONS = frozenset({"<", ">", "<=", ">="})
_ONES = frozenset({"1", "I", "χ", "chi"})


def with_choices(row: Row) -> Row:
    """The row with every indicator as cases of two rows.

    ``\\mathbf{1}[…]``, ``\\mathbb{1}\\{…\\}``, ``\\mathbb{I}(…)`` and ``1_{u > v}``: a bracket holds one comparison.
    """
    result: list[Node] = []
    for node in row:
        node = replace(node, parts=tuple(with_choices(part) for part in node.parts))
        at = _last(result)
        if at >= 0 and result[at].text in _ONES and _compares(node) and not (result[at].subs or result[at].sups):
            one = result[at]
            del result[at:]
            node = _choice(one.start, node.end, node.parts[0], node)
        elif node.kind in ("number", "symbol") and node.text in _ONES and len(node.subs) == 1:
            inner = _unwrapped(node.subs[0])
            if _comparison(inner):
                node = _choice(node.start, node.end, inner, node)
        if node.kind == "fence" and node.text in ("[]", "()") and _PLUS in (_signs(node.subs), _signs(node.sups)):
            result.append(Node("symbol", node.start, node.start + 1, "relu", upright=True))
            node = replace(node, text="()", subs=(), sups=())
        result.append(node)
    return tuple(result)


_PLUS = ["+"]


def _signs(scripts: tuple[Row, ...]) -> list[str]:
    """The signs of the one script that there is; nothing for anything else."""
    held = [node for script in scripts for node in script if node.kind != "space"]
    return [node.text for node in held] if all(node.kind == "sign" for node in held) else []


def _last(nodes: list[Node]) -> int:
    """Position of the last node that is no space; -1 if there is none."""
    return next((n for n in range(len(nodes) - 1, -1, -1) if nodes[n].kind != "space"), -1)


def _unwrapped(row: Row) -> Row:
    """A script without brackets around all of it."""
    kept = [n for n in row if n.kind != "space"]
    return kept[0].parts[0] if len(kept) == 1 and kept[0].kind == "fence" else row


def _comparison(row: Row) -> bool:
    return sum(n.kind == "sign" and n.text in COMPARISONS for n in row) == 1


def _compares(node: Node) -> bool:
    return node.kind == "fence" and node.text in ("()", "[]", "{}") and _comparison(node.parts[0])


def _choice(start: int, end: int, condition: Row, node: Node) -> Node:
    """1 where the condition holds, else 0."""
    one, nought = (Node("number", start, start + 1, text) for text in "10")
    cells = ((one,), condition, (nought,), ())
    return Node("cases", start, end, "cases", cells, sups=node.sups if node.kind == "fence" else (), width=2)
