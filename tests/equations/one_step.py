"""One step of a cell on random numbers, for comparison with formulas written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Recurrence

SIZES = {"m": 2, "n": 4, "p": 3, "q": 5, "d": 6, "r": 2}


def draw_sources(recurrence: Recurrence, seed: int = 0, **sizes: int) -> dict[str, Any]:
    """Random values for everything a step is given, constants and identities left out."""
    rng = np.random.default_rng(seed)
    known = {**SIZES, **sizes}
    program = recurrence.program
    return {
        name: rng.normal(size=[int(d) if d.isdigit() else known[d] for d in program[name].dims])
        for name in program.sources
        if program[name].role not in ("constant", "identity")
    }


def step(recurrence: Recurrence, values: dict[str, Any]) -> dict[str, Any]:
    """Everything one step computes; `values` may give wholes of stacked parameters under their own names."""
    return evaluate(recurrence.program, values, NUMPY)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))
