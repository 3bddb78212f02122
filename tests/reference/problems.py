"""Small cells with parameters, input, initial state and cotangents, all drawn from a seed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from reference.by_hand import CELLS, STATES
from reference.kinds import Naive

import gatedsym as gs


@dataclass(frozen=True)
class Small:
    """Everything a gradient depends on. `x` (T, B, m), states (B, n), cotangents (T, B, n)."""

    cell: Any
    params: dict
    x: np.ndarray
    initial: dict
    cotangents: dict

    def forward(self, **options):
        return self.cell.forward(self.params, self.x, initial=self.initial, **options)

    def backward(self, **options):
        return self.cell.backward(self.params, self.forward(), self.cotangents, **options)

    def loss(self):
        """⟨cotangents, states⟩."""
        run = self.forward(keep="adjoint")
        return sum(float((run[s][1:] * d).sum()) for s, d in self.cotangents.items())

    def direction(self, seed):
        """A random direction of everything that may move, named params, x and initial."""
        generator = np.random.default_rng(seed)
        return {
            "params": {k: generator.normal(size=v.shape) for k, v in self.params.items()},
            "x": generator.normal(size=self.x.shape),
            "initial": {k: generator.normal(size=v.shape) for k, v in self.initial.items()},
        }

    def moved(self, direction, step):
        """The same problem, `step` along a direction."""
        return replace(
            self,
            params={k: v + step * direction["params"][k] for k, v in self.params.items()},
            x=self.x + step * direction["x"],
            initial={k: v + step * direction["initial"][k] for k, v in self.initial.items()},
        )

    def by_hand(self):
        """Values and gradients from the equations by hand, in float64: (values, params, x, states)."""
        values, _, params, x, states = CELLS[self.cell.name](
            Naive, self.params, list(self.x), self.initial, {k: list(v) for k, v in self.cotangents.items()}
        )
        return _arrays(values), params, np.array(x), _arrays(states)


def _arrays(rows):
    return {k: np.array(v) for k, v in rows.items()}


def small(name, steps=7, batch=3, m=4, n=5, dtype="float64", seed=0):
    """A problem for a cell of the library."""
    generator = np.random.default_rng(seed)
    cell = gs.cell(name)
    shapes = dict.fromkeys(STATES[name], (batch, n))
    return Small(
        cell,
        cell.init(m=m, n=n, seed=seed, dtype=dtype),
        generator.normal(size=(steps, batch, m)).astype(dtype),
        {s: generator.normal(size=shape).astype(dtype) for s, shape in shapes.items()},
        {s: generator.normal(size=(steps, *shape)).astype(dtype) for s, shape in shapes.items()},
    )
