"""At every width on offer each text of a figure can be read: none overlaps another, none is cut."""

import numpy as np
import pytest
from boxes import drawn_texts, faults, overlap
from datasets import ANALYSES, COSTLY, DEFAULT, dataset, many_cells, renamed
from matplotlib.figure import Figure as Drawing

import gatedsym.figures as figures
from gatedsym.errors import ArgumentError
from gatedsym.figures.style import SENSIBLE, WIDTHS, drawing_style
from gatedsym.figures.texts import break_at_spaces

INCHES = sorted(set(WIDTHS.values()))
NARROW = min(INCHES)
LONG = {"rnn": "elman_network_of_the_first_kind", "lstm": "a gated cell, 100 % mine_v2"}
SCRIPTS = {"rnn": "Δίκτυο-σ", "lstm": "Ωmega_cell°"}


def said(figure):
    with drawing_style(figure.rc):
        return faults(figure.drawing)


@pytest.mark.parametrize("inches", INCHES)
@pytest.mark.parametrize("key", DEFAULT)
@pytest.mark.sampled
def test_no_text_of_a_default_figure_overlaps_or_is_cut_at_a_venue(key, inches, request):
    if inches not in (NARROW, 5.5, 6.75) and not request.config.getoption("--every-width"):
        pytest.skip("close to a width that is looked at: --every-width")
    assert said(ANALYSES[key].drawn(dataset(key), inches)) == []


@pytest.mark.parametrize("key", sorted(set(ANALYSES) - set(DEFAULT)))
@pytest.mark.long
def test_no_text_of_another_figure_overlaps_or_is_cut_in_a_column(key, request):
    every = request.config.getoption("--every-width")
    if key in COSTLY and not every:
        pytest.skip("measured for seconds: --every-width")
    for inches in INCHES if every else (NARROW, 5.5):
        assert said(ANALYSES[key].drawn(dataset(key), inches)) == []


@pytest.mark.parametrize("names", [LONG, SCRIPTS], ids=["long", "scripts"])
@pytest.mark.parametrize("key", ["gradient-norm", "paths", "clipping", "contributions", "bound", "jacobian-sheet"])
@pytest.mark.sampled
def test_long_and_foreign_names_of_cells_find_room(key, names):
    figure = ANALYSES[key].drawn(renamed(dataset(key), names), NARROW)
    assert said(figure) == []


@pytest.mark.parametrize("key", ["gradient-norm", "exploding", "paths", "truncation", "clipping"])
@pytest.mark.sampled
def test_many_cells_and_five_biases_find_room(key):
    data = many_cells(dataset(key), ["gru", "janet", "mut1", "a_cell_with_a_long_name"])
    assert said(ANALYSES[key].drawn(data, NARROW)) == []


@pytest.mark.parametrize("key", ["gradient-norm", "paths", "bound", "timescales", "gate-statistics"])
@pytest.mark.parametrize("inches", [SENSIBLE[0]])
@pytest.mark.sampled
def test_narrower_than_any_venue_a_figure_is_drawn_without_fault_or_refused_with_what_to_do(key, inches):
    try:
        figure = ANALYSES[key].drawn(dataset(key), inches)
    except ArgumentError as error:
        assert f"finds no room for its texts in {inches:g} inches" in str(error)  # noqa: PT017
        assert "give more" in str(error)  # noqa: PT017
    else:
        assert said(figure) == []


@pytest.mark.long
@pytest.mark.parametrize("font_size", [6.0, 9.0])
def test_other_sizes_of_type_find_room_in_a_column(font_size):
    for draw, key in ((figures.gradient_norm, "gradient-norm"), (figures.paths, "paths"), (figures.bound, "bound")):
        assert said(draw(dataset(key), width=NARROW, font_size=font_size)) == []


def test_type_is_as_large_in_a_column_as_on_a_page():
    sizes = {}
    for inches in (NARROW, 6.75):
        drawing = figures.gradient_norm(dataset("gradient-norm"), width=inches).drawing
        panels = [a for a in drawing.axes if a.get_xlabel()]
        sizes[inches] = {(a.xaxis.label.get_size(), a.title.get_size()) for a in panels}
    assert sizes[NARROW] == sizes[6.75]


def test_panels_that_find_no_room_go_below_with_their_labels():
    wide, narrow = (figures.gradient_norm(dataset("gradient-norm"), width=w).drawing for w in (6.75, NARROW))
    assert len(narrow.axes) == len(wide.axes)
    rows = [len({round(a.get_position().y0, 3) for a in d.axes}) for d in (wide, narrow)]
    assert rows[1] == 2 * rows[0]
    left = min(a.get_position().x0 for a in narrow.axes)
    first = [a for a in narrow.axes if abs(a.get_position().x0 - left) < 0.02]
    assert all(a.get_ylabel() for a in first)


def test_the_checker_sees_what_overlaps_and_what_is_cut():
    drawing = Drawing(figsize=(2, 1))
    drawing.text(0.5, 0.5, "here")
    drawing.text(0.55, 0.5, "there")
    drawing.text(0.9, 0.9, "beyond the edge")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(drawing)
    found = " ".join(faults(drawing))
    assert "'here' and 'there'" in found
    assert "cut: 'beyond the edge'" in found


@pytest.mark.parametrize("key", ["gradient-norm", "truncation", "exploding", "paths", "clipping"])
def test_nothing_written_in_a_panel_lies_on_a_line_of_data_but_a_note_on_its_own(key):
    """Legends stand outside; of texts in panels only the names of reference lines are drawn."""
    drawing = ANALYSES[key].drawn(dataset(key), NARROW).drawing
    assert all(a.get_legend() is None or not a.axison for a in drawing.axes)


def test_a_formula_is_never_broken():
    assert break_at_spaces("lag $T - t$ (steps)", 2) == "lag $T - t$\n(steps)"
    assert break_at_spaces("one", 3) == "one"
    words = "share of all the sequences clipped"
    for pieces in range(1, 7):
        lines = break_at_spaces(words, pieces).split("\n")
        assert " ".join(lines) == words
        assert len(lines) == pieces


@pytest.mark.long
def test_figures_print_in_black_and_white():
    """Lines that share a panel differ in dashes or marker, also where a page has no colour."""
    for key in ("gradient-norm", "truncation", "exploding", "clipping", "lyapunov", "layers"):
        for axes in ANALYSES[key].drawn(dataset(key), 5.5).drawing.axes:
            long = [x for x in axes.lines if len(x.get_xdata()) > 2 and np.isfinite(x.get_ydata()).any()]
            looks = [(str(x.get_linestyle()), str(x._dash_pattern[1]), x.get_marker()) for x in long]
            assert len(set(looks)) == len(looks), key


def test_a_row_name_stands_in_every_block():
    drawing = figures.clipping(dataset("clipping"), width=NARROW).drawing
    names = [words for words, _ in drawn_texts(drawing)]
    assert names.count("LSTM") == 2
    assert not overlap((0, 0, 1, 1), (2, 0, 3, 1))
