"""The kernels of a cell: forward, recall, backward, gradients, finish, flow, tangent, jacobian.

``forward`` keeps what ``backward`` needs; from that ``recall`` computes the values that equations define and nothing
keeps, those that feed no result among them. ``backward`` leaves the adjoints of what each product gave, from which
``gradients`` makes the gradients of the matrices in one product over all steps; ``finish`` (where a cell has parameters
of parameters) does the rest. ``flow`` is ``backward`` without gradients and with an exponent for each step and row, so
that nothing underflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatedsym.calculus.gradients import GradientPlan, Outer, plan_gradients
from gatedsym.calculus.names import Names, adjoint_name, tangent_name, total_name
from gatedsym.codegen.early_sums import sum_apart
from gatedsym.codegen.kernel_text import CellText, Kernel, KernelText, common_name
from gatedsym.codegen.loop_nests import Home, indent
from gatedsym.codegen.matrix_products import Slot, cluster_buffers, find_slots
from gatedsym.codegen.product_calls import ProductCalls
from gatedsym.codegen.python_text import spell
from gatedsym.codegen.step_order import Node, order_nodes
from gatedsym.codegen.step_tasks import carried_backward, carried_forward
from gatedsym.ir.interface import Argument, GradientBlock, Kind, Number, OuterBlocks, Rows
from gatedsym.ir.program import Program, Recurrence, Ref, Statement, Tensor, fresh_indices, pointwise

ABREAST = "16"
"""How many rows of a gradient `add_to_columns` sums side by side; it refuses another number."""


@dataclass(frozen=True)
class CellKernels:
    """All kernels of a cell, with what a caller needs to know of them.

    `schedule` has for each kernel with more than one loop over time the lines that say what runs in which.
    """

    text: CellText
    kernels: tuple[Kernel, ...]
    blocks: tuple[GradientBlock, ...]
    schedule: tuple[tuple[str, tuple[str, ...]], ...] = ()


def write_kernels(recurrence: Recurrence) -> CellKernels:
    """Derive and write every kernel of a cell."""
    cell = CellText(recurrence)
    forward = _Forward(cell)
    kernels = [forward.kernel()]
    residuals = tuple(kernels[0].signature.of_kind(Kind.RESIDUAL))
    recall = _recall_kernel(cell, residuals)
    if recall is not None:
        kernels.append(recall)
    plan = plan_gradients(cell.adjoint, cell.derived)
    backward = _Backward(cell, residuals, plan, scaled=False)
    kernels.append(backward.kernel())
    blocks: tuple[GradientBlock, ...] = ()
    if plan.outers:
        gradients, blocks = _gradients_kernel(cell, backward, plan)
        kernels.append(gradients)
    if plan.finish:
        kernels.append(_finish_kernel(cell, plan))
    kernels.append(_Backward(cell, residuals, plan, scaled=True).kernel())
    if recurrence.states:
        kernels.append(_Tangent(cell, residuals).kernel())
        kernels.append(_jacobian_kernel(cell, residuals))
    told = [(k.text.name, k.schedule) for k in (forward, backward) if k.schedule]
    return CellKernels(cell, tuple(kernels), blocks, tuple(told))


class _Forward:
    """The trajectory: states, outputs, and what the backward pass needs."""

    def __init__(self, cell: CellText) -> None:
        self.cell = cell
        program = cell.primal.with_results((*cell.primal.results, *cell.residuals.names))
        self.text = KernelText(
            cell, "forward", "Compute the trajectory, and keep what the backward pass needs.", program
        )

    schedule: tuple[str, ...] = ()

    def kernel(self) -> Kernel:
        text, cell, program = self.text, self.cell, self.text.program
        text.take_numbers(Number.SEGMENT, Number.TEAM)
        text.take_sources()
        for name in cell.primal.results:
            text.take_source(program[name])
        text.prepare()
        batchless = {s.target.name for s in program.statements} - program.batched - {*program.results}
        slots = find_slots(program, picks=cell.picks)
        apart = frozenset((*program.sources, *cell.primal.results))
        products = ProductCalls(text, slots)
        groups = cluster_buffers(program, slots, (), apart)
        products.join(groups)
        products.outline(frozenset())
        for statement in products.others():
            if statement.target.name not in batchless:
                text.rows(statement)
        text.carried = carried_forward(cell.primal)
        kept = set(cell.residuals.names)
        text.plan_stages([*kept, *(name for group in groups for name in group)])
        arguments: dict[tuple[str, ...], tuple[Kind, Rows, tuple[str, ...]]] = {}
        for group in groups:
            keep = bool(kept & set(group))
            rows = Rows.STEPS if keep or products.is_of_segment(group) else Rows.BATCH
            lead = (cell.t, cell.b) if rows is Rows.STEPS else (cell.b,)
            arguments[group] = (Kind.RESIDUAL if keep else Kind.WORK, rows, lead)
        products.take_buffers(arguments)
        for name in cell.residuals.names:
            if name not in text.homes:
                text.take_buffer((name,), Kind.RESIDUAL, Rows.STEPS, (cell.t, cell.b))
        text.look_at_segments([a for a in text.arguments if a.is_flat and a.rows is Rows.STEPS])
        products.fill()
        self.schedule = products.schedule()
        return text.write()


def _recall_kernel(cell: CellText, residuals: Sequence[Argument]) -> Kernel | None:
    """The values that equations define, of every step, from what the forward pass kept; None where it kept them all."""
    known = {name for argument in residuals for name in argument.tensors}
    names = [part for layout in cell.recurrence.locals for part in layout.parts if part not in known]
    if not names:
        return None
    program = _observed_program(cell, [n for n in names if n in cell.primal.batched])
    read = {r.name for s in program.statements for r in s.operands}
    everywhere = [n for n in names if n not in cell.primal.batched]
    program = _only(program, {*program.results, *everywhere})
    text = KernelText(cell, "recall", "Values that equations define, from what the forward pass kept.", program)
    slots = find_slots(program, picks=cell.picks)
    text.take_numbers(*((Number.TEAM,) if slots else ()))
    text.take_sources()
    take_residuals(text, residuals, read)
    text.prepare()
    for name in program.results:
        array = text.take_array(text.identifiers.of(name), Kind.LOCAL, program[name])
        text.homes[name] = Home(array, (cell.t, cell.b), program[name].dims)
    write_steps(text, slots)
    for name in everywhere:
        _repeat(text, name)
    return text.write()


def write_steps(text: KernelText, slots: dict[str, Slot]) -> None:
    """The statements of a kernel that looks at each step by itself; what is to be handed out has a home already."""
    program, products = text.program, ProductCalls(text, slots)
    groups = cluster_buffers(program, slots, (), frozenset((*program.sources, *text.homes)))
    products.join(groups)
    products.take_buffers(dict.fromkeys(groups, (Kind.WORK, Rows.BATCH, (text.cell.b,))))
    products.outline(frozenset())
    for statement in products.others():
        text.rows(statement)
    products.fill()


def forward_residuals(cell: CellText) -> tuple[Argument, ...]:
    """The arrays that the forward pass keeps for all other kernels."""
    return tuple(_Forward(cell).kernel().signature.of_kind(Kind.RESIDUAL))


def _observed_program(cell: CellText, names: Sequence[str]) -> Program:
    """The Program that computes some values of a step again, from its residuals."""
    statements = cell.found_again(names)
    return Program(cell.primal.tensors, statements, tuple(names))


def _repeat(text: KernelText, name: str) -> None:
    """Write a value that parameters alone give, which `prepare` has computed, at every step and row."""
    cell, tensor = text.cell, text.program[name]
    own = Tensor(Names([t.name for t in text.program.tensors]).fresh(f"{name}_everywhere"), tensor.dims)
    text.program = replace(text.program, tensors=(*text.program.tensors, own))
    array = text.take_array(text.identifiers.fresh(f"{text.identifiers.of(name)}_all"), Kind.LOCAL, tensor)
    text.homes[own.name] = Home(array, (cell.t, cell.b), tensor.dims)
    indices = fresh_indices(len(tensor.dims))
    value = Ref(name, indices)
    text.rows(pointwise(Ref(own.name, indices), value.symbol, (value,)))


def _merge(*groups: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Tensors by name, the first of each."""
    table: dict[str, Tensor] = {}
    for group in groups:
        for tensor in group:
            table.setdefault(tensor.name, tensor)
    return tuple(table.values())


