"""Proof that an emitted module computes what the Program and its adjoint say: its own source, run on exact numbers.

Every kernel runs as plain Python through its real loops, for three steps (more where a state is read several steps
late: what one loop leaves, another finds), four sequences in three chunks, and gradients in two shares; what it calls
of the runtime stands there by its specification. The numbers are random residues modulo a prime and elementwise
functions are unknowns, so equal results mean equal formulas but for a stated error bound. Tokens are whole numbers,
each of which is met where there are not more of them than steps and sequences.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.gradients import plan_gradients
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.names import adjoint_name, total_name
from gatedsym.calculus.one_hot import find_one_hots
from gatedsym.calculus.stable import stabilise
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.codegen.early_sums import early_sum_name
from gatedsym.codegen.kernel_text import CellText
from gatedsym.errors import ProofError
from gatedsym.execution.kernels import CallShape, segment_buffers
from gatedsym.ir.evaluate import evaluate, nearest_float
from gatedsym.ir.interface import (
    Argument,
    GradientBlock,
    Interface,
    Kind,
    Number,
    OuterBlocks,
    PackedOperand,
    Rows,
    ScratchArray,
    ScratchPiece,
)
from gatedsym.ir.program import NUMBERS, Pointwise, Program, Recurrence
from gatedsym.proofs.engine.algebra import Algebra
from gatedsym.proofs.engine.brute_force import carry_out, domain_of_systems, off_kinks, primal_values
from gatedsym.proofs.engine.budgets import DEFAULT_BUDGET, Allowance
from gatedsym.proofs.engine.decide import IDENTITY_TEST, Entry, Proof, Refutation, array_entries, decide
from gatedsym.proofs.engine.scalarise import pairwise_sizes, with_sizes
from gatedsym.proofs.interface import require_interface, require_nothing_unread, require_signatures
from gatedsym.proofs.residues import RandomPoint, Residue
from gatedsym.proofs.specification import OUTER_PIECE, uncompiled
from gatedsym.typing import Array

BATCH, DIRECTIONS = 4, 2
CHUNKS = ((1, 3), (3, 4), (0, 1))
"""The one in the middle runs first: a kernel that touches rows beside its chunk meets what nothing has filled."""

SEGMENT = 2
"""Steps at a time, at least: one segment is whole, the other is not."""

LATE_IN_A_SEGMENT = 24
"""The longest delay that a segment is longer than: a proof takes as many steps."""

SHARE = 2
"""Rows whose sums are one."""

SHARES = 2

_ADDED_TO = (Kind.ADJOINT, Kind.COTANGENT, Kind.GRADIENT, Kind.SUM, Kind.SQUARES)


def prove_emitted(recurrence: Recurrence, module: Any) -> Proof:
    """Prove a generated module against the equations it claims to come from.

    Parameters
    ----------
    recurrence : Recurrence
    module : module
        As generated and imported; the Python source of its kernels is what runs here.

    Raises
    ------
    Refutation
        If a result differs.
    ProofError
        If a kernel cannot be run as its interface says.
    """
    statement = "the emitted kernels compute the Program and its adjoint"
    start = time.perf_counter()
    point = RandomPoint()
    try:
        interface = require_interface(recurrence, module.INTERFACE)
        require_signatures(module, interface)
        residuals = _Comparison(_Derived.of(recurrence), module, interface, point).residuals()
        require_nothing_unread(interface, module.INTERFACE)
    except (TypeError, KeyError, IndexError, AttributeError, ValueError, NameError, ZeroDivisionError) as error:
        raise ProofError(f"not so: {statement}. A kernel fails: {error}. Run gatedsym generate.") from error
    failed = [label for label, residual in residuals.items() if residual.value]
    if failed:
        raise Refutation(statement, failed[0], "the kernel's value", "the Program's", len(failed), len(residuals))
    bound, seconds = point.error_bound(residuals.values()), time.perf_counter() - start
    domain = domain_of_systems(recurrence.program)
    remarks = ["taking by specification that the runtime solves linear systems"] if domain else []
    if max(_lateness(recurrence), default=0) > LATE_IN_A_SEGMENT:
        remarks.append(f"in segments of {LATE_IN_A_SEGMENT + 1} steps, which are no longer than the delay")
    proof = Proof(statement, IDENTITY_TEST, len(residuals), 0, bound, off_kinks(recurrence.program), seconds)
    return replace(proof, domain=domain, remarks=tuple(remarks))


@dataclass(frozen=True)
class _Derived:
    """The Programs that kernels are held against, in stable forms (which `prove_stable` holds against the typed)."""

    recurrence: Recurrence
    primal: Program
    adjoint: Program
    tangent: Program | None
    jacobian: Program | None
    sizes: dict[str, int]

    @classmethod
    def of(cls, recurrence: Recurrence) -> _Derived:
        program = stabilise(recurrence.program)
        wrt = [n for n in program.sources if program[n].role in ("input", "state", "parameter")]
        states = [n for n in program.sources if program[n].role == "state"]
        # The very Programs that the other proofs of a cell are about, along every direction and of every result.
        return cls(
            recurrence,
            program,
            derive_adjoint(program, wrt),
            derive_tangent(program) if states else None,
            derive_jacobian(program) if states else None,
            pairwise_sizes(program),
        )

    @cached_property
    def long_numbers(self) -> dict[float, sp.Rational]:
        """The numbers of these Programs that no float64 holds, by the nearest one."""
        programs = [p for p in (self.primal, self.adjoint, self.tangent, self.jacobian) if p is not None]
        expressions = [s.expression for p in programs for s in p.statements if isinstance(s, Pointwise)]
        numbers = {abs(n) for e in expressions for n in e.atoms(sp.Rational)}
        numbers |= {abs(t.value) for p in programs for t in p.tensors if t.value is not None}
        numbers |= {n for t in self.primal.tensors if t.array is not None for v in t.array.values for n in (v, -v)}
        return {
            nearest_float(n): n for n in numbers if max(abs(n.p), n.q) > 2**53 and 0 < abs(nearest_float(n)) < math.inf
        }


def prove_stable(recurrence: Recurrence, budget: int | Allowance = DEFAULT_BUDGET) -> Proof:
    """Prove that the rewrite into forms that do not cancel leaves every result what it was.

    Parameters
    ----------
    recurrence : Recurrence
    budget : int or Allowance
        Term operations for normal forms; or what all statements about a cell may take together.

    Raises
    ------
    Refutation
        If a result differs.
    """
    typed, stable = recurrence.program, stabilise(recurrence.program)
    sizes = pairwise_sizes(typed)

    def sides(algebra: Algebra) -> Iterator[Entry]:
        values = primal_values(typed, sizes, algebra)
        given = {n: values[n] for n in typed.sources if n in values}
        rewritten = carry_out(stable, given, sizes, algebra)
        named = [part for layout in recurrence.locals for part in layout.parts]
        for name in (*typed.results, *named):
            yield from array_entries(name, rewritten[name], values[name])

    return decide("stable forms equal the equations as typed", sides, off_kinks=off_kinks(typed), budget=budget)


def _lateness(recurrence: Recurrence) -> list[int]:
    """The number of steps by which each state may be read late."""
    delays = dict(recurrence.delays)
    return [delays.get(layout.name, 0) for layout in recurrence.states]


class _Comparison:
    """The reference and the kernels at one random point, and where they differ."""

    def __init__(self, derived: _Derived, module: Any, interface: Interface, point: RandomPoint) -> None:
        self.derived, self.kernels, self.point = derived, interface.kernels, point
        self.blocks = interface.gradients
        self.arithmetic = point.arithmetic()
        self.plain = uncompiled(module, replace(self.arithmetic, number=self._number), exact_scratch=True)
        self.program = derived.primal
        self.sizes = {**derived.sizes, **{d: int(d) for t in self.program.tensors for d in t.dims if d.isdigit()}}
        delays = dict(derived.recurrence.delays)
        parts = (*derived.recurrence.states, *derived.recurrence.inputs)
        self.delays = {p: delays.get(layout.name, 0) for layout in parts for p in layout.parts}
        # A segment is longer than delays: what is read late is of the past, of the segment before, and of the same.
        late = (min(delay, LATE_IN_A_SEGMENT) + 1 for delay in _lateness(derived.recurrence))
        self.segment = max([SEGMENT, *late])
        self.steps = self.segment + 1
        self.call_shape = CallShape(self.sizes, self.steps, BATCH, self.delays, DIRECTIONS, self.segment)
        self.shares: dict[str, Array] = {}
        self.inputs = True  # whether adjoints of inputs are asked for
        self.found: dict[str, Residue] = {}

    def _number(self, number: sp.Expr) -> Any:
        """A number of the kernels; a decimal of 17 digits stands for the longer number of the equations that it is."""
        return self.arithmetic.number(self.derived.long_numbers.get(nearest_float(number), number))

    # Random values.

    def _random(self, name: str, shape: tuple[int, ...]) -> Array:
        array = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            array[place] = self.point.symbol(f"{name}{list(place)}")
        return array

    def _chosen(self, name: str, shape: tuple[int, ...]) -> Array:
        """Numbers that a token may be: each once, as far as there is room, then any."""
        members = self.derived.recurrence.domains[name].members(self.sizes)
        assert members is not None  # a one-hot vector has as many entries
        array = np.empty(shape, dtype=object)
        for number, place in enumerate(np.ndindex(*shape)):
            at = number if number < len(members) else self.point.symbol(f"{name}{list(place)}").value % len(members)
            array[place] = Residue(int(members[at]))
        return array

    def _zeros(self, shape: tuple[int, ...]) -> Array:
        array = np.empty(shape, dtype=object)
        array.fill(Residue(0))
        return array

    def _shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.sizes[d] for d in self.program[name].dims)

    def _evaluate(self, program: Program, given: Mapping[str, Array]) -> dict[str, Array]:
        """Every tensor of a Program; of `given` it takes its sources."""
        sources = {n: given[n] for n in program.sources if program[n].role not in NUMBERS}
        sized, extra = with_sizes(program, self.sizes)
        values = evaluate(sized, sources | extra, self.arithmetic)
        return {name: np.asarray(values[name], dtype=object) for name in values if name in program}

    # The reference: the Program and its adjoint, step by step.

    def _trajectory(self) -> None:
        program, recurrence = self.program, self.derived.recurrence
        self.parameters = {
            n: self._random(n, self._shape(n)) for n in program.sources if program[n].role == "parameter"
        }
        self.histories: dict[str, Array] = {}
        tokens = set(find_one_hots(program).values())
        for layout in (*recurrence.states, *recurrence.inputs):
            for part in layout.parts:
                shape = next(
                    self._shape(t.name) for t in program.tensors if part in (t.name, t.of) and t.role != "local"
                )
                shape = (self.steps + self.delays[part], BATCH, *shape)
                self.histories[part] = self._chosen(part, shape) if part in tokens else self._random(part, shape)
        self.values: list[dict[str, Array]] = []
        self.outputs = {
            n: self._zeros((self.steps, BATCH, *self._shape(n))) for n in program.results if program[n].role == "output"
        }
        for t in range(self.steps):
            values = self._evaluate(program, self._sources_at(t))
            for name in program.results:
                if program[name].role == "next":
                    self.histories[program[name].of][t + self.delays[program[name].of]] = values[name]
                else:
                    self.outputs[name][t] = values[name]
            self.values.append(values)

    def _sources_at(self, t: int) -> dict[str, Array]:
        given = dict(self.parameters)
        for name in self.program.sources:
            tensor = self.program[name]
            if tensor.role in ("state", "input"):
                base = tensor.of or name
                given[name] = self.histories[base][t + self.delays[base] - tensor.lag]
        return given

    def _adjoints(self) -> None:
        program, adjoint = self.program, self.derived.adjoint
        lead = (self.steps, BATCH)
        self.cotangents = {n: self._random(f"cotangent {n}", (*lead, *self._shape(n))) for n in program.results}
        self.totals = {b: self._zeros(h.shape) for b, h in self.histories.items()}
        self.gradients = {n: self._zeros(self._shape(n)) for n in self.parameters}
        for name in program.results:
            if program[name].role == "next":
                base = program[name].of
                self.totals[base][self.delays[base] :] = self.cotangents[name]
        self.squares = self._zeros((self.steps + 1, BATCH))
        for t in reversed(range(self.steps)):
            given = dict(self.values[t])
            for name in program.results:
                base = program[name].of
                is_next = program[name].role == "next"
                given[adjoint_name(name)] = (
                    self.totals[base][t + self.delays[base]].copy() if is_next else self.cotangents[name][t]
                )
                if is_next:
                    self.squares[t + 1] = self.squares[t + 1] + _square_sums(given[adjoint_name(name)])
            known = self._evaluate(adjoint, given)
            self._add_adjoints(known, t)
            self._add_shares(known)

    def _add_shares(self, known: Mapping[str, Array]) -> None:
        """The sums of each fixed share of the batch: rows that no two threads may both write."""
        for a in self.kernels["backward"].of_kind(Kind.SUM):
            if a.tensor in self._summands:
                program = self._summands[a.tensor]
                given = {n: known[n] for n in program.sources if n in known}
                value = np.asarray(self._evaluate(program, given)[a.tensor], dtype=object)
                rank = len(program[a.tensor].dims)
                rows = np.broadcast_to(value, (BATCH, *value.shape[value.ndim - rank :]))
                empty = self._zeros((-(-BATCH // SHARE), *rows.shape[1:]))
                sums = self.shares.setdefault(a.tensor, empty)
                for b in range(BATCH):
                    sums[b // SHARE] = sums[b // SHARE] + rows[b]

    @cached_property
    def _summands(self) -> dict[str, Program]:
        """For each sum over time and batch, what a step adds to it, from the values and adjoints of the step."""
        adjoint = self.derived.adjoint
        plan = plan_gradients(adjoint, self.program)
        tensors = tuple({t.name: t for t in (*plan.parts, *adjoint.tensors, *self.program.tensors)}.values())
        sums = {s.target.name: s for s in (*adjoint.statements, *plan.sums)}
        return {name: Program(tensors, (s,), (name,)).with_results((name,)) for name, s in sums.items()}

    def _add_adjoints(self, known: Mapping[str, Array], t: int) -> None:
        program, adjoint = self.program, self.derived.adjoint
        for name in program.results:
            if program[name].role == "next" and total_name(name) in known:
                base = program[name].of
                self.totals[base][t + self.delays[base]] = known[total_name(name)]
        for result in adjoint.results:
            source = adjoint[result].of
            tensor = program[source]
            if tensor.role == "parameter":
                value = np.broadcast_to(known[result], (BATCH, *self._shape(source)))
                self.gradients[source] = np.asarray(self.gradients[source] + value.sum(axis=0), dtype=object)
            else:
                base = tensor.of or source
                row = t + self.delays[base] - tensor.lag
                self.totals[base][row] = self.totals[base][row] + known[result]

    # The kernels.

    def _call(self, kernel: str, arrays: dict[str, Array]) -> None:
        signature, function = self.kernels[kernel], getattr(self.plain, kernel)
        sizes = [self.sizes[d] for d in signature.sizes]
        given = [arrays[a.name] for a in signature.arrays]
        if signature.scratch is not None:
            given.append(np.empty(sum(map(self._piece, signature.scratch.pieces)), dtype=object))
        if kernel == "gradients":
            for share in range(SHARES):
                function(self.steps, share, SHARES, None, *sizes, *given)
        elif kernel == "finish":
            function(*sizes, *given)
        else:
            known: dict[Number, Any] = {Number.SEGMENT: self.segment, Number.SHARE: SHARE, Number.TEAM: None}
            known[Number.INPUTS] = int(self.inputs)
            middle = [known[number] for number in signature.numbers if number in known]
            parts = [(d, d + 1) for d in reversed(range(DIRECTIONS))] if kernel == "tangent" else [()]
            for rows, directions in itertools.product(CHUNKS, parts):
                function(self.steps, *rows, *directions, *middle, *sizes, *given)

    def _arrays(self, kernel: str, known: Mapping[str, Array]) -> dict[str, Array]:
        """Arguments: those known; zeros where kernels add; else entries that no arithmetic accepts."""
        arrays = dict(known)
        for a in self.kernels[kernel].arrays:
            shape = self.call_shape.shape(a)
            if a.rows is Rows.SHARES:
                shape = (-(-BATCH // SHARE), *shape[1:])
            if a.kind is Kind.PARAMETER:
                arrays[a.name] = self.parameters[a.tensor]
            elif a.kind in (Kind.STATE, Kind.INPUT):
                arrays.setdefault(a.name, self.histories[a.tensor].copy())
            elif a.kind is Kind.OUTPUT:
                arrays.setdefault(a.name, self.outputs[a.tensor].copy())
            elif a.kind is Kind.EXPONENTS:
                arrays[a.name] = np.zeros(shape, dtype=np.int64)
            elif a.kind in _ADDED_TO and a.name not in arrays:
                arrays[a.name] = self._zeros(shape)
            else:
                arrays.setdefault(a.name, np.empty(shape, dtype=object))
        return arrays

    def _piece(self, piece: ScratchPiece) -> int:
        """Numbers that a piece takes of a scratch without gaps, as `specification.allocate_exactly` has it."""
        match piece:
            case ScratchArray(size):
                return self.call_shape.total(size)
            case PackedOperand(rows, columns):
                return self.call_shape.total(rows) * self.call_shape.total(columns) + 1
            case OuterBlocks():
                return OUTER_PIECE

    def _require_known_names(self) -> None:
        """Scratch arrays are labelled with tensors that the cell or what is derived of it has."""
        text = CellText(self.derived.recurrence)  # its Programs name copies of results that parameters alone give
        derived = (text.primal, text.adjoint, *([text.tangent] if self.derived.recurrence.states else []))
        known = {t.name for program in (self.program, *derived) for t in program.tensors}
        known |= {t.name for t in plan_gradients(text.adjoint, text.derived).parts}
        known |= {early_sum_name(total_name(name)) for name in self.program.results}
        for kernel, signature in self.kernels.items():
            for a in signature.of_kind(Kind.WORK, Kind.SUM, Kind.GRADIENT):
                unknown = [m.name for m in (*a.members, *a.columns) if m.name not in known]
                if unknown:
                    raise ProofError(f"not so: {kernel} holds {', '.join(unknown)}, which no derived Program has.")

    def _compare(self, label: str, left: Array, right: Array) -> None:
        left, right = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
        if np.shape(left) != np.shape(right):
            raise ProofError(f"{label} has shape {np.shape(left)} in the kernel and {np.shape(right)} in the Program.")
        for place in np.ndindex(*np.shape(left)):
            self.found[f"{label}{list(place)}"] = left[place] - right[place]

    def _run_forward(self) -> None:
        """With a row of what is kept for each step; and with so few that steps take turns, where nothing is kept."""
        short = self.call_shape.of_steps(self.segment)
        few = self.kernels["forward"].of_kind(Kind.RESIDUAL, Kind.WORK)
        turning = {a.name: np.empty(short.shape(a), dtype=object) for a in few}
        self._run_forward_in(turning, "forward, nothing kept,")
        arrays = self._run_forward_in({}, "forward")
        kept = list(self.kernels["forward"].of_kind(Kind.RESIDUAL))
        self.kept = {a.name: arrays[a.name] for a in kept}
        for a in kept:
            rows = [np.concatenate([self._flat(n, v[n]) for n in a.tensors], axis=1) for v in self.values]
            self._compare(f"kept {a.name}", arrays[a.name], np.stack(rows))

    def _flat(self, name: str, value: Array) -> Array:
        """A value with a row for each sequence, also where parameters alone give it."""
        return np.broadcast_to(value, (BATCH, *self._shape(name))).reshape(BATCH, -1)

    def _run_forward_in(self, known: Mapping[str, Array], label: str) -> dict[str, Array]:
        arrays = self._arrays("forward", known)
        for a in self.kernels["forward"].arrays:
            if a.kind is Kind.STATE:
                arrays[a.name][self.delays[a.tensor] :] = None
            elif a.kind is Kind.OUTPUT:
                arrays[a.name].fill(None)
        self._call("forward", arrays)
        for a in self.kernels["forward"].arrays:
            if a.kind is Kind.STATE:
                self._compare(f"{label} {a.tensor}", arrays[a.name], self.histories[a.tensor])
            elif a.kind is Kind.OUTPUT:
                self._compare(f"{label} {a.tensor}", arrays[a.name], self.outputs[a.tensor])
        return arrays

    def _run_recall(self) -> None:
        """Every value that an equation defines: of the kernel's, or among what the forward pass kept."""
        values: dict[str, Array] = {}
        if "recall" in self.kernels:
            arrays = self._arrays("recall", self.kept)
            self._call("recall", arrays)
            values = {a.tensor: arrays[a.name] for a in self.kernels["recall"].of_kind(Kind.LOCAL)}
        for layout in self.derived.recurrence.locals:
            for part in layout.parts:
                value = values[part] if part in values else self._kept_value(part)
                for t in range(self.steps):
                    shape = (BATCH, *self._shape(part))
                    self._compare(f"{part} at step {t}", value[t], np.broadcast_to(self.values[t][part], shape))

    def _kept_value(self, part: str) -> Array:
        """The residual of one tensor, from its place in a buffer."""
        for a in self.kernels["forward"].of_kind(Kind.RESIDUAL):
            if part in a.tensors:
                at = a.tensors.index(part)
                start, width = self.call_shape.widths(a.members[:at]), self.call_shape.width(a.members[at].dims)
                rows = self.kept[a.name][..., start : start + width]
                return np.asarray(rows.reshape((self.steps, BATCH, *self._shape(part))))
        raise ProofError(f"no kernel computes {part}, which an equation defines.")

    def _run_backward(self) -> None:
        """With the adjoints of inputs, and without what only they need."""
        for self.inputs in (True, False):
            self._run_backward_once("" if self.inputs else ", inputs left out,")
        self.inputs = True

    def _run_backward_once(self, label: str) -> None:
        short = self.call_shape.of_steps(self.segment)
        own = {a.name: np.empty(short.shape(a), dtype=object) for a in segment_buffers(self.kernels, "backward")}
        arrays = self._arrays("backward", {**self.kept, **own})
        for a in self.kernels["backward"].arrays:
            if a.kind is Kind.ADJOINT and f"{a.tensor}'" in self.cotangents:
                arrays[a.name][self.delays[a.tensor] :] = self.cotangents[f"{a.tensor}'"]
            elif a.kind is Kind.COTANGENT:
                arrays[a.name] = self.cotangents[a.tensor].copy()
        self._call("backward", arrays)
        for a in self.kernels["backward"].arrays:
            if a.kind is Kind.ADJOINT and (self.inputs or not self._is_optional(a.tensor)):
                self._compare(f"backward{label} d_{a.tensor}", arrays[a.name], self.totals[a.tensor])
        self._run_gradients(arrays, label)

    def _is_optional(self, part: str) -> bool:
        """Whether a kernel may leave out an adjoint: that of an input without a past."""
        inputs = {p for layout in self.derived.recurrence.inputs for p in layout.parts}
        return part in inputs and not self.delays[part]

    def _run_gradients(self, arrays: dict[str, Array], label: str) -> None:
        sums = list(self.kernels["backward"].of_kind(Kind.SUM))
        for a in sums:
            if a.tensor in self.shares:  # what adds up to the gradient of a copy is compared where it ends
                self._compare(f"shares of {a.tensor}{label}", arrays[a.name], self.shares[a.tensor])
        parts = {a.tensor: np.asarray(arrays[a.name].sum(axis=0), dtype=object) for a in sums}
        if "gradients" in self.kernels:
            arrays = self._arrays("gradients", arrays)
            self._call("gradients", arrays)
            described = {a.name: a for a in self.kernels["gradients"].arrays}
            for block in self.blocks:
                parts[block.tensor] = self._block(arrays[block.array], described[block.array], block)
        if "finish" in self.kernels:
            known = {a.name: parts[a.tensor] for a in self.kernels["finish"].of_kind(Kind.SUM)}
            finished = self._arrays("finish", known)
            self._call("finish", finished)
            parts.update({a.tensor: finished[a.name] for a in self.kernels["finish"].of_kind(Kind.GRADIENT)})
        for name, expected in self.gradients.items():
            self._compare(f"gradient of {name}{label}", parts[adjoint_name(name)], expected)

    def _block(self, array: Array, described: Argument, block: GradientBlock) -> Array:
        places, shape = [], list[int]()
        for members, name in ((described.members, block.row), (described.columns, block.column)):
            at = [m.name for m in members].index(name)
            start = self.call_shape.widths(members[:at])
            places.append(slice(start, start + self.call_shape.width(members[at].dims)))
            shape += self.call_shape.lengths(members[at].dims)
        return np.asarray(array[tuple(places)].reshape(shape), dtype=object)

    def _run_flow(self) -> None:
        arrays = self._arrays("flow", self.kept)
        for a in self.kernels["flow"].arrays:
            if a.kind is Kind.COTANGENT:
                delay = self.delays.get(a.tensor.rstrip("'"), 0) if a.tensor.endswith("'") else 0
                arrays[a.name] = self._zeros(self.call_shape.shape(a))
                arrays[a.name][delay:] = self.cotangents[a.tensor]
        self._call("flow", arrays)
        exponents = next(arrays[a.name] for a in self.kernels["flow"].of_kind(Kind.EXPONENTS))
        for a in self.kernels["flow"].arrays:
            if a.kind is Kind.ADJOINT:
                delay = self.delays[a.tensor]
                scaled = arrays[a.name].copy()
                for row in range(self.steps + delay):
                    for b in range(BATCH):
                        power = Fraction(2) ** int(exponents[max(row - delay + 1, 0), b])
                        scaled[row, b] = scaled[row, b] * power
                self._compare(f"flow d_{a.tensor}", scaled, self.totals[a.tensor])
            elif a.kind is Kind.SQUARES:
                scaled = arrays[a.name].copy()
                for row, b in np.ndindex(self.steps + 1, BATCH):
                    scaled[row, b] = scaled[row, b] * Fraction(4) ** int(exponents[row, b])
                self._compare("flow squares", scaled[1:], self.squares[1:])

    def _run_tangent(self) -> None:
        tangent = self.derived.tangent
        if tangent is None:
            return
        arrays = self._arrays("tangent", self.kept)
        now: dict[str, Array] = {}
        for a in self.kernels["tangent"].arrays:
            if a.kind is Kind.TANGENT:
                shape = arrays[a.name].shape
                now[a.tensor] = self._random(f"direction {a.tensor}", shape)
                arrays[a.name] = now[a.tensor].copy()
        self._call("tangent", arrays)
        for t in range(self.steps):
            now = self._tangent_step(tangent, now, t)
        exponents = next(arrays[a.name] for a in self.kernels["tangent"].of_kind(Kind.EXPONENTS))
        for a in self.kernels["tangent"].arrays:
            if a.kind is Kind.TANGENT:
                value = arrays[a.name].copy()
                for b in range(BATCH):
                    for d in range(DIRECTIONS):
                        value[:, b, d] = value[:, b, d] * (Fraction(2) ** int(exponents[b, d]))
                self._compare(f"tangent dot_{a.tensor}", value, now[a.tensor])

    def _tangent_step(self, tangent: Program, now: Mapping[str, Array], t: int) -> dict[str, Array]:
        following = {base: np.concatenate([rows[1:], rows[-1:]]) for base, rows in now.items()}
        sources = {t.of: t.name for t in map(tangent.__getitem__, tangent.sources) if t.role == "tangent"}
        results = dict(zip(self.program.results, tangent.results, strict=True))
        for d in range(DIRECTIONS):
            given = dict(self.values[t])
            for name, dot in sources.items():
                tensor = self.program[name]
                if tensor.role == "state":
                    base = tensor.of or name
                    given[dot] = now[base][self.delays[base] - tensor.lag][:, d]
                else:  # inputs and parameters have no direction here
                    given[dot] = self._zeros(self._shape(name))
            known = self._evaluate(tangent, given)
            for name in self.program.results:
                if self.program[name].role == "next":
                    base = self.program[name].of
                    following[base][-1][:, d] = np.broadcast_to(known[results[name]], (BATCH, *self._shape(name)))
        return following

    def _run_jacobian(self) -> None:
        jacobian = self.derived.jacobian
        if jacobian is None:
            return
        arrays = self._arrays("jacobian", self.kept)
        self._call("jacobian", arrays)
        for t in range(self.steps):
            known = self._evaluate(jacobian, self.values[t])
            for a in self.kernels["jacobian"].arrays:
                if a.kind is Kind.JACOBIAN:
                    expected = np.broadcast_to(known[a.tensor], arrays[a.name][t].shape)
                    self._compare(f"{a.tensor} at step {t}", arrays[a.name][t], expected)

    def residuals(self) -> dict[str, Residue]:
        """The difference of kernel and Program in every entry of every result."""
        self._require_known_names()
        self._trajectory()
        self._adjoints()
        self._run_forward()
        self._run_recall()
        self._run_backward()
        self._run_flow()
        if self.derived.recurrence.states:
            self._run_tangent()
            self._run_jacobian()
        return self.found


def _square_sums(array: Array) -> Array:
    """For each row the sum of the squares of its entries."""
    flat = array.reshape(array.shape[0], -1)
    return np.asarray((flat * flat).sum(axis=1), dtype=object)
