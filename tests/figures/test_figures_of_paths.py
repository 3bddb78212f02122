"""Figures of paths and of temporal contributions: every cell has its panels, numbers at the edge are marked."""

import numpy as np
import pytest
import xarray as xr

from gatedsym import figures
from gatedsym.calculus.names import HIGHWAY
from gatedsym.errors import ArgumentError

ATTRS = {
    "source": "gatedsym 0", "n": 8, "seeds": 3, "batch": 2, "horizon": 20, "lags": 20, "steps": 8, "dtype": "float64",
    "loss": "a loss", "input": "noise", "input_description": "50 % noise_of & sorts", "input_features": 3,
    "closure_departure": 2e-15, "closure_last_step": 1e-16, "closure_allowed": 1e-10, "highway": HIGHWAY,
}  # fmt: skip
OWN = {"rnn": ["h'"], "a_long_name_of_a_cell": [HIGHWAY, *"abcdefg"], "lru": [HIGHWAY]}


def path_dataset():
    """A plain cell, one with more paths than lines, and one whose highway is all; one path is exactly zero."""
    generator = np.random.default_rng(0)
    paths, lag = [HIGHWAY, "h'", *"abcdefg"], np.arange(1, 21)
    coords = {"cell": list(OWN), "init": ["xavier"], "gain": [1.0], "retention": ["0", "1", "none"],
              "seed": np.arange(3), "view": ["departure", "last step"], "path": paths, "lag": lag}  # fmt: skip
    values = -0.1 * lag + 0.1 * generator.normal(size=[len(v) for v in coords.values()])
    norm = xr.DataArray(values, coords, tuple(coords))
    for cell, own in OWN.items():
        gated = "_" in cell
        for path in paths:
            for r in ("0", "1", "none"):
                if path not in own or gated == (r == "none"):
                    norm.loc[{"cell": cell, "path": path, "retention": r}] = np.nan
    norm.loc[{"path": "b", "cell": "a_long_name_of_a_cell", "retention": ["0", "1"]}] = -np.inf
    whole = norm.max("path").isel(view=0, drop=True)
    square = 10 ** (2 * (norm - whole))
    cross = (1 - square.sum("path")).where(whole.notnull())
    data = {"log10_norm": norm, "log10_whole": whole, "square": square, "share": square, "cross": cross}
    return xr.Dataset(data, attrs=dict(ATTRS))


def contribution_dataset():
    """Two cells; the matrix of the second reads nothing, and a number of the first lies far below the others."""
    time = np.arange(1, 9)
    coords = {"cell": ["rnn", "own"], "init": ["xavier"], "gain": [1.0], "retention": ["1", "none"],
              "seed": np.arange(3), "parameter": ["W_a", "W_b", "U"], "k": time, "t": time}  # fmt: skip
    lag = time[None] - time[:, None]
    one = np.where(lag >= 0, -0.5 * lag, np.nan)
    values = np.broadcast_to(one, [len(v) for v in coords.values()]).copy()
    norm = xr.DataArray(values, coords, tuple(coords))
    norm.loc[{"cell": "rnn", "retention": "1"}] = np.nan
    norm.loc[{"cell": "own", "retention": "none"}] = np.nan
    norm.loc[{"cell": "own", "parameter": "U"}] += -np.inf
    norm.loc[{"cell": "rnn", "k": 1, "t": 8}] -= 40.0
    reach = (norm.isel(k=0, t=0, drop=True) * 0 + 5).where(lambda r: np.isfinite(r))
    data = {"log10_norm": norm, "reach": reach, "family": ("parameter", ["W", "W", "U"])}
    return xr.Dataset(data, attrs=dict(ATTRS))


@pytest.fixture
def paths():
    return figures.paths(path_dataset())


@pytest.fixture
def contributions():
    return figures.temporal_contributions(contribution_dataset())


@pytest.mark.parametrize("name", ["paths", "temporal_contributions"])
@pytest.mark.long
def test_the_same_data_gives_the_same_bytes_and_all_files(name, tmp_path):
    data = path_dataset() if name == "paths" else contribution_dataset()
    first, second = (getattr(figures, name)(data) for _ in range(2))
    assert first.render("svg") == second.render("svg")
    assert first.csv() == second.csv()
    assert len(first.save(tmp_path / name)) == 7