def _known_program(
    cell: CellText, derived: Program, statements: Sequence[Statement], found_again: Sequence[Statement]
) -> Program:
    """The Program of a kernel that looks at a finished trajectory: values found again, then `statements`."""
    own = {s.target.name for s in statements}
    recomputed = [s for s in found_again if s.target.name not in own]
    tensors = _merge(derived.tensors, cell.primal.tensors)
    return Program(tensors, (*recomputed, *statements), ())


def take_residuals(text: KernelText, residuals: Sequence[Argument], read: set[str]) -> None:
    """The arrays that the forward pass kept, those of which something is read."""
    cell = text.cell
    for argument in residuals:
        if read & set(argument.tensors):
            text.place_buffer(argument, (cell.t, cell.b))


class _Backward:
    """The sweep back through time; with `scaled`, adjoints alone, each row with an exponent."""

    def __init__(self, cell: CellText, residuals: Sequence[Argument], plan: GradientPlan, scaled: bool) -> None:
        self.cell, self.residuals, self.plan, self.scaled = cell, residuals, plan, scaled
        adjoint = cell.adjoint
        sums = () if scaled else plan.sums
        wanted = [n for n in adjoint.results if adjoint[n].of in cell.primal.batched]
        statements: tuple[Statement, ...] = (*plan.step, *sums)
        if scaled:
            step = Program(adjoint.tensors, plan.step, ())
            totals = [n for n in step.definitions if adjoint[n].of in cell.primal.results]
            statements = step.with_results([*(n for n in wanted if n in step.definitions), *totals]).statements
        reads = {r.name for s in statements for r in s.operands}
        if not scaled:
            reads |= {r.name for o in plan.outers for r in o.operands}
        recomputed = cell.found_again(reads)
        derived = replace(adjoint, tensors=(*adjoint.tensors, *plan.parts), statements=statements, results=())
        self.sums = tuple(s.target.name for s in sums)
        program = _known_program(cell, derived, statements, recomputed)
        self.read = reads | {r.name for s in recomputed for r in s.operands}
        program = _only(program, self.read | {s.target.name for s in program.statements})
        summary = (
            "Carry cotangents back, each row with its own exponent: the mantissas never underflow."
            if scaled
            else "Carry cotangents back through time; d_ of a state is its total adjoint."
        )
        self.text = KernelText(cell, "flow" if scaled else "backward", summary, program, backwards=True)

    schedule: tuple[str, ...] = ()

    def kernel(self) -> Kernel:
        text, cell, program = self.text, self.cell, self.text.program
        optional = self._optional(find_slots(program, frozenset(self.sums), cell.picks))
        if not self.scaled:
            text.take_numbers(Number.SEGMENT, Number.SHARE, *((Number.INPUTS,) if optional else ()))
        text.take_numbers(Number.TEAM)
        text.take_sources()
        take_residuals(text, self.residuals, self.read)
        text.prepare()
        self._take_adjoints()
        products = self._arrange(optional, frozenset())
        early = self._early_terms(products)
        if early:
            text.program = sum_apart(program, early)
            products = self._arrange(optional, frozenset(term for terms in early.values() for term in terms))
        outers = () if self.scaled else self.plan.outers
        products.take_buffers(self._buffers(products))
        gathered = {r.name for o in outers for r in o.operands}
        own = (a for a in text.arguments if a.kind is Kind.WORK and a.rows is Rows.STEPS)
        text.look_at_segments([a for a in own if not gathered & {*a.tensors}])
        for name in self.sums:
            dims = program[name].dims
            array = text.take_array(text.identifiers.of(name), Kind.SUM, program[name], Rows.SHARES)
            text.homes[name] = Home(array, (f"{cell.b} // {cell.share}",), dims, add=True)
        text.titles.update(dict.fromkeys(self.sums, "what this step and sequence add to the gradients"))
        products.fill()
        self.schedule = products.schedule()
        if self.scaled:
            self._rescale()
        return text.write()

    def _arrange(self, optional: frozenset[str], apart: frozenset[str]) -> ProductCalls:
        """The nodes of the step and their stages; products of `apart` are summands of nothing."""
        text, cell, program = self.text, self.cell, self.text.program
        slots = find_slots(program, frozenset(self.sums), cell.picks, apart)
        outers = () if self.scaled else self.plan.outers
        homes = frozenset((*program.sources, *text.homes))
        order = {t.name: n for n, t in enumerate(cell.primal.tensors)}
        groups = [
            tuple(sorted(group, key=lambda m: order.get(program[m].of, len(order))))
            for group in cluster_buffers(program, slots, outers, homes)
        ]
        text.nodes = []
        products = ProductCalls(text, slots, optional=optional)
        products.join(groups)
        products.outline(frozenset(n for n in slots if n in text.homes))
        for statement in products.others():
            text.rows(statement)
        if not self.scaled:  # the rows of a flow have one exponent at each step: all adjoints, in one loop
            text.carried = carried_backward(cell.primal, program)
            text.plan_stages([name for group in groups for name in group], frozenset(self.sums))
        return products

    def _early_terms(self, products: ProductCalls) -> dict[str, tuple[str, ...]]:
        """For each total adjoint of a loop over time the products that are made before that loop."""
        loops = [stage for stage in self.text.time_loops.stages if stage.is_loop]
        inside = {self.text.nodes[n].writes for stage in loops for n in stage.tasks}
        waiting = {name for names in self.text.carried.values() for name in names}
        found: dict[str, tuple[str, ...]] = {}
        for name, slot in products.slots.items():
            home = self.text.homes.get(name)
            if home is None or home.add or name not in inside or not waiting:
                continue
            marks = {mark for mark, p in products.products.items() if name in p.group and mark not in inside}
            early = [t.name for t in slot.terms if products.mark(name, t.vector.name) in marks]
            if early:
                found[name] = tuple(early)
        return found

    def _buffers(self, products: ProductCalls) -> dict[tuple[str, ...], tuple[Kind, Rows, tuple[str, ...]]]:
        """Arrays that products leave: of all steps, of which gradients are made; of a segment; or of one."""
        cell, outers = self.cell, () if self.scaled else self.plan.outers
        in_outers = {r.name for o in outers for r in o.operands}
        found: dict[tuple[str, ...], tuple[Kind, Rows, tuple[str, ...]]] = {}
        for group in products.groups:
            steps = bool(in_outers & set(group)) or products.is_of_segment(group)
            lead = (cell.t, cell.b) if steps else (cell.b,)
            found[group] = (Kind.WORK, Rows.STEPS if steps else Rows.BATCH, lead)
        return found

    def _optional(self, slots: dict[str, Slot]) -> frozenset[str]:
        """Adjoints of inputs that no caller may want: those of a delayed one are gradients of its past, too."""
        adjoint, cell = self.cell.adjoint, self.cell
        bases = {n: cell.primal[adjoint[n].of] for n in slots if adjoint[n].of in cell.primal}
        inputs = {n: t.of or t.name for n, t in bases.items() if t.role == "input"}
        return frozenset(n for n, base in inputs.items() if not self.scaled and not cell.delay(cell.history_of[base]))

    def _take_adjoints(self) -> None:
        """Arrays of total adjoints of states and inputs, and of cotangents of outputs."""
        text, cell, primal = self.text, self.cell, self.cell.primal
        self.histories: list[tuple[str, str]] = []
        for name in (*primal.sources, *primal.results):
            tensor = primal[name]
            if tensor.role in ("state", "input", "next"):
                base = tensor.of or name
                own = text.identifiers.of(adjoint_name(base))
                array = text.take_array(own, Kind.ADJOINT, replace(tensor, name=base))
                if (array, base) not in self.histories:
                    self.histories.append((array, base))
                lag = 0 if tensor.role == "next" else tensor.lag
                home = Home(array, (cell.row(cell.history_of[base], lag), cell.b), tensor.dims)
                self._place(name, tensor, home)
            elif tensor.role == "output":
                array = text.take_array(text.identifiers.of(adjoint_name(name)), Kind.COTANGENT, tensor)
                self._place(name, tensor, Home(array, (cell.t, cell.b), tensor.dims))

    def _place(self, name: str, tensor: Tensor, home: Home) -> None:
        for t in self.text.program.tensors:
            if t.of == name and t.role == "cotangent":
                self.text.homes[t.name] = home
            elif (
                t.role == "adjoint"
                and t.of == name
                and t.name == adjoint_name(name)
                and tensor.role in ("state", "input")
            ):
                self.text.homes[t.name] = replace(home, add=True)
                self.text.titles[t.name] = f"to {'the states before' if tensor.role == 'state' else 'the inputs'}"
            elif t.role == "adjoint" and t.name == total_name(name) and not (self.scaled and tensor.role == "output"):
                self.text.homes[t.name] = home  # in a flow the cotangent of an output stays as it was given

    def _rescale(self) -> None:
        """Before each step: add the cotangents of this step and bring the rows that are still open to one exponent."""
        text, cell = self.text, self.cell
        t, b, fresh = cell.t, cell.b, text.identifiers.fresh
        exponents = text.take(Argument(fresh("exponents"), Kind.EXPONENTS, (), Rows.HISTORY))
        given, pending = self._given_cotangents(), self._pending_rows()
        results = [n for n in cell.primal.results if cell.primal[n].role == "output"]
        outputs = [f"{text.identifiers.of(adjoint_name(n))}[{t}, {b}:{b} + 1]" for n in results]
        e, up, carried, new = fresh("e"), fresh("up"), fresh("carried"), fresh("given")
        tops = [*(row for row, _ in given), *outputs]
        body = [
            f"{e} = {exponents}[{t} + 1, {b}]",
            f"{carried} = {_maximum([f'largest({rows})' for rows in pending])}",
            f"{new} = {_maximum([f'largest({row})' for row in tops])}",
            f"{up} = align({e}, {carried}, {new})",
            *(f"shift({rows}, {e} - {up})" for rows in pending),
            *(f"add_shifted({total}, {row}, -{up})" for row, total in given),
        ]
        if given:
            squares = text.take(Argument(fresh("squares"), Kind.SQUARES, (), Rows.HISTORY))
            body.append(f"{squares}[{t} + 1, {b}] = {' + '.join(f'square_sum({total})' for _, total in given)}")
        body += [f"shift({row}, -{up})" for row in outputs]
        body += [f"{exponents}[{t} + 1, {b}] = {up}", f"{exponents}[{t}, {b}] = {up}"]
        text.step_head += [
            "# the adjoints of a row that are still open share an exponent; the cotangents of this step join them",
            f"for {b} in range({cell.b0}, {cell.b1}):",
            *indent(body),
        ]

    def _given_cotangents(self) -> list[tuple[str, str]]:
        """For each next state the row of its cotangent, and the row of the total adjoint that it is added to."""
        text, cell, found = self.text, self.cell, []
        for name in cell.primal.results:
            tensor = cell.primal[name]
            if tensor.role == "next":
                wish = text.identifiers.fresh(f"given_{text.identifiers.of(tensor.of)}")
                array = text.take_array(wish, Kind.COTANGENT, tensor, Rows.HISTORY)
                total = next(home for home, base in self.histories if base == tensor.of)
                place = f"[{cell.row(cell.history_of[tensor.of], 0)}, {cell.b}:{cell.b} + 1]"
                found.append((f"{array}{place}", f"{total}{place}"))
        return found

    def _pending_rows(self) -> list[str]:
        """The rows of adjoints to which steps still add."""
        cell, found = self.cell, []
        for array, base in self.histories:
            delay = cell.delay(cell.history_of[base])
            if delay:
                found.append(f"{array}[{cell.t} + 1:{cell.t} + {delay + 1}, {cell.b}]")
        return found


