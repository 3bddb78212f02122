"""The figures of the bound and of the Jacobian sheet, drawn from small measurements."""

import itertools
import warnings

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.figures.bound import bound
from gatedsym.figures.jacobian_sheet import jacobian_sheet
from gatedsym.flow import bound as measure_bound
from gatedsym.flow import jacobian_sheet as derive_sheets
from gatedsym.flow import white_noise


@pytest.fixture(scope="module")
def measured():
    return measure_bound(["rnn", "lstm", "mlstm"], white_noise(3), n=32, seeds=2, lags=12)


@pytest.fixture(scope="module")
def sheets():
    return derive_sheets(["rnn", "lstm", "slstm", "delta_net", "lstm_peephole"], white_noise(3), n=8)


@pytest.mark.parametrize("width", ["neurips", "icml-column"])
@pytest.mark.long
def test_nothing_on_a_sheet_overlaps_or_leaves_the_page(sheets, width):
    for cell in sheets["cell"].values:
        figure = jacobian_sheet(sheets, cell=str(cell), width=width)
        figure.render("svg")
        drawing = figure.drawing
        renderer = drawing.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in drawing.texts]
        for box in boxes:
            assert box.x0 >= drawing.bbox.x0 - 1
            assert box.x1 <= drawing.bbox.x1 + 1
            assert box.y0 >= drawing.bbox.y0 - 1
            assert box.y1 <= drawing.bbox.y1 + 1
        for one, other in itertools.combinations(boxes, 2):
            # Lines may touch by the height of an accent, not more.
            overlap = min(one.y1, other.y1) - max(one.y0, other.y0)
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            assert across <= 0 or overlap <= 0.15 * min(one.height, other.height)


def test_a_highway_is_shaded(sheets):
    assert len(jacobian_sheet(sheets, cell="lstm").drawing.artists) == 1
    assert len(jacobian_sheet(sheets, cell="rnn").drawing.artists) == 0


def test_a_sheet_of_a_cell_that_is_not_there_is_refused(sheets):
    with pytest.raises(ArgumentError, match=r"gru.*choose from rnn, lstm"):
        jacobian_sheet(sheets, cell="gru")


@pytest.mark.long
def test_all_cells_stand_under_each_other_unless_one_is_named(sheets):
    whole, one = jacobian_sheet(sheets), jacobian_sheet(sheets, cell="lstm")
    assert whole.drawing.get_figheight() > 3 * one.drawing.get_figheight() / 2
    assert set(one.table["cell"]) == {"lstm"}
    assert "diag(f_t)" in set(one.table["right_text"])


@pytest.mark.long
def test_captions_say_what_is_theory_and_what_is_measured(measured, sheets):
    said = bound(measured).caption.plain
    always = ["theory, for every input", "Norms (measured)", "median over seeds", "quartile", "2 seeds"]
    for words in (*always, "LSTM do not bound c", "n = 32 (mlstm 8)"):
        assert words in said
    assert "nothing here is measured" in jacobian_sheet(sheets).caption.plain


@pytest.mark.long
def test_the_bounds_panels_have_no_text_over_a_line(measured):
    figure = bound(measured)
    figure.render("svg")
    renderer = figure.drawing.canvas.get_renderer()
    for axes in figure.drawing.axes:
        boxes = [t.get_window_extent(renderer) for t in axes.texts if t.get_text().startswith("gap")]
        for line in axes.lines:
            points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
            for box in boxes:
                inside = (
                    (points[:, 0] > box.x0)
                    & (points[:, 0] < box.x1)
                    & (points[:, 1] > box.y0)
                    & (points[:, 1] < box.y1)
                )
                assert not inside.any()


@pytest.mark.long
def test_the_same_data_gives_the_same_bytes(measured, sheets):
    for draw, data in ((bound, measured.sel(cell=["lstm"])), (jacobian_sheet, sheets.sel(cell=["rnn"]))):
        assert draw(data).render("svg") == draw(data).render("svg")


def test_a_norm_of_exactly_zero_is_marked_and_named(measured):
    data = measured.copy(deep=True)
    data["log10_norm"].loc[{"cell": "rnn", "lag": slice(6, None)}] = -np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = bound(data)
        figure.render("svg")
    assert "exactly zero" in figure.caption.plain
    assert any(line.get_marker() == "v" for line in figure.drawing.axes[0].lines)


def test_a_users_own_cell_is_drawn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = gs.Cell(
            "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); a in R^n\nh' = sin(U h[-2] + W x) + σ(a)*h", "own"
        )
    data = measure_bound(own, white_noise(2), n=4, seeds=1, lags=6)
    assert bound(data).title == "Bound against reality: OWN"
