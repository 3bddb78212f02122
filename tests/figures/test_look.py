"""How a person wants a figure: size, type, settings, colours, axes of their own, and any part of a dataset."""

import warnings

import matplotlib
import numpy as np
import pytest
import xarray as xr
from datasets import ANALYSES, COSTLY, dataset
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text
from test_figures import DRAWN, flow_dataset

from gatedsym import figures
from gatedsym.errors import ArgumentError
from gatedsym.figures.forms import FORMS, restored

CHEAP = sorted(set(ANALYSES) - set(COSTLY))


def measure_of(key):
    """The name under which figures know an analysis."""
    return ANALYSES[key].measure


def sizes(figure):
    return {round(t.get_size(), 3) for t in figure.drawing.findobj(Text) if t.get_visible() and t.get_text().strip()}


@pytest.mark.parametrize("key", CHEAP)
@pytest.mark.sampled
def test_any_selection_is_drawn_or_refused_in_a_sentence(key, monkeypatch):
    data = dataset(key)
    for dim in (d for d, size in data.sizes.items() if size > 1):  # the only value of a dimension is the whole
        for place in (0, -1):
            if place:  # laying out is most of the time, and is the same for either
                monkeypatch.setattr("gatedsym.figures.look.fit_texts", lambda drawing: None)
            try:
                figure = ANALYSES[key].drawn(data.isel({dim: place}), 5.5)
            except ArgumentError as error:
                assert str(error).endswith("."), (dim, error)  # noqa: PT017
                assert len(str(error)) < 300  # noqa: PT017
            else:
                assert figure.caption.plain
            monkeypatch.undo()


@pytest.mark.sampled
@pytest.mark.parametrize("key", CHEAP)
def test_one_value_of_a_dimension_is_the_same_selection_as_a_list_of_it(key):
    data, measure = dataset(key), measure_of(key)
    for dim in data.dims:
        restorations = []
        for chosen in (data.isel({dim: 0}), data.isel({dim: [0]})):
            try:
                restorations.append(restored(chosen, measure))
            except ArgumentError as error:
                restorations.append(str(error))
        one, several = restorations
        same = one.identical(several) if isinstance(one, xr.Dataset) else one == several
        assert same, dim


@pytest.mark.parametrize("key", CHEAP)
def test_nothing_of_a_dimension_is_refused_with_its_name(key):
    data = dataset(key)
    for dim in set(data.dims) - set(FORMS[measure_of(key)].absent):
        with pytest.raises(
            ArgumentError, match=rf"it has no value of {dim}\.$|keep (at least two values of it|'.*)\.$"
        ):
            ANALYSES[key].drawn(data.isel({dim: []}), 5.5)


def test_of_gradients_that_are_selected_those_are_drawn():
    flow = dataset("gradient-norm")
    for draw in (figures.gradient_norm, figures.exploding):
        caption = draw(flow.sel(quantity="state")).caption.plain
        assert "Norm of the gradient, that of the whole state, against" in caption
    c = figures.gradient_norm(flow.sel(quantity=["c"]))
    assert "that of c," in c.caption.plain
    assert "in every row" not in c.caption.plain  # of the plain cell nothing is drawn
    with pytest.raises(ArgumentError, match=r"nothing was measured of c under .*: take another\.$"):
        figures.gradient_norm(flow.sel(quantity="c", cell="rnn"))


@pytest.mark.long
def test_a_selection_of_one_cell_and_one_initialisation_is_the_figure_of_them_alone():
    data = flow_dataset()
    scalar = figures.gradient_norm(data.sel(cell="lstm", init="xavier"))
    listed = figures.gradient_norm(data.sel(cell=["lstm"], init=["xavier"]))
    assert scalar.csv() == listed.csv()
    assert scalar.render("svg") == listed.render("svg")
    assert scalar.caption == listed.caption


def test_seeds_are_counted_as_they_are_selected():
    assert "2 seeds" in figures.gradient_norm(flow_dataset().sel(seed=[0, 1])).caption.plain