def _maximum(texts: Sequence[str]) -> str:
    """Nested maximum of some expressions, by halves so that many nest no deeper than Python reads; zero of none."""
    if len(texts) < 2:
        return texts[0] if texts else "0.0"
    half = (len(texts) + 1) // 2
    return f"larger({_maximum(texts[:half])}, {_maximum(texts[half:])})"


def _only(program: Program, names: set[str]) -> Program:
    """The Program without tensors that no statement mentions."""
    read = {r.name for s in program.statements for r in s.operands} | {s.target.name for s in program.statements}
    kept = names | read
    return replace(program, tensors=tuple(t for t in program.tensors if t.name in kept))


def _gradients_kernel(
    cell: CellText, backward: _Backward, plan: GradientPlan
) -> tuple[Kernel, tuple[GradientBlock, ...]]:
    """Gradients of matrices: for each pair of arrays, rows times columns summed over all steps and sequences."""
    source = backward.text
    one_hots = [
        cell.derived[r.name] for o in plan.outers if o.token for r in (o.rows, o.columns) if r.name in cell.derived
    ]
    tensors = _merge(source.program.tensors, one_hots)
    program = replace(cell.adjoint, tensors=tensors, statements=(), results=())
    summary = "Sum rows times columns over all steps and sequences; chunk number `chunk` of `chunks` of the rows."
    text = KernelText(cell, "gradients", summary, program)
    text.numbers = [Number.STEPS, Number.CHUNK, Number.CHUNKS, Number.TEAM]
    chunk, chunks, first, last = cell.chunk, cell.chunks, cell.first, cell.last
    text.homes = dict(source.homes)
    for statement in (*plan.sums, *plan.finish):  # whoever calls kernels knows an array by its name
        text.identifiers.reserve(spell(statement.target.name))
    members = {m: a for a in source.arguments for m in a.tensors if a.is_flat}
    blocks: list[GradientBlock] = []
    pairs: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Outer]] = {}
    for outer in plan.outers:
        row_group = members[outer.rows.name].tensors if outer.rows.name in members else (outer.rows.name,)
        column_group = members[outer.columns.name].tensors if outer.columns.name in members else (outer.columns.name,)
        pairs.setdefault((row_group, column_group), []).append(outer)
    scratch = ""
    taken = {argument.name for argument in source.arguments}  # an array has one meaning in both kernels
    for (rows, columns), outers in pairs.items():
        operands = _operands_of_steps(text, source, (rows, columns), outers[0])
        names = [text.identifiers.of(o.name) for o in outers]
        wish = names[0] if len(names) == 1 else text.identifiers.fresh(common_name(names))
        while len(names) > 1 and wish in taken:
            wish = text.identifiers.fresh(common_name(names))
        held = (text.members(rows), text.members(columns))
        array = text.take(Argument(wish, Kind.GRADIENT, held[0], Rows.NONE, held[1]))
        count = text.width(rows)
        count = f"({count})" if " + " in count else count
        call, memory = _adding_call(outers[0]), ""
        if call == "outer_add":
            scratch = scratch or text.scratch_for(OuterBlocks())
            memory = f", {scratch}"
        elif call == "add_to_columns":
            memory = f", {_beside(text, columns[0])}"
        text.after += [
            *(f"# {text.identifiers.of(o.name)}: {o.rows.name} times {o.columns.name}" for o in outers),
            f"{first}, {last} = {count} * {chunk} // {chunks}, {count} * ({chunk} + 1) // {chunks}",
            f"{call}({array}[{first}:{last}], {first}, {operands[0]}, {operands[1]}{memory})",
        ]
        blocks += [GradientBlock(o.name, array, o.rows.name, o.columns.name) for o in outers]
    return text.write(), tuple(blocks)


