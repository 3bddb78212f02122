"""Figures: drawn from any dataset of the right form, written whole, the same bytes for the same data."""

import csv
import io
import re
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np
import pypdf
import pytest
import xarray as xr
from fontTools.ttLib import TTFont

from gatedsym import figures
from gatedsym.errors import ArgumentError
from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import FORMATS
from gatedsym.figures.fonts import FOR_SETTING
from gatedsym.figures.style import WIDTHS, width_of
from gatedsym.files.netcdf import netcdf, read_netcdf

ATTRS = {
    "source": "gatedsym 0", "n": 8, "seeds": 5, "batch": 2, "horizon": 20, "lags": 20, "dtype": "float64",
    "loss": "a loss", "input": "noise", "input_description": "50 % noise_of & sorts", "input_features": 3,
}  # fmt: skip


def flow_dataset(cells=("rnn", "lstm"), gains=(1.0,), inits=("uniform", "xavier")):
    generator = np.random.default_rng(0)
    lag = np.arange(21)
    retention = ["0", "1", "chrono", "none"]
    shape = (len(cells), len(inits), len(gains), len(retention), 5, 2, len(lag))
    rate = np.array([0.4, 0.2, 0.05, 0.3])[None, None, None, :, None, None, None]
    values = -rate * lag + 0.2 * generator.normal(size=shape)
    for k, cell in enumerate(cells):
        values[k, :, :, 3 if cell != "rnn" else slice(0, 3)] = np.nan
    coords = {"cell": list(cells), "init": list(inits), "gain": list(gains), "retention": retention,
              "seed": np.arange(5), "quantity": ["h", "x"], "lag": lag}  # fmt: skip
    return xr.Dataset({"log10_norm": (tuple(coords), values)}, coords=coords, attrs=dict(ATTRS))


def truncation_dataset():
    base = flow_dataset(inits=("xavier",)).isel(quantity=0, lag=slice(1, 5), drop=True)
    base = base.rename(lag="window").expand_dims(loss=["last step", "every step"])
    error = 10 ** base["log10_norm"]
    return xr.Dataset(
        dict.fromkeys(("relative_error", "cosine", "norm_ratio", "input_share"), error), attrs=dict(ATTRS)
    )


def clipping_dataset():
    base = flow_dataset(gains=(1.0, 3.0), inits=("gaussian",)).isel(quantity=0, drop=True)["log10_norm"]
    at = base.isel(lag=slice(0, 6)).rename(lag="threshold").assign_coords(threshold=10.0 ** np.arange(-3, 3))
    variables = dict.fromkeys(("share_clipped", "cosine", "log10_ratio"), at)
    return xr.Dataset({"log10_norm": base.rename(lag="sequence"), **variables}, attrs=dict(ATTRS))


DRAWN = {
    "gradient_norm": flow_dataset,
    "exploding": lambda: flow_dataset(gains=(1.0, 2.0), inits=("gaussian",)),
    "truncation": truncation_dataset,
    "clipping": clipping_dataset,
}


@pytest.fixture(scope="module", params=sorted(DRAWN))
def figure(request):
    return getattr(figures, request.param)(DRAWN[request.param]())


@pytest.fixture(scope="module")
def written(figure, tmp_path_factory):
    """The files of a figure, and the folder in which they lie."""
    folder = tmp_path_factory.mktemp("written")
    return folder, figure.save(folder / "some.figure", data=folder / "data" / "some.figure")


@pytest.fixture(scope="module")
def pictures(written):
    """The pictures of a figure, by format."""
    return {kind: (written[0] / f"some.figure.{kind}").read_bytes() for kind in FORMATS}


@pytest.mark.sampled
def test_a_figure_is_written_with_its_data_and_its_captions(figure, written):
    folder, paths = written
    assert sorted(p.relative_to(folder).as_posix() for p in paths) == [
        "data/some.figure.csv", "data/some.figure.nc", "some.figure.pdf", "some.figure.png", "some.figure.svg",
        "some.figure.tex", "some.figure.txt",
    ]  # fmt: skip
    assert all(p.stat().st_size > 0 for p in paths)
    assert [p.name for p in folder.rglob(".*")] == []
    assert xr.load_dataset(folder / "data" / "some.figure.nc", engine="h5netcdf").identical(figure.data)


