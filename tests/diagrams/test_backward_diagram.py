"""The drawing of a backward pass: what a wire carries is what the derivation says, and all of it is on some wire."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest
from diagrams_of_cells import CELLS, diagram

import gatedsym as gs
from gatedsym.course import worked_example
from gatedsym.diagrams import BackwardDiagram
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.shares import Shares, measure_shares
from gatedsym.diagrams.wires import wire_program
from gatedsym.errors import ArgumentError, EquationWarning
from gatedsym.ir.evaluate import NUMPY, evaluate


@cache
def shares(name: str) -> tuple[Graph, Shares]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        graph = diagram(name).graph
        return graph, measure_shares(gs.Cell(CELLS[name], name), graph)


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.sampled
def test_values_on_the_wires_give_the_results_of_the_cell(name):
    example = worked_example(diagram(name).recurrence)
    wired = wire_program(diagram(name).graph)
    given = {n: v for n, v in example.values[0].items() if n in wired.program.sources}
    found = evaluate(wired.program, given, NUMPY, example.sizes)
    for result in wired.program.results:
        np.testing.assert_allclose(found[result], example.values[0][result], rtol=1e-9, atol=1e-12)


def conserving(graph: Graph, found: Shares) -> None:
    """What enters the drawing leaves it, and so it is at every node."""
    ends = [n.id for n in graph.nodes if n.kind in ("next", "output")]
    starts = [n.id for n in graph.nodes if n.kind == "state"]
    assert sum(found.leaving(graph, n) for n in ends) == pytest.approx(1, abs=1e-9)
    assert sum(found.leaving(graph, n) for n in starts) == pytest.approx(1, abs=1e-9)
    for node in graph.nodes:
        if node.ports and graph.readers[node.id]:
            entering = sum(found.wires.get((node.id, k), 0.0) for k in range(len(node.ports)))
            assert entering == pytest.approx(found.leaving(graph, node.id), abs=1e-9), node


@pytest.mark.parametrize("name", ["peephole", "strange"])
def test_what_goes_into_a_node_comes_out_of_it(name):
    conserving(*shares(name))


REFUSED = {
    "functions": "does not show on which wire h enters",
    "array_names": "no gradient goes back",
    "old_output": "no gradient goes back",
    "parameter_only": "no gradient goes back",
    "sources_alone": "no gradient goes back",
}
"""Cells that are drawn forward only, and why."""


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_cell_that_cannot_be_drawn_backward_is_told_so(name):
    with pytest.raises(ArgumentError, match=REFUSED[name]):
        shares(name)


@pytest.mark.parametrize("name", [n for n in sorted(CELLS) if diagram(n).recurrence.states and n not in REFUSED])
@pytest.mark.sampled
def test_no_part_of_a_gradient_is_lost_in_any_cell(name):
    conserving(*shares(name))


def test_the_share_of_the_highway_is_what_its_gate_lets_through():
    """By hand, from kernels: c̄_t ⊙ f_t along the gradient that the step sends back."""
    cell = gs.cell("lstm")
    drawn = BackwardDiagram(cell)
    graph, found = drawn.graph, drawn.shares
    params = cell.init(8, 32, seed=0)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(50, 8))
    run = cell.forward(params, x[:, None])
    last = np.zeros((50, 1, 32))
    last[-1] = generator.normal(size=32)
    states = cell.backward(params, run, {"h": last}, returns="states").states
    c, h = (np.asarray(states[s])[:, 0] for s in "ch")
    through = np.asarray(run["f"])[:, 0] * np.asarray(c[1:])
    by_hand = np.mean([np.sum(v**2) / (np.sum(v**2) + np.sum(h[t] ** 2)) for t, v in enumerate(through)])
    valve = next(n for n in graph.rail if graph[n].kind == "valve")
    assert found.wires[valve, 0] == pytest.approx(by_hand, rel=1e-6)


def test_a_retention_bias_opens_the_highway():
    cell = gs.cell("lstm")
    plain, kept = BackwardDiagram(cell), BackwardDiagram(cell, retention=3.0)
    for drawn, sign in ((plain, "U(±1/√n), seed 0"), (kept, "with retention bias 3")):
        assert sign in drawn._about()
    last = plain.graph.highways[0][-1]
    assert kept.shares.leaving(kept.graph, last) > plain.shares.leaving(plain.graph, last)


@pytest.mark.long
def test_the_same_cell_gives_the_same_bytes_and_a_suffix_one_file(tmp_path):
    drawn = BackwardDiagram(gs.cell("gru"))
    assert drawn.render("svg") == BackwardDiagram(gs.cell("gru")).render("svg")
    assert drawn.save(tmp_path / "a.pdf") == [tmp_path / "a.pdf"]
    assert gs.cell("gru").diagram(backward=True).render("svg") == drawn.render("svg")


@pytest.mark.parametrize("name", ["glu", "echo_state", "lif"])
def test_a_cell_without_a_gradient_to_draw_is_refused_or_drawn(name):
    if name == "glu":
        with pytest.raises(ArgumentError, match="glu has no state"):
            _ = BackwardDiagram(gs.cell(name)).shares
    else:
        assert sum(BackwardDiagram(gs.cell(name)).shares.wires.values()) > 0
