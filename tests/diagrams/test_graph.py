"""What a diagram says of a cell: every value once, every operand on its way, numbers that add up."""

from collections import Counter

import numpy as np
import pytest
from diagrams_of_cells import CELLS, diagram

from gatedsym.calculus.retention import direct_path
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.steps import example, lit_in, number_lines
from gatedsym.equations import read_equations
from gatedsym.ir.program import Program

every_cell = pytest.mark.parametrize("name", sorted(CELLS))


def typed(program: Program) -> list[str]:
    """Values that a person named: given ones that are read, and defined ones."""
    read = {r.name for s in program.statements for r in s.operands}
    given = [n for n in program.sources if program[n].role in ("state", "input") and n in read]
    return given + [n for n in program.definitions if program[n].named]


def wires(graph: Graph) -> dict[str, str]:
    """For each named value the node that gives it."""
    found = {}
    for node in graph.nodes:
        if node.name:
            found[node.name] = node.ports[0].source if node.kind in ("next", "output") else node.id
    return found


def ancestors(graph: Graph, name: str) -> set[str]:
    found, queue = {name}, [name]
    for current in queue:
        for port in graph[current].ports:
            if port.source not in found:
                found.add(port.source)
                queue.append(port.source)
    return found


def operands(program: Program, name: str) -> set[str]:
    """Named values, and parameters, that the formula of a value shows once unnamed parts are put back in."""
    found = set()
    for ref in program.definitions[name].operands:
        inner = ref.name in program.definitions and not program[ref.name].named
        found |= operands(program, ref.name) if inner else {ref.name}
    return {n for n in found if program[n].role != "identity"}


@every_cell
def test_every_named_value_is_drawn_exactly_once(name):
    d = diagram(name)
    assert Counter(n.name for n in d.graph.nodes if n.name) == Counter(typed(d.recurrence.program))


@every_cell
def test_every_operand_of_every_equation_reaches_its_result(name):
    d = diagram(name)
    program, wire = d.recurrence.program, wires(d.graph)
    for value in (n for n in program.definitions if program[n].named):
        behind = ancestors(d.graph, wire[value])
        acting = {w for node in behind for w in d.graph[node].weights}
        for operand in operands(program, value):
            reached = wire[operand] in behind if operand in wire else operand in acting
            assert reached, f"{operand} does not reach {value}"


@every_cell
def test_nothing_reaches_a_result_that_its_equation_does_not_read(name):
    d = diagram(name)
    program, wire = d.recurrence.program, wires(d.graph)
    named = set(wire.values())
    for value in (n for n in program.definitions if program[n].named):
        if wire[value] in {wire[o] for o in operands(program, value) if o in wire}:
            continue  # another name of a value that is looked at itself
        seen, queue = set(), [wire[value]]
        for current in queue:
            for port in d.graph[current].ports:
                if port.source in named:
                    seen.add(port.source)
                else:
                    queue.append(port.source)
        assert seen <= {wire[o] for o in operands(program, value) if o in wire}


@every_cell
def test_numbers_on_the_wires_are_what_the_symbols_say(name):
    d = diagram(name)
    values = {n: np.asarray(v) for n, v in example(d.recurrence, d.graph).items()}
    checked = 0
    for node in d.graph.nodes:
        inputs = [values[d.graph[p.source].value] for p in node.ports if p.weight == "" and d.graph[p.source].value]
        if node.kind not in RULES or len(inputs) != len(node.ports) or node.text not in ("", "+", "⊙", "÷", "1−", "−"):
            continue
        signs = [-1 if p.negative else 1 for p in node.ports]
        expected = RULES[node.kind](node, inputs, signs)
        shape = np.broadcast_shapes(np.shape(expected), np.shape(values[node.value]))
        np.testing.assert_allclose(
            np.broadcast_to(values[node.value], shape), np.broadcast_to(expected, shape), rtol=1e-12, atol=1e-12
        )
        checked += 1
    assert checked


