"""A failing random cell → a smaller one that fails likewise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from random_cells.cell import Line, RandomCell
from random_cells.grow import tidied
from random_cells.tree import Node, name


def shrunk(cell: RandomCell, fails: Callable[[RandomCell], bool], tries: int = 400) -> RandomCell:
    """The smallest cell that a greedy search finds, each step of which still fails."""
    smaller = True
    while smaller and tries > 0:
        smaller = False
        for candidate in _smaller(cell):
            tries -= 1
            if tries < 0:
                break
            if fails(candidate):
                cell, smaller = candidate, True
                break
    return cell


def _smaller(cell: RandomCell) -> Iterator[RandomCell]:
    """Cells with a line less, and cells with a simpler expression."""
    for position, line in enumerate(cell.lines):
        rest = cell.lines[:position] + cell.lines[position + 1 :]
        base = line.target.rstrip("'")
        if not any(n.partition("[")[0] in (line.target, base) for other in rest for n in other.names()):
            states = {n: s for n, s in cell.states.items() if n != base}
            outputs = tuple(n for n in cell.outputs if n != line.target)
            yield tidied(replace(cell, lines=rest, states=states, outputs=outputs))
    for position, line in enumerate(cell.lines):
        for part in ("right", "start"):
            whole = getattr(line, part)
            for simpler in _simpler(cell, whole) if whole is not None else ():
                yield _with_line(cell, position, replace(line, **{part: simpler}))


def _with_line(cell: RandomCell, position: int, line: Line) -> RandomCell:
    lines = (*cell.lines[:position], line, *cell.lines[position + 1 :])
    read = {n for line in lines for n in line.names()}
    fresh = {n: shape for n, shape in _leaves(lines) if n.startswith("leaf_") and n in read}
    return tidied(replace(cell, lines=lines, parameters={**cell.parameters, **fresh}))


def _leaves(lines: tuple[Line, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    def below(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
        if node.op == "name":
            yield node.text, node.shape
        for arg in node.args:
            yield from below(arg)

    for line in lines:
        for root in (line.right, line.start):
            if root is not None:
                yield from below(root)


def _simpler(cell: RandomCell, node: Node) -> Iterator[Node]:
    """The expression with one node replaced by what stands below it, or by a parameter of its shape."""
    if node.op in ("name", "number", "index form"):
        return
    yield name(f"leaf_{'_'.join(node.shape) or 'number'}".replace("+", "_and_"), node.shape)
    yield from (arg for arg in node.args if arg.shape == node.shape)
    for position, arg in enumerate(node.args):
        for simpler in _simpler(cell, arg):
            yield node.with_args((*node.args[:position], simpler, *node.args[position + 1 :]))
