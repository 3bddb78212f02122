"""The figure of a watched model: numbers of its caption are the data's, its texts find room."""

import numpy as np
import pytest
import xarray as xr
from boxes import faults

import gatedsym.figures as figures
from gatedsym.errors import ArgumentError
from gatedsym.figures.style import WIDTHS, drawing_style

T = 20
DIMS = ("update", "module", "layer", "direction", "quantity", "quantile", "step")


def watched(updates=9, modules=("encoder.rnn",), cells=("lstm",), layers=2, directions=("forward", "reverse")):
    """A dataset as a watcher makes it, whose gradient shrinks by a tenth a step, faster in the layers above."""
    shape = (updates, len(modules), layers, len(directions), 3, 3, T + 2)
    norms = np.full(shape, np.nan)
    step = np.arange(T + 2)
    for layer in range(layers):
        for d, direction in enumerate(directions):
            lag = T - step if direction == "forward" else step - 1
            rows = -(layer + 1) * lag / 10 - 0.01 * np.arange(updates)[:, None]
            there = slice(0, T + 1) if direction == "forward" else slice(1, None)
            norms[:, :, layer, d, :, :, there] = (rows[:, None, None, None, :] + np.array([-0.1, 0, 0.1])[:, None])[
                ..., there
            ]
    gates = np.full((updates, len(modules), layers, len(directions), 2, T + 2), np.nan)
    gates[..., 1:-1] = 0.6
    around = {
        "update": np.arange(updates) * 50,
        "module": list(modules),
        "layer": np.arange(layers),
        "direction": list(directions),
    }
    return xr.Dataset(
        {
            "log10_norm": (DIMS, norms),
            "openness": ((*DIMS[:4], "gate", "step"), gates),
            "cell": ("module", list(cells)),
        },
        {**around, "quantity": ["h", "state", "x"], "quantile": [0.25, 0.5, 0.75], "gate": ["z", "r"], "step": step},
        {"refused": []},
    )


def test_the_result_is_the_smallest_ratio_of_first_to_last_at_the_last_update():
    caption = figures.live_gradient(watched()).caption
    assert caption.result.plain.startswith(
        "At update 400 the ratio of ‖∂L/∂h_t‖ at the first step that is read to that at the last step that a gradient "
        "reaches is 10^−3.8 in encoder.rnn, layer 1, forward, the smallest of 4 places; at update 0 it was 10^−3.8."
    )
    assert "a line for each of 6 updates of 9 that were watched" in caption.plain


def test_gates_are_left_out_where_none_is_asked_for():
    figure = figures.live_gradient(watched(updates=2), quantities=["h"], gates=[])
    assert {len(figure.drawing.axes)} == {4}
    assert "openness" not in figure.caption.plain
    assert set(figure.table["of"]) == {"log10_norm of h"}


def test_where_all_that_was_watched_is_drawn_the_caption_counts_once():
    assert "a line for each of 2 updates. Norms" in figures.live_gradient(watched(updates=2)).caption.plain


def test_the_table_has_what_is_drawn():
    data = watched(updates=2)
    table = figures.live_gradient(data, quantities=["h"]).table
    drawn = table[(table["of"] == "log10_norm of h") & (table["layer"] == 1) & (table["direction"] == "forward")]
    wanted = data["log10_norm"].sel(layer=1, direction="forward", quantity="h", quantile=0.5).values[:, 0, :-1]
    np.testing.assert_array_equal(drawn["median"].values.reshape(2, -1), wanted)


@pytest.mark.parametrize("inches", [min(WIDTHS.values()), 5.5])
@pytest.mark.parametrize(
    "names", [{}, {"modules": ("encoder.blocks.0.recurrent_layer", "b"), "cells": ("lstm", "gru_torch")}]
)
@pytest.mark.sampled
def test_every_text_finds_room(inches, names):
    figure = figures.live_gradient(watched(layers=1, **names), width=inches)
    with drawing_style(figure.rc):
        assert faults(figure.drawing) == []


def test_a_gradient_that_is_exactly_zero_is_told():
    data = watched(updates=1, layers=1, directions=("forward",))
    data["log10_norm"][..., 1:4] = -np.inf
    assert "is exactly zero in encoder.rnn." in figures.live_gradient(data).caption.result.plain


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"quantities": ["c"]}, "'c', which was not seen: choose from h, state, x"),
        ({"updates": [7]}, "7, which was not seen"),
        ({"updates": range(0, 350, 50)}, "give at most 6"),
    ],
)
def test_what_was_not_seen_is_refused(arguments, said):
    with pytest.raises(ArgumentError, match=said):
        figures.live_gradient(watched(), **arguments)


def test_another_dataset_and_an_empty_selection_are_refused():
    with pytest.raises(ArgumentError, match="needs the dataset of a watcher"):
        figures.live_gradient(watched().isel(layer=0))
    with pytest.raises(ArgumentError, match="is empty: keep a layer that was seen"):
        figures.live_gradient(watched().assign(log10_norm=watched()["log10_norm"] * np.nan))
