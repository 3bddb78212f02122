"""The nodes of a step → the tasks of a schedule: which waits for which, within a step and between steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from gatedsym.calculus.names import adjoint_name
from gatedsym.codegen.schedule import Place, Task
from gatedsym.codegen.step_order import Node
from gatedsym.ir.program import Program

Carried = Mapping[str, tuple[str, ...]]
"""For each tensor that a step takes from the steps before it the tensors by which those give it."""


def carried_forward(primal: Program) -> Carried:
    """A state of the steps before is what its next values were."""
    following = {primal[n].of: n for n in primal.results if primal[n].role == "next"}
    states = {n: primal[n].of or n for n in primal.sources if primal[n].role == "state"}
    return {name: (following[base],) for name, base in states.items() if base in following}


def carried_backward(primal: Program, program: Program) -> Carried:
    """The cotangent of a next state is what later steps have sent to the state, at whatever lag they read it."""
    readers: dict[str, list[str]] = {}
    for name in primal.sources:
        if primal[name].role == "state":
            readers.setdefault(primal[name].of or name, []).append(adjoint_name(name))
    given = {t.name: primal[t.of].of for t in program.tensors if t.role == "cotangent" and t.of in primal}
    return {name: tuple(readers.get(base, ())) for name, base in given.items() if base}


def tasks_of_step(
    nodes: Sequence[Node],
    program: Program,
    carried: Carried,
    kept: AbstractSet[str],
    sums: AbstractSet[str] = frozenset(),
) -> tuple[Task, ...]:
    """The tasks of a step, one for each node.

    Parameters
    ----------
    nodes : sequence of Node
    program : Program
        Of the kernel; what of it no cotangent reaches is found again, if it has cotangents.
    carried : mapping of str to tuple of str
    kept : set of str
        Tensors that have an array, whatever reads them.
    sums : set of str
        Those of the Program's tensors that are sums over time.
    """
    cotangents = [t.name for t in program.tensors if t.role == "cotangent"]
    moving = program.reached_from(cotangents) if cotangents else None
    places = (_place(node, sums, moving) for node in nodes)
    return tuple(_task(node, program, carried, kept, place) for node, place in zip(nodes, places, strict=True))


def _place(node: Node, sums: AbstractSet[str], moving: AbstractSet[str] | None) -> Place:
    if node.writes in sums:
        return Place.SUM
    return Place.FOUND if moving is not None and not moving & {node.writes, *node.reads} else Place.FREE


def _task(node: Node, program: Program, carried: Carried, kept: AbstractSet[str], place: Place) -> Task:
    before = tuple(dict.fromkeys(writer for name in node.reads for writer in carried.get(name, ())))
    passing = node.statement is not None and node.statement.target.name not in kept
    return Task(node.writes, node.reads, before, _heavy(node, program), passing, place)


def _heavy(node: Node, program: Program) -> tuple[str, ...]:
    """The matrices that the rows of a statement hold; products take arrays of whole batches, whatever their shape."""
    if node.statement is None:
        return ()
    names = dict.fromkeys((node.statement.target.name, *node.reads))
    return tuple(n for n in names if n in program and n in program.batched and len(program[n].dims) > 1)
