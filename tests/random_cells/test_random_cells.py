"""Random well-typed cells: text → Program → kernels → every entry point, against NumPy that knows no gatedsym."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from random_cells.cell import RandomCell
from random_cells.compare import DifferentError, Entry, prove, reference_of
from random_cells.grow import grow
from random_cells.numpy_reference import Reference, Trajectory
from random_cells.shrink import shrunk
from random_cells.tree import FUNCTIONS, OPERATIONS

import gatedsym.codegen.kernels as kernels_room
from gatedsym.calculus.gradients import plan_gradients
from gatedsym.equations import read_equations
from gatedsym.errors import GatedsymError

GROUP = 25
"""Seeds of one test."""


COUNTS: dict[str, Callable[[int], int]] = {
    "seeds": lambda n: n or 200,
    "compiled_seed": lambda n: n // 20 or 5,
    "proven_seed": lambda n: n // 20 or 6,
}
"""How many cells are held against NumPy, compiled and proven, where the command asks for so many (0: by default)."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """As many seeds as the command asks for."""
    asked = metafunc.config.getoption("--every-random-cell")
    for fixture, count in COUNTS.items():
        if fixture in metafunc.fixturenames:
            step = GROUP if fixture == "seeds" else 1
            starts = range(0, count(asked), step)
            values = [range(s, s + step) for s in starts] if fixture == "seeds" else list(starts)
            metafunc.parametrize(fixture, values, ids=[str(s) for s in starts])


def failure(cell: RandomCell, reference: Reference | None = None, **how: object) -> str:
    """Why an entry point of a cell fails, or "" if none does."""
    reference = reference or reference_of(cell)
    if reference is None:
        return ""
    try:
        Entry(cell, reference, **how).check()
    except Exception as error:  # whatever comes out of it is a fault
        return f"{type(error).__name__}: {error}"
    return ""


def told(cell: RandomCell, why: str, **how: object) -> str:
    """What a person needs to see of a failing cell: the seed, and the smallest text that fails likewise."""
    kind = why.partition(":")[0]

    def fails(candidate: RandomCell) -> bool:
        try:
            found = failure(candidate, **how)
        except Exception:  # what is not well-typed is no smaller cell
            return False
        return found.partition(":")[0] == kind and "EquationError" not in found

    small = cell if kind == "EquationError" else shrunk(cell, fails)
    return f"seed {cell.seed}: {why}\n\n{small.text()}\nwhich fails with: {failure(small, **how)}"


@pytest.mark.sampled
def test_every_entry_point_of_random_cells_gives_what_numpy_gives(seeds: range) -> None:
    """Within 1e-9 of the largest entry: sums of some dozen terms of order one, in another order."""
    for seed in seeds:
        why = failure(grow(seed))
        assert not why, told(grow(seed), why)


@cache
def small_cells(count: int) -> list[int]:
    """The seeds of cells that compile in seconds."""
    found, seed = [], 10_000
    while len(found) < count:
        cell = grow(seed)
        if len(cell.text()) < 200 and reference_of(cell) is not None:
            found.append(seed)
        seed += 1
    return found


@pytest.mark.long
def test_compiled_random_cells_give_what_numpy_gives(compiled_seed: int) -> None:
    """In float64 and float32 in turn; the text is short, because each kernel takes a second to compile."""
    cell = grow(small_cells(compiled_seed + 1)[-1])
    dtype = "float32" if compiled_seed % 2 else "float64"
    why = failure(cell, compiled=True, dtype=dtype)
    assert not why, told(cell, why)


def test_random_cells_are_proven(proven_seed: int) -> None:
    """The calculus and the emitted kernels; what is undecided is not false."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert prove(grow(20_000 + proven_seed)) == []


def test_the_random_cells_have_everything_that_the_language_has() -> None:
    """Over the seeds of the default run."""
    cells = [grow(seed) for seed in range(200)]
    nodes = [node for cell in cells for node in cell.nodes()]
    assert {node.op for node in nodes} == set(OPERATIONS)
    assert {node.text for node in nodes if node.op == "function"} == set(FUNCTIONS)
    assert {len(cell.inputs) for cell in cells} == {0, 1, 2, 3}
    assert {len(cell.states) for cell in cells} == {0, 1, 2, 3}
    assert {0, 1} <= {min(len(cell.parameters), 1) for cell in cells}
    assert {0, 1, 2, 3} <= {lag for cell in cells for lag in cell.delays.values()}
    assert any(line.start is not None for cell in cells for line in cell.lines)
    assert any(unread(cell) for cell in cells)
    assert any(cell.size_lines for cell in cells)


def unread(cell: RandomCell) -> set[str]:
    """Names of equations that feed nothing."""
    read = {n.partition("[")[0] for line in cell.lines for n in line.names()}
    targets = {line.target for line in cell.lines if not line.target.endswith("'")}
    return targets - read - set(cell.outputs)


def test_most_random_cells_have_a_point_to_be_held_at() -> None:
    points = [reference_of(grow(seed)) for seed in range(100)]
    assert sum(point is not None for point in points) > 80


def test_the_reference_agrees_with_differences_of_its_own_trajectory() -> None:
    """Complex steps against central differences of the loss along each parameter's first entry."""
    cell = grow(7)
    reference = reference_of(cell)
    assert reference is not None
    for name, value in reference.point.params.items():
        ends = []
        for step in (1e-6, -1e-6):
            moved = np.array(value)
            moved.reshape(-1)[0] += step
            point = replace(reference.point, params={**reference.point.params, name: moved})
            ends.append(Trajectory(cell, point).losses(point.cotangents).real.sum())
        slope = reference.gradients["params"][name].reshape(-1)[0]
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-7)


def test_a_planted_fault_is_found_and_shown_in_a_small_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(adjoint, primal):
        plan = plan_gradients(adjoint, primal)
        return replace(plan, sums=plan.sums[1:])

    monkeypatch.setattr(kernels_room, "plan_gradients", lossy)
    seed = next(s for s in range(100) if failure(grow(s)))
    message = told(grow(seed), failure(grow(seed)))
    assert f"seed {seed}" in message
    assert len(message) < 2 * len(grow(seed).text()) + 400


def test_random_cells_are_read_as_typed() -> None:
    for seed in range(0, 200, 10):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read_equations(grow(seed).text())
            except GatedsymError as error:
                raise DifferentError(f"seed {seed} is refused: {error}") from error
