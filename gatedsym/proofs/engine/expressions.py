"""Expressions and edits that claims are written in, as Programs: read in the names of a cell."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from gatedsym.equations import constants_left, edit_equations, read_equations, read_expression
from gatedsym.equations.declarations import flat
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.syntax import Declaration
from gatedsym.errors import EquationWarning, ProofError
from gatedsym.ir.program import Layout, Program, Recurrence


def expression_part(recurrence: Recurrence, text: str) -> tuple[Program, str]:
    """The statements that an expression adds to a cell, as a Program of its own whose sources are the cell's names.

    Returns
    -------
    Program, str
        And the name of the tensor that holds the expression's value.
    """
    whole = read_expression(text, recurrence)
    (result,) = whole.results
    own = tuple(s for s in whole.statements if s.target.name not in recurrence.program)
    used = {result} | {s.target.name for s in own} | {ref.name for s in own for ref in s.operands}
    tensors = tuple(t for t in whole.tensors if t.name in used)
    return Program(tensors, own, (result,)), result


def edited(recurrence: Recurrence, edits: Mapping[str, str], declarations: str = "") -> Recurrence:
    """The cell with right sides replaced; what becomes unused goes.

    Parameters
    ----------
    recurrence : Recurrence
    edits : mapping of str to str
        From names that its equations define.
    declarations : str
        Of further names that the edits may use.

    Raises
    ------
    EquationError
    """
    if not edits:
        return recurrence
    exact = {name: Fraction(int(value.p), int(value.q)) for name, value in recurrence.constants.items()}
    constants = constants_left(recurrence.source, exact, edits)
    text = f"{declarations}\n{recurrence.source}" if declarations else recurrence.source
    text = edit_equations(text, edits, recurrence.name, constants=constants)
    used = constants_left(text, constants)
    return quietly(lambda: read_equations(text, name=recurrence.name, constants=used))


def declared(declarations: str) -> Recurrence | None:
    """Declared names as the parameters of a cell that only shows them; None where nothing is declared."""
    if not declarations.strip():
        return None
    _, statements = parse_equations(declarations)
    names = [
        name
        for statement in flat(statements)
        if isinstance(statement, Declaration)
        for reference in statement.names
        for name in ([f"{reference.name}_{m}" for m in reference.members] or [reference.name])
    ]
    shown = [f"shown_{number}" for number in range(len(names))]
    lines = [declarations, f"output {', '.join(shown)}", *(f"{s} = {n}" for s, n in zip(shown, names, strict=True))]
    return quietly(lambda: read_equations("\n".join(lines), name="declarations"))


def extended(recurrence: Recurrence, more: Recurrence | None, states: tuple[str, ...] = ()) -> Recurrence:
    """The cell as the scope of expressions that also name the parameters, and some states, of another.

    A name that the cell has keeps its meaning.
    """
    if more is None:
        return recurrence
    own = {
        layout.name
        for group in (
            recurrence.inputs,
            recurrence.states,
            recurrence.outputs,
            recurrence.parameters,
            recurrence.locals,
        )
        for layout in group
    }
    wanted = more.states if states else more.parameters
    layouts = tuple(p for p in wanted if p.name not in own and (not states or p.name in states))
    parts = {part for layout in layouts for part in layout.parts}
    for part in sorted(parts & {t.name for t in recurrence.program.tensors}):
        raise ProofError(f"{part} is a name of the cell {recurrence.name} already: choose another.")
    tensors = tuple(t for t in more.program.tensors if t.name in parts)
    known = {d.name for d in recurrence.dimensions}
    program = replace(recurrence.program, tensors=(*tensors, *recurrence.program.tensors))
    return replace(
        recurrence,
        program=program,
        dimensions=(*recurrence.dimensions, *(d for d in more.dimensions if d.name not in known)),
        parameters=(*recurrence.parameters, *layouts),
    )


def identified(recurrence: Recurrence, dimensions: Mapping[str, str]) -> Recurrence:
    """The cell with some dimensions replaced by others: ``{"r": "n"}`` where r = n."""
    if not dimensions:
        return recurrence

    def dims(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dimensions.get(name, name) for name in names)

    def layouts(group: tuple[Layout, ...]) -> tuple[Layout, ...]:
        return tuple(replace(layout, axes=tuple(map(dims, layout.axes))) for layout in group)

    tensors = tuple(replace(t, dims=dims(t.dims)) for t in recurrence.program.tensors)
    return replace(
        recurrence,
        program=replace(recurrence.program, tensors=tensors),
        dimensions=tuple(d for d in recurrence.dimensions if d.name not in dimensions),
        inputs=layouts(recurrence.inputs),
        states=layouts(recurrence.states),
        outputs=layouts(recurrence.outputs),
        parameters=layouts(recurrence.parameters),
        locals=layouts(recurrence.locals),
    )


def quietly(read: Callable[[], Recurrence]) -> Recurrence:
    """Read without warnings: an edit may well leave two gates with one right side."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read()
