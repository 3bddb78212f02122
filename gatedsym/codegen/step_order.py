"""The work of a step, in any order → phases: loops over rows that statements share, and calls for all rows between.

The order is a greedy choice, and the first that can be done in the order given wins. What waits is indexed by what it
waits for and by the loops that it needs, so that each statement is looked at a few times, however many there are.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gatedsym.ir.program import Pointwise, Program, Statement


@dataclass(frozen=True)
class Node:
    """Something to do in a step: a statement in the loops over rows, or a call for all rows at once.

    Attributes
    ----------
    writes : str
        The tensor that is complete afterwards, or the name of a partial result.
    reads : tuple of str
    statement : Statement, optional
        For the loops over rows.
    lines : tuple of str
        Of a call for all rows.
    inner : bool
        True if the statement runs once for each direction of a row too.
    """

    writes: str
    reads: tuple[str, ...]
    statement: Statement | None = None
    lines: tuple[str, ...] = ()
    inner: bool = False


@dataclass
class Nest:
    """Statements in one nest of loops."""

    dims: tuple[str, ...]
    inner: bool
    statements: list[Statement] = field(default_factory=list)


Phase = Nest | Node

Loops = tuple[bool, tuple[str, ...]]
"""The loops of a statement: whether they run over directions too, and its dimensions."""


def order_nodes(nodes: Sequence[Node], program: Program) -> list[Phase]:
    """Put nodes in an order that respects what they read, with as few nests and calls as a greedy choice finds."""
    waiting = _Waiting(nodes, program)
    phases: list[Phase] = []
    for _ in nodes:
        number = waiting.choose(phases)
        if number is None:
            raise ValueError(f"a circle among {[n.writes for n in waiting.left()]}.")
        _append(waiting.take(number), phases, program, joins=waiting.joins)
    return phases


def _append(node: Node, phases: list[Phase], program: Program, joins: bool) -> None:
    if node.statement is None:
        if node.lines:
            phases.append(node)
    elif joins and isinstance(phases[-1], Nest):
        phases[-1].statements.append(node.statement)
    else:
        phases.append(Nest(program[node.statement.target.name].dims, node.inner, [node.statement]))


class _First:
    """The numbers of nodes that are ready, the smallest first; one that was taken by another way is skipped."""

    def __init__(self) -> None:
        self._heap: list[int] = []

    def add(self, number: int) -> None:
        heapq.heappush(self._heap, number)

    def least(self, taken: Sequence[bool]) -> int | None:
        while self._heap and taken[self._heap[0]]:
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def drop_least(self) -> None:
        heapq.heappop(self._heap)


class _Waiting:
    """Nodes that are still to be done, indexed by what they wait for; those that are ready, by their kind."""

    def __init__(self, nodes: Sequence[Node], program: Program) -> None:
        self._nodes, self._program = nodes, program
        self._taken = [False] * len(nodes)
        self._writers: dict[str, int] = {}
        for node in nodes:
            self._writers[node.writes] = self._writers.get(node.writes, 0) + 1
        self._readers: dict[str, list[int]] = {}
        self._missing: list[int] = []
        self._finished, self._calls, self._rows = _First(), _First(), _First()
        self._fitting: dict[Loops, _First] = {}
        self._refused: list[int] = []
        self._computed: set[str] = set()
        self.joins = False
        for number, node in enumerate(nodes):
            self._wait(number, node)

    def _wait(self, number: int, node: Node) -> None:
        reads = {r for r in node.reads if r in self._writers and r != node.writes}
        self._missing.append(len(reads))
        for name in reads:
            self._readers.setdefault(name, []).append(number)
        if not reads:
            self._note_ready(number)

    def _note_ready(self, number: int) -> None:
        node = self._nodes[number]
        if node.statement is None:
            (self._calls if node.lines else self._finished).add(number)
            return
        self._rows.add(number)
        if isinstance(node.statement, Pointwise):
            self._fitting.setdefault(self._loops(node.statement, node.inner), _First()).add(number)

    def _loops(self, statement: Statement, inner: bool) -> Loops:
        return inner, self._program[statement.target.name].dims

    def left(self) -> Iterable[Node]:
        """The nodes that wait, in order."""
        return (node for node, taken in zip(self._nodes, self._taken, strict=True) if not taken)

    def choose(self, phases: Sequence[Phase]) -> int | None:
        """The number of the node to do next; None if none is ready. `joins` says whether it joins the last nest."""
        self.joins = False
        finished = self._finished.least(self._taken)
        if finished is not None:  # nothing to write: what waits for it can be chosen next
            return finished
        rows, calls = self._rows.least(self._taken), self._calls.least(self._taken)
        last = phases[-1] if phases else None
        if not isinstance(last, Nest):  # all calls before the loops, so that there are few loops
            return rows if calls is None else calls
        fitting = self._first_that_fits(last)
        self.joins = fitting is not None
        return fitting if fitting is not None else calls if rows is None else rows

    def _first_that_fits(self, nest: Nest) -> int | None:
        """The first pointwise statement that can join a nest: same loops, and what it computes is read in place."""
        fitting = self._fitting.get((nest.inner, nest.dims))
        if fitting is None or not isinstance(nest.statements[0], Pointwise):
            return None
        while (number := fitting.least(self._taken)) is not None:
            statement = self._nodes[number].statement
            assert statement is not None
            indices = statement.target.indices
            if all(r.indices == indices for r in statement.operands if r.name in self._computed):
                return number
            fitting.drop_least()  # for this nest: what it computes stays there
            self._refused.append(number)
        return None

    def take(self, number: int) -> Node:
        """Do a node: whoever waited for nothing else is ready."""
        node = self._nodes[number]
        self._taken[number] = True
        if node.statement is not None:
            self._note_computed(node.statement.target.name)
        self._writers[node.writes] -= 1
        if not self._writers[node.writes]:
            for reader in self._readers.get(node.writes, ()):
                self._missing[reader] -= 1
                if not self._missing[reader]:
                    self._note_ready(reader)
        return node

    def _note_computed(self, name: str) -> None:
        """Note what the last nest computes; for a new one those are asked again that the one before had refused."""
        if not self.joins:
            self._computed.clear()
            for number in self._refused:
                self._note_fitting_again(number)
            self._refused.clear()
        self._computed.add(name)

    def _note_fitting_again(self, number: int) -> None:
        node = self._nodes[number]
        if not self._taken[number] and node.statement is not None:
            self._fitting[self._loops(node.statement, node.inner)].add(number)
