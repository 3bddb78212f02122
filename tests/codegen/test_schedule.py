"""The schedule of a step: what waits for another step is a loop over time, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatedsym as gs
from gatedsym.codegen.schedule import Place, Stage, Task, plan_schedule, strong_components
from gatedsym.execution.kernels import CallShape, segment_buffers
from gatedsym.execution.partitions import segment_steps

GENERATED = Path(__file__).parents[2] / "generated"


@st.composite
def graphs(draw):
    """Up to nine nodes, and which others each waits for."""
    count = draw(st.integers(0, 9))
    return [draw(st.lists(st.integers(0, count - 1), max_size=3)) for _ in range(count)]


@st.composite
def steps(draw):
    """Tasks of a step: each reads some before it, and some of the steps before."""
    count = draw(st.integers(0, 9))
    tasks = []
    for number in range(count):
        same = draw(st.lists(st.integers(0, number - 1), max_size=2)) if number else []
        before = draw(st.lists(st.integers(0, count - 1), max_size=1))
        passing, heavy = draw(st.booleans()), draw(st.lists(st.sampled_from("AB"), max_size=1))
        reads = tuple(f"v{n}" for n in same)
        tasks.append(Task(f"v{number}", reads, tuple(f"v{n}" for n in before), tuple(heavy), passing))
    return tasks


def reachable(needs, start):
    """What a node waits for, directly or not."""
    found, pending = set(), list(needs[start])
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending += needs[node]
    return found


@pytest.mark.long
@given(graphs())
def test_strong_components_are_what_wait_for_each_other(needs):
    components = strong_components(needs)
    far = [reachable(needs, node) for node in range(len(needs))]
    assert sorted(node for component in components for node in component) == list(range(len(needs)))
    position = {node: number for number, component in enumerate(components) for node in component}
    for a in range(len(needs)):
        for b in range(len(needs)):
            if a != b:
                assert (position[a] == position[b]) == (a in far[b] and b in far[a])
            if b in far[a]:
                assert position[b] <= position[a], "what is waited for comes first"


@given(steps())
def test_a_stage_finds_what_it_reads_and_a_circle_is_one_loop(tasks):
    stages = plan_schedule(tasks)
    stage_of = {task: number for number, stage in enumerate(stages) for task in stage.tasks}
    assert sorted(stage_of) == list(range(len(tasks)))
    needs = [[int(name[1:]) for name in (*task.reads, *task.carried)] for task in tasks]
    for number, found in enumerate(needs):
        for other in found:
            assert stage_of[other] <= stage_of[number]
        if number in reachable(needs, number):
            assert stages[stage_of[number]].is_loop
        assert set(stages[stage_of[number]].waits_for) >= {stage_of[o] for o in found} - {stage_of[number]}


def test_what_waits_for_no_step_leaves_the_loop():
    tasks = [Task("a"), Task("s", ("a",), ("s",)), Task("y", ("s", "a"))]
    assert plan_schedule(tasks) == (Stage(False, (0,)), Stage(True, (1,), (0,)), Stage(False, (2,), (0, 1)))


def test_two_layers_are_two_loops_with_the_products_between_them():
    tasks = [Task("h", (), ("h",)), Task("Wh", ("h",)), Task("k", ("Wh",), ("k",))]
    assert [(stage.is_loop, stage.tasks) for stage in plan_schedule(tasks)] == [
        (True, (0,)),
        (False, (1,)),
        (True, (2,)),
    ]


def test_what_reads_a_passing_value_of_a_loop_stays_there():
    tasks = [Task("f", (), ("s",), is_passing=True), Task("s", ("f",)), Task("g", ("f",))]
    assert plan_schedule(tasks) == (Stage(True, (0, 1, 2)),)


def test_what_reads_a_matrix_stays_in_the_loop_that_has_it():
    tasks = [Task("S", (), ("S",), ("S",)), Task("y", ("S",), (), ("S",)), Task("z", ("y",))]
    assert [(stage.is_loop, stage.tasks) for stage in plan_schedule(tasks)] == [(True, (0, 1)), (False, (2,))]


def test_a_sum_is_added_where_its_summand_is_made_and_a_value_found_again_where_it_is_read():
    tasks = [
        Task("f", (), (), (), True, Place.FOUND),
        Task("s", ("f",), ("s",)),
        Task("total", ("s",), (), (), False, Place.SUM),
    ]
    assert plan_schedule(tasks) == (Stage(True, (0, 1, 2)),)


def told_loops(name):
    """The states of each loop over time, as the docstring of a module tells of the forward kernel."""
    text = (GENERATED / f"{name}.py").read_text(encoding="utf-8")
    section = re.search(r"stage by stage\n-+\n(.*?)\n\n", text, re.DOTALL)
    if section is None or "forward\n" not in section.group(1):
        return None
    forward = section.group(1).partition("backward\n")[0]
    found = re.findall(r"step by step, with (.*?) of the step before", re.sub(r"\s+", " ", forward))
    return [set(states.split(", ")) for states in found]


@pytest.mark.sampled
@pytest.mark.parametrize("name", sorted(path.stem for path in GENERATED.glob("*.py")))
def test_loops_are_the_states_that_wait_for_each_other(name):
    """Of every cell of the library, by what each state reaches within its step."""
    program = gs.cell(name).recurrence.program
    following = {program[n].of: n for n in program.results if program[n].role == "next"}
    read = {n: program[n].of or n for n in program.sources if program[n].role == "state"}
    reach = {base: set() for base in following}
    for source, base in read.items():
        reach[base] |= {b for b, n in following.items() if n in program.reached_from([source])}
    far = {base: reachable(reach, base) for base in following}
    circles = {frozenset(b for b in following if b in far[a] and a in far[b]) for a in following if a in far[a]}
    loops = told_loops(name)
    if loops is None:
        assert len(circles) <= 1, "more than one loop is told"
        return
    assert {n for loop in loops for n in loop} == {following[b] for circle in circles for b in circle}
    for circle in circles:
        assert sum({following[b] for b in circle} <= loop for loop in loops) == 1


def test_buffers_of_one_kernel_hold_the_steps_of_a_segment():
    cell = gs.cell("rwkv6")
    signatures = cell.kernels.interface.kernels
    call_shape = CallShape({d.name: 4 for d in cell.interface.dimensions}, 1000, 4, cell.interface.delays)
    for kernel in ("forward", "backward"):
        own = segment_buffers(signatures, kernel)
        plan = cell.kernels.plan(kernel, call_shape)
        assert own
        assert all(plan.shapes[a.name][0] == segment_steps(4) < call_shape.steps for a in own)
