"""The parts of a cell's kernels: arguments, homes of values, stacked matrices; and the writer of one kernel.

Every kernel works on the batch rows b0 … b1 - 1 for all steps, so that threads may share a batch. Arrays are
(time, batch, features…). A state's array has its delay in extra rows at the front.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.cse import inline_copies
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.names import Names
from gatedsym.calculus.one_hot import Pick, multiply_one_hots_first, pick_by_tokens
from gatedsym.calculus.residuals import Residuals, choose_residuals
from gatedsym.calculus.stable import stabilise
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.codegen.loop_nests import (
    Home,
    StepText,
    add_extents,
    extent,
    flat_index,
    indent,
)
from gatedsym.codegen.matrix_products import Slot, Term
from gatedsym.codegen.python_text import Constants, Identifiers, shorten_numbers, spell
from gatedsym.codegen.schedule import Stage, plan_schedule
from gatedsym.codegen.step_order import Node, order_nodes
from gatedsym.codegen.step_tasks import Carried, tasks_of_step
from gatedsym.codegen.time_loops import TimeLoops
from gatedsym.ir.fixed_arrays import VALUES, WHOLE, FixedArray
from gatedsym.ir.interface import (
    ROWS,
    Argument,
    CallSize,
    Dims,
    KernelSignature,
    Kind,
    Member,
    Number,
    PackedOperand,
    Rows,
    Scratch,
    ScratchArray,
    ScratchPiece,
    Terms,
)
from gatedsym.ir.program import Equation, Program, Recurrence, Ref, Statement, Tensor, pointwise

MOST_LINES = 64
"""Values of a fixed array that a kernel sets in lines of their own; more are a list above the kernels."""


@dataclass(frozen=True)
class Kernel:
    """A kernel's text, and what it takes."""

    name: str
    signature: KernelSignature
    lines: tuple[str, ...]