def _operands_of_steps(
    text: KernelText, source: KernelText, groups: tuple[tuple[str, ...], tuple[str, ...]], outer: Outer
) -> list[str]:
    """The rows and the columns of a product over all steps and sequences, as arrays with a row for each of these.

    A token stands in the place of its one-hot vector.
    """
    cell, products, operands = text.cell, ProductCalls(text, {}), []
    for number, group in enumerate(groups):
        if outer.token and (number == 0) == outer.by_rows:
            text.take_source(cell.primal[outer.token])
            array = text.homes[outer.token].array
            rows = products.rows_of_all_steps((outer.token,))
            operands.append(f"{rows}.reshape({cell.steps} * {array}.shape[1])")
            continue
        array = source.homes[group[0]].array
        text.take(next(a for a in source.arguments if a.name == array))
        length = f"{cell.steps} * {array}.shape[1]"
        operands.append(f"{products.all_steps(group)}.reshape(({length}, {text.width(group)}))")
    return operands


def _beside(text: KernelText, one_hot: str) -> str:
    """The room in which `add_to_columns` sums rows side by side."""
    (dim,) = text.program[one_hot].dims
    wish = f"beside_{text.cell.size(dim)}"
    if wish not in text.names:
        text.names.add(wish)
        text.allocate(wish, (dim, ABREAST))
    return wish


