"""Cells to what the sentences of a page may say of them: each judgement that a template makes is a predicate here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gatedsym.cells import Cell
from gatedsym.figures.words import cell_label
from gatedsym.flow.analyses.timescales import Memory, find_memories
from gatedsym.flow.loss import compared_state
from gatedsym.flow.trained import TrainedCell
from gatedsym.ir.interface import Interface, Role
from gatedsym.ir.program import Contraction, Program

_PROBES = np.array([-2.0, 0.0, 1.0, 3.0])


@dataclass(frozen=True)
class Subject:
    """One cell of a page.

    Attributes
    ----------
    name, label : str
        Its own name, and what sentences call it.
    states : tuple of str
    delays : mapping of str to int
        How many steps back a state is read, for those read from further back than the step before.
    reads : bool
        Whether it has an input.
    given : bool
        Whether its parameters are given: nothing was drawn, so no initialisation may be said of it.
    retains : bool
        Whether a gate with a bias keeps a state, so that a retention bias was set.
    memories : tuple of Memory
        Of the biases that are set: what its own equations keep of a state for a value of the bias.
    turned : tuple of str
        Biases that retain with their sign turned: those of gates that overwrite a state.
    compared : str
        The state on which cells are compared; "" of a cell without states.
    through_matrix : bool
        Whether its one state goes to the next through a square matrix of weights, and in no other way.
    """

    name: str
    label: str
    states: tuple[str, ...]
    delays: Mapping[str, int] = field(default_factory=dict)
    reads: bool = True
    given: bool = False
    retains: bool = False
    memories: tuple[Memory, ...] = ()
    turned: tuple[str, ...] = ()
    compared: str = ""
    through_matrix: bool = False

    @property
    def simple(self) -> bool:
        """Whether the state of a step is one array, read one step later alone."""
        return len(self.states) == 1 and not self.delays

    @property
    def whole(self) -> tuple[tuple[str, int], ...]:
        """Parts of the whole state of step t, each state with how many steps before t it is from."""
        return tuple((state, back) for state in self.states for back in range(self.delays.get(state, 1)))

    @cached_property
    def logistic(self) -> bool:
        """Whether the gate of every bias that is set keeps σ(b), other things being zero."""
        wanted = 1 / (1 + np.exp(-_PROBES))
        return bool(self.memories) and all(np.allclose(m.kept(_PROBES), wanted) for m in self.memories)

    def kept(self, bias: float) -> tuple[float, float] | None:
        """Least and most that a state keeps by its direct way under a retention bias; None where nothing says."""
        found = [float(share) for m in self.memories for share in m.kept(np.array([bias]))]
        return (min(found), max(found)) if found else None


def subject_of(cell: Cell) -> Subject:
    """Facts that may be said of one cell."""
    interface: Interface | None = getattr(cell, "interface", None)
    rows = interface.delays if interface is not None else {}
    delays = {s: int(steps) for s, steps in rows.items() if s in cell.states and steps > 1}
    known = find_memories(cell) if hasattr(cell, "recurrence") else []
    given = isinstance(cell, TrainedCell)
    retains = bool(cell.can_retain)
    gates = [g for g in interface.gates if g.role is Role.RETAIN] if retains and interface is not None else []
    biases = {g.bias for g in gates}
    alone = len(cell.states) == 1 and not delays and not known and hasattr(cell, "recurrence")
    return Subject(
        name=cell.name,
        label=cell_label(cell.name),
        states=tuple(cell.states),
        delays=delays,
        reads=bool(cell.inputs),
        given=given,
        retains=retains,
        compared=compared_state(cell) if cell.states else "",
        memories=tuple(m for m in known if m.parameter in biases),
        turned=tuple(dict.fromkeys(g.bias for g in gates if g.bias and g.sign < 0)),
        through_matrix=alone and passes_through_a_matrix(cell.recurrence.program),
    )


def passes_through_a_matrix(program: Program) -> bool:
    """Whether a step takes its state up in one product with a square matrix of parameters, and nowhere else."""
    states = {t.name for t in program.tensors if t.role == "state"}
    uses = [s for s in program.statements if states & {r.name for r in s.operands}]
    if len(uses) != 1 or not isinstance(uses[0], Contraction) or uses[0].reduction != "sum":
        return False
    dims = [program[r.name].dims for r in uses[0].factors if program[r.name].role == "parameter"]
    return len(uses[0].factors) == 2 and len(dims) == 1 and len(dims[0]) == 2 and dims[0][0] == dims[0][1]


@dataclass(frozen=True)
class Cast:
    """The cells of a page, sorted by what may be said of them."""

    subjects: Sequence[Subject]

    def __getitem__(self, name: str) -> Subject:
        return next(s for s in self.subjects if s.name == name)

    @property
    def given(self) -> list[Subject]:
        """Those whose parameters are given."""
        return [s for s in self.subjects if s.given]

    @property
    def drawn(self) -> list[Subject]:
        """Those whose parameters an initialisation draws."""
        return [s for s in self.subjects if not s.given]

    @property
    def flowing(self) -> list[Subject]:
        """Those with a state."""
        return [s for s in self.subjects if s.states]

    @property
    def simple(self) -> list[Subject]:
        """Those whose state is one array."""
        return [s for s in self.flowing if s.simple]

    @property
    def compound(self) -> list[Subject]:
        """Those with several states, or with one that is read from further back."""
        return [s for s in self.flowing if not s.simple]

    @property
    def reading(self) -> list[Subject]:
        """Those with an input."""
        return [s for s in self.subjects if s.reads]

    @property
    def alone(self) -> list[Subject]:
        """Those without."""
        return [s for s in self.subjects if not s.reads]

    @property
    def retaining(self) -> list[Subject]:
        """Those of which a retention bias is set."""
        return [s for s in self.drawn if s.retains]

    @property
    def turned(self) -> list[tuple[str, str]]:
        """Biases that retain with their sign turned, each with its cell."""
        return [(bias, s.label) for s in self.retaining for bias in s.turned]

    @property
    def matrix(self) -> list[Subject]:
        """Drawn ones whose state goes through one matrix alone."""
        return [s for s in self.drawn if s.through_matrix]

    @property
    def logistic(self) -> list[Subject]:
        """Drawn ones whose retaining gate is σ."""
        return [s for s in self.retaining if s.logistic]


def cast_of(cells: Sequence[Cell]) -> Cast:
    """Facts that may be said of the cells of a page."""
    return Cast([subject_of(c) for c in cells])


__all__ = ["Cast", "Subject", "cast_of", "passes_through_a_matrix", "subject_of"]
