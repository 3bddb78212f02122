"""Recurrence → the Recurrence of its tangent, the cell with state (s, ṡ), parameters (θ, θ̇) and inputs (x, ẋ).

A cell and its derivative along a direction, as one cell. What can be done to a cell can be done to it: its backward
pass, with cotangents of ṡ alone, gives the Hessian–vector product through time as the adjoint of θ, and the gradient as
that of θ̇.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gatedsym.calculus.cse import inline_copies
from gatedsym.calculus.names import Names, tangent_name
from gatedsym.calculus.parameter_parts import name_parameter_parts
from gatedsym.calculus.renaming import rename_tensors
from gatedsym.calculus.stable import stabilise
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.ir.program import (
    Layout,
    Pointwise,
    Program,
    Recurrence,
    Ref,
    Statement,
    Tensor,
    lagged_name,
    next_name,
    pointwise,
)


def derive_tangent_cell(recurrence: Recurrence, parameters: bool = True, inputs: bool = True) -> Recurrence:
    """The tangent of a cell, which is a cell.

    Parameters
    ----------
    recurrence : Recurrence
    parameters, inputs : bool
        Whether parameters and inputs have a direction; states always have one.

    Returns
    -------
    Recurrence
        States, outputs, parameters and inputs: those of the cell in their order, then the directions of those that have
        one, in the same order: ``dot_h`` for ``h``.
    """
    primal = _states_apart(name_parameter_parts(stabilise(recurrence.program)))
    roles = {"state": True, "parameter": parameters, "input": inputs}
    wrt = [n for n in primal.sources if roles.get(primal[n].role, False)]
    tangent = derive_tangent(primal, wrt)
    groups = [recurrence.states, recurrence.outputs]
    groups += [recurrence.parameters] if parameters else []
    groups += [recurrence.inputs] if inputs else []
    parts = [part for group in groups for layout in group for part in layout.parts]
    dots = _dot_names(parts, {t.name for program in (primal, tangent) for t in program.tensors if t.role != "tangent"})
    ends = {n: _moved(primal[n], dots) for n in (*wrt, *primal.results)}
    named = {t.name: ends[t.of].name for t in tangent.tensors if t.role == "tangent" and t.of in ends}
    joined = _joined(primal, rename_tensors(tangent, named), [ends[n] for n in wrt], [ends[n] for n in primal.results])
    whole = _Layouts(recurrence, dots)
    return replace(
        recurrence,
        name=f"{recurrence.name}_tangent",
        program=joined,
        states=(*recurrence.states, *whole.dotted(recurrence.states)),
        outputs=(*recurrence.outputs, *whole.dotted(recurrence.outputs)),
        parameters=(*recurrence.parameters, *(whole.dotted(recurrence.parameters) if parameters else ())),
        inputs=(*recurrence.inputs, *(whole.dotted(recurrence.inputs) if inputs else ())),
        locals=(),
        delays={**recurrence.delays, **whole.delays},
        equations=tuple(e for e in recurrence.equations if any(name in joined for name in e.computes)),
        source=_source(recurrence, parameters, inputs),
    )


def _dot_names(parts: Iterable[str], taken: set[str]) -> dict[str, str]:
    """The names of directions: ``dot_h``, or ``dot2_h`` where the tangent of a tangent cell has that already."""
    found = {}
    for part in parts:
        name, order = tangent_name(part), 2
        while name in taken:
            name, order = f"dot{order}_{part}", order + 1
        taken.add(name)
        found[part] = name
    return found


def _states_apart(program: Program) -> Program:
    """The Program whose next states are copies of the values of functions, where a tangent would read them as such.

    ``i' = sigmoid(a)`` has the slope ``i' (1 - i')``, which is no use of the state: its adjoint must not count it.
    """
    tensors, statements = list(program.tensors), list[Statement]()
    names = Names(t.name for t in tensors)
    following = {n for n in program.results if program[n].role == "next"}
    read = following & {r.name for s in derive_tangent(program).statements for r in s.operands}
    for s in program.statements:
        if s.target.name in read and isinstance(s, Pointwise) and s.expression.is_Function:
            value = Ref(names.fresh(f"{program[s.target.name].of}_value"), s.target.indices)
            tensors.append(Tensor(value.name, program[s.target.name].dims))
            statements += [replace(s, target=value), pointwise(s.target, value.symbol, (value,))]
        else:
            statements.append(s)
    return Program(tuple(tensors), tuple(statements), program.results)


def _source(recurrence: Recurrence, parameters: bool, inputs: bool) -> str:
    """The text of a tangent cell: the cell's own, and of what there are directions."""
    along = ", ".join(["states", *(["parameters"] if parameters else []), *(["inputs"] if inputs else [])])
    constants = "".join(f"\n# {name} = {value}" for name, value in sorted(recurrence.constants.items()))
    return f"# the tangent of {recurrence.name}, along directions of {along}\n{recurrence.source.strip()}{constants}\n"


def _moved(tensor: Tensor, dots: Mapping[str, str]) -> Tensor:
    """The direction of a source or a result, as a source or a result of the tangent cell: in the same role."""
    base = dots[tensor.of or tensor.name]
    of = base if tensor.of else ""
    if tensor.role == "next":
        return replace(tensor, name=next_name(base), of=of)
    if tensor.role == "state" or tensor.role == "input":
        return replace(tensor, name=lagged_name(base, tensor.lag, tensor.role), of=of)
    return replace(tensor, name=base, of=of)


def _joined(primal: Program, tangent: Program, sources: Iterable[Tensor], results: Iterable[Tensor]) -> Program:
    """One Program of a step and its tangent; directions have the roles of what they are of."""
    tensors = {t.name: t for t in (*primal.tensors, *sources, *results)}
    for tensor in tangent.tensors:
        local = replace(tensor, role="local", of="") if tensor.role == "tangent" else tensor
        tensors.setdefault(tensor.name, local)
    known = {s.target.name for s in primal.statements}
    statements = (*primal.statements, *(s for s in tangent.statements if s.target.name not in known))
    computed = {s.target.name for s in statements}
    ordered = sorted(tensors.values(), key=lambda t: t.name in computed)  # stable: given ones first
    found = [n for role in ("next", "output") for p in (primal, tangent) for n in p.results if tensors[n].role == role]
    return inline_copies(Program(tuple(ordered), statements, tuple(found))).check()


class _Layouts:
    """The arrays of directions, arranged as those that they are of."""

    def __init__(self, recurrence: Recurrence, dots: Mapping[str, str]) -> None:
        self.recurrence, self.dots = recurrence, dots
        groups = (recurrence.states, recurrence.outputs, recurrence.parameters, recurrence.inputs)
        layouts = [layout for group in groups for layout in group]
        names = Names([*dots.values(), *(name for ly in layouts for name in (ly.name, *ly.parts))])
        self.names = {
            ly.name: dots[ly.parts[0]] if ly.parts == (ly.name,) else names.fresh(tangent_name(ly.name))
            for ly in layouts
            if ly.parts[0] in dots
        }

    def dotted(self, layouts: Iterable[Layout]) -> tuple[Layout, ...]:
        """The layouts of directions."""
        return tuple(Layout(self.names[ly.name], ly.axes, tuple(self.dots[p] for p in ly.parts)) for ly in layouts)

    @property
    def delays(self) -> dict[str, int]:
        """Rows of the past in front of each direction."""
        return {self.names[name]: delay for name, delay in self.recurrence.delays.items() if name in self.names}
