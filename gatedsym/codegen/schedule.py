"""The tasks of a step → stages of a segment of steps: what runs over all its steps at once, and what step by step.

A task waits for what other tasks of its own step write, and for what tasks of other steps write: a state of the step
before, on the way back an adjoint of the step after. Strongly connected components of that graph are loops over time;
what is in none leaves them. Stages take turns: all that can be done over all steps, then the loops that wait for
nothing else, then what they let begin, and so on.

A few rules keep memory near. A value that is found again is computed where it is read first. A sum over time is a loop
of its own, joined with the stage that makes what it adds. What reads or writes a matrix for each row of the batch stays
in the loop over time that has that matrix in the cache. And what reads a passing value of a loop, one that lives in a
register, stays in that loop, unless the loop waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """The rule by which a task that no loop holds is placed."""

    FREE = "over all steps, as late as its readers allow"
    FOUND = "a value that is found again: where it is read first"
    SUM = "a sum over time: where the last of its summands is made"


@dataclass(frozen=True)
class Task:
    """Something that is done for every step.

    Attributes
    ----------
    writes : str
        The tensor that it completes or a part of which it makes; several tasks may write one.
    reads : tuple of str
        Of its own step.
    carried : tuple of str
        What it reads of steps that were done before, as the names under which tasks write that.
    heavy : tuple of str
        Those of the tensors that it reads or writes that are more than a vector for each row of the batch.
    is_passing : bool
        Whether what it writes has no array of its own, unless a later stage needs one.
    place : Place
    """

    writes: str
    reads: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    heavy: tuple[str, ...] = ()
    is_passing: bool = False
    place: Place = Place.FREE


@dataclass(frozen=True)
class Stage:
    """Tasks that are done for all steps of a segment before the next stage begins.

    Attributes
    ----------
    is_loop : bool
        Whether a step waits for the one before, so that tasks are done step by step.
    tasks : tuple of int
        Their numbers, in the order given.
    waits_for : tuple of int
        The stages that write what this one reads.
    """

    is_loop: bool
    tasks: tuple[int, ...]
    waits_for: tuple[int, ...] = ()


def plan_schedule(tasks: Sequence[Task]) -> tuple[Stage, ...]:
    """The stages of a segment of steps, in order."""
    graph = _Graph(tasks)
    while graph.bind():
        pass
    places = _Places(graph)
    used = sorted({*places.stage})
    position = {stage: number for number, stage in enumerate(used)}
    members: list[list[int]] = [[] for _ in used]
    waits: list[set[int]] = [set() for _ in used]
    for task, stage in enumerate(places.stage):
        members[position[stage]].append(task)
        waits[position[stage]] |= {position[places.stage[other]] for other in graph.waits_for(task)}
    return tuple(
        Stage(bool(stage % 2), tuple(members[n]), tuple(sorted(waits[n] - {n}))) for n, stage in enumerate(used)
    )


class _Graph:
    """The tasks that each task waits for, and the strongly connected components of that."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tasks
        writers: dict[str, list[int]] = {}
        for number, task in enumerate(tasks):
            writers.setdefault(task.writes, []).append(number)
        self._needs: list[dict[int, None]] = []  # in order, so that nothing depends on hashes
        self._waits_for_itself: set[int] = set()
        for number, task in enumerate(tasks):
            same = [w for name in task.reads if name != task.writes for w in writers.get(name, ())]
            before = [w for name in task.carried for w in writers.get(name, ())]
            if number in before:
                self._waits_for_itself.add(number)
            self._needs.append(dict.fromkeys(w for w in (*same, *before) if w != number))
        self._bound: list[dict[int, None]] = [{} for _ in tasks]
        self._find_components()

    def waits_for(self, task: int) -> Iterable[int]:
        """The tasks whose results a task reads."""
        return self._needs[task]

    def _edges(self, task: int) -> tuple[int, ...]:
        return (*self._needs[task], *self._bound[task])

    def _find_components(self) -> None:
        self.components = strong_components([self._edges(task) for task in range(len(self.tasks))])
        self.component_of = [0] * len(self.tasks)
        for number, component in enumerate(self.components):
            for task in component:
                self.component_of[task] = number
        self.needs: list[tuple[int, ...]] = []  # of components
        for number, component in enumerate(self.components):
            found = dict.fromkeys(self.component_of[other] for task in component for other in self._edges(task))
            self.needs.append(tuple(other for other in found if other != number))

    def is_loop(self, component: int) -> bool:
        """Whether a component waits for itself."""
        tasks = self.components[component]
        return len(tasks) > 1 or tasks[0] in self._waits_for_itself

    def bind(self) -> bool:
        """Hold in a loop what would have to fetch from memory what that loop has at hand; False if all is held."""
        pairs = [*self._heavy_pairs(), *self._passing_pairs()]
        apart = [(a, b) for a, b in pairs if self.component_of[a] != self.component_of[b]]
        for one, other in apart:
            self._bound[one][other] = self._bound[other][one] = None
        if apart:
            self._find_components()
        return bool(apart)

    def _heavy_pairs(self) -> Iterable[tuple[int, int]]:
        """For each matrix that a loop reads or writes the task there, with each of all that read or write it."""
        users: dict[str, list[int]] = {}
        for number, task in enumerate(self.tasks):
            for name in task.heavy:
                users.setdefault(name, []).append(number)
        for name, found in users.items():
            inside = [task for task in found if self._is_in_loop(task)]
            if inside:
                holder = next((task for task in inside if self.tasks[task].writes == name), inside[0])
                yield from ((task, holder) for task in found)

    def _passing_pairs(self) -> Iterable[tuple[int, int]]:
        """Tasks that read a passing value of a loop, each with a task of that loop."""
        readers: dict[int, list[int]] = {}
        for number in range(len(self.tasks)):
            for other in self._needs[number]:
                if self.tasks[other].is_passing:
                    readers.setdefault(other, []).append(number)
        before: dict[int, set[int]] = {}
        for made, found in readers.items():
            if self._is_in_loop(made):
                yield from ((reader, made) for reader in found)
            elif self.tasks[made].place is Place.FOUND and (holder := self._first_in_loop(found)) is not None:
                loop = self.component_of[holder]
                if loop not in before:
                    before[loop] = self._all_needs(loop)
                yield from ((reader, holder) for reader in found if self.component_of[reader] not in before[loop])

    def _first_in_loop(self, tasks: Sequence[int]) -> int | None:
        return next((task for task in tasks if self._is_in_loop(task)), None)

    def _all_needs(self, component: int) -> set[int]:
        """The components that one waits for, directly or not."""
        found: set[int] = set()
        pending = [component]
        while pending:
            for other in self.needs[pending.pop()]:
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return found

    def _is_in_loop(self, task: int) -> bool:
        return self.is_loop(self.component_of[task])


