"""Program → its adjoint, split by the first name that each previous state leads to: a gate, a candidate, the highway.

Every use of a previous state leads first to a name that the equations define, or straight to a next state. Each such
group of uses gets a copy of the state for itself; the adjoints of the copies are parts of the adjoint of the state, and
they add up to it exactly, whatever the Program is: the derivative of F(s, s, …) is the sum over its places.

A value that nobody named, such as ``r * h`` in a GRU's candidate, belongs to the name that it feeds; one that feeds
two names is computed twice, once from each copy. So is a named value on the highway itself, which takes the state on
entry by entry, without a function, as the layers s[1], s[2], … of a recurrent highway network do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.names import HIGHWAY, Names, adjoint_name
from gatedsym.calculus.partials import partials
from gatedsym.calculus.stable import stabilise
from gatedsym.ir.program import Pointwise, Program, Ref, Statement, Tensor

Context = tuple[str, bool]
"""The name that a use leads to, and whether the way to it is elementwise so far (asked of next states alone)."""


@dataclass(frozen=True)
class Part:
    """One part of the adjoint of a state.

    Attributes
    ----------
    source : str
        The previous value as the Program reads it: ``h``, ``h[-2]``.
    path : str
        `names.HIGHWAY`; a name that the equations define; or a result, ``h'``, that is reached straight, but through a
        matrix or a sum.
    copy : str
        What stands in for the source on this path.
    """

    source: str
    path: str
    copy: str


@dataclass(frozen=True)
class SplitStep:
    """A step in which every path has a copy of the state for itself.

    Attributes
    ----------
    program : Program
    parts : tuple of Part
        By source, the highway first, then paths in the order in which the step computes their names.
    originals : mapping of str to str
        For each copy, of a state or of an intermediate value, the tensor whose value it has.
    """

    program: Program
    parts: tuple[Part, ...]
    originals: Mapping[str, str]


@dataclass(frozen=True)
class PathAdjoint:
    """The adjoint of a step in parts.

    Attributes
    ----------
    primal : Program
        The step, without cancellations, from its sources: it computes every value that `adjoint` reads.
    adjoint : Program
        From the values of `primal` and the cotangents of the results; its results are the adjoints of the parts.
    parts : tuple of (Part, str)
        Each part with the result that is its adjoint.
    """

    primal: Program
    adjoint: Program
    parts: tuple[tuple[Part, str], ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, the highway first, then in the order in which the step computes their names."""
        order = {HIGHWAY: -1} | {s.target.name: n for n, s in enumerate(self.primal.statements)}
        return tuple(sorted({part.path for part, _ in self.parts}, key=order.__getitem__))


def derive_path_adjoint(program: Program) -> PathAdjoint:
    """The adjoint of every previous state, split by path.

    Parameters
    ----------
    program : Program
        One step, as its equations say (not stabilised: rewrites pass by names).

    Returns
    -------
    PathAdjoint
        Without parts if no result depends on a previous state.
    """
    split = split_states(program)
    stable = stabilise(split.program)
    adjoint = derive_adjoint(stable, [part.copy for part in split.parts])
    return PathAdjoint(
        _with_originals(stable, split.originals),
        _with_originals(adjoint, split.originals),
        tuple((part, adjoint_name(part.copy)) for part in split.parts),
    )


def split_states(program: Program) -> SplitStep:
    """Give each path of each previous state a copy of the state for itself."""
    return _Splitting(program.with_results(program.results)).result()


def is_elementwise(statement: Statement, ref: Ref) -> bool:
    """Whether each entry of the result depends on the same entry of the operand alone."""
    return ref.indices == statement.target.indices and (isinstance(statement, Pointwise) or not statement.summed)


