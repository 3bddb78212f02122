"""A run of a cell → the share of the gradient, on its way to earlier steps, that passes each wire of its drawing.

What a step sends back to the states before it is a sum over the ways through its equations. Along the whole of that
gradient every wire has a part, and the parts of all wires that cut the drawing in two add up to the whole: at each
wire it is the product of its adjoint with the change of its value when the states before the step move along the
gradient. A part may be negative: what comes along that wire is taken away from what comes along the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.line_adjoints import derive_line_adjoints
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.cells import Cell
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.wires import Wire, WiredProgram, wire_program
from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import split_parts
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.flow.numerics.unrolled import Row, Values, carry_backward, carry_forward
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Program, Recurrence
from gatedsym.typesetting.pages.derivation import read_by_loss
from gatedsym.typing import Array

UNITS, STEPS = 32, 50
SIZES = {"m": 8}
"""Sizes of the run by which shares are measured, where the cell leaves them open."""


@dataclass(frozen=True)
class Shares:
    """
    Attributes
    ----------
    wires : mapping of (str, int) to float
        For each wire, by its reader and port, its share of the gradient for earlier steps.
    sizes : mapping of str to int
    steps : int
    """

    wires: Mapping[Wire, float]
    sizes: Mapping[str, int]
    steps: int

    def leaving(self, graph: Graph, node: str) -> float:
        """The share that passes a node: of all wires that leave it, or of those that enter a terminal."""
        wires = [(r.id, k) for r in graph.nodes for k, p in enumerate(r.ports) if p.source == node]
        wires = wires or [(node, k) for k in range(len(graph[node].ports))]
        return sum(self.wires.get(wire, 0.0) for wire in wires)


def measure_shares(cell: Cell, graph: Graph, *, retention: float | None = None, seed: int = 0) -> Shares:
    """Measure the shares of a cell's wires.

    Parameters
    ----------
    cell : Cell
    graph : Graph
        Its drawing.
    retention : float, optional
        Bias of the gates that retain the state; None leaves what the initialisation gives.
    seed : int

    Returns
    -------
    Shares
        Averages over the steps of a run of `STEPS` steps with a loss on the last one, the parameters being as
        ``cell.init`` draws them, inputs N(0, 1) or by their domain's law.

    Raises
    ------
    ArgumentError
        If the cell has no state, if no gradient goes back, or if the drawing does not show where a value enters.
    """
    recurrence = cell.recurrence
    if not recurrence.states:
        raise ArgumentError(
            f"{cell.name} has no state: nothing goes back to earlier steps. Draw it without --backward."
        )
    wired = wire_program(graph)
    _check(wired, recurrence)
    sizes: dict[str, int] = {d.name: SIZES.get(d.name, UNITS) for d in recurrence.dimensions if d.size is None}
    m, n = sizes.pop("m", None), sizes.pop("n", None)
    params = cell.init(m, n, retention=retention, **{"seed": seed, **sizes})  # type: ignore[arg-type]  # names of sizes
    parts = {p: v for ly in cell.interface.parameters for p, v in split_parts(ly, params[ly.name], params.sizes, 0)}
    generator = np.random.default_rng(seed)
    rows = dict(_rows(recurrence, params.sizes, generator))
    values = carry_forward(recurrence.program, parts, rows, STEPS, params.sizes)
    direct: list[Values] = [{} for _ in range(STEPS)]
    direct[-1] = {n: generator.normal(size=np.shape(values[-1][n])) for n in read_by_loss(recurrence)}
    found = list(_per_step(recurrence.program, wired, values, direct, params.sizes))
    if not found:
        raise ArgumentError(
            f"no gradient goes back through {cell.name} at this initialisation: give another seed or a retention."
        )
    return Shares({w: float(np.mean([f[w] for f in found])) for w in wired.wires}, params.sizes, STEPS)


def _check(wired: WiredProgram, recurrence: Recurrence) -> None:
    """Refuse a drawing in which a state is read on no wire: shares would not add up."""
    states = {n for n in recurrence.program.sources if recurrence.program[n].role == "state"}
    for statement in wired.program.statements:
        hidden = {r.name for r in statement.operands} & states
        if hidden and not statement.target.name.startswith("wire "):
            raise ArgumentError(
                f"the drawing of {recurrence.name} does not show on which wire {min(hidden)} enters "
                f"{statement.target.name}: draw it without --backward."
            )


def _rows(
    recurrence: Recurrence, sizes: Mapping[str, int], generator: np.random.Generator
) -> Iterator[tuple[Row, Array]]:
    """Inputs of all steps, those before the first included, and states that begin with 0."""
    domains = {part: recurrence.domains.get(ly.name) for ly in recurrence.inputs for part in ly.parts}
    shown = set[Row]()
    for name in recurrence.program.sources:
        tensor = recurrence.program[name]
        of = tensor.of or tensor.name
        if tensor.role not in ("input", "state"):
            continue
        shape = tuple(int(d) if d.isdigit() else sizes[d] for d in tensor.dims)
        for time in range(1 - tensor.lag, STEPS + 1 if tensor.role == "input" else 1):
            if (of, time) not in shown:
                shown.add((of, time))
                drawn = generator.normal(size=shape) if tensor.role == "input" else np.zeros(shape)
                domain = domains.get(of) if tensor.role == "input" else None
                yield (of, time), drawn if domain is None else of_normal(domain, drawn, sizes)


def _per_step(
    program: Program, wired: WiredProgram, values: list[Values], direct: list[Values], sizes: Mapping[str, int]
) -> Iterator[dict[Wire, float]]:
    """The shares at each step to which a gradient comes."""
    adjoint = derive_adjoint(program)
    back = carry_backward(program, adjoint, values, direct, sizes)
    states = [n for n in program.sources if program[n].role == "state"]
    lines = derive_line_adjoints(wired.program)
    tangent = derive_tangent(wired.program, states)
    moved = {t.of: t.name for t in tangent.tensors if t.role == "tangent"}
    sent = {adjoint[name].of: name for name in adjoint.results}
    for t, known in enumerate(values, 1):
        gradient = {s: back.adjoints[t - 1][sent[s]] for s in states if s in sent}
        with np.errstate(over="ignore"):
            whole = sum(float(np.sum(g * g)) for g in gradient.values())
        if not 0 < whole < np.inf:
            continue
        with np.errstate(all="ignore"):
            given = {n: known[n] for n in wired.program.sources if n in known}
            copies = evaluate(wired.program, given, NUMPY, sizes)
            totals = {
                name: back.sent.get((program[n].of, t), 0.0) + direct[t - 1].get(n, np.zeros_like(known[n]))
                for n, name in lines.given.items()
            }
            adjoints = evaluate(lines.program, _sources(lines.program, {**copies, **totals}), NUMPY, sizes)
            along = {moved[s]: g for s, g in gradient.items() if s in moved}
            changes = evaluate(tangent, _sources(tangent, {**copies, **along}), NUMPY, sizes)
        yield {
            wire: sum(
                float(np.sum(adjoints[lines.lines[n]] * changes[moved[n]])) for n in names if n in moved
            ) / whole
            for wire, names in wired.wires.items()
        }  # fmt: skip


def _sources(program: Program, known: Values) -> dict[str, Array]:
    return {n: np.asarray(known[n]) for n in program.sources if n in known}
