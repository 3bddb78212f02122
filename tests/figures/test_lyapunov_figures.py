"""Figures of Lyapunov spectra and of singular values: every panel says something, whatever the networks did."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym import figures, flow
from gatedsym.flow import white_noise

RECTIFIED = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = relu(W x + U h)", name="rectified")
SQUARES = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = W x + U h + h*h", name="squares")
CELLS = ["rnn", "gru", RECTIFIED, SQUARES]
SHORT = {"n": 5, "seeds": 3}
MEASURED = {
    "lyapunov": lambda: flow.lyapunov(CELLS, white_noise(3), steps=100, warmup=20, **SHORT),
    "singular_values": lambda: flow.singular_values(CELLS, white_noise(3), lags=(1, 3, 10, 80), **SHORT),
}


@pytest.fixture(scope="module", params=sorted(MEASURED))
def drawn(request):
    data = MEASURED[request.param]()
    return request.param, data, getattr(figures, request.param)(data)


@pytest.mark.long
def test_nothing_overlaps_and_nothing_leaves_the_page(drawn):
    _, _, figure = drawn
    figure.render("svg")
    renderer = figure.drawing.canvas.get_renderer()
    panels = [a.get_tightbbox(renderer) for a in figure.drawing.axes]
    frames = [a.get_window_extent(renderer) for a in figure.drawing.axes]
    (legend,) = (x.get_window_extent(renderer) for x in figure.drawing.legends)
    assert not any(a.overlaps(b) for k, a in enumerate(frames) for b in panels[k + 1 :])
    assert not any(legend.overlaps(p) for p in panels)
    assert 0 <= legend.x0 <= legend.x1 <= figure.drawing.bbox.x1


@pytest.mark.long
def test_no_panel_is_empty(drawn):
    _, _, figure = drawn
    for axes in figure.drawing.axes:
        assert axes.patches or axes.texts or any(len(line.get_xdata()) for line in axes.lines)


@pytest.mark.long
def test_networks_that_are_not_finite_are_said(drawn):
    name, data, figure = drawn
    assert "none of its networks stays finite" in figure.caption.plain
    texts = [t.get_text() for a in figure.drawing.axes for t in a.texts]
    assert "no finite trajectory" in texts
    few = getattr(figures, name)(data.sel(cell=["rnn"]))
    assert "stays finite" not in few.caption.plain


@pytest.mark.long
def test_zeros_are_marked_and_said(drawn):
    name, data, figure = drawn
    assert "Triangles" in figure.caption.plain
    markers = {line.get_marker() for a in figure.drawing.axes for line in a.lines if line.get_linestyle() == "None"}
    assert ("v" if name == "lyapunov" else "<") in markers
    assert "Triangles" not in getattr(figures, name)(data.sel(cell=["gru"])).caption.plain


@pytest.mark.sampled
def test_captions_say_what_is_measured_on_what(drawn):
    _, _, figure = drawn
    for said in (
        "measured",
        "whole state",
        "median over seeds",
        "quartile",
        "Gaussian",
        "n = 5",
        "3 seeds",
        "white noise",
    ):
        assert said in figure.caption.plain
    assert "\\partial" in figure.caption.latex or "\\lambda" in figure.caption.latex


@pytest.mark.long
def test_the_same_data_gives_the_same_bytes(drawn):
    name, data, figure = drawn
    again = getattr(figures, name)(data)
    assert again.csv() == figure.csv()
    assert again.render("svg") == figure.render("svg")


def test_the_table_holds_what_is_drawn(drawn):
    name, data, figure = drawn
    table = figure.table
    row = table[(table["cell"] == "gru") & (table["gain"] == 1.0) & (table["init"] == "gaussian")]
    one = data.sel(cell="gru", gain=1.0, init="gaussian", retention="1")
    if name == "lyapunov":
        value = row[(row["panel"] == "spectrum") & (row["index"] == 2)]["exponent_median"].item()
        assert np.isclose(value, float(one["exponent"].sel(index=2).median()))
        summary = row[row["panel"] == "summary"]
        assert np.isclose(summary["mean_exponent_median"].item(), float(one["mean_exponent"].median()))
    else:
        value = row[row["lag"] == 80]["log10_condition_median"].item()
        assert np.isclose(value, float(one["log10_condition"].sel(lag=80).median()))


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_what_is_no_measured_dataset_is_refused(name):
    with pytest.raises(gs.errors.ArgumentError, match=rf"gatedsym\.flow\.{name} returns"):
        getattr(figures, name)(np.zeros(3))
