"""How exact values and gradients are: measured against 50 correct digits, and written to derivations/docs/accuracy.md.

    python tests/accuracy_table.py            print the table
    python tests/accuracy_table.py --write    write the page

`test_accuracy.py` measures the same again and holds the page to it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from reference.by_hand import CELLS, STATES
from reference.kinds import Exact, Shaken, mp

import gatedsym as gs
from gatedsym.files.write import write_atomically

PAGE = Path(__file__).resolve().parents[1] / "derivations" / "docs" / "accuracy.md"
REGIMES = {"ordinary": None, "saturated": 700.0}
DTYPES = ("float64", "float32")
STEPS, BATCH, M, N = 50, 2, 4, 6
DIGITS = 50
BLOCK_LIMIT = 1e-12  # of a block's norm, in float64; float32 the same number of its own ulps
ENTRY_LIMIT = 8.0  # one-ulp changes


@dataclass(frozen=True)
class Problem:
    """What one row of the table computes; every number is a float32, so that both formats get the same."""

    params: dict[str, np.ndarray]
    x: np.ndarray
    initial: dict[str, np.ndarray]
    cotangents: dict[str, np.ndarray]


@dataclass(frozen=True)
class Measured:
    """One row: errors in the units of the criteria, and where the worst of each is."""

    cell: str
    dtype: str
    regime: str
    largest: float  # |pre-activation|
    smallest: float  # log10 of the smallest gradient entry that is not 0
    block: float  # error of a gradient block / norm of the block, in ulps of the format
    block_name: str
    entry: float  # error of an entry / (its one-ulp change + smallest subnormal)
    entry_name: str


@cache
def problem(name: str, regime: str) -> Problem:
    """Parameters, input, initial state and cotangents; saturated: steps whose largest pre-activation is 1 … 700."""
    generator = np.random.default_rng(sorted(CELLS).index(name))
    cell = gs.cell(name)
    params = {k: _short(v) for k, v in cell.init(m=M, n=N, seed=3, retention=1.0 if cell.can_retain else None).items()}
    x = generator.normal(size=(STEPS, BATCH, M))
    states = STATES[name]
    initial = {s: _short(generator.normal(size=(BATCH, N))) for s in states}
    cotangents = {s: _short(generator.normal(size=(STEPS, BATCH, N))) for s in states}
    if REGIMES[regime]:
        sources = [v for k, v in params.items() if k.startswith("W")]
        reach = np.max([np.abs(x @ w.T).max(axis=-1) for w in sources], axis=0)
        wanted = np.exp(generator.uniform(0, np.log(REGIMES[regime]), (STEPS, BATCH)))
        wanted[0] = REGIMES[regime] - 2
        x = x * (wanted / reach)[..., None]
    return Problem(params, _short(x), initial, cotangents)


def _short(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, np.float32)


def by_hand(name: str, regime: str, numbers):
    """Values, pre-activations, gradient blocks by name."""
    given = problem(name, regime)
    params = {k: numbers.given(v) for k, v in given.params.items()}
    initial = {k: numbers.given(v) for k, v in given.initial.items()}
    cotangents = {k: [numbers.given(row) for row in v] for k, v in given.cotangents.items()}
    x = [numbers.given(row) for row in given.x]
    values, sources, d_params, d_x, d_states = CELLS[name](numbers, params, x, initial, cotangents)
    gradients = {"x": d_x, **d_states, **{k: [v] for k, v in d_params.items()}}
    return values, sources, gradients


@cache
def exact(name: str, regime: str):
    """Values, pre-activations and gradients to 50 digits: precision is raised until they stand still."""
    digits, before = DIGITS + 10, None
    while True:
        with mp.workdps(digits):
            found = tuple({k: np.array(v) for k, v in group.items()} for group in by_hand(name, regime, Exact))
            if before is not None and _agree(before, found):
                return found
        digits, before = digits + 25, found


def _agree(before, after) -> bool:
    pairs = [(b[k], a[k]) for b, a in zip(before, after, strict=True) for k in a]
    limit = mp.mpf(10) ** -DIGITS
    return all(abs(u - v) <= limit * abs(v) for b, a in pairs for u, v in zip(b.flat, a.flat, strict=True))


@cache
def one_ulp_change(name: str, regime: str, dtype: str):
    """For every entry of values and gradients the largest change among trials that move everything by one ulp."""
    values, _, gradients = by_hand(name, regime, Shaken(dtype))
    eps = float(np.finfo(dtype).eps)
    groups = []
    for group in (values, gradients):
        groups.append({k: np.array([np.abs(v.shift).max(axis=0) * eps for v in rows]) for k, rows in group.items()})
    return groups


def computed(name: str, regime: str, dtype: str):
    """Values and gradients as users get them."""
    given, cell = problem(name, regime), gs.cell(name)
    params = {k: v.astype(dtype) for k, v in given.params.items()}
    run = cell.forward(params, given.x, initial=given.initial)
    grads = cell.backward(params, run, given.cotangents)
    values = {k: run[k] for k in run if k != "x"}
    return values, {"x": grads.x, **grads.states, **{k: v[None] for k, v in grads.params.items()}}


@cache
def measure(name: str, dtype: str, regime: str) -> Measured:
    """One row of the table."""
    return compare(name, dtype, regime, computed(name, regime, dtype))


def compare(name: str, dtype: str, regime: str, results) -> Measured:
    """The errors of any values and gradients, by the two criteria."""
    true_values, sources, true_gradients = exact(name, regime)
    changes = one_ulp_change(name, regime, dtype)
    least = float(np.finfo(dtype).smallest_subnormal)
    entry, block = (0.0, ""), (0.0, "")
    for true, change, result in zip((true_values, true_gradients), changes, results, strict=True):
        assert sorted(true) == sorted(result)
        for key, value in true.items():
            error = _error(result[key], value)
            assert error.shape == change[key].shape
            label = key if true is true_values else f"d_{key}"
            entry = max(entry, (float((error / (change[key] + least)).max()), label))
            if true is true_gradients:
                norm = np.linalg.norm(value.astype(np.float64))
                relative = np.linalg.norm(error) / (norm + least) / float(np.finfo(dtype).eps)
                block = max(block, (float(relative), label))
    entries = [abs(v) for block_ in true_gradients.values() for v in block_.flat if v != 0]
    largest = max(float(abs(v)) for source in sources.values() for v in source.flat)
    return Measured(name, dtype, regime, largest, float(mp.log10(min(entries))), *block, *entry)


def _error(result: np.ndarray, value: np.ndarray) -> np.ndarray:
    with mp.workdps(DIGITS):
        return np.abs(Exact.given(result) - value).astype(np.float64)


def rows() -> list[Measured]:
    """The whole table."""
    return [measure(name, dtype, regime) for name in CELLS for regime in REGIMES for dtype in DTYPES]


def block_limit() -> float:
    """The criterion for blocks in ulps: 1e-12 in float64, and as many ulps in float32."""
    return BLOCK_LIMIT / float(np.finfo("float64").eps)


def render(table: list[Measured]) -> str:
    """The page."""
    head = (
        "| cell | regime | dtype | largest pre-activation | smallest gradient entry | block error (ulps)"
        " | worst block | entry error (one-ulp changes) | worst entry in |\n|---|---|---|---:|---:|---:|---|---:|---|\n"
    )
    lines = [
        f"| {r.cell} | {r.regime} | {r.dtype} | {r.largest:.1f} | 1e{r.smallest:.0f} | {r.block:.1f} | `{r.block_name}`"
        f" | {r.entry:.2f} | `{r.entry_name}` |\n"
        for r in table
    ]
    return _PAGE.format(table=head + "".join(lines), limit=block_limit(), steps=STEPS, batch=BATCH, m=M, n=N)


_PAGE = """# How exact the numbers are