@pytest.mark.sampled
def test_the_same_data_gives_the_same_bytes(figure, pictures, request):
    again = getattr(figures, request.node.callspec.params["figure"])(figure.data)
    for kind in FORMATS:
        assert pictures[kind] == again.render(kind)
    assert figure.csv() == again.csv()


@pytest.mark.sampled
def test_fonts_are_embedded_as_truetype_and_svg_needs_none(pictures):
    assert b"/FontFile2" in pictures["pdf"]
    assert b"/Type3" not in pictures["pdf"]
    assert b"<text" not in pictures["svg"]


def embedded_fonts(pdf):
    """The font files that stand in a PDF, by name."""
    page = pypdf.PdfReader(BytesIO(pdf)).pages[0]
    found = {}
    for font in page["/Resources"]["/Font"].values():
        (one,) = font.get_object()["/DescendantFonts"]
        descriptor = one.get_object()["/FontDescriptor"].get_object()
        found[descriptor["/FontName"]] = TTFont(BytesIO(descriptor["/FontFile2"].get_object().get_data()))
    return found


def test_an_embedded_font_holds_outlines_and_no_tables_for_setting(pictures):
    fonts = embedded_fonts(pictures["pdf"])
    assert fonts
    for font in fonts.values():
        assert {"glyf", "hmtx"} <= set(font.keys())
        assert not set(FOR_SETTING) & set(font.keys())
        assert any(font["glyf"][name].numberOfContours for name in font.getGlyphOrder()[1:])


def test_a_text_can_be_searched_for_in_the_pdf(figure, pictures):
    words = pypdf.PdfReader(BytesIO(pictures["pdf"])).pages[0].extract_text().split()
    labels = {w for axes in figure.drawing.axes for w in axes.get_xlabel().split() if w.isalpha()}
    assert labels
    assert labels <= set(words)


def test_metadata_names_the_data_and_no_date(figure, pictures):
    assert figure.digest.encode() in pictures["svg"]
    assert b"CreationDate" not in pictures["pdf"]


def test_nothing_overlaps_and_nothing_leaves_the_page(figure, pictures):
    drawing = figure.drawing
    page = drawing.bbox
    renderer = drawing.canvas.get_renderer()
    panels = [a.get_window_extent(renderer) for a in drawing.axes]
    assert not any(a.overlaps(b) for k, a in enumerate(panels) for b in panels[k + 1 :])
    (legend,) = (x.get_window_extent(renderer) for x in drawing.legends)
    assert not any(legend.overlaps(p) for p in panels)
    assert legend.x0 >= page.x0
    assert legend.x1 <= page.x1


def test_axes_of_the_outer_panels_are_labelled(figure):
    grid = figure.drawing.axes
    last = grid[-1].get_subplotspec()
    bottom = [a for a in grid if a.get_subplotspec().rowspan.start == last.rowspan.start]
    assert all(a.get_xlabel() for a in bottom)


def test_lines_differ_in_more_than_colour(figure):
    for axes in figure.drawing.axes:
        looks = [
            (str(x.get_linestyle()), x._dash_pattern[1], x.get_marker()) for x in axes.lines if len(x.get_xdata()) > 2
        ]
        assert len(set(map(str, looks))) == len(looks)


def test_the_callers_matplotlib_settings_are_left_alone(figure):
    before = dict(matplotlib.rcParams)
    figure.render("svg")
    assert dict(matplotlib.rcParams) == before


def test_captions_define_centre_band_sizes_and_input(figure):
    for said in ("median", "quartile", "n = 8", "5 seeds", "50 % noise_of & sorts"):
        assert said in figure.caption.plain
    assert r"50 \% noise\_of \& sorts" in figure.caption.latex
    assert "50 % noise_of &amp; sorts" in figure.caption.html


