"""The module of the adjoints of every line: one kernel, from a trajectory and the total adjoints of its states.

It is written when somebody first asks for such an adjoint, beside the cell's own module and from the same residuals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from gatedsym.calculus.line_adjoints import LineAdjoints, derive_line_adjoints
from gatedsym.calculus.names import adjoint_name
from gatedsym.calculus.residuals import choose_residuals
from gatedsym.codegen.kernel_text import CellText, Kernel, KernelText
from gatedsym.codegen.kernels import CellKernels, forward_residuals, take_residuals, write_steps
from gatedsym.codegen.loop_nests import Home
from gatedsym.codegen.matrix_products import find_slots
from gatedsym.codegen.module import module_text
from gatedsym.errors import faults_of_gatedsym
from gatedsym.ir.interface import Argument, Kind, Member, Number, Rows
from gatedsym.ir.program import Program, Recurrence, Statement, Tensor

KERNEL = "line_adjoints"


def write_line_adjoints(recurrence: Recurrence) -> str:
    """The text of the module.

    Parameters
    ----------
    recurrence : Recurrence

    Returns
    -------
    str
        Python source with the one kernel `KERNEL`; none where equations define states alone. The arrays that it leaves
        are of the kind local, each under the name of the line that it is the adjoint of.
    """
    with faults_of_gatedsym(f"writing the adjoints of the lines of {recurrence.name}", recurrence.source):
        cell = CellText(recurrence)
        found = derive_line_adjoints(recurrence.program, (t.name for t in cell.primal.tensors))
        kernels = (_kernel(cell, found, forward_residuals(cell)),) if found.lines else ()
        title = f"Adjoints of the lines of the cell {recurrence.name}."
        return module_text(recurrence, CellKernels(cell, kernels, ()), title)


def _kernel(cell: CellText, found: LineAdjoints, residuals: tuple[Argument, ...]) -> Kernel:
    reads = {r.name for s in found.program.statements for r in s.operands} - {*found.program.definitions}
    values = _values(cell, reads, residuals)
    read = reads | {r.name for s in values for r in s.operands}
    text = KernelText(
        cell, KERNEL, "The adjoints of every line, each step by itself.", _program(cell, found.program, values, read)
    )
    slots = find_slots(text.program)
    text.take_numbers(*((Number.TEAM,) if slots else ()))
    text.take_sources()
    take_residuals(text, residuals, read)
    text.prepare()
    for name, given in found.given.items():
        _take_given(text, cell.recurrence.program[name], given)
    for line, name in found.lines.items():
        dims = text.program[name].dims
        own = Argument(text.identifiers.of(name), Kind.LOCAL, (Member(line, dims),), Rows.STEPS)
        text.homes[name] = Home(text.take(own), (cell.t, cell.b), dims)
    write_steps(text, slots)
    return text.write()


def _values(cell: CellText, reads: Iterable[str], residuals: Sequence[Argument]) -> tuple[Statement, ...]:
    """The statements that compute again what adjoints read: those of the stable form, of what it lacks as typed."""
    typed, primal = cell.recurrence.program, cell.primal
    wanted, own = set(reads), list[Statement]()
    for statement in reversed(typed.statements):
        if statement.target.name in wanted and statement.target.name not in primal:
            own.insert(0, statement)
            wanted |= {r.name for r in statement.operands}
    kept = [name for argument in residuals for name in argument.tensors]  # products beside kept ones among them
    return (*choose_residuals(primal, sorted(wanted), kept).recomputed, *own)


def _program(cell: CellText, derived: Program, values: Sequence[Statement], read: Collection[str]) -> Program:
    """The Program of the kernel, with the tensors that it mentions."""
    programs = (derived, cell.primal, cell.recurrence.program)
    tensors = {t.name: t for program in reversed(programs) for t in program.tensors}
    known = {*read, *derived.results, *(s.target.name for s in (*values, *derived.statements))}
    kept = tuple(t for t in tensors.values() if t.name in known)
    return Program(kept, (*values, *derived.statements), derived.results)


def _take_given(text: KernelText, result: Tensor, given: str) -> None:
    """The array that a caller gives: the total adjoint of a next state, or the cotangent of an output."""
    cell = text.cell
    if given not in text.program:
        return
    if result.role == "next":
        array = text.identifiers.of(adjoint_name(result.of))
        array = text.take_array(array, Kind.ADJOINT, replace(result, name=result.of))
        text.homes[given] = Home(array, (cell.row(cell.history_of[result.of], 0), cell.b), result.dims)
    else:
        array = text.take_array(
            text.identifiers.fresh(f"given_{text.identifiers.of(result.name)}"), Kind.COTANGENT, result
        )
        text.homes[given] = Home(array, (cell.t, cell.b), result.dims)