Values and gradients of the library's cells over T = {steps} steps (batch {batch}, m = {m}, n = {n}) against a
reference of 50 correct digits. The reference is written by hand from the equations (`tests/reference/by_hand.py`),
shares nothing with the engine, and is computed with mpmath at a precision that is raised until 50 digits of every entry
stand still.

*Ordinary*: parameters U(±1/√n) with retention biases of 1, input of unit variance. *Saturated*: every step's input is
scaled so that its largest pre-activation lies, log-uniformly, between about 1 and 700. There σ(a) and 1 - tanh² reach
1e-304 and 1e-608: formulas that subtract from 1 give 0 for them. Cotangents enter every state at every step; initial
states are random.

Criteria, for float64 and float32 alike:

- **block**: the error of every gradient block (a parameter, the input, a state's adjoints) is at most 1e-12 of the
  block's 2-norm in float64, that is {limit:.0f} ulps, and as many of its own ulps in float32;
- **entry**: the error of every entry of every value and gradient is at most 8 times the change that one ulp causes,
  plus the smallest subnormal. That change is measured to first order in 64 random trials, in each of which every given
  number, every product, every sum and every value of a function is moved by one unit in its last place, up or down;
  the largest movement of the entry counts. It is never more than the sum of all absolute first-order changes, so this
  limit is stricter than one on that sum.

The numbers below are the worst of all blocks and of all entries (an ulp is 2⁻⁵² or 2⁻²³ of the norm; `d_` marks
gradients). `pytest` measures them again and fails if a criterion is broken, or if a number is more than four times what
stands here (other processors round differently). `python tests/accuracy_table.py --write` writes this page.

{table}"""


def main(arguments: list[str]) -> None:
    """Print the table, or write the page."""
    page = render(rows())
    if arguments == ["--write"]:
        write_atomically(PAGE, page)
        print(f"wrote {PAGE}")
    else:
        print(page)


if __name__ == "__main__":
    main(sys.argv[1:])
