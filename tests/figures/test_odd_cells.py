"""Every figure of the atlas for cells that nobody foresaw: drawn from finite numbers, or refused for a reason."""

import re

import numpy as np
import pytest
from literature import SCALAR
from matplotlib.figure import Figure as Drawing

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.execution.kernels import Kernels
from gatedsym.figures.panels import draw_reference, make_grid, mark_empty_panels, name_row
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled
from gatedsym.report.atlas import atlas

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")

CELLS = {
    "sum_of_dimensions": """
x in R^m; h, c in R^(n+p); W_{f,g} in R^(n+p, m); U_{f,g} in R^(n+p, n+p); b_{f,g} in R^(n+p)
p = 2
f = σ(W_f x + U_f h + b_f)
g = tanh(W_g x + U_g h + b_g)
c' = f*c + (1 - f)*g
h' = tanh(c')
""",
    "delays_and_a_clock": """
x in R^m; input t in R; h in R^n; W, V in R^(n,m); U, A in R^(n,n); b, v in R^n
f = σ(W x[-1] + U h[-2] + v*t + b)
h' = f*h + (1 - f)*tanh(V x + A h[-3])
""",
    "scalar": SCALAR,
    "no_parameters": "x in R^n; h in R^n\na = elu(x) + softsign(h)\nh' = h/2 + tanh(a)",
    "counter": "h in R^n\nh' = h + 1",
    "overflowing": "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = exp(U h + W x) + h*h",
    "feed_forward": "x in R^m; U, W in R^(n,m)\noutput y\ny = σ(U x) * (W x)",
}
SIZES = {
    "valve": {"n": 4},
    "gate-statistics": {"n": 5, "seeds": 2, "steps": 10, "batch": 1},
    "layers": {"n": 6, "seeds": 2, "depth": 4},
    "jacobian-sheet": {"n": 5},
    "gradient-norm": {"n": 5, "seeds": 2, "lags": 10, "batch": 1, "retention": 1.0},
    "paths": {"n": 5, "seeds": 2, "lags": 10, "batch": 1, "retention": 1.0},
    "contributions": {"n": 5, "seeds": 2, "steps": 6, "batch": 1, "retention": 1.0},
    "bound": {"n": 5, "seeds": 2, "lags": 10},
    "lyapunov": {"n": 5, "seeds": 2, "steps": 20, "warmup": 5, "blocks": 2, "gain": 1.0},
    "quiescent": {"n": 6, "seeds": 2, "retention": 1.0},
    "timescales": {"n": 5, "seeds": 2, "steps": 10, "retention": 1.0, "horizon": 20},
    "truncation": {"n": 5, "seeds": 2, "steps": 8, "windows": (3, 5), "batch": 1, "retention": 1.0},
    "clipping": {"n": 5, "seeds": 2, "steps": 8, "sequences": 3, "gain": 1.0},
}
ANALYSES = {a.key: a for a in atlas()[1]}


@pytest.fixture(scope="module", params=CELLS)
def cell(request):
    found = gs.Cell(CELLS[request.param], name=request.param)
    found.kernels = Kernels(uncompiled(found.kernels.module, NUMPY))
    return found


@pytest.mark.parametrize("key", SIZES)
@pytest.mark.sampled
def test_an_analysis_gives_numbers_and_a_figure_or_the_reason_that_it_names(cell, key):
    analysis = ANALYSES[key]
    if reason := analysis.why_not_applicable(cell):
        with pytest.raises(ArgumentError, match=f"(?i){re.escape(reason.rstrip('.'))}"):
            analysis.measured([cell], "noise", **SIZES[key])
        return
    data = analysis.measured([cell], "noise", **SIZES[key])
    numbers = [v.values for v in data.data_vars.values() if v.dtype.kind in "fi"]
    assert cell.name == "overflowing" or not all(np.isnan(v).all() for v in numbers)
    assert outcome(analysis, data) in ("drawn", "nothing to draw")


def outcome(analysis, data):
    try:
        picture = analysis.drawn(data, "icml").render("svg")
    except ArgumentError as error:
        return "nothing to draw" if "nothing to draw" in str(error) else str(error)
    return "drawn" if picture.startswith(b"<?xml") else "no picture"


def test_a_panel_that_shows_nothing_says_so():
    drawing = Drawing()
    full, marked, empty = drawing.subplots(1, 3)
    full.plot([0, 1, 2], [0, 1, np.nan])
    marked.plot([0], [1], marker="o")
    empty.plot([0, 1, 2], [1, np.nan, np.nan])  # a lone point is no line
    draw_reference(empty, 0.0, "zero")
    name_row(empty, "cell")
    assert mark_empty_panels(drawing.axes)
    assert [t.get_text() for t in (*full.texts, *marked.texts)] == []
    assert empty.texts[-1].get_text() == "nothing to draw"


def test_a_drawing_that_shows_nothing_is_told_apart():
    drawing = Drawing()
    drawing.subplots().imshow(np.full((2, 2), np.nan))
    assert not mark_empty_panels(drawing.axes)


def test_a_long_name_of_a_cell_leaves_its_row_room():
    drawing, axes = make_grid(2, 2, 5.5, 1.15)
    for row in axes:
        name_row(row[-1], "lstm_working_memory_of_extraordinaryproportions")
    drawing.draw_without_rendering()
    upper, lower = (row[-1].texts[0].get_window_extent() for row in axes)
    assert upper.y0 > lower.y1
    assert all(panel.get_window_extent().height > 0.7 * drawing.dpi for panel in axes.flat)


def test_a_size_that_nothing_gives_is_missed_before_anything_is_measured():
    from gatedsym.flow import white_noise
    from gatedsym.report.atlas import Asked
    from gatedsym.report.parts import report_parts

    cell = gs.Cell("x in R^m; h in R^n; A in R^(p,n); B in R^(n,p); W in R^(n,m)\nh' = tanh(W x + B (A h))", name="low")
    with pytest.raises(ArgumentError, match=r"low leave the size of p open.*p = n\."):
        report_parts([cell], white_noise(), [ANALYSES["gradient-norm"]], Asked(quick=True, lags=10))


def test_a_page_compares_no_gated_cell_with_a_gradient_that_is_not_finite():
    from gatedsym.report.findings import find_norms

    cells = ["lstm", gs.Cell(CELLS["overflowing"], name="overflowing"), "rnn"]
    flow = gs.gradient_flow(cells, "noise", n=4, seeds=2, lags=8, batch=1, init="xavier", retention=1.0)
    found = find_norms(flow)
    assert [over["cell"] for over in found["wins"][0]["over"]] == ["RNN"]
    assert {row["cell"] for row in found["rows"]} == {"LSTM", "RNN", "overflowing"}
