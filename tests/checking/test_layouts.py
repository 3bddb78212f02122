"""Her arrays are packed from ours and taken apart again, in layouts that are found by the names in her code."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.checking.layouts import STYLES, layouts
from gatedsym.checking.roles import parts_of

PARTS = parts_of(gs.cell("gru").recurrence)
SIZES = {"m": 5, "n": 4}
WORDS = {
    "stacked": (["W", "U", "b"], "W", (12, 5)),
    "apart": (["W", "U", "b"], "W", (3, 4, 5)),
    "with the bias last": (["Wz", "Wr", "Wg"], "Wz", (4, 10)),
}


@pytest.mark.parametrize("what", WORDS)
def test_a_layout_gives_back_what_it_was_made_of(what: str) -> None:
    words, name, shape = WORDS[what]
    random = np.random.default_rng(0)
    params = {p.name: random.standard_normal(tuple(SIZES[d] for d in p.dims)) for p in PARTS}
    style = STYLES[0]
    found = [x for x in layouts(PARTS, words) if x.arrays[name.casefold()].pack(params, style).shape == shape]
    assert found
    for key, arrangement in found[0].arrays.items():
        blocks = arrangement.unpack(arrangement.pack(params, style), SIZES, style)
        assert blocks, key
        for of, array in blocks:
            np.testing.assert_array_equal(array, params[of])


def test_names_that_are_told_are_read() -> None:
    words = [f"{a}_{v}" for a in ("W", "U", "b") for v in ("auf", "rueck", "neu")]
    assert not [x for x in layouts(PARTS, words) if not x.missing]
    told = {"auf": "z", "rueck": "r", "neu": "g"}
    assert set(layouts(PARTS, words, told)[0].arrays) == {w.casefold().replace("_", "") for w in words}


def test_a_cell_without_biases_is_one_with_zeros_for_them() -> None:
    matrices = ["Wz", "Uz", "Wr", "Ur", "Wg", "Ug"]
    of_each = [x for x in layouts(PARTS, matrices) if len(x.arrays) == 6]
    assert {x.missing for x in of_each} == {("b_z", "b_r", "b_g")}
    with_biases = [x for x in layouts(PARTS, [*matrices, "bz", "br", "bg"]) if {"wz", "uz"} <= x.arrays.keys()]
    assert {x.missing for x in with_biases} == {()}
