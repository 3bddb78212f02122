"""Figures of the mean field: lines, labels and marks stand where the data has them."""

import numpy as np
import pytest
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.figures.mean_field import mean_field
from gatedsym.figures.phase_diagram import phase_diagram

ATTRS = {
    "source": "gatedsym 0", "n": 8, "seeds": 2, "steps": 40, "population": 500, "dtype": "float64", "init": "gaussian",
    "input": "noise", "input_description": "50 % noise_of & sorts", "networks": 4,
}  # fmt: skip


def diagram_dataset(cells=("rnn", "lstm")):
    gain, place = np.array([0.5, 1.0, 2.0, 4.0]), np.arange(4)
    bias = np.array([[0.0, 0.5, 1.0, 2.0] if c == "rnn" else [-1.0, 0.0, 1.0, 2.0] for c in cells])
    rate = np.log(gain) - 0.3 * place[:, None] - 0.2
    three = ("cell", "place", "gain")
    shape = (len(cells), 4, 4)
    return xr.Dataset(
        {
            "chi": (three, np.broadcast_to(np.exp(2 * rate), shape).copy()),
            "tied": (three, np.broadcast_to(rate + 0.4, shape).copy()),
            "chi_error": (three, np.zeros(shape)),
            "tied_error": (three, np.zeros(shape)),
            "at_rest": (three[:2], np.broadcast_to([0.7, 0.9, 1.2, np.nan], shape[:2]).copy()),
            "bias": (three[:2], bias),
            "axis": ("cell", ["spread" if c == "rnn" else "retention" for c in cells]),
        },
        coords={"cell": list(cells), "place": place, "gain": gain},
        attrs=ATTRS | {"at_rest_by": ["law"] * len(cells)},
    )


def rates_dataset():
    generator = np.random.default_rng(0)
    shape = (2, 1, 1, 3, 4)
    values = 0.01 * generator.standard_normal(shape) - np.array([0.5, 0.3, 0.1])[None, None, None, :, None]
    values[0, ..., :2, :], values[1, ..., 2, :] = np.nan, np.nan
    dims = ("cell", "init", "gain", "retention", "seed")
    chi = (dims, np.exp(2 * values))
    return xr.Dataset(
        {"chi": chi, "followed": chi, "rate": (dims, values), "untied": (dims, values - 0.02),
         "tied": (dims, values + 0.1),
         "mean_square": ((*dims, "state"), np.exp(values)[..., None] * [1.0, 2.0])},
        coords={"cell": ["rnn", "lstm"], "init": ["gaussian"], "gain": [1.0], "retention": ["0", "1", "none"],
                "seed": np.arange(4), "state": ["h", "c"]},
        attrs=ATTRS | {"seeds": 4},
    )  # fmt: skip


@pytest.mark.parametrize("width", ["neurips", "ieee-column"])
@pytest.mark.parametrize("cells", [("rnn",), ("rnn", "lstm"), ("rnn", "lstm", "gru", "own_cell")])
@pytest.mark.sampled
def test_labels_of_lines_stand_inside_their_panel_and_apart(cells, width):
    drawing = phase_diagram(diagram_dataset(cells), width=width).drawing
    drawing.draw_without_rendering()
    panels = [a for a in drawing.axes if a.get_title()]
    assert len(panels) == len(cells)
    for panel in panels:
        boxes = [t.get_window_extent() for t in panel.texts]
        assert len(boxes) == 3
        for n, box in enumerate(boxes):
            assert panel.bbox.padded(2).contains(box.x0, box.y0)
            assert panel.bbox.padded(2).contains(box.x1, box.y1)
            assert not any(box.overlaps(other) for other in boxes[n + 1 :])


def test_points_that_are_not_finite_are_marked_and_said():
    data = diagram_dataset()
    data["chi"][0, 1, 2] = np.nan
    found = phase_diagram(data)
    assert "Crosses" in found.caption.plain
    assert "Crosses" not in phase_diagram(diagram_dataset()).caption.plain
    crosses = [line for line in found.drawing.axes[0].lines if line.get_marker() == "x"]
    assert [tuple(p) for line in crosses for p in line.get_xydata()] == [(2.0, 0.5)]


def test_vanished_rates_are_triangles_and_said():
    data = rates_dataset()
    data["tied"].loc[{"cell": "lstm", "retention": "0"}] = -np.inf
    found = mean_field(data)
    assert "Triangles" in found.caption.plain
    markers = [line.get_marker() for axes in found.drawing.axes for line in axes.lines]
    assert markers.count("v") == 1


@pytest.mark.parametrize(("draw", "dataset"), [(phase_diagram, diagram_dataset), (mean_field, rates_dataset)])
def test_same_data_gives_the_same_bytes_and_other_data_other_bytes(draw, dataset):
    first, second = draw(dataset()), draw(dataset())
    assert first.render("svg") == second.render("svg")
    changed = dataset()
    changed["tied"] = changed["tied"] + 0.01
    assert draw(changed).digest != first.digest


@pytest.mark.parametrize(("draw", "dataset"), [(phase_diagram, diagram_dataset), (mean_field, rates_dataset)])
def test_caption_says_what_is_theory_and_what_is_measured(draw, dataset):
    data = dataset()
    caption, seeds = draw(data).caption, data.sizes.get("seed", data.attrs["seeds"])
    for word in ("Theory", "easured", "tied", "weights", "hidden size n = 8", f"over {seeds} "):
        assert word in caption.plain.replace("theory", "Theory")
    assert r"$\chi$" in caption.latex
    assert "χ" not in caption.latex
    assert r"50 \% noise\_of \& sorts" in caption.latex


def test_laws_of_states_have_an_error_bar():
    found = mean_field(rates_dataset())
    row = found.table[(found.table["cell"] == "lstm") & (found.table["retention"] == "1")].iloc[0]
    squares = rates_dataset()["mean_square"].sel(cell="lstm", retention="1", state="c").values.ravel()
    assert row["mean_square_c"] == pytest.approx(squares.mean())
    assert row["mean_square_c_error"] == pytest.approx(squares.std(ddof=1) / 2)
    assert "standard errors over populations are at most" in found.caption.plain


def test_wrong_data_is_refused():
    with pytest.raises(ArgumentError, match="phase_diagram"):
        phase_diagram(rates_dataset())
    with pytest.raises(ArgumentError, match="mean_field"):
        mean_field(diagram_dataset())
