"""Graph → a Program in which every wire of the drawing carries a value of its own, so that each has an adjoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from gatedsym.diagrams.graph import Graph, Node, Port
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Statement, Tensor, fresh_indices, pointwise

Wire = tuple[str, int]
"""A reader, and which of its ports."""


@dataclass(frozen=True)
class WiredProgram:
    """A step of a cell, its values copied where a wire branches.

    Attributes
    ----------
    program : Program
        Computes what the cell's own Program computes. Values of parameters alone are not copied.
    wires : mapping of (str, int) to tuple of str
        For each wire the tensors on it; a wire that gathers several values has several.
    sources : mapping of str to str
        For each of these tensors the tensor that it is a copy of.
    """

    program: Program
    wires: Mapping[Wire, tuple[str, ...]]
    sources: Mapping[str, str]


def wire_program(graph: Graph) -> WiredProgram:
    """Give every wire of a graph a value of its own.

    Parameters
    ----------
    graph : Graph

    Examples
    --------
    >>> from gatedsym.diagrams.read import read_graph
    >>> from gatedsym.equations import read_equations
    >>> wired = wire_program(read_graph(read_equations("x, h in R^n; b in R\\nh' = x * h + b")))
    >>> sorted(set(wired.sources.values()))
    ['h', 'node offset4', 'node times3', 'x']
    """
    return _Wiring(graph).wired()


@dataclass(frozen=True)
class _Entering:
    """A value that enters a node: the port, the node it comes from, and the tensor on the wire."""

    port: Port
    source: Node
    tensor: str


class _Wiring:
    """One graph, node by node."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.program = graph, graph.program
        self.tensors: dict[str, Tensor] = {n: self.program[n] for n in self.program.sources}
        self.statements: list[Statement] = []
        self.values: dict[str, str] = {}
        self.wires: dict[Wire, tuple[str, ...]] = {}
        self.sources: dict[str, str] = {}

    def wired(self) -> WiredProgram:
        for name in self.program.definitions:
            if name not in self.program.batched:
                self._keep(self.program.definitions[name], self.program[name])
        for node in self.graph.nodes:
            self._node(node)
        for node in self.graph.nodes:
            if node.kind == "join":
                self._join(node)
        program = Program(tuple(self.tensors.values()), tuple(self.statements), self.program.results)
        return WiredProgram(program.check(), self.wires, self.sources)

    def _keep(self, statement: Statement, tensor: Tensor) -> None:
        self.tensors[tensor.name] = tensor
        self.statements.append(statement)

    def _node(self, node: Node) -> None:
        if node.kind in ("state", "input", "constant"):
            self.values[node.id] = node.value
            return
        if node.kind == "join":
            return
        entering = [e for k, port in enumerate(node.ports) for e in self._enter(node, k, port)]
        if node.kind in ("next", "output", "copy"):
            name = node.value if node.kind != "copy" else f"node {node.id}"
            # A value of parameters alone has no wire of its own.
            value = entering[0].tensor if entering else self.values[node.ports[0].source]
            if value != name:
                self._copy(value, replace(self.program[node.value], name=name))
        else:
            name = f"node {node.id}"
            self._compute(node, self.program.definitions[node.value], entering, name)
        self.values[node.id] = name

    def _enter(self, node: Node, k: int, port: Port) -> Iterator[_Entering]:
        """The values on a wire, each copied for this one reader."""
        source = self.graph[port.source]
        found = []
        for member in self._members(source):
            value = self.values[member.id]
            if value in self.program and value not in self.program.batched:
                continue  # of parameters alone
            name = f"wire {member.id} to {node.id} {k}"
            self._copy(value, Tensor(name, self.tensors[value].dims))
            self.sources[name] = value
            found.append(name)
            yield _Entering(port, member, name)
        self.wires[node.id, k] = tuple(found)

    def _members(self, source: Node) -> list[Node]:
        """The nodes whose values run together in one wire."""
        if source.kind != "join":
            return [source]
        return [member for port in source.ports for member in self._members(self.graph[port.source])]

    def _join(self, node: Node) -> None:
        """The wires that run into a bundle: each has what its values give to all that read the bundle."""
        leaving = self._leaving(node)
        for k, port in enumerate(node.ports):
            values = {self.values[member.id] for member in self._members(self.graph[port.source])}
            self.wires[node.id, k] = tuple(name for name in leaving if self.sources[name] in values)

    def _leaving(self, node: Node) -> list[str]:
        """The tensors that leave a bundle for boxes, through further bundles too."""
        found: list[str] = []
        for reader in (self.graph[name] for name in self.graph.readers[node.id]):
            if reader.kind == "join":
                found += self._leaving(reader)
            else:
                ports = [k for k, p in enumerate(reader.ports) if p.source == node.id]
                found += [name for k in ports for name in self.wires[reader.id, k]]
        return found

    def _copy(self, value: str, tensor: Tensor) -> None:
        indices = fresh_indices(len(tensor.dims))
        source = Ref(value, indices)
        self._keep(pointwise(Ref(tensor.name, indices), source.symbol, (source,)), tensor)

    def _compute(self, node: Node, statement: Statement, entering: Sequence[_Entering], name: str) -> None:
        """A statement of the cell, reading what enters a node."""
        tensor = Tensor(name, self.program[statement.target.name].dims)
        target = Ref(name, statement.target.indices)
        if isinstance(statement, Pointwise):
            expression, parts = self._with_parts(statement, entering)
            read = [r for r in statement.operands if r.symbol in expression.free_symbols]
            operands = {ref: self._operand(node, ref, entering, matrix=False) for ref in read}
            expression = expression.xreplace({old.symbol: new.symbol for old, new in operands.items()})
            self._keep(pointwise(target, expression, (*operands.values(), *parts)), tensor)
            return
        matrix = isinstance(statement, Contraction)
        operands_of = tuple(self._operand(node, ref, entering, matrix) for ref in statement.operands)
        self._keep(replace(statement.reading(operands_of), target=target), tensor)

    def _operand(self, node: Node, ref: Ref, entering: Sequence[_Entering], matrix: bool) -> Ref:
        """The tensor that a node reads for one of the cell's: of a wire, or computed in the node."""
        if ref.name not in self.program.batched:
            return ref
        found = [e for e in entering if e.source.value == ref.name]
        found.sort(key=lambda e: (e.port.weight == "matrix") != matrix)
        if found:
            return Ref(found[0].tensor, ref.indices)
        if ref.name not in self.program.definitions:
            return ref
        name = f"{ref.name} in {node.id}"
        if name not in self.tensors:
            self._compute(node, self.program.definitions[ref.name], entering, name)
        return Ref(name, ref.indices)

    def _with_parts(self, statement: Pointwise, entering: Sequence[_Entering]) -> tuple[sp.Expr, list[Ref]]:
        """The expression, in which each part that enters as one stands under its wire's name; and these names."""
        unnamed = [e for e in entering if self._is_part(e.source.value, statement)]
        parts = {e.tensor: self._part(e.source.value, statement, sp.expand) for e in unnamed}
        plain = {e.tensor: self._part(e.source.value, statement, lambda e: e) for e in unnamed}
        expression = statement.expression
        if any(part is None for part in plain.values()):
            expression = sp.expand(expression)  # a factor was multiplied into a sum where it was drawn
        else:
            parts = plain
        refs: list[Ref] = []
        found = [(name, *part) for name, part in parts.items() if part is not None]
        for name, part, indices in sorted(found, key=lambda p: -p[1].count_ops()):  # the largest first
            refs.append(Ref(name, indices))
            expression = _instead(expression, part, refs[-1].symbol)
        return expression, refs

    def _is_part(self, value: str, statement: Pointwise) -> bool:
        """True for the value of a node that no name in the statement stands for."""
        definition = self.program.definitions.get(value)
        named = any(ref.name == value for ref in statement.operands)
        return isinstance(definition, Pointwise) and value != statement.target.name and not named

    def _part(
        self, value: str, statement: Pointwise, form: Callable[[sp.Expr], sp.Expr]
    ) -> tuple[sp.Expr, tuple[str, ...]] | None:
        """The expression of a value and its indices, in those of a statement; None where it does not contain it."""
        definition = self.program.definitions[value]
        assert isinstance(definition, Pointwise)
        own, whole = definition.target.indices, form(statement.expression)
        for indices in dict.fromkeys((own, statement.target.indices[: len(own)])):
            if len(indices) != len(own):
                continue
            renaming = dict(zip(own, indices, strict=True))
            symbols = {r.symbol: r.rename(renaming).symbol for r in definition.operands}
            expression = form(definition.expression.xreplace(symbols))
            if _instead(whole, expression, sp.Dummy()) != whole:
                return expression, indices
        return None


def _instead(whole: sp.Expr, part: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """The expression with a symbol for a part of it, or minus the symbol for minus the part."""
    changed = whole.subs(part, symbol)
    return changed if changed != whole else whole.subs(-part, -symbol)