@pytest.mark.parametrize("width", ["neurips", "ieee"])
@pytest.mark.parametrize("name", ["paths", "temporal_contributions"])
@pytest.mark.sampled
def test_nothing_overlaps_and_nothing_leaves_the_page(name, width):
    figure = getattr(figures, name)(path_dataset() if name == "paths" else contribution_dataset(), width=width)
    figure.render("svg")
    drawing = figure.drawing
    renderer = drawing.canvas.get_renderer()
    panels = [a.get_window_extent(renderer) for a in drawing.axes]
    assert not any(a.overlaps(b) for k, a in enumerate(panels) for b in panels[k + 1 :])
    legends = [a.get_legend().get_window_extent(renderer) for a in drawing.axes if a.get_legend()]
    drawn = [p for a, p in zip(drawing.axes, panels) if a.axison]
    for box in legends:
        assert not any(box.overlaps(p) for p in drawn)
        assert box.x1 <= drawing.bbox.x1
    assert not any(a.overlaps(b) for k, a in enumerate(legends) for b in legends[k + 1 :])


def entries(figure):
    return [[t.get_text() for t in a.get_legend().get_texts()] for a in figure.drawing.axes if a.get_legend()]


def test_each_cell_has_a_legend_of_its_own_paths(paths):
    plain, gated, highway = entries(paths)
    assert plain == ["h'", "whole"]
    assert gated[0] == HIGHWAY
    assert gated[-3:] == ["2 others", "whole", "cross term"]
    assert highway == [HIGHWAY, "whole"]


def test_lines_of_one_panel_differ_in_more_than_colour(paths):
    for axes in paths.drawing.axes:
        looks = [(str(x._dash_pattern), x.get_marker(), x.get_linewidth()) for x in axes.lines
                 if len(x.get_xdata()) == 20 and x.get_color() != "#6b6b6b"]  # fmt: skip
        assert len(set(looks)) == len(looks)


def test_a_path_that_is_exactly_zero_is_marked_at_the_lower_edge(paths):
    left = paths.drawing.axes[4]
    assert any(x.get_marker() == "v" and x.get_linestyle() == "None" for x in left.lines)


def test_the_retention_that_is_drawn_is_chosen_and_named(paths):
    assert "Retaining gates: bias 1." in paths.caption.plain
    assert "Retaining gates: bias 0." in figures.paths(path_dataset(), retention="0").caption.plain
    with pytest.raises(ArgumentError, match="retention '7'"):
        figures.paths(path_dataset(), retention="7")


def test_the_caption_says_whether_the_parts_add_up(paths):
    assert "the largest miss is 10^−14.7 of its norm" in paths.caption.plain
    loose = path_dataset()
    loose.attrs["closure_departure"] = 1e-3
    assert "more than the 10^−10 that rounding explains" in figures.paths(loose).caption.plain


def test_families_have_a_panel_where_something_comes(contributions):
    titles = [a.get_title() for a in contributions.drawing.axes]
    assert titles[:3] == ["W", "U", "W"]
    assert "Without a panel: U of OWN" in contributions.caption.plain
    assert "RNN after 5 steps" in contributions.caption.plain


def test_members_of_a_family_are_taken_together(contributions):
    table = contributions.table
    both = table[(table["cell"] == "own") & (table["family"] == "W") & (table["k"] == 2) & (table["t"] == 2)]
    assert float(both["log10_norm_median"].iloc[0]) == pytest.approx(np.log10(np.sqrt(2)))


def test_the_colour_bar_says_that_numbers_lie_below_it(contributions):
    bar = contributions.drawing.axes[-1]
    assert bar._colorbar.extend == "min"
    assert bar.get_ylabel() == "norm of the contribution"


@pytest.mark.parametrize(("value", "words"), [(-np.inf, "exactly zero"), (np.nan, "not finite")])
def test_a_cell_without_a_number_to_draw_says_so(value, words):
    data = path_dataset()
    for name in ("log10_norm", "log10_whole", "square", "share", "cross"):
        data[name].loc[{"cell": "rnn"}] = value if name.startswith("log10") else np.nan
    figure = figures.paths(data)
    assert [t.get_text() for a in figure.drawing.axes[:3] for t in a.texts if t.get_text()] == [words] * 3
    figure.render("svg")


@pytest.mark.parametrize("name", ["paths", "temporal_contributions"])
def test_another_dataset_is_refused(name):
    with pytest.raises(ArgumentError, match=f"flow.{name} returns"):
        getattr(figures, name)(xr.Dataset())
