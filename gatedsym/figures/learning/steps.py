"""The course of training as steps for slides: a PDF with a page for each of some probes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure as Drawing

from gatedsym.figures.learning.drawing import (
    BEFORE,
    LEAST,
    axis_of_updates,
    bands,
    baseline_of,
    labels_of,
    of_one_size,
    reference_line,
)
from gatedsym.figures.panels import make_grid, powers_of_ten
from gatedsym.figures.style import BLACK, BLUE, drawing_style, type_sizes
from gatedsym.messages import room

say = room("learn")
PAGES = 12
"""At most."""
WIDTH, HEIGHT, POINTS = 10.0, 5.6, 12.0
"""Inches of a slide, and points of its type."""


def slides(course: xr.Dataset, by_lag: xr.Dataset) -> bytes:
    """A PDF: above the loss so far, below the gradient against lag at that moment, over that before training.

    Parameters
    ----------
    course, by_lag : xarray.Dataset
        From `learning.comparison.datasets.learning_course` and `gradient_by_lag`.
    """
    content = io.BytesIO()
    about = {"Title": say("slides-title", task=str(course.attrs["task"])), "CreationDate": None, "ModDate": None}
    with drawing_style(type_sizes(POINTS)), PdfPages(content, metadata=about) as pages:
        for drawing in drawn_pages(of_one_size(course), of_one_size(by_lag)):
            pages.savefig(drawing)
    return content.getvalue()


def drawn_pages(course: xr.Dataset, by_lag: xr.Dataset) -> Iterator[Drawing]:
    """The pages of `slides`."""
    for probe in moments(by_lag):
        yield _page(course, by_lag, probe)


def moments(by_lag: xr.Dataset) -> list[int]:
    """Probes that have a page: the first, the last, and some between, as evenly as they come."""
    probes = [int(probe) for probe in by_lag["probe"].values]
    chosen = np.unique(np.round(np.linspace(0, len(probes) - 1, min(PAGES, len(probes)))).astype(int))
    return [probes[k] for k in chosen]


def _page(course: xr.Dataset, by_lag: xr.Dataset, probe: int) -> Drawing:
    labels, last = labels_of(course), int(course.attrs["updates"])
    drawing, axes = make_grid(2, len(labels), WIDTH, 2.2, sharey="row", sharex="row", height=HEIGHT)
    FigureCanvasAgg(drawing)
    for k, label in enumerate(labels):
        _loss(axes[0, k], course.sel(contender=label), probe)
        _gradient(axes[1, k], by_lag.sel(contender=label), probe)
        axes[0, k].set_title(label)
        axes[0, k].set_xlabel(say("axis-updates"))
        axes[1, k].set_xlabel(say("axis-lag-short"))
    reference_line(axes[0, 0], baseline_of(course), say("label-baseline"))
    axis_of_updates(axes[0, 0], last)
    _same_limits(axes, course, by_lag)
    axes[0, 0].set_ylabel(say("axis-loss"))
    axes[1, 0].set_ylabel(say("axis-gradient"))
    drawing.suptitle(say("slides-page", updates=probe, all=last))
    return drawing


def _loss(panel: Any, part: xr.Dataset, probe: int) -> None:
    so_far = part.isel(check=part["check"].values <= probe)
    for values in so_far["held_out_loss"].values:
        panel.plot(so_far["check"].values, np.maximum(values, LEAST), color=BLACK, linewidth=0.6, alpha=0.5)
    median = bands(so_far["held_out_loss"])[1]
    panel.plot(so_far["check"].values, np.maximum(median, LEAST), color=BLACK)
    panel.plot(so_far["check"].values[-1:], np.maximum(median[-1:], LEAST), color=BLACK, marker="o", linestyle="")
    panel.set_yscale("log")


def _gradient(panel: Any, part: xr.Dataset, probe: int) -> None:
    distance = part["distance"].values
    for at, options in ((0, BEFORE.options()), (probe, {"color": BLUE})):
        median = bands(part["gradient_by_lag"].sel(probe=part["probe"].values[0] if at == 0 else at))[1]
        panel.plot(distance, np.where(np.isfinite(median), median, np.nan), **options)


def _same_limits(axes: Any, course: xr.Dataset, by_lag: xr.Dataset) -> None:
    """The same axes on all pages."""
    losses = course["held_out_loss"].values
    losses = losses[np.isfinite(losses)]
    if len(losses) and losses.max() > 0:
        low = max(float(losses.min()), LEAST)
        axes[0, 0].set_ylim(low / 2, max(float(np.quantile(losses, 0.98)), baseline_of(course)) * 2)
    logs = by_lag["gradient_by_lag"].values
    logs = logs[np.isfinite(logs)]
    if len(logs):
        axes[1, 0].set_ylim(max(float(np.quantile(logs, 0.02)), -40.0) - 1, max(float(logs.max()), 0.0) + 1)
    powers_of_ten(axes[1, 0].yaxis)


__all__ = ["drawn_pages", "moments", "slides"]