@dataclass
class CellText:
    """The common ground of a cell's kernels: its Programs, its residuals, and its identifiers."""

    recurrence: Recurrence
    identifiers: Identifiers = field(default_factory=Identifiers)
    lists: dict[str, tuple[str, tuple[sp.Rational, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for tensor in self.primal.tensors:
            if tensor.role not in ("identity", "constant"):
                self.identifiers.of(tensor.name)
        fresh = self.identifiers.fresh
        self.steps, self.t, self.b, self.b0, self.b1 = (fresh(w) for w in ("steps", "t", "b", "b0", "b1"))
        self.segment, self.first, self.last = (fresh(w) for w in ("segment", "first", "last"))
        self.share, self.team, self.chunk, self.chunks = (fresh(w) for w in ("share", "team", "chunk", "chunks"))
        self.inputs = fresh("inputs")
        fixed = [t for t in self.primal.tensors if t.array is not None and len(t.array.values) > MOST_LINES]
        self.list_names = {t.name: fresh(f"{self.identifiers.of(t.name)}_listed") for t in fixed}
        self.d, self.d0, self.d1 = fresh("d"), fresh("d0"), fresh("d1")
        self.sizes = {d: fresh(_size_name(d)) for d in self.primal.dims()}

    def size(self, dim: str) -> str:
        """Text of a dimension's size."""
        return dim if dim.isdigit() else self.sizes[dim]

    @cached_property
    def derived(self) -> Program:
        """The step that is derived: stable forms; a result that parameters alone give is a copy of its own value."""
        return multiply_one_hots_first(_copy_results_of_parameters(stabilise(self.recurrence.program)))

    @cached_property
    def _picked(self) -> tuple[Program, dict[str, Pick]]:
        return pick_by_tokens(self.derived)

    @property
    def primal(self) -> Program:
        """The step that kernels carry out: `derived` with what tokens pick in place of products with one-hots."""
        return self._picked[0]

    @property
    def picks(self) -> dict[str, Pick]:
        """The sources of `primal` that tokens pick."""
        return self._picked[1]

    @cached_property
    def adjoint(self) -> Program:
        wrt = [n for n in self.derived.sources if self.derived[n].role in ("input", "state", "parameter")]
        return derive_adjoint(self.derived, wrt)

    @cached_property
    def tangent(self) -> Program:
        """Of the next states, along directions of the states."""
        states = [n for n in self.derived.sources if self.derived[n].role == "state"]
        tangent = derive_tangent(self.derived, states)
        results = zip(self.derived.results, tangent.results, strict=True)
        following = [dot for name, dot in results if self.derived[name].role == "next"]
        return inline_copies(tangent.with_results(following))

    @cached_property
    def jacobian(self) -> Program:
        """Of the next states by the states."""
        following = [n for n in self.derived.results if self.derived[n].role == "next"]
        return inline_copies(derive_jacobian(self.derived, of=following))

    @cached_property
    def residuals(self) -> Residuals:
        """The residuals of the forward pass, for all the other kernels."""
        derived = (self.adjoint, self.tangent, self.jacobian) if self.recurrence.states else (self.adjoint,)
        return choose_residuals(self.primal, sorted({n for program in derived for n in program.sources}))

    def found_again(self, reads: Iterable[str]) -> tuple[Statement, ...]:
        """The statements that compute `reads` again, from what the forward pass has kept."""
        return choose_residuals(self.primal, sorted(reads), self.residuals.names).recomputed

    def delay(self, name: str) -> int:
        """The number of extra rows that the array of a state or an input has at its front."""
        return self.recurrence.delays.get(name, 0)

    def listed(self, name: str, fixed: FixedArray) -> str:
        """The name of the list of a fixed array's values, which stands above the kernels."""
        self.lists.setdefault(name, (self.list_names[name], fixed.values))
        return self.list_names[name]

    def row(self, name: str, lag: int) -> str:
        """Text of the row of a state's or an input's array that holds the value `lag` steps before the newest."""
        ahead = self.delay(name) - lag
        return f"{self.t} + {ahead}" if ahead else self.t

    @cached_property
    def equation_of(self) -> dict[str, Equation]:
        """The equation that each tensor comes of, the first where there are several."""
        return {name: e for e in reversed(self.recurrence.equations) for name in e.computes}

    @cached_property
    def history_of(self) -> dict[str, str]:
        """For each part of a state or an input the layout it belongs to (they share delays)."""
        layouts = (*self.recurrence.states, *self.recurrence.inputs)
        return {part: layout.name for layout in layouts for part in layout.parts}


def _size_name(dim: str) -> str:
    return spell(dim.replace("/", "_over_").replace("*", "_times_"))


def _copy_results_of_parameters(program: Program) -> Program:
    """Let results of parameters alone be copies ``y = y_value``, which a step writes.

    What reads such an output need not wait. What reads a next state reads the copy: its adjoint counts that.
    """
    names = Names([t.name for t in program.tensors])
    for result in program.results:
        definition = program.definitions[result]
        if any(r.name in program.batched for r in definition.operands) or result in program.sources:
            continue
        following = program[result].role == "next"
        value = Ref(names.fresh(f"{program[result].of or result}_value"), definition.target.indices)
        copy = pointwise(definition.target, value.symbol, (value,))
        statements: list[Statement] = []
        for s in program.statements:
            if s is definition:
                statements += [replace(s, target=value), *([copy] if following else [])]
            else:
                statements.append(s if following else _reading(s, result, value.name))
        statements += [] if following else [copy]
        tensors = (*program.tensors, Tensor(value.name, program[result].dims))
        program = replace(program, tensors=tensors, statements=tuple(statements))
    return program


def _reading(statement: Statement, name: str, other: str) -> Statement:
    """The statement with `other` read in the place of `name`."""
    return statement.reading(tuple(Ref(other, r.indices) if r.name == name else r for r in statement.operands))


class KernelText:
    """Collects the parts of one kernel and writes it."""

    def __init__(self, cell: CellText, name: str, summary: str, program: Program, backwards: bool = False) -> None:
        self.cell, self.name, self.summary, self.program = cell, name, summary, program
        self.backwards = backwards
        self.identifiers = cell.identifiers.scope()
        self.constants = Constants(self.identifiers)
        self.arguments: list[Argument] = []
        self.homes: dict[str, Home] = {}
        self.before: list[str] = []
        self.step_head: list[str] = []
        self.step_tail: list[str] = []
        self.after: list[str] = []
        self.nodes: list[Node] = []
        self.names: set[str] = set()
        self.loop_variables: list[str] = []
        self.titles: dict[str, str] = {}
        self.tensors = {t.name: t for t in program.tensors}
        self.commented: set[str] = set()
        self.numbers = [Number.STEPS, Number.B0, Number.B1]
        self.scratch = ""
        self.pieces: list[ScratchPiece] = []
        self.segment_head: list[str] = []
        self.stages: tuple[Stage, ...] = ()
        self.carried: Carried = {}
        self.turned: dict[tuple[str, tuple[int, ...]], str] = {}

    # Arguments and homes.

    def take_numbers(self, *numbers: Number) -> None:
        """Take further arguments in front of the sizes."""
        self.numbers = [*self.numbers, *numbers]

    @property
    def and_team(self) -> str:
        """The last argument of a call that a team makes together."""
        return f", {self.cell.team}" if Number.TEAM in self.numbers else ""

    def take(self, argument: Argument) -> str:
        """Add an argument once; return its name."""
        if argument.name not in self.names:
            self.names.add(argument.name)
            self.identifiers.reserve(argument.name)
            self.arguments.append(argument)
        return argument.name

    def take_sources(self) -> None:
        """Parameters, inputs, states and constants that the Program reads."""
        given = {t.name: t for t in self.program.tensors if t.name not in self.program.definitions}
        picks = [self.cell.picks[name] for name in given if name in self.cell.picks]
        if picks:  # what they are of, in the order of the equations
            given |= {name: self.cell.primal[name] for pick in picks for name in pick.reads}
            order = {t.name: number for number, t in enumerate(self.cell.primal.tensors)}
            given = dict(sorted(given.items(), key=lambda item: order.get(item[0], len(order))))
        for tensor in given.values():
            self.take_source(tensor)

    def take_source(self, tensor: Tensor) -> None:
        """One source as an argument with its home."""
        name, cell = tensor.name, self.cell
        if tensor.role == "parameter":
            if name in cell.primal.definitions:
                return  # a value that parameters alone give: `prepare` computes it
            array = self.take_array(self.identifiers.of(name), Kind.PARAMETER, tensor)
            self.homes[name] = Home(array, (), tensor.dims)
        elif tensor.role in ("state", "input"):
            kind = Kind.STATE if tensor.role == "state" else Kind.INPUT
            self._take_history(tensor.of or name, tensor.lag, tensor, kind)
        elif tensor.role == "next":
            self._take_history(tensor.of, 0, tensor, Kind.STATE)
        elif tensor.role == "output":
            array = self.take_array(self.identifiers.of(name), Kind.OUTPUT, tensor)
            self.homes[name] = Home(array, (cell.t, cell.b), tensor.dims)
        elif tensor.role == "fixed" and name not in self.homes:
            self.homes[name] = self.allocate_tensor(tensor)
            self.before += self._filling(tensor)

    def _filling(self, tensor: Tensor) -> list[str]:
        """The lines that fill a fixed array, made before the first step: a call for a law, a line for each value."""
        array, fixed = self.identifiers.of(tensor.name), tensor.array
        assert fixed is not None
        lines = [] if fixed.law in WHOLE else [f"clear({array})"]
        if fixed.law != VALUES:
            told = "".join(f", {number}" for number in fixed.numbers)
            return lines if fixed.law == "zeros" else [*lines, f"fill_{fixed.law}({array}{told})"]
        if len(fixed.values) > MOST_LINES:
            return [f"fill_values({array}, {self.cell.listed(tensor.name, fixed)})"]
        shape = tuple(int(d) for d in tensor.dims)
        for place, entry in fixed.entries(shape):
            if entry != 0:
                number = self.constants.name(abs(entry))
                lines.append(f"{array}[{', '.join(map(str, place))}] = {'-' if entry < 0 else ''}{number}")
        return lines

    def _take_history(self, base: str, lag: int, tensor: Tensor, kind: Kind) -> None:
        cell = self.cell
        array = self.take_array(self.identifiers.of(base), kind, replace(tensor, name=base))
        row = cell.row(cell.history_of[base], lag)
        self.homes[tensor.name] = Home(array, (row, cell.b), tensor.dims)

    def take_array(self, name: str, kind: Kind, tensor: Tensor, rows: Rows | None = None) -> str:
        """Add an array that holds one tensor, once; return its name."""
        return self.take(Argument(name, kind, (Member(tensor.name, tensor.dims),), rows or ROWS[kind][0]))

    def take_buffer(self, names: Sequence[str], kind: Kind, rows: Rows, lead: tuple[str, ...]) -> str:
        """An array in which tensors stand side by side."""
        wish = common_name([self.identifiers.of(m) for m in names])
        name = wish if len(names) == 1 else self.identifiers.fresh(wish)
        return self.place_buffer(Argument(name, kind, self.members(names), rows), lead)

    def members(self, names: Sequence[str]) -> tuple[Member, ...]:
        """Tensors of the Program with their dimensions."""
        return tuple(Member(name, self.program[name].dims) for name in names)

    def place_buffer(self, argument: Argument, lead: tuple[str, ...]) -> str:
        """Take a buffer that is described already, and note where its members live."""
        self.take(argument)
        done: list[str] = []
        for member in argument.members:
            self.homes[member.name] = Home(argument.name, lead, member.dims, add_extents(done))
            done.append(extent(member.dims, self.cell.size))
        return argument.name

    # Statements.

    def prepare(self) -> None:
        """Compute, once before the first step, what parameters and constants alone give; lay out what is picked."""
        primal, read = self.cell.primal, [t.name for t in self.program.tensors]
        picks = {n: self.cell.picks[n] for n in read if n in self.cell.picks}
        read += [pick.array for pick in picks.values()]
        wanted = {n for n in read if n in primal.definitions and n not in primal.batched}
        wanted -= set(primal.results)
        if wanted:
            self._compute_once(wanted)
        for name, pick in picks.items():
            self.homes[name] = self.place_pick(pick)

    def _compute_once(self, wanted: set[str]) -> None:
        primal = self.cell.primal
        part = primal.with_results(sorted(wanted))
        for tensor in part.tensors:
            if tensor.name not in part.definitions:
                self.take_source(tensor)
        text = self.step_text(part)
        for statement in part.statements:
            text.homes[statement.target.name] = self.allocate_tensor(part[statement.target.name])
        nodes = [Node(s.target.name, tuple(r.name for r in s.operands), s) for s in part.statements]
        self.before += text.write_plain(order_nodes(nodes, part))

    def place_pick(self, pick: Pick) -> Home:
        """The home of what tokens pick: rows of an array whose first axes they run over, made so where it is not."""
        size, array = self.cell.size, self.homes[pick.array].array
        if not pick.is_of_rows:
            array = self._turned(pick, array)
        places = (
            f"place({self.homes[token].element((), size)}, {size(dim)})"
            for dim, token in zip(pick.dims, pick.tokens, strict=True)
            if token
        )
        return Home(array, tuple(places), pick.kept)

    def _turned(self, pick: Pick, array: str) -> str:
        """Make, once, an array whose first axes are those that tokens run over."""
        axes = [*pick.picked_axes, *(n for n, token in enumerate(pick.tokens) if not token)]
        made = (array, tuple(axes))
        if made not in self.turned:
            turned = self.turned[made] = self.identifiers.fresh(f"{array}_columns")
            dims = tuple(pick.dims[n] for n in axes)
            self.allocate(turned, dims)
            if len(dims) == 2:
                self.before.append(f"copy_columns({turned}, {array})")
            else:
                variables = self.step_text(self.program).loop_variables(len(dims))
                given = [variables[axes.index(n)] for n in range(len(dims))]
                self.before += self._loops(dims, [f"{turned}[{', '.join(variables)}] = {array}[{', '.join(given)}]"])
        return self.turned[made]

    def allocate_tensor(self, tensor: Tensor) -> Home:
        """Make an array before the first step for something without time and batch."""
        array = self.identifiers.of(tensor.name)
        self.identifiers.reserve(array)
        self.allocate(array, tensor.dims or ("1",))
        self.homes[tensor.name] = Home(array, () if tensor.dims else ("0",), tensor.dims)
        return self.homes[tensor.name]

    def allocate(self, array: str, axes: Dims) -> None:
        """Make an array before the first step, from the kernel's scratch."""
        cell, scratch = self.cell, self.scratch_for(ScratchArray((axes,)))
        own = {CallSize.ROWS: f"{cell.b1} - {cell.b0}", CallSize.DIRECTIONS: f"{cell.d1} - {cell.d0}"}
        own[CallSize.SEGMENT] = cell.segment
        shape = ", ".join(own[CallSize(a)] if a in own else cell.size(a) for a in axes)
        self.before.append(f"{array}, {scratch} = allocate({scratch}, ({shape}{',' if len(axes) == 1 else ''}))")

    def scratch_for(self, piece: ScratchPiece) -> str:
        """Note one more piece that the kernel needs; returns the argument that it comes from."""
        self.scratch = self.scratch or self.identifiers.fresh("scratch")
        self.pieces.append(piece)
        return self.scratch

    def step_text(self, program: Program) -> StepText:
        cell = self.cell
        return StepText(
            program,
            self.homes,
            self.identifiers,
            self.constants,
            cell.size,
            self.allocate,
            cell.b,
            cell.b0,
            cell.b1,
            cell.d,
            cell.d0,
            cell.d1,
            f"{cell.t} - {cell.first}",
            self.comment,
            _variables=self.loop_variables,
        )

    def comment(self, name: str) -> str:
        """The title of what begins with this value: a typed equation, its adjoint, or a part of the sweep; else ""."""
        title, mark = self.titles.get(name, ""), ""
        tensor = self.tensors.get(name)
        adjoint = tensor is not None and tensor.role == "adjoint"
        primal = tensor.of if tensor is not None and adjoint else name
        equation = self.cell.equation_of.get(primal)
        if not title and equation is not None:
            title = f"{'adjoint of ' if adjoint else ''}{shorten_numbers(equation.text)}"
            mark = f"{equation.line} {equation.target} "  # micro-steps may have equal texts
        if not title or mark + title in self.commented:
            return ""
        self.commented.add(mark + title)
        return title

    def rows(self, statement: Statement, extra: Iterable[str] = (), inner: bool = False) -> None:
        """A statement in the loops over rows."""
        reads = tuple(dict.fromkeys((*(r.name for r in statement.operands), *extra)))
        self.nodes.append(Node(statement.target.name, reads, statement, inner=inner))

    # Stages.

    def plan_stages(self, kept: Iterable[str], sums: frozenset[str] = frozenset()) -> None:
        """Find what of the nodes so far runs over all steps of a segment, and what step by step.

        Parameters
        ----------
        kept : iterable of str
            Tensors that will have an array, beside those that have one.
        sums : set of str
            Sums over time.
        """
        arrays = {*self.homes, *kept}
        self.stages = plan_schedule(tasks_of_step(self.nodes, self.program, self.carried, arrays, sums))

    def look_at_segments(self, buffers: Iterable[Argument]) -> None:
        """See buffers through the rows of a segment of steps: where nothing is kept, they hold no more."""
        cell = self.cell
        for argument in buffers:
            now = self.identifiers.fresh(f"{argument.name}_now")
            self.segment_head.append(f"{now} = rows_of_steps({argument.name}, {cell.first}, {cell.last})")
            for member in argument.tensors:
                lead = (f"{cell.t} - {cell.first}", cell.b)
                self.homes[member] = replace(self.homes[member], array=now, lead=lead)

    # Products.

    def panel(self, vectors: Sequence[str], slots: Sequence[Slot]) -> str:
        """Write how the matrices of a product are packed, transposed, side by side; returns the name of the panels."""
        place = {name: n for n, name in enumerate(vectors)}
        terms = [t for s in slots for t in sorted(s.terms, key=lambda t: place.get(t.vector.name, -1))]
        terms = sorted((t for t in terms if t.vector.name in place), key=lambda t: place[t.vector.name])
        wish = common_name([self.identifiers.of(t.matrix.name) for t in terms])
        packed = self.identifiers.fresh(f"{wish}_panels")
        high, wide = self.width(vectors), self.width([s.name for s in slots])
        whole = len(terms) == len(vectors) * len(slots)
        names, blocks = [s.name for s in slots], [self._whole_matrix(t) for t in terms]
        rows, columns = self._side(vectors), self._side(names)
        scratch = self.scratch_for(PackedOperand(rows, columns))
        self.before.append(f"{packed}, {scratch} = packed_panels({high}, {wide}, {scratch})")
        if all(blocks) and len({(t.slot, t.vector.name) for t in terms}) == len(terms):
            if not whole:
                self.before.append(f"clear({packed})")
            self.before += self._pack(packed, vectors, names, terms, blocks)
            return packed
        stack = self.identifiers.fresh(f"{wish}_stack")
        scratch = self.scratch_for(ScratchArray(tuple((*r, *c) for r in rows for c in columns)))
        self.before.append(f"{stack}, {scratch} = allocate({scratch}, ({high}, {wide}))")
        if not whole:
            self.before.append(f"clear({stack})")
        nests: dict[Dims, list[str]] = {}
        for term in terms:
            dims = (*self._dims(term.slot), *self._dims(term.vector.name))
            line = self._block(stack, term, vectors, names, "=" if whole else "+=")
            nests.setdefault(dims, []).append(line)
        for dims, lines in nests.items():
            self.before += self._loops(dims, lines)
        self.before.append(f"pack_block({packed}, 0, 0, {stack}{self.and_team})")
        return packed

    def _pack(
        self, packed: str, vectors: Sequence[str], slots: Sequence[str], terms: Sequence[Term], blocks: Sequence[str]
    ) -> list[str]:
        """Calls that pack matrices: one for a whole family that stands side by side, or one under the other."""
        alike = len({block.endswith(".T") for block in blocks}) == 1  # a kernel's tuple holds one type
        if len(blocks) > 1 and alike and len(blocks) == len(vectors) * len(slots) and 1 in (len(vectors), len(slots)):
            sides = "pack_side_by_side" if len(vectors) == 1 else "pack_stacked"
            return [f"{sides}({packed}, ({', '.join(blocks)}){self.and_team})"]
        lines = []
        for term, block in zip(terms, blocks, strict=True):
            row = self.width(vectors[: vectors.index(term.vector.name)])
            column = self.width(slots[: slots.index(term.slot)])
            lines.append(f"pack_block({packed}, {row}, {column}, {block}{self.and_team})")
        return lines

    def _side(self, names: Sequence[str]) -> Terms:
        """The sizes of some tensors side by side."""
        return tuple(self._dims(name) for name in names)

    def _whole_matrix(self, term: Term) -> str:
        """The matrix of a term, a row for each entry of its vector; "" if it is no array of two axes as it stands."""
        home, indices = self.homes.get(term.matrix.name), term.matrix.indices
        alone = home is not None and not home.lead and home.offset is None
        if home is None or not alone or len(indices) != 2 or len(term.vector.indices) != 1:
            return ""
        return home.array if indices[0] == term.vector.indices[0] else f"{home.array}.T"

    def _block(self, stack: str, term: Term, vectors: Sequence[str], slots: Sequence[str], sign: str) -> str:
        """The line that copies one entry of one matrix into its block of the stack."""
        size, text = self.cell.size, self.step_text(self.program)
        out, inside = term.slot_indices, term.vector.indices
        variables = text.loop_variables(len(out) + len(inside))
        names = dict(zip((*out, *inside), variables, strict=True))
        above = vectors[: list(vectors).index(term.vector.name)]
        left = slots[: list(slots).index(term.slot)]
        row = self._place(above, flat_index([names[i] for i in inside], self._dims(term.vector.name), size))
        column = self._place(left, flat_index([names[i] for i in out], self._dims(term.slot), size))
        return f"{stack}[{row}, {column}] {sign} {text.element(term.matrix, names)}"

    def _place(self, before: Sequence[str], position: str) -> str:
        return f"{self.width(before)} + {position}" if before else position

    def _loops(self, dims: Dims, lines: list[str]) -> list[str]:
        variables = self.step_text(self.program).loop_variables(len(dims))
        for variable, dim in reversed(list(zip(variables, dims, strict=True))):
            lines = [f"for {variable} in range({self.cell.size(dim)}):", *indent(lines)]
        return lines

    def _dims(self, name: str) -> Dims:
        return self.program[name].dims

    def width(self, names: Sequence[str]) -> str:
        """Text of the number of columns that some tensors take side by side."""
        return add_extents([extent(self._dims(n), self.cell.size) for n in names])

    def start(self, slots: Sequence[Slot]) -> str:
        """The name of the row that the buffer of some slots starts from: biases, and zeros where a slot has none."""
        biases = [r for s in slots for r in s.bias]
        wish = common_name([self.identifiers.of(r.name) for r in biases]) if biases else "zero"
        names = [s.name for s in slots]
        stack = self.identifiers.fresh(f"{wish}_row")
        scratch = self.scratch_for(ScratchArray(self._side(names)))
        self.before.append(f"{stack}, {scratch} = allocate({scratch}, ({self.width(names)},))")
        if any(not s.bias for s in slots):
            self.before.append(f"clear({stack})")
        text = self.step_text(self.program)
        nests: dict[Dims, list[str]] = {}
        for number, slot in enumerate(slots):
            if not slot.bias:
                continue
            variables = text.loop_variables(len(slot.indices))
            renaming = dict(zip(slot.indices, variables, strict=True))
            column = self._place(names[:number], flat_index(variables, self._dims(slot.name), self.cell.size))
            total = " + ".join(text.element(ref, renaming) for ref in slot.bias)
            nests.setdefault(self._dims(slot.name), []).append(f"{stack}[{column}] = {total}")
        for dims, lines in nests.items():
            self.before += self._loops(dims, lines)
        return stack

    # The whole.

    @property
    def time_loops(self) -> TimeLoops:
        """The loops over time, as they are known so far."""
        cell = self.cell
        return TimeLoops(
            cell.t,
            cell.steps,
            cell.segment,
            cell.first,
            cell.last,
            self.backwards,
            self.nodes,
            self.stages,
            self.carried,
            self.segment_head,
            self.step_head,
            self.step_tail,
        )

    def write(self) -> Kernel:
        """The kernel's text."""
        cell = self.cell
        text = self.step_text(self.program)
        loops = self.time_loops
        pieces = text.write(loops.phases(self.program))
        like = self._like()
        body = [*self.before, *loops.lines(pieces)]
        body += self.after
        body = [line.replace("{like}", like) for line in body]
        words = set(re.findall(r"\w+", "\n".join(body)))
        sizes = tuple(d for d, name in cell.sizes.items() if name in words)
        leading = [*(getattr(cell, number) for number in self.numbers), *(cell.size(d) for d in sizes)]
        arrays = [*(a.name for a in self.arguments), *([self.scratch] if self.scratch else [])]
        begin = [f"signal_started({cell.team})"] if Number.TEAM in self.numbers else []
        lines = [
            f"def {self.name}(",
            *indent([*([f"{', '.join(leading)},"] if leading else []), *_wrapped(arrays)]),
            "):",
            *indent([f'"""{self.summary}"""', *begin, *self.constants.lines(like), *body]),
        ]
        scratch = Scratch(self.scratch, tuple(self.pieces)) if self.scratch else None
        signature = KernelSignature(tuple(self.numbers), sizes, tuple(self.arguments), scratch)
        return Kernel(self.name, signature, tuple(lines))

    def _like(self) -> str:
        """A float array among the arguments, whose dtype is the kernel's."""
        for argument in self.arguments:
            if argument.kind is not Kind.EXPONENTS:
                return argument.name
        raise ValueError("a cell needs at least one array.")


def _wrapped(names: Sequence[str], width: int = 110) -> list[str]:
    """Names with commas, in lines that are not too long."""
    lines: list[str] = []
    for name in names:
        if lines and len(lines[-1]) + len(name) + 2 <= width:
            lines[-1] += f" {name},"
        else:
            lines.append(f"{name},")
    return lines


def common_name(names: Sequence[str]) -> str:
    """The common beginning of a family of names: a for a_i, a_f, …; else the first name and "etc"."""
    if len(names) == 1:
        return names[0]
    prefix = names[0]
    for name in names[1:]:
        while not name.startswith(prefix):
            prefix = prefix[:-1]
    prefix = prefix.rstrip("_0123456789")
    return prefix if prefix not in ("", "d", "dot", "d_dot") else f"{names[0]}_etc"