def _adding_call(outer: Outer) -> str:
    """The function that adds rows times columns to a gradient."""
    return "outer_add" if not outer.token else "add_to_rows" if outer.by_rows else "add_to_columns"


def _finish_kernel(cell: CellText, plan: GradientPlan) -> Kernel:
    """The kernel of what is linear in sums over time and batch: gradients of parameters of parameters."""
    tensors = _merge(cell.adjoint.tensors, plan.parts, cell.primal.tensors)
    program = Program(tensors, plan.finish, ())
    program = _only(program, set())
    text = KernelText(cell, "finish", "Gradients that follow from sums over time and batch.", program)
    text.numbers = []
    for tensor in program.tensors:
        name = tensor.name
        if name in program.definitions and tensor.role != "adjoint":
            text.allocate_tensor(tensor)
        elif tensor.role == "adjoint":
            kind = Kind.GRADIENT if name in program.definitions else Kind.SUM
            array = text.take_array(text.identifiers.of(name), kind, tensor, Rows.NONE)
            text.homes[name] = Home(array, (), tensor.dims)
        else:
            text.take_source(tensor)
    text.prepare()
    step = text.step_text(program)
    nodes = [Node(s.target.name, tuple(r.name for r in s.operands), s) for s in program.statements]
    text.after += step.write_plain(order_nodes(nodes, program))
    return text.write()