@pytest.mark.parametrize(("name", "draw"), sorted(DRAWN.items()))
def test_a_mean_over_a_dimension_is_refused_with_what_is_missing(name, draw):
    with pytest.raises(ArgumentError, match="needs the dimension seed"):
        getattr(figures, name)(draw().mean("seed"))


@pytest.mark.parametrize("key", CHEAP)
def test_forms_are_those_of_what_is_measured(key):
    data, form = dataset(key), FORMS[measure_of(key)]
    for name in data.data_vars:
        assert data[name].dims == form.dims.get(name, data[name].dims)


@pytest.mark.parametrize("key", CHEAP)
@pytest.mark.sampled
def test_every_figure_takes_size_type_settings_and_colours(key):
    data = dataset(key)
    draw = ANALYSES[key].drawn_by
    figure = draw(data, width=6.0, font_size=9, colors=["#112233", "#445566"], rc={"axes.grid": False})
    assert figure.drawing.get_figwidth() == 6.0
    small, large = sizes(draw(data, width=6.0)), sizes(figure)
    assert max(large) > max(small)
    assert figure.render("svg") == draw(data, width=6.0, font_size=9, colors=["#112233", "#445566"],
                                        rc={"axes.grid": False}).render("svg")  # fmt: skip


def test_a_height_is_obeyed_or_refused():
    assert figures.gradient_norm(flow_dataset(), height=3.0).drawing.get_figheight() == 3.0
    with pytest.raises(ArgumentError, match="leave height out"):
        figures.jacobian_sheet(dataset("jacobian-sheet"), height=3.0)


def test_a_persons_own_settings_are_obeyed_and_left_as_they_were():
    with matplotlib.rc_context({"font.family": "serif", "font.size": 11, "axes.labelsize": 13}):
        before = dict(matplotlib.rcParams)
        figure = figures.gradient_norm(flow_dataset(), width=6.75, rc=matplotlib.rcParams)
        assert dict(matplotlib.rcParams) == before
    label = next(a.xaxis.label for a in figure.drawing.axes if a.get_xlabel())
    assert label.get_size() == 13
    assert label.get_family() == ["serif"]
    pdf = figure.render("pdf")
    assert b"DejaVuSerif" in pdf
    assert b"/Type3" not in pdf
    assert figure.render("svg") == figure.render("svg")


def test_colours_stand_for_ours_wherever_they_are():
    figure = figures.gradient_norm(flow_dataset(), colors={"vermillion": "#123456"})
    svg = figure.render("svg").lower()
    assert b"#123456" in svg
    assert b"#d55e00" not in svg
    with pytest.raises(ArgumentError, match="choose from vermillion"):
        figures.gradient_norm(flow_dataset(), colors={"red": "#123456"})
    with pytest.raises(ArgumentError, match="is no colour"):
        figures.gradient_norm(flow_dataset(), colors=["nothing"])


def test_one_panel_goes_into_axes_of_ones_own():
    drawing = Drawing(figsize=(6, 2))
    left, right = drawing.subplots(1, 2)
    right.plot([0, 1], [0, 1])
    data = flow_dataset().sel(cell="lstm", init="xavier")
    figure = figures.gradient_norm(data, quantities=["h"], ax=left)
    assert figure.drawing is drawing
    assert len(drawing.axes) == 2
    assert len(left.lines) >= 3
    assert len(right.lines) == 1
    assert list(right.texts) == []
    assert "lag" in left.get_xlabel()
    assert left.get_ylabel() == "gradient norm"
    assert left.get_xlim() == (0.0, 20.0)
    drawing.canvas.draw()
    assert "10^" in left.get_yticklabels()[0].get_text()
    assert figure.render("png").startswith(b"\x89PNG")