class _Splitting:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.states = frozenset(n for n in program.sources if program[n].role == "state")
        self.open = self._open()
        self.contexts = self._contexts()
        self.copies = self._name_copies()

    def _open(self) -> frozenset[str]:
        """Values through which a previous state is seen: unnamed, or on the highway, and no named value in between."""
        carriers = _carriers(self.program, self.states)
        found: set[str] = set()
        for s in self.program.statements:
            tensor = self.program[s.target.name]
            passes = tensor.role == "local" and (not tensor.named or tensor.name in carriers)
            if passes and any(r.name in self.states or r.name in found for r in s.operands):
                found.add(tensor.name)
        return frozenset(found)

    def _contexts(self) -> dict[str, list[Context]]:
        """For each previous state and open value the contexts in which it is used, those that come first in front."""
        found: dict[str, dict[Context, None]] = {n: {} for n in (*sorted(self.states), *sorted(self.open))}
        for statement in reversed(self.program.statements):
            name = statement.target.name
            for context in list(found[name]) if name in self.open else [(name, True)]:
                for ref in statement.operands:
                    if ref.name in found:
                        found[ref.name].setdefault(self._further(context, statement, ref))
        order = {s.target.name: n for n, s in enumerate(self.program.statements)}
        return {
            name: sorted(contexts, key=lambda c: (self._path(c) != HIGHWAY, order[c[0]], c[1]))
            for name, contexts in found.items()
        }

    def _further(self, context: Context, statement: Statement, ref: Ref) -> Context:
        """The context of an operand of a statement that is computed in `context`."""
        name, straight = context
        return name, straight and self.program[name].role == "next" and is_elementwise(statement, ref)

    @staticmethod
    def _path(context: Context) -> str:
        name, straight = context
        return HIGHWAY if straight else name

    def _name_copies(self) -> dict[tuple[str, Context], str]:
        """A name for each value in each context; all ways straight to next states share one copy of a state."""
        names = Names([t.name for t in self.program.tensors])
        found: dict[tuple[str, Context], str] = {}
        for name, contexts in self.contexts.items():
            highway = ""
            for end, straight in contexts:
                if name in self.open and len(contexts) == 1:
                    copy = name
                elif name in self.states and straight:
                    copy = highway = highway or names.fresh(f"{_plain(name)}_highway")
                else:
                    way = "highway" if straight else "via"
                    copy = names.fresh(f"{_plain(name)}_{way}_{end.replace(chr(39), '_next')}")
                found[name, (end, straight)] = copy
        return found

    def result(self) -> SplitStep:
        statements: list[Statement] = []
        for statement in self.program.statements:
            name = statement.target.name
            if name in self.open:
                statements += [self._in_context(statement, c, self.copies[name, c]) for c in self.contexts[name]]
            else:
                statements.append(self._in_context(statement, (name, True), name))
        originals = {copy: name for (name, _), copy in self.copies.items() if copy != name}
        tensors = [t for t in self.program.tensors if t.name not in self.states]
        tensors += [self._copied(copy, name) for copy, name in originals.items()]
        program = Program(tuple(tensors), tuple(statements), self.program.results)
        return SplitStep(program.with_results(program.results).check(), self._parts(), originals)

    def _copied(self, copy: str, name: str) -> Tensor:
        return replace(self.program[name], name=copy, named=False)

    def _in_context(self, statement: Statement, context: Context, target: str) -> Statement:
        """The statement for one context, reading the copies that belong to it."""

        def rename(ref: Ref) -> Ref:
            if ref.name not in self.contexts:
                return ref
            return Ref(self.copies[ref.name, self._further(context, statement, ref)], ref.indices)

        return _renamed(statement, rename, Ref(target, statement.target.indices))

    def _parts(self) -> tuple[Part, ...]:
        parts = [
            Part(name, self._path(c), self.copies[name, c])
            for name in self.program.sources
            if name in self.states
            for c in self.contexts[name]
        ]
        return tuple(dict.fromkeys(parts))


def _carriers(program: Program, states: frozenset[str]) -> frozenset[str]:
    """Named values on the highway: linear and entry by entry in a previous state, and a next state is so in them."""
    carrying = {s.target.name: _linear_operands(s) for s in program.statements}
    reached = set(states)
    for name, operands in carrying.items():
        if program[name].role == "local" and operands & reached:
            reached.add(name)
    leading = {n for n in program.results if program[n].role == "next"}
    for name in reversed(carrying):
        if name in leading:
            leading |= {n for n in carrying[name] if n in carrying and program[n].role == "local"}
    return frozenset(reached & leading)


def _linear_operands(statement: Statement) -> set[str]:
    """Operands in which a statement is elementwise and linear, others held."""
    if not isinstance(statement, Pointwise):
        return {r.name for r in statement.operands if is_elementwise(statement, r)}
    return {
        ref.name
        for ref, derivative in partials(statement)
        if is_elementwise(statement, ref) and ref.symbol not in derivative.free_symbols
    }


def _plain(name: str) -> str:
    return name.replace("[-", "_lag").replace("]", "")


def _renamed(statement: Statement, rename: Callable[[Ref], Ref], target: Ref) -> Statement:
    return replace(statement.reading(tuple(map(rename, statement.operands))), target=target)


def _with_originals(program: Program, originals: Mapping[str, str]) -> Program:
    """The Program with each copy under the name of what it is a copy of; what is then computed twice stands once."""

    def rename(ref: Ref) -> Ref:
        return Ref(originals.get(ref.name, ref.name), ref.indices)

    statements: dict[str, Statement] = {}
    for s in program.statements:
        statements.setdefault(rename(s.target).name, _renamed(s, rename, rename(s.target)))
    tensors = _distinct(replace(t, name=originals.get(t.name, t.name)) for t in program.tensors)
    return Program(tensors, tuple(statements.values()), program.results).check()


def _distinct(tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
    found: dict[str, Tensor] = {}
    for tensor in tensors:
        found.setdefault(tensor.name, tensor)
    return tuple(found.values())