class _Places:
    """A stage for each task: even numbers are stages over all steps, odd ones loops over time."""

    def __init__(self, graph: _Graph) -> None:
        self._graph = graph
        order = range(len(graph.components))  # what is waited for comes first
        self._earliest = [0] * len(graph.components)
        for number in order:
            self._earliest[number] = self._first_stage(number)
        self._found: list[int | None] = [None] * len(graph.components)
        readers: list[list[int]] = [[] for _ in order]
        for number in order:
            for other in graph.needs[number]:
                readers[other].append(number)
        for number in reversed(order):
            self._found[number] = self._last_stage(number, readers[number])
        loops = [self._earliest[number] for number in order if graph.is_loop(number)]
        for number in order:
            if self._found[number] is None:  # found again for what comes after all steps
                known = [stage for other in graph.needs[number] if (stage := self._found[other]) is not None]
                self._found[number] = max(known, default=max(loops, default=0))
        self.stage = [self._found[graph.component_of[task]] or 0 for task in range(len(graph.tasks))]

    def _place(self, component: int) -> Place:
        return self._graph.tasks[self._graph.components[component][0]].place

    def _first_stage(self, component: int) -> int:
        latest = max((self._earliest[other] for other in self._graph.needs[component]), default=0)
        if self._graph.is_loop(component):
            waits = bool(self._graph.needs[component])
            return latest + 2 if latest % 2 and waits else latest + 1
        if self._place(component) is Place.SUM:
            return latest
        return latest + latest % 2

    def _last_stage(self, component: int, readers: Sequence[int]) -> int | None:
        earliest, place = self._earliest[component], self._place(component)
        if self._graph.is_loop(component) or place is Place.SUM:
            return earliest
        limits = [stage for reader in readers if (stage := self._found[reader]) is not None]
        if place is Place.FOUND:
            return min(limits, default=None)
        if not limits:
            return earliest
        return min(limits) - min(limits) % 2


def strong_components(needs: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strongly connected components of a graph (Tarjan 1972), each after all that it needs; members ascending.

    Parameters
    ----------
    needs : sequence of sequence of int
        For each node the nodes that it waits for.
    """
    index: list[int | None] = [None] * len(needs)
    low = [0] * len(needs)
    stack: list[int] = []
    place = [-1] * len(needs)  # in the stack
    components: list[list[int]] = []
    count = 0
    for root in range(len(needs)):
        if index[root] is not None:
            continue
        path = [(root, iter(needs[root]))]
        while path:
            node, rest = path[-1]
            if index[node] is None:
                index[node] = low[node] = count
                count += 1
                place[node] = len(stack)
                stack.append(node)
            deeper = None
            for other in rest:
                if index[other] is None:
                    deeper = other
                    break
                if place[other] >= 0:
                    low[node] = min(low[node], index[other] or 0)
            if deeper is not None:
                path.append((deeper, iter(needs[deeper])))
                continue
            path.pop()
            if path:
                low[path[-1][0]] = min(low[path[-1][0]], low[node])
            if low[node] == index[node]:
                component = stack[place[node] :]
                del stack[place[node] :]
                for member in component:
                    place[member] = -1
                components.append(sorted(component))
    return components