def test_of_several_panels_one_is_chosen_or_the_refusal_says_how():
    axes = Drawing().subplots()
    with pytest.raises(ArgumentError, match=r"has 2 x 3.*\.sel.*panel="):
        figures.clipping(dataset("clipping"), ax=axes)
    figures.clipping(dataset("clipping"), ax=axes, panel=(1, 2))
    assert "cosine" in axes.get_title()
    assert "threshold" in axes.get_xlabel()
    with pytest.raises(ArgumentError, match="from 0"):
        figures.clipping(dataset("clipping"), ax=axes, panel=(2, 0))
    with pytest.raises(ArgumentError, match="give both"):
        figures.clipping(dataset("clipping"), panel=(1, 2))


@pytest.mark.parametrize("key", CHEAP)
@pytest.mark.sampled
def test_the_gain_of_a_figure_that_shows_one_is_in_its_caption(key):
    data = dataset(key)
    if "gain" not in data.coords or measure_of(key) in {"phase_diagram", "layers", "jacobian_sheet"}:
        pytest.skip("no gain belongs to its initialisation")
    try:
        figure = ANALYSES[key].drawn(data.isel(gain=[0]).assign_coords(gain=[0.85]), 5.5)
    except ArgumentError as error:
        assert "gain" in str(error)  # noqa: PT017
    else:
        assert "0.85" in figure.caption.plain


def test_axes_of_ones_own_get_the_labels_and_the_legend_of_what_is_drawn_in_them():
    data = dataset("gate-statistics")
    left, right = Drawing().subplots(1, 2)
    figures.gate_statistics(data, ax=left, panel=(0, 0))
    assert left.get_ylabel() == ""
    assert left.get_xlabel() == "step"
    figures.gate_statistics(data, ax=right, panel=(0, 1))
    assert right.get_ylabel() == "> 0.9"
    (axes,) = Drawing().subplots(1, 1, squeeze=False)[0]
    figures.gradient_norm(flow_dataset(cells=("rnn", "lstm")).sel(init="xavier"), quantities=["h"], ax=axes)
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["RNN", "bias 0", "bias 1", "chrono"]
    axes.clear()
    figures.gradient_norm(flow_dataset(cells=("lstm",)).sel(init="xavier"), quantities=["h"], ax=axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["bias 0", "bias 1", "chrono"]


def test_a_legend_names_no_gate_of_a_cell_that_was_not_selected():
    data = dataset("gate-statistics")
    gates = [f"gate {g}" for g in data["gate"].values]
    (legend,) = figures.gate_statistics(data.reindex(gate=["z", *data["gate"].values])).drawing.legends
    assert [text.get_text() for text in legend.get_texts()] == gates


@pytest.mark.parametrize("key", CHEAP)
@pytest.mark.sampled
def test_every_figure_draws_a_panel_into_axes_or_says_why_not(key):
    axes = Drawing().subplots()
    try:
        figure = ANALYSES[key].drawn_by(dataset(key), ax=axes, panel=(0, 0))
    except ArgumentError as error:
        assert "leave ax out" in str(error)  # noqa: PT017
    else:
        assert axes.has_data()
        assert figure.ax is axes
        assert len(figure.drawing.axes) <= 2  # a scale of colours stands beside


def test_a_word_that_is_no_argument_is_refused_with_those_there_are():
    with pytest.raises(ArgumentError, match=r"no argument 'widht'.*width, height, font_size"):
        figures.gradient_norm(flow_dataset(), widht=3)
    for wrong in ({"font_size": 0.1}, {"height": -1}, {"rc": {"no.such": 1}}, {"rc": 3}, {"ax": 3}):
        with pytest.raises(ArgumentError):
            figures.gradient_norm(flow_dataset(), **wrong)


@pytest.mark.long
def test_without_a_look_nothing_depends_on_the_persons_settings():
    plain = figures.gradient_norm(flow_dataset()).render("svg")
    with matplotlib.rc_context({"font.size": 14, "axes.facecolor": "red"}), warnings.catch_warnings():
        assert figures.gradient_norm(flow_dataset()).render("svg") == plain
    assert np.isfinite(len(plain))
