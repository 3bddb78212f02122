"""The Jacobian sheet: the blocks that textbooks print, counts that fit the arrays, and cells that no library has."""

import math

import numpy as np
import pytest
from literature import CELLS
from own_cells import RenamedLSTM, own_cell

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow import jacobian_sheet, white_noise
from gatedsym.flow.analyses.jacobian_sheet import why_not_applicable


def sheet_of(cell, n=4, m=3):
    return jacobian_sheet(cell, white_noise(m), n=n)


def blocks(data, kind="block"):
    chosen = data.isel(line=data["kind"].values == kind)
    return {(str(y), str(s)): str(r) for y, s, r in zip(*(chosen[k].values for k in ("of", "by", "right_text")))}


def test_the_lstms_blocks_are_the_ones_that_papers_print():
    found = blocks(sheet_of("lstm"))
    assert found == {
        (
            "c'",
            "h",
        ): "diag(c_{t−1} ⊙ f_t ⊙ (1 − f_t)) U_f + diag(i_t ⊙ (1 − g_t²)) U_g + diag(i_t ⊙ (1 − i_t) ⊙ g_t) U_i",
        ("h'", "h"): "diag(o_t ⊙ (1 − tanh²(c_t))) ∂c_t/∂h_{t−1} + diag(o_t ⊙ (1 − o_t) ⊙ tanh(c_t)) U_o",
        ("c'", "c"): "diag(f_t)",
        ("h'", "c"): "diag(f_t ⊙ o_t ⊙ (1 − tanh²(c_t)))",
    }


@pytest.mark.parametrize(
    ("name", "highways"),
    [("rnn", {}), ("lstm", {"c": "f_t"}), ("gru", {"h": "1 − z_t"}), ("slstm", {"c": "f_t", "n": "f_t", "m": None})],
)
def test_highways_are_marked(name, highways):
    data = sheet_of(name)
    marked = data.isel(line=data["highway_text"].values != "")
    found = dict(zip(marked["by"].values.tolist(), marked["highway_text"].values.tolist()))
    assert set(found) == set(highways)
    assert all(found[s] == factor for s, factor in highways.items() if factor is not None)


@pytest.mark.parametrize("name", ["lstm", "gru_reset_after", "slstm", "rhn", "delta_net", "lstm_peephole", "tau_gru"])
@pytest.mark.sampled
def test_counts_of_parameters_and_of_the_state_are_those_of_the_arrays(name):
    cell, data = gs.cell(name), sheet_of(name)
    params = cell.init(m=3, n=4)
    assert int(data["parameters"].item()) == sum(np.size(p) for p in params.values())
    run = cell.forward(params, np.ones((2, 1, 3)))
    rows = {s: cell.recurrence.delays.get(s, 1) for s in cell.states}
    assert int(data["state_numbers"].item()) == sum(rows[s] * run[s][0, 0].size for s in cell.states)


def test_costs_are_told_in_the_dimensions():
    data = jacobian_sheet(["rnn", "lstm", "gru"], white_noise(5), n=7)
    assert data["multiply_adds_text"].values.tolist() == ["n² + n m", "4 n² + 4 n m", "3 n² + 3 n m"]
    assert data["multiply_adds"].values.tolist() == [k * (49 + 35) for k in (1, 4, 3)]
    # tanh once; three gates, a candidate and the output's tanh; two gates and a candidate.
    assert data["functions_text"].values.tolist() == ["n", "5 n", "3 n"]
    # c' = f c + i g and h' = o tanh(c') take 4 operations a unit, each of the four sums with a bias 2.
    assert data["elementwise_text"].values.tolist()[1] == "12 n"
    assert data["sizes"].values.tolist() == ["m = 5, n = 7"] * 3


@pytest.mark.parametrize(
    ("name", "chain"),
    [("rnn", 1), ("lstm", 1), ("gru", 2), ("gru_reset_after", 1), ("lstmp", 2), ("rhn", 2), ("lru", 0), ("min_gru", 0)],
)
def test_the_chain_of_dependent_products_is_what_cannot_be_done_at_once(name, chain):
    assert int(sheet_of(name)["sequential"].item()) == chain