def test_the_csv_holds_the_medians_that_are_drawn():
    data = flow_dataset()
    rows = list(csv.DictReader(io.StringIO(figures.gradient_norm(data).csv())))
    row = next(r for r in rows if (r["cell"], r["init"], r["retention"], r["quantity"], r["lag"])
               == ("lstm", "xavier", "chrono", "h", "20"))  # fmt: skip
    expected = data["log10_norm"].sel(cell="lstm", init="xavier", retention="chrono", quantity="h", lag=20).median()
    assert np.isclose(float(row["log10_norm_median"]), float(expected), rtol=1e-6)
    assert not any(r["cell"] == "rnn" and r["retention"] == "0" for r in rows)


def test_data_of_a_selection_of_cells_goes_into_a_file():
    data = flow_dataset()
    data.attrs |= {"cells": ["rnn", "lstm"], "compared_states": ["h", "h"]}
    kept = figures.gradient_norm(data.sel(cell=["lstm"])).data
    assert kept.attrs["compared_states"] == ["h"]
    assert read_netcdf(netcdf(kept)).equals(kept)


@pytest.mark.long
def test_gradients_of_exactly_zero_are_marked_and_named():
    data = flow_dataset()
    data["log10_norm"].loc[{"cell": "lstm", "retention": "0", "lag": slice(10, None)}] = -np.inf
    figure = figures.gradient_norm(data)
    triangles = [x for x in figure.drawing.axes[0].lines if x.get_marker() == "v" and x.get_linestyle() == "None"]
    assert len(triangles) == 1
    assert "exactly zero" in figure.caption.plain
    assert "exactly zero" not in figures.gradient_norm(flow_dataset()).caption.plain


def test_seeds_that_are_not_finite_are_counted_in_the_caption():
    data = flow_dataset()
    data["log10_norm"].loc[{"cell": "lstm", "retention": "0", "seed": [1, 2]}] = np.nan
    assert "2 seeds of a line are not finite" in figures.gradient_norm(data).caption.plain


@pytest.mark.parametrize("cells", [("rnn",), ("lstm",), ("rnn", "lstm", "gru", "a_cell_with_a_long_name")])
def test_any_number_of_cells_is_drawn(cells):
    figure = figures.gradient_norm(flow_dataset(cells))
    assert figure.render("svg")


@pytest.mark.parametrize("venue", sorted(WIDTHS))
@pytest.mark.sampled
def test_figures_are_as_wide_as_the_venue_says(venue):
    figure = figures.gradient_norm(flow_dataset(), width=venue)
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+)", figure.render("pdf"))
    assert np.isclose(float(box[1]) / 72, WIDTHS[venue], atol=1e-3)


def test_unknown_widths_and_formats_are_refused(tmp_path):
    with pytest.raises(ValueError, match="neurips"):
        width_of("natur")
    with pytest.raises(ValueError, match="pdf, svg, png"):
        figures.gradient_norm(flow_dataset()).save(Path(tmp_path) / "x", formats=["gif"])


def test_special_characters_of_latex_are_escaped():
    assert Caption("a_b 5% <theta> {x}").latex == r"a\_b 5\% $\theta$ \{x\}"
    assert Caption("a_b 5% <theta>").plain == "a_b 5% θ"


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_what_is_no_measured_dataset_is_refused_with_what_is_needed(name):
    with pytest.raises(ArgumentError, match=r"needs the dataset that gatedsym\.flow\.\w+ returns, not .* ndarray"):
        getattr(figures, name)(np.zeros((3, 4)))
    with pytest.raises(ArgumentError, match="a dataset without"):
        getattr(figures, name)(xr.Dataset())


def test_a_suffix_of_a_figures_files_is_taken_off_and_any_other_dot_is_kept(tmp_path):
    figure = figures.gradient_norm(flow_dataset())
    names = {p.name for p in figure.save(tmp_path / "gn.pdf", ["pdf"])}
    assert names == {"gn.pdf", "gn.csv", "gn.nc", "gn.txt", "gn.tex"}
    assert tmp_path / "v1.2.svg" in figure.content(tmp_path / "v1.2", ["svg"])


def test_quantities_that_were_not_measured_are_not_drawn():
    alone = flow_dataset().sel(quantity=["h"])
    assert len(figures.gradient_norm(alone).drawing.axes) == 2
    with pytest.raises(ArgumentError, match="choose from h"):
        figures.gradient_norm(alone, quantities=("x",))
