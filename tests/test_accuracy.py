"""The accuracy table: measured again here, by DESIGN's two criteria, against 50 correct digits."""

import re

import mpmath
import numpy as np
import pytest
from accuracy_table import (
    DIGITS,
    DTYPES,
    ENTRY_LIMIT,
    PAGE,
    REGIMES,
    Measured,
    block_limit,
    by_hand,
    compare,
    measure,
    problem,
    render,
)
from reference.by_hand import CELLS
from reference.kinds import Exact, Naive, mp

ROWS = [(name, regime, dtype) for name in CELLS for regime in REGIMES for dtype in DTYPES]
SLACK = 4  # another processor rounds differently: the page's numbers hold within this factor


def committed():
    """The rows of the page, by cell, regime and dtype."""
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        parts = [p.strip() for p in line.strip("|").split("|")]
        if len(parts) == 9 and parts[0] in CELLS:
            rows[tuple(parts[:3])] = dict(zip(("largest", "smallest", "block", "in", "entry"), parts[3:8], strict=True))
    return rows


@pytest.mark.parametrize(("name", "regime", "dtype"), ROWS)
@pytest.mark.sampled
def test_gradient_blocks_are_within_1e_12_of_their_norm(name, regime, dtype):
    assert measure(name, dtype, regime).block <= block_limit()


@pytest.mark.parametrize(("name", "regime", "dtype"), ROWS)
@pytest.mark.sampled
def test_entries_are_within_8_one_ulp_changes(name, regime, dtype):
    row = measure(name, dtype, regime)
    assert row.entry <= ENTRY_LIMIT, row


@pytest.mark.parametrize("name", CELLS)
def test_the_saturated_regime_reaches_pre_activations_of_700(name):
    assert 650 < measure(name, "float64", "saturated").largest < 702


def test_the_page_has_every_row_and_its_numbers_keep_the_criteria():
    rows = committed()
    assert sorted(rows) == sorted(ROWS)
    for row in rows.values():
        assert float(row["block"]) <= block_limit()
        assert float(row["entry"]) <= ENTRY_LIMIT


@pytest.mark.parametrize(("name", "regime", "dtype"), ROWS)
def test_what_is_measured_here_is_what_the_page_says(name, regime, dtype):
    row, said = measure(name, dtype, regime), committed()[name, regime, dtype]
    assert row.block <= SLACK * float(said["block"])
    assert row.entry <= SLACK * float(said["entry"])
    assert f"{row.largest:.1f}" == said["largest"]


def test_the_page_is_what_the_command_writes_but_for_its_numbers():
    blank = [Measured(n, d, r, 0.0, 0.0, 0.0, "", 0.0, "") for n, r, d in ROWS]
    words = re.split(r"\n\| rnn", PAGE.read_text(encoding="utf-8"))[0]
    assert words == re.split(r"\n\| rnn", render(blank))[0]


@pytest.mark.parametrize("name", CELLS)
def test_slopes_that_subtract_from_one_break_the_entry_limit_in_saturation(name):
    values, _, gradients = by_hand(name, "saturated", Naive)
    results = tuple({k: np.array(v) for k, v in group.items()} for group in (values, gradients))
    assert compare(name, "float64", "saturated", results).entry > 1e3


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.sampled
def test_the_reference_gradient_is_the_difference_quotient_of_the_reference_values(name):
    """By hand is right too: along a random direction, central differences of 100 digits agree to 50."""
    given, generator = problem(name, "ordinary"), np.random.default_rng(5)
    with mp.workdps(110):
        point = {"x": Exact.given(given.x), **{k: Exact.given(v) for k, v in given.params.items()}}
        point |= {f"{k}_0": Exact.given(v) for k, v in given.initial.items()}
        direction = {k: Exact.given(generator.normal(size=v.shape)) for k, v in point.items()}
        cotangents = {k: Exact.given(v) for k, v in given.cotangents.items()}

        def run(shift):
            at = {k: v + shift * direction[k] for k, v in point.items()}
            initial = {k: at[f"{k}_0"] for k in given.initial}
            params = {k: at[k] for k in given.params}
            return CELLS[name](Exact, params, list(at["x"]), initial, {k: list(v) for k, v in cotangents.items()})

        def loss(shift):
            values = run(shift)[0]
            return sum((cotangents[k] * np.array(values[k][1:])).sum() for k in cotangents)

        step = mp.mpf(10) ** -35
        quotient = (loss(step) - loss(-step)) / (2 * step)
        _, _, d_params, d_x, d_states = run(0)
        slope = (np.array(d_x) * direction["x"]).sum()
        slope += sum((d_params[k] * direction[k]).sum() for k in d_params)
        slope += sum((d_states[k][0] * direction[f"{k}_0"]).sum() for k in d_states)
        assert abs(quotient - slope) < mp.mpf(10) ** -DIGITS * abs(slope)


@pytest.mark.parametrize("a", [-700, -20, -0.5, 0, 3, 40, 700])
def test_the_reference_slopes_are_those_of_sigmoid_and_tanh(a):
    """1 - tanh² and σ(1 - σ), computed with so many digits that the subtraction does no harm."""
    with mp.workdps(700):
        s, t = Exact.sigmoid(mp.mpf(a)), mp.tanh(a)
        pairs = [(s * (1 - s), Exact.sigmoid_slope(mp.mpf(a))), (1 - t * t, Exact.tanh_slope(mp.mpf(a)))]
        assert all(mpmath.almosteq(u, v, rel_eps=mp.mpf(10) ** -DIGITS) for u, v in pairs)