def test_blocks_that_are_zero_are_told_and_are_zero():
    cell, data = gs.cell("slstm"), sheet_of("slstm")
    params = cell.init(m=3, n=4)
    computed = cell.jacobian(params, cell.forward(params, np.random.default_rng(0).normal(size=(5, 2, 3))))
    zero, other = blocks(data, "zero"), blocks(data)
    assert set(zero) | set(other) == {(y, s) for y, s in computed}
    assert all(not computed[pair].any() for pair in zero)
    assert all(computed[pair].any() for pair in other)


def test_letters_that_no_equation_defines_are_defined_on_the_sheet():
    data = sheet_of("slstm")
    helpers = data.isel(line=data["kind"].values == "helper")
    assert helpers["left_text"].values.tolist() == ["a_{F,t}", "a_{m,t}"]


def test_a_block_of_a_matrix_by_a_matrix_has_four_different_indices():
    data = sheet_of("delta_net")
    (left,) = data.isel(line=data["kind"].values == "block")["left_text"].values.tolist()
    first, second = (part.split("[")[1].split("]")[0].split(",") for part in left.split("/"))
    assert len({*first, *second}) == 4


def test_a_renamed_lstm_has_the_same_sheet_under_other_letters():
    theirs, renamed = sheet_of("lstm"), sheet_of(RenamedLSTM())
    for name in ("parameters", "multiply_adds", "elementwise", "functions", "sequential"):
        assert int(theirs[name].item()) == int(renamed[name].item())
    gates = {"f": "p", "i": "s", "g": "q", "o": "w"}
    letters = {f"U_{g}": f"B_{own}" for g, own in gates.items()} | {f"{g}_t": f"{own}_t" for g, own in gates.items()}
    letters["h_"] = "y_"

    def terms(data, renaming):
        found = {}
        for (y, s), right in blocks(data).items():
            for old, new in renaming.items():
                y, s, right = (
                    text.replace(old, new) for text in (y.replace("h'", "y'"), "y" if s == "h" else s, right)
                )
            # Factors and terms stand in the order in which each text was typed.
            found[y, s] = sorted("".join(sorted(term)) for term in right.split(" + "))
        return found

    assert terms(theirs, letters) == terms(renamed, {})


@pytest.mark.long
def test_every_formula_can_be_set_by_matplotlib():
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    texts = [CELLS[k] for k in ("layer_norm_lstm", "mlstm", "heads", "delays", "rhn", "antisymmetric", "collisions")]
    cells = [gs.cell(k) for k in ("slstm", "lru", "delta_net", "mut1_weighted", "nas")] + [own_cell()]
    from gatedsym.equations import read_equations
    from gatedsym.typesetting.mathtext import formula_mathtext
    from gatedsym.typesetting.pages.sheet import jacobian_sheet as derive_sheet

    for recurrence in [c.recurrence for c in cells] + [quietly(read_equations, text) for text in texts]:
        for line in derive_sheet(recurrence).lines:
            for box in (line.left, line.right, *([line.highway] if line.highway else [])):
                width, *_ = parser.parse(f"${formula_mathtext(box)}$", 72)
                assert width > 0


def quietly(function, text):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(text)


def test_terms_between_which_a_line_may_break_make_up_the_formula():
    data = sheet_of("gru")
    (text,) = data.isel(line=data["kind"].values == "block")["right_mathtext"].values.tolist()
    pieces = text.split("\n")
    assert len(pieces) == 4
    assert all(piece.startswith("{} + {}") for piece in pieces[1:])


@pytest.mark.parametrize("name", ["feed_forward_gate", "glu"])
def test_cells_without_a_state_are_refused_with_the_reason(name):
    cell = gs.cell(name)
    assert "no state" in why_not_applicable(cell)
    with pytest.raises(ArgumentError, match="no state"):
        sheet_of(cell)
    assert why_not_applicable(own_cell()) == ""


def test_the_dataset_can_be_kept(tmp_path):
    import xarray as xr

    data = sheet_of("gru")
    data.to_netcdf(tmp_path / "sheet.nc", engine="h5netcdf")
    kept = xr.load_dataset(tmp_path / "sheet.nc", engine="h5netcdf")
    assert kept["right_mathml"].values.tolist() == data["right_mathml"].values.tolist()
    assert math.prod(kept["parameters"].shape) == 1
