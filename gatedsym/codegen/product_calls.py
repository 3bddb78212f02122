"""Products of a step → buffers for what they take and give, and the calls that multiply, each of one step or of many.

A product is a node of the step, so that its stage is known before its call is written: over all steps of a segment it
takes the rows of all of them, in a loop over time those of a step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from gatedsym.codegen.kernel_text import KernelText
from gatedsym.codegen.loop_nests import Home, indent
from gatedsym.codegen.matrix_products import Slot
from gatedsym.codegen.step_order import Node
from gatedsym.ir.interface import Kind, Rows
from gatedsym.ir.program import Ref, Statement, pointwise


@dataclass(frozen=True)
class _Product:
    """One product of all rows: its slots and vectors, each side by side; its node; whether it adds to what is there."""

    group: tuple[str, ...]
    vectors: tuple[str, ...]
    node: int
    accumulates: bool


class ProductCalls:
    """Places slots and vectors in buffers and writes the calls that multiply.

    Products into the slots of `optional` are made only if the kernel's argument `inputs` says so.
    """

    def __init__(
        self, text: KernelText, slots: dict[str, Slot], inner: bool = False, optional: frozenset[str] = frozenset()
    ) -> None:
        self.text, self.slots, self.inner, self.optional = text, slots, inner, optional
        self.groups: tuple[tuple[str, ...], ...] = ()
        self.group_of: dict[str, tuple[str, ...]] = {}
        self.products: dict[str, _Product] = {}
        self.begun: dict[tuple[str, ...], str] = {}

    def join(self, groups: Sequence[tuple[str, ...]]) -> None:
        """Note which slots and vectors stand side by side."""
        self.groups = tuple(groups)
        self.group_of = {member: group for group in groups for member in group}

    def take_buffers(self, argument: Mapping[tuple[str, ...], tuple[Kind, Rows, tuple[str, ...]]]) -> None:
        """Take a buffer for each group: (kind, rows, lead)."""
        for group, (kind, rows, lead) in argument.items():
            self.text.take_buffer(group, kind, rows, lead)

    def group(self, name: str) -> tuple[str, ...]:
        return self.group_of.get(name, (name,))

    def others(self) -> list[Statement]:
        """The statements of the step that are no product and no sum of products, in order."""
        multiplied = {term.name for slot in self.slots.values() for term in slot.terms} | {*self.slots}
        return [s for s in self.text.program.statements if s.target.name not in multiplied]

    def schedule(self) -> tuple[str, ...]:
        """Lines that say what runs over all steps of a segment and what step by step, of a kernel that does both."""
        made: dict[str, list[str]] = {mark: [] for mark in self.products}
        for slot in self.slots.values():
            for term in slot.terms:
                made[self.mark(slot.name, term.vector.name)].append(term.name)
        return tuple(self.text.time_loops.described(made))

    def mark(self, slot: str, vector: str) -> str:
        """The name of the product that a slot takes of a vector."""
        return f"{self.group(slot)[0]}@{self.group(vector)[0]}"

    def outline(self, accumulate: frozenset[str]) -> None:
        """Nodes for all products, whose lines `fill` writes, and for the remainders of the slots.

        Parameters
        ----------
        accumulate : frozenset of str
            Slots that add to what their array holds already.
        """
        waits: dict[str, list[str]] = {name: [] for name in self.slots}
        self._begin_with_picks(accumulate, waits)
        for slot in self.slots.values():
            for term in slot.terms:
                group, vectors = self.group(slot.name), self.group(term.vector.name)
                mark = self.mark(slot.name, term.vector.name)
                if mark not in self.products:
                    self.products[mark] = _Product(group, vectors, len(self.text.nodes), slot.name in accumulate)
                    begun = [self.begun[group]] if group in self.begun else []
                    self.text.nodes.append(Node(mark, (*vectors, *begun), lines=("",)))
                    for name in group:
                        if name in waits:
                            waits[name].append(mark)
        for slot in self.slots.values():
            self._remainder(slot, waits[slot.name], slot.name in accumulate)

    def _begin_with_picks(self, accumulate: frozenset[str], waits: dict[str, list[str]]) -> None:
        """Let buffers begin with what tokens pick: then products add to them."""
        picked = [slot for slot in self.slots.values() if slot.picks and slot.name not in accumulate]
        for group in dict.fromkeys(self.group(slot.name) for slot in picked):
            marks = [mark for name in group for mark in self._pick_nodes(self.slots[name])]
            self.begun[group] = f"{group[0]}@picks"
            self.text.nodes.append(Node(self.begun[group], tuple(marks)))
            for name in group:
                waits[name].append(self.begun[group])

    def _pick_nodes(self, slot: Slot) -> list[str]:
        """Nodes that set a slot to its bias and its picks, one after the other; the mark of the last."""
        target, marks = Ref(slot.name, slot.indices), list[str]()
        sums: list[tuple[Ref, ...]] = [(target, pick) for pick in slot.picks]
        if slot.picks and len(slot.bias) < 2:
            sums[0] = (*slot.bias, slot.picks[0])
        else:
            sums.insert(0, slot.bias)
        for number, terms in enumerate(sums):
            statement = pointwise(target, sp.Add(*(r.symbol for r in terms)), terms)
            reads = tuple(r.name for r in terms if r.name != slot.name)
            mark = f"{slot.name}@pick{number}"
            self.text.nodes.append(Node(mark, (*reads, *marks[-1:]), statement, inner=self.inner))
            marks.append(mark)
        return marks[-1:]

    def fill(self) -> None:
        """Write the lines of all products, those that take all steps of a segment at once first.

        The first product of a buffer sets it, to biases and what it computes; further ones add.
        """
        stages = self.text.time_loops.stages
        stage_of = {task: number for number, stage in enumerate(stages) for task in stage.tasks}
        order = sorted(self.products.items(), key=lambda entry: stage_of[entry[1].node])
        setters: dict[tuple[str, ...], str] = {}
        for mark, product in order:
            setters.setdefault(product.group, mark)
        for at_once in (True, False):
            for mark, product in order:
                stage = stage_of[product.node]
                if stages[stage].is_loop == at_once:
                    continue
                setter = setters[product.group]
                after = [setter] if setter != mark and stage_of[self.products[setter].node] == stage else []
                begins = setter == mark and not product.accumulates and product.group not in self.begun
                lines = self._product(product, begins, at_once)
                node = self.text.nodes[product.node]
                self.text.nodes[product.node] = replace(node, reads=(*node.reads, *after), lines=tuple(lines))

    def _product(self, product: _Product, begins: bool, at_once: bool) -> list[str]:
        """The call that makes one product, of one step or of all steps of a segment; the first sets its buffer."""
        text, group, vectors = self.text, product.group, product.vectors
        slots = [self.slots[n] for n in group]
        start = f"{text.start(slots)}, " if begins else ""
        panel = self._panel(vectors, slots)
        name, team = f"multiply{'' if begins else '_add'}", text.and_team
        if at_once:
            rows = f"{text.cell.b0}, {text.cell.b1}"
            line = f"{name}_steps({self._segment(group)}, {start}{self._segment(vectors)}, {rows}, {panel}{team})"
        else:
            name = f"{name}_steps" if self.inner else name
            line = f"{name}({self._rows(group)}, {start}{self._rows(vectors)}, {self._range()}, {panel}{team})"
        return self._guarded(slots, [line])

    def is_of_segment(self, group: tuple[str, ...]) -> bool:
        """Whether a buffer outlives a step: a stage over all steps, or more than one stage, writes or reads it."""
        users = {p.node for p in self.products.values() if group in (p.group, p.vectors)}
        names = {*group}
        for number, node in enumerate(self.text.nodes):
            target = "" if node.statement is None else node.statement.target.name
            if names & {node.writes, target, *node.reads}:
                users.add(number)
        stages = [stage for stage in self.text.time_loops.stages if users & {*stage.tasks}]
        return len(stages) > 1 or any(not stage.is_loop for stage in stages)

    def _panel(self, vectors: Sequence[str], slots: Sequence[Slot]) -> str:
        """The packed matrices of a product; those of one that may be left out are packed only where it is not."""
        before = self.text.before
        first = len(before)
        panel = self.text.panel(vectors, slots)
        made = [line for line in before[first:] if re.match(r"\w+, \w+ = (packed_panels|allocate)\(", line)]
        before[first:] = [*made, *self._guarded(slots, [line for line in before[first:] if line not in made])]
        return panel

    def _guarded(self, slots: Sequence[Slot], lines: list[str]) -> list[str]:
        """Lines that serve some slots alone, run only if these are asked for."""
        if not lines or not all(slot.name in self.optional for slot in slots):
            return lines
        return [f"if {self.text.cell.inputs}:", *indent(lines)]

    def _remainder(self, slot: Slot, waits: list[str], accumulate: bool) -> None:
        text = self.text
        target = Ref(slot.name, slot.indices)
        if slot.rest == 0 and not (accumulate and slot.bias):
            text.nodes.append(Node(slot.name, tuple(waits)))
            return
        rest = slot.rest + (sp.Add(*(r.symbol for r in slot.bias)) if accumulate else 0)
        operands = [*slot.rest_operands, *slot.bias]
        own = () if accumulate else (target,)
        expression = rest if accumulate else target.symbol + rest
        statement = pointwise(target, expression, (*operands, *own))
        reads = tuple(r.name for r in statement.operands if r.name != slot.name)
        if accumulate:  # sums come in any order: nothing is gained by waiting for the products
            text.nodes.append(Node(slot.name, tuple(waits)))
            waits = []
        text.nodes.append(Node(slot.name, (*reads, *waits), statement, inner=self.inner))

    def _range(self) -> str:
        """The rows of what `_rows` gives."""
        cell = self.text.cell
        return f"{cell.d0}, {cell.d1}" if self.inner else f"{cell.b0}, {cell.b1}"

    def _rows(self, group: tuple[str, ...]) -> str:
        """An array at this step: a matrix with a row for each of the batch, or for each direction of each of these."""
        cell, home = self.text.cell, self.text.homes[group[0]]
        at, width = home.lead.index(cell.b), self.text.width(group)
        lead = [*home.lead[:at], *([f"{cell.b0}:{cell.b1}"] if self.inner else [])]
        array = f"{home.array}[{', '.join(lead)}]" if lead else home.array
        if home.offset is None and len(home.dims) != 1:
            rows = f"{cell.b1} - {cell.b0}, {home.array}.shape[{at + 1}]" if self.inner else f"{home.array}.shape[{at}]"
            return f"{array}.reshape(({rows}, {width}))"
        return array

    def _segment(self, group: tuple[str, ...]) -> str:
        """An array at the steps of this segment, as (time, batch, width)."""
        cell, home = self.text.cell, self.text.homes[group[0]]
        first, last = cell.first, cell.last
        array = home.array
        if home.lead[0] != f"{cell.t} - {first}":
            ahead = home.lead[0].removeprefix(cell.t)
            array = f"{array}[{first}{ahead}:{last}{ahead}]"
        return self._flat(home, array, f"{last} - {first}", group)

    def all_steps(self, group: tuple[str, ...]) -> str:
        """An array at all steps, as (time, batch, width)."""
        return self._flat(self.text.homes[group[0]], self.rows_of_all_steps(group), self.text.cell.steps, group)

    def rows_of_all_steps(self, group: tuple[str, ...]) -> str:
        """An array at all steps, in its own shape."""
        cell, home = self.text.cell, self.text.homes[group[0]]
        ahead = home.lead[0].removeprefix(cell.t).removeprefix(" + ")
        array = home.array
        argument = next(a for a in self.text.arguments if a.name == array)
        if argument.rows is Rows.HISTORY and cell.delay(cell.history_of.get(argument.tensor, argument.tensor)) > 0:
            array = f"{array}[{ahead or 0}:{f'{ahead} + ' if ahead else ''}{cell.steps}]"
        return array

    def _flat(self, home: Home, array: str, steps: str, group: tuple[str, ...]) -> str:
        if home.offset is None and len(home.dims) != 1:
            return f"{array}.reshape(({steps}, {home.array}.shape[1], {self.text.width(group)}))"
        return array
