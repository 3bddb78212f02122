"""Program → one step with every sum over units cut, so that what is left happens at each unit by itself.

The results of contractions that a state reaches become given numbers, ``y``; what such a contraction with a weight
matrix sums becomes a result, the weight's *load* ``v``. The slopes of next states and loads by states and ``y`` are
then one number for each unit: with them the Jacobian of a step is s' = A s + L y, v = R s + M y, y = W v, and W alone
couples the units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from gatedsym.calculus.names import Names
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Solve, Statement, Tensor, pointwise


@dataclass(frozen=True)
class Sum:
    """A contraction that is cut: ``value = sum of weight * load``.

    Attributes
    ----------
    value : str
        Its result, a source of the cut program.
    weight : str
        The parameter; "" where the contraction has none of its own.
    load : str
        The result of the cut program that it sums; "" where it has no weight.
    summed : tuple of str
        Dimensions of the sum.
    """

    value: str
    weight: str = ""
    load: str = ""
    summed: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepPerUnit:
    """One step with every sum over units cut.

    Attributes
    ----------
    program : Program
        The step without its sums. Results: the next states, then the loads.
    slopes : Program
        Its tangent, by states and the values of sums. Directions of ones give the slope of each unit.
    sums : tuple of Sum
    coupled : str
        Why a state's direct path does not stay at its unit, in words, or "".
    dependent : str
        Why the weights are not independent matrices that alone couple the units, in words, or "".
    """

    program: Program
    slopes: Program
    sums: tuple[Sum, ...]
    coupled: str
    dependent: str


@lru_cache(maxsize=64)
def cut_sums(program: Program) -> StepPerUnit:
    """Cut the sums of a step that a state reaches."""
    nexts = [n for n in program.results if program[n].role == "next"]
    step = program.with_results(nexts)
    cutting = _Cutting(step)
    cutting.sweep()
    sums = tuple(cutting.sums)
    results = (*nexts, *(s.load for s in sums if s.load))
    cut = Program(tuple(cutting.tensors.values()), tuple(cutting.statements), results).with_results(results).check()
    states = [n for n in cut.sources if cut[n].role == "state"]
    slopes = derive_tangent(cut, wrt=[*states, *(s.value for s in sums if s.value in cut)])
    return StepPerUnit(cut, slopes, sums, cutting.coupled, cutting.dependent)


class _Cutting:
    """One sweep over the statements of a step."""

    def __init__(self, step: Program) -> None:
        self.step = step
        self.names = Names([t.name for t in step.tensors])
        self.tensors = {t.name: t for t in step.tensors}
        self.statements: list[Statement] = []
        self.sums: list[Sum] = []
        self.coupled = self.dependent = ""

    def sweep(self) -> None:
        reached = self.step.reached_by_states
        for statement in self.step.statements:
            if statement.target.name in reached:
                if not isinstance(statement, Pointwise):
                    self._cut(statement)
                    continue
                other = next((r.name for r in _spread(statement) if r.name in reached), "")
                if other:
                    self.dependent = self.dependent or f"one value of {_bare(other)} acts on several units"
            self.statements.append(statement)
        self.coupled = _coupled(self.tensors, self.statements)

    def _cut(self, statement: Contraction | Solve) -> None:
        name = statement.target.name
        tensor = self.tensors[name]
        self.tensors[name] = Tensor(name, tensor.dims, "input", of=name, named=tensor.named)
        weight = self._weight(statement)
        if weight is None:
            self.sums.append(Sum(name))
            return
        loads = [r for r in statement.operands if r is not weight]
        target = Ref(self.names.fresh(f"load_{name}"), loads[0].indices)
        dims = self.step.index_dims(statement)
        self.tensors[target.name] = Tensor(target.name, tuple(dims[i] for i in target.indices))
        self.statements.append(pointwise(target, sp.Mul(*(r.symbol for r in loads)), loads))
        self.sums.append(Sum(name, weight.name, target.name, tuple(dims[i] for i in statement.summed)))

    def _weight(self, statement: Contraction | Solve) -> Ref | None:
        """The weight matrix of a contraction, if it has one of its own; else say why not."""
        step = self.step
        if isinstance(statement, Solve):
            self.dependent = self.dependent or "its units are coupled by a linear system"
            return None
        fixed = [r for r in statement.factors if r.name not in step.batched and len(r.indices) > 1]
        loads = [r for r in statement.factors if r not in fixed]
        over = set(statement.summed)
        reason = ""
        if statement.reduction != "sum" or len(fixed) != 1 or not over <= set(fixed[0].indices):
            reason = "its units are coupled by more than weight matrices"
        elif step[fixed[0].name].role != "parameter" or fixed[0].name in step.definitions:
            reason = "its weight matrices are made of other parameters"
        elif sum(r.name == fixed[0].name for r in self._all_operands()) > 1:
            reason = f"it uses the matrix {fixed[0].name} twice"
        elif len({r.indices for r in loads}) != 1 or not over <= set(loads[0].indices) <= set(fixed[0].indices):
            reason = "its units are coupled by more than weight matrices"
        self.dependent = self.dependent or reason
        return None if reason else fixed[0]

    def _all_operands(self) -> Iterator[Ref]:
        return (r for s in self.step.statements for r in s.operands)


def _spread(statement: Pointwise) -> Iterator[Ref]:
    """Operands under other indices than the result."""
    return (r for r in statement.operands if r.indices != statement.target.indices)


def _coupled(tensors: Mapping[str, Tensor], statements: list[Statement]) -> str:
    """Reason why some state comes back to itself, sums aside, from one unit to others; or ""."""
    follows: dict[str, set[str]] = {}
    across: dict[tuple[str, str], str] = {}
    for name in (t.name for t in tensors.values() if t.role == "state"):
        reached, leaving = {name}, dict[str, str]()
        for statement in statements:
            read = [r.name for r in statement.operands if r.name in reached]
            if not read:
                continue
            target = statement.target.name
            reached.add(target)
            blamed = [leaving[n] for n in read if n in leaving]
            blamed += [r.name for r in statement.operands if r.name in read and r.indices != statement.target.indices]
            if blamed:
                leaving[target] = blamed[0]
            if tensors[target].role == "next":
                follows.setdefault(tensors[name].of, set()).add(tensors[target].of)
                if target in leaving:
                    across[tensors[name].of, tensors[target].of] = leaving[target]
    for (source, target), blamed_name in across.items():
        if source in _reachable(target, follows):
            return f"one value of {_bare(blamed_name)} acts on several units"
    return ""


def _reachable(start: str, follows: dict[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for name in sorted(follows.get(waiting.pop(), ())):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _bare(name: str) -> str:
    return name.rstrip("'")