class _Tangent:
    """Directions carried forward along a trajectory, several at once, each with its own exponent."""

    def __init__(self, cell: CellText, residuals: Sequence[Argument]) -> None:
        self.cell, self.residuals = cell, residuals
        tangent = cell.tangent
        reads = {r.name for s in tangent.statements for r in s.operands}
        recomputed = cell.found_again(reads)
        program = _known_program(cell, tangent, tangent.statements, recomputed)
        self.read = reads | {r.name for s in recomputed for r in s.operands}
        self.text = KernelText(
            cell,
            "tangent",
            "Carry directions of the state along a trajectory; each has its own exponent.",
            _only(program, set(tangent.results)),
        )

    def kernel(self) -> Kernel:
        text, cell, program = self.text, self.cell, self.text.program
        text.take_numbers(Number.D0, Number.D1)
        text.take_sources()
        take_residuals(text, self.residuals, self.read)
        text.prepare()
        self._take_tangents()
        inner = {t.name for t in program.tensors if t.role == "tangent"}
        slots = find_slots(program)
        apart = frozenset((*program.sources, *text.homes))
        groups = cluster_buffers(program, slots, (), apart)
        products = ProductCalls(text, slots, inner=True)
        lead = (cell.b, cell.d)
        products.join(groups)
        products.take_buffers(dict.fromkeys(groups, (Kind.WORK, Rows.DIRECTIONS, lead)))
        products.outline(frozenset())
        for statement in sorted(products.others(), key=lambda s: s.target.name in inner):
            text.rows(statement, inner=statement.target.name in inner)
        products.fill()
        return text.write()

    def _take_tangents(self) -> None:
        """Arrays of the directions, which move by a row after each step and are scaled to about 1."""
        text, cell = self.text, self.cell
        b, d = cell.b, cell.d
        moves: list[str] = []
        parts: list[tuple[str, int]] = []
        for layout in cell.recurrence.states:
            delay = cell.delay(layout.name)
            for part in layout.parts:
                array, new = self._take_direction(part, delay)
                moves += self._move_rows(array, delay)
                moves.append(f"copy({array}[{delay - 1}, {b}, {d}:{d} + 1], {new}[{b}, {d}:{d} + 1])")
                parts.append((array, delay))
        exponents = text.take(Argument(text.identifiers.fresh("exponents"), Kind.EXPONENTS, (), Rows.DIRECTIONS))
        e = text.identifiers.fresh("e")
        blocks = [f"{array}[{0 if delay == 1 else f'0:{delay}'}, {b}, {d}:{d} + 1]" for array, delay in parts]
        body = [
            *moves,
            f"{e} = exponent({_maximum([f'largest({block})' for block in blocks])})",
            *(f"shift({block}, -{e})" for block in blocks),
            f"{exponents}[{b}, {d}] += {e}",
        ]
        text.step_tail += [
            f"for {b} in range({cell.b0}, {cell.b1}):",
            f"    for {d} in range({cell.d0}, {cell.d1}):",
            *indent(body, 2),
        ]

    def _move_rows(self, array: str, delay: int) -> list[str]:
        """Every row to the one before it, upwards, so that none is overwritten before it has moved."""
        if delay < 2:
            return []
        cell = self.cell
        row, place = self.text.identifiers.fresh("row"), f"{cell.b}, {cell.d}:{cell.d} + 1"
        return [f"for {row} in range({delay - 1}):", f"    copy({array}[{row}, {place}], {array}[{row} + 1, {place}])"]

    def _take_direction(self, part: str, delay: int) -> tuple[str, str]:
        """The array of a state's directions and that of their next values, as homes of the tangents they hold."""
        text, cell = self.text, self.cell
        held, wish = cell.primal[part], tangent_name(part)
        dims = held.dims
        # In the tangent of a tangent cell a state has that name already.
        own = text.identifiers.fresh(wish) if wish in cell.primal else text.identifiers.of(wish)
        array = text.take_array(own, Kind.TANGENT, held)
        wish = text.identifiers.fresh(f"new_{array}")
        new = text.take_array(wish, Kind.NEW_TANGENT, held)
        for tensor in text.program.tensors:
            if tensor.role != "tangent" or tensor.of not in cell.primal:
                continue
            primal = cell.primal[tensor.of]
            if part not in (primal.of, primal.name):
                continue
            if primal.role == "state":
                text.homes[tensor.name] = Home(array, (str(delay - primal.lag), cell.b, cell.d), dims)
            elif primal.role == "next":
                text.homes[tensor.name] = Home(new, (cell.b, cell.d), dims)
        return array, new


def _jacobian_kernel(cell: CellText, residuals: Sequence[Argument]) -> Kernel:
    """The blocks of the step's Jacobian, ∂s_{t+1}/∂s_t, at every step of a trajectory."""
    jacobian = cell.jacobian
    reads = {r.name for s in jacobian.statements for r in s.operands}
    recomputed = cell.found_again(reads)
    program = _known_program(cell, jacobian, jacobian.statements, recomputed)
    read = reads | {r.name for s in recomputed for r in s.operands}
    text = KernelText(
        cell, "jacobian", "The blocks of the Jacobian of each step.", _only(program, set(jacobian.results))
    )
    text.take_sources()
    take_residuals(text, residuals, read)
    text.prepare()
    for name in jacobian.results:
        dims = jacobian[name].dims
        array = text.take_array(text.identifiers.of(name), Kind.JACOBIAN, jacobian[name])
        text.homes[name] = Home(array, (cell.t, cell.b), dims)
    for statement in text.program.statements:
        text.rows(statement)
    return text.write()
