"""A random cell at a point: its trajectory and every derivative, by complex steps through the generator's own trees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from random_cells.cell import RandomCell
from random_cells.tree import Array, length

STEPS, BATCH = 3, 2
STEP = 1e-30
"""Along the imaginary axis: what is of second order in it is below every rounding."""

Group = dict[str, Array]


def api_name(name: str) -> str:
    """``R_1`` for the parameter that the text calls ``R[1]``."""
    return name.replace("[", "_").rstrip("]")


@dataclass(frozen=True)
class Point:
    """What a trajectory depends on.

    Attributes
    ----------
    params : dict
        As the text calls them.
    inputs : dict
        (T, B, …).
    initial : dict
        (delay, B, …), oldest first, of states and of delayed inputs.
    cotangents : dict
        (T, B, …), of states and outputs.
    """

    params: Group
    inputs: Group
    initial: Group
    cotangents: Group


def draw(cell: RandomCell, seed: int) -> Point:
    """A point from a seed."""
    generator = np.random.default_rng(seed)

    def array(shape: tuple[str, ...], *lead: int, scale: float = 0.7) -> Array:
        return scale * generator.normal(size=(*lead, *(length(axis, cell.sizes) for axis in shape)))

    shapes = {**cell.inputs, **cell.states}
    outputs = {line.target: line.right.shape for line in cell.lines if line.target in cell.outputs}
    return Point(
        {n: array(s) for n, s in cell.parameters.items()},
        {n: array(s, STEPS, BATCH) for n, s in cell.inputs.items()},
        {n: array(shapes[n], d, BATCH) for n, d in cell.delays.items() if d},
        {n: array(s, STEPS, BATCH) for n, s in {**cell.states, **outputs}.items()},
    )


@dataclass(frozen=True)
class Moves:
    """What is moved by an imaginary step, each entry in a perturbation of its own.

    Attributes
    ----------
    params, inputs, initial : dict
        (P, …): the shapes of the point behind the perturbations, 1 in the place of B.
    totals, sides : dict
        (P, T, 1, …): added to a state's next value where the step computes it; and after the step, so that only later
        steps see it.
    """

    params: Group
    inputs: Group
    initial: Group
    totals: Group
    sides: Group


class Trajectory:
    """A cell carried through time, with P perturbations and B sequences in front of every value."""

    def __init__(self, cell: RandomCell, point: Point, moves: Moves | None = None) -> None:
        self.cell, self.moves = cell, moves
        self.known: dict[str, Array] = {}
        for name, value in point.params.items():
            self.known[name] = self._moved(value, "params", name)[:, None]
        for name, value in cell.constants.items():
            self.known[name] = np.full((1, 1), float(value), dtype=complex)
        self.inputs = {n: self._moved(v, "inputs", n) for n, v in point.inputs.items()}
        past = {n: self._moved(v, "initial", n) for n, v in point.initial.items()}
        self.past = {n: [v[:, lag] for lag in range(v.shape[1])] for n, v in past.items()}
        self.values: list[dict[str, Array]] = []
        self.seen: dict[str, list[Array]] = {n: [rows[-1]] for n, rows in self.past.items() if n in cell.states}
        for t in range(STEPS):
            self._step(t)

    def _moved(self, value: Array, group: str, name: str) -> Array:
        move = getattr(self.moves, group).get(name) if self.moves is not None else None
        return value[None] + (0j if move is None else 1j * STEP * move)

    def _step(self, t: int) -> None:
        known = dict(self.known)
        for name, rows in self.past.items():
            known |= {f"{name}[-{lag}]": row for lag, row in enumerate(reversed(rows), 1)}
        known |= {n: self.past[n][-1] for n in self.cell.states}
        known |= {n: v[:, t] for n, v in self.inputs.items()}
        self.values.append(compute(self.cell, known, None if self.moves is None else self.moves.totals, t))
        for name in self.past:
            state = name in self.cell.states
            row = self.values[-1][f"{name}'"] if state else self.inputs[name][:, t]
            if state:
                self.seen[name].append(row)
                if self.moves is not None and name in self.moves.sides:
                    row = row + 1j * STEP * self.moves.sides[name][:, t]
            self.past[name] = [*self.past[name][1:], row]

    def after(self, name: str) -> Array:
        """A state after each step, an output or a local: (T, P, B, …)."""
        key = f"{name}'" if name in self.cell.states else name
        return np.stack(np.broadcast_arrays(*(v[key] for v in self.values)))

    def losses(self, cotangents: Group) -> Array:
        """⟨cotangents, states and outputs⟩ of each perturbation and sequence: (P, B)."""
        total = np.zeros((1, BATCH), dtype=complex)
        for name, c in cotangents.items():
            product = self.after(name) * c[:, None]
            total = total + product.reshape((*product.shape[:3], -1)).sum(axis=(0, -1))
        return total


def compute(cell: RandomCell, known: dict[str, Array], totals: Group | None = None, t: int = 0) -> dict[str, Array]:
    """Every line of one step."""
    for line in cell.lines:
        if line.start is not None:
            known[f"{line.target}[0]"] = line.start.value(known, cell.sizes)
            for k in range(1, line.count + 1):
                here = {f"{n.removesuffix(f'[{k}]')}[l]": v for n, v in known.items() if n.endswith(f"[{k}]")} | {
                    f"{line.target}[l-1]": known[f"{line.target}[{k - 1}]"]
                }
                known[f"{line.target}[{k}]"] = line.right.value({**known, **here}, cell.sizes)
            continue
        value = line.right.value(known, cell.sizes)
        if totals is not None and line.target.rstrip("'") in totals and line.target.endswith("'"):
            value = value + 1j * STEP * totals[line.target.rstrip("'")][:, t]
        known[line.target] = value
    return known


class Reference:
    """All that a cell's kernels are held against, at one point."""

    def __init__(self, cell: RandomCell, point: Point) -> None:
        self.cell, self.point = cell, point
        self.plain = Trajectory(cell, point)

    def _shapes(self) -> dict[str, dict[str, tuple[int, ...]]]:
        point = self.point
        states = {n: (STEPS, 1, *point.initial[n].shape[2:]) for n in self.cell.states}
        return {
            "params": {n: v.shape for n, v in point.params.items()},
            "inputs": {n: (STEPS, 1, *v.shape[2:]) for n, v in point.inputs.items()},
            "initial": {n: (v.shape[0], 1, *v.shape[2:]) for n, v in point.initial.items()},
            "totals": states,
            "sides": states,
        }

    @cached_property
    def gradients(self) -> dict[str, Group]:
        """Of the loss: params (summed over the batch), inputs, initial, totals and sides (with the batch)."""
        shapes = self._shapes()
        slots = [(g, n, s) for g, group in shapes.items() for n, s in group.items()]
        count = sum(int(np.prod(s)) for _, _, s in slots)
        moves: dict[str, Group] = {g: {} for g in shapes}
        start, places = 0, {}
        for group, name, shape in slots:
            size = int(np.prod(shape))
            move = np.zeros((count, size))
            move[range(start, start + size), range(size)] = 1
            moves[group][name] = move.reshape((count, *shape))
            places[group, name] = slice(start, start + size)
            start += size
        losses = Trajectory(self.cell, self.point, Moves(**moves)).losses(self.point.cotangents)
        slopes = np.broadcast_to(losses.imag / STEP, (count, BATCH))
        found: dict[str, Group] = {g: {} for g in shapes}
        for group, name, shape in slots:
            own = slopes[places[group, name]]
            if group == "params":
                found[group][name] = own.sum(axis=1).reshape(shape)
            else:
                rows = own.reshape((shape[0], *shape[2:], BATCH))
                found[group][name] = np.moveaxis(rows, -1, 1)
        for name, sides in found["sides"].items():
            # What is moved after the step is not what the loss reads of it.
            found["sides"][name] = sides + self.point.cotangents[name]
        return found

    def tangent(self, directions: Group) -> Group:
        """The last rows of every state along directions of the initial ones: (B, …)."""
        moves = Moves({}, {}, {n: d[None] for n, d in directions.items()}, {}, {})
        moved = Trajectory(self.cell, self.point, moves)
        return {n: np.broadcast_to(rows[-1].imag / STEP, self._after(n))[0] for n, rows in moved.seen.items()}

    def _after(self, name: str) -> tuple[int, ...]:
        return (1, BATCH, *self.point.initial[name].shape[2:])

    @cached_property
    def jacobian(self) -> dict[tuple[str, str], Array]:
        """For each next state and each state as the step reads it, by its lag: (T, B, …, …)."""
        found = {}
        for name in self.cell.states:
            for lag in range(1, self.cell.delays[name] + 1):
                key = name if lag == 1 else f"{name}[-{lag}]"
                blocks = [self._blocks(t, key) for t in range(STEPS)]
                found |= {(f"{s}'", key): np.stack([b[s] for b in blocks]) for s in self.cell.states}
        return found

    def _blocks(self, t: int, key: str) -> Group:
        known = {n: v for n, v in self.plain.values[t].items() if not n.endswith("'")}
        value = known[key]
        shape = value.shape[2:]
        size = int(np.prod(shape))
        move = np.eye(size).reshape((size, 1, *shape))
        known[key] = value + 1j * STEP * move
        if key in self.cell.states:
            known[f"{key}[-1]"] = known[key]
        given = {**self.plain.known, **{n: known[n] for n in known if _is_given(self.cell, n)}}
        moved = compute(self.cell, given)
        blocks = {}
        for state in self.cell.states:
            own = self.point.initial[state].shape[2:]
            rows = np.broadcast_to(moved[f"{state}'"].imag / STEP, (size, BATCH, *own))
            blocks[state] = np.moveaxis(rows, 0, -1).reshape((BATCH, *own, *shape))
        return blocks


def _is_given(cell: RandomCell, name: str) -> bool:
    base = name.partition("[")[0]
    return base in cell.states or base in cell.inputs


def scale_of(groups: Mapping[str, Array]) -> float:
    """The largest magnitude."""
    return max((float(np.max(np.abs(v), initial=0.0)) for v in groups.values()), default=0.0)
