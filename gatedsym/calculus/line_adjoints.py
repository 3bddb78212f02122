"""Program → the Program of the adjoints of its lines, from the total adjoints of the next states and the cotangents.

The backward pass of a step as it is typed: not of its stable form, in which ``1 - z`` is a value of its own and not a
use of z. What the backward pass through time has found, the total adjoint of each next state, is given here: so steps
are independent of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from gatedsym.calculus.adjoint import _Reverse
from gatedsym.calculus.cse import name_applications
from gatedsym.calculus.names import Names, adjoint_name
from gatedsym.calculus.renaming import rename_tensors
from gatedsym.ir.program import Program, Ref, Tensor, pointwise


@dataclass(frozen=True)
class LineAdjoints:
    """
    Attributes
    ----------
    program : Program
        Sources: sources and computed values of the step, as far as they are needed; total adjoints of next states;
        cotangents of outputs. Results: the adjoint of each line.
    lines : dict of str to str
        For each line the result that is its adjoint.
    given : dict of str to str
        For each next state and output what stands for its total adjoint or its cotangent.
    """

    program: Program
    lines: Mapping[str, str]
    given: Mapping[str, str]


def derive_line_adjoints(program: Program, taken: Iterable[str] = ()) -> LineAdjoints:
    """The adjoints of every line of a Program: of what it computes, next states aside.

    Parameters
    ----------
    program : Program
    taken : iterable of str
        Names that what is derived may not have.

    Returns
    -------
    LineAdjoints
        The adjoint of something that has no batch index is what one step of one sequence adds.
    """
    following = [n for n in program.results if program[n].role == "next"]
    lines = [s.target.name for s in program.statements if s.target.name not in following]
    return _Lines(program, lines, following).found(frozenset(taken) - {t.name for t in program.tensors})


class _Lines(_Reverse):
    """One backward sweep that keeps the adjoint of every line under a name of its own."""

    def __init__(self, program: Program, lines: Sequence[str], following: Sequence[str]) -> None:
        super().__init__(program, (), program.results)
        self.lines, self.following = lines, following
        self.active = program.reached_from((*lines, *following))

    def found(self, taken: frozenset[str]) -> LineAdjoints:
        given = dict(self.adjoint)
        swept = self.sweep()
        results = {line: self._own_adjoint(line) for line in self.lines}
        # The total adjoint of a next state is known: what adds it up within the step is not wanted again.
        totals = {name: self.adjoint[name] for name in self.following}
        statements = tuple(s for s in self.statements if s.target.name not in totals.values())
        tensors = {t.name: t for t in (*swept.tensors, *self.tensors.values())}
        program = Program(tuple(tensors.values()), statements, tuple(results.values()))
        program = name_applications(program, self.program).with_results(results.values())
        free = Names([*taken, *(t.name for t in program.tensors)])
        own = {n: free.fresh(n) for n in program.definitions if n in taken}
        results = {line: own.get(name, name) for line, name in results.items()}
        return LineAdjoints(rename_tensors(program, own), results, given | totals)

    def _own_adjoint(self, line: str) -> str:
        """The tensor that is the adjoint of a line and of nothing else; zero where nothing flows."""
        held, indices = self.adjoint.get(line), self._indices(line)
        own = held is not None and self.tensors[held].of == line and self.tensors[held].role == "adjoint"
        if held is not None and own:
            return held
        target = Ref(self.names.fresh(adjoint_name(line)), indices)
        self._declare(Tensor(target.name, self.program[line].dims, "adjoint", of=line))
        if held is None:
            self.statements.append(pointwise(target, sp.S.Zero, ()))
        else:
            source = Ref(held, indices)
            self.statements.append(pointwise(target, source.symbol, (source,)))
        return target.name