RULES = {
    "valve": lambda node, a, signs: _product(a),
    "times": lambda node, a, signs: _product(a),
    "plus": lambda node, a, signs: signs[0] * a[0] + signs[1] * a[1],
    "divide": lambda node, a, signs: a[0] / a[1],
    "copy": lambda node, a, signs: a[0],
    "next": lambda node, a, signs: a[0],
    "output": lambda node, a, signs: a[0],
    "offset": lambda node, a, signs: 1 - a[0] if node.text == "1−" else -a[0],
}


def _product(a):
    """Elementwise, a scalar or a vector with each row of a matrix where the ranks differ."""
    first, second = sorted(a, key=np.ndim, reverse=True)
    return first * second


@every_cell
def test_highways_are_the_direct_paths_of_the_calculus(name):
    d = diagram(name)
    program = d.recurrence.program
    for node in d.graph.nodes:
        if node.kind != "next" or program[node.value].of not in program or not program[node.value].dims:
            continue
        path, _ = direct_path(program, node.value, program[node.value].of)
        assert (node.id in d.graph.rail) == (path is not None), node.name


def test_each_gate_turns_its_valve():
    graph = diagram("peephole").graph
    turned = {graph[p.source].name: graph[n.ports[0].source].name for n in graph.nodes for p in n.ports
              if n.kind == "valve" and p.role == "control"}  # fmt: skip
    assert turned == {"f": "c", "i": "g", "o": ""}
    assert [n.name for n in graph.nodes if n.gate] == ["i", "f", "o"]


def test_the_complement_of_a_gate_is_a_gate():
    graph = diagram("gru").graph
    (complement,) = [n for n in graph.nodes if n.text == "1−"]
    assert complement.gate
    assert graph.highways == (("state2", graph.readers[complement.id][0], "plus10", "next11"),)


def test_a_definition_stands_as_one_box_under_its_name():
    graph = diagram("layer_norm_lstm").graph
    assert sum(n.text == "LN" for n in graph.nodes) == 9
    assert not any(n.text == "Σ" for n in graph.nodes)


def test_a_reduction_that_no_definition_describes_does_not_bear_its_name():
    text = CELLS["layer_norm_lstm"].replace("LN(c')", "(2*LN(c') - mean(c'))")
    from gatedsym.diagrams import Diagram

    graph = Diagram(read_equations(text)).graph
    assert sum(n.text == "LN" for n in graph.nodes) == 8


def test_values_read_together_run_as_one_wire():
    graph = diagram("peephole").graph
    (join,) = [n for n in graph.nodes if n.kind == "join"]
    assert {graph[p.source].name for p in join.ports} == {"h", "x"}
    assert len(graph.readers[join.id]) == 4


@every_cell
def test_every_equation_lights_what_it_computes(name):
    d = diagram(name)
    values = example(d.recurrence, d.graph)
    numbers = {n.id: number_lines(values[n.value]) for n in d.graph.nodes if n.value}
    acting = set()
    for k in range(len(d.recurrence.equations)):
        lit = lit_in(d.graph, k, numbers)
        own = {n.id for n in d.graph.nodes if n.equation == k}
        assert own
        assert own <= lit.nodes
        assert {p.source for n in own for p in d.graph[n].ports} <= lit.nets
        acting |= own
    given = {n.id for n in d.graph.nodes if n.kind in ("state", "input", "join")}
    assert acting | given == {n.id for n in d.graph.nodes}


def test_numbers_are_two_decimals_in_columns():
    assert number_lines(np.array([0.256, -1.0])) == ("0.26", "−1.00")
    assert number_lines(np.array(2.0)) == ("2.00",)
    assert number_lines(np.arange(6.0).reshape(2, 3)) == ("0.00  1.00  2.00", "3.00  4.00  5.00")
    assert number_lines(np.arange(6.0))[-1] == "…"
