"""Datasets of a comparison → captions: the result first, sentences about a cell with n of N, recipe and interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr

from gatedsym.figures.caption import Caption, literal
from gatedsym.figures.learning.drawing import bands, cut_ones, gated, labels_of, of_one_size, own_parameters
from gatedsym.figures.words import amount, scheme_words, warnings_of
from gatedsym.learning.comparison.intervals import share_interval
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("learn")


def titled(figure: str, data: xr.Dataset) -> str:
    """The title of a figure."""
    return say(f"title-{figure}")


# What captions share


def joined(sentences: Iterable[str]) -> str:
    """Sentences one after the other."""
    return " ".join(sentences)


def recipe_words(part: xr.Dataset) -> str:
    """The recipe of a contender; with its size where that was matched."""
    rate, clip = f"{float(part['rate']):g}", str(part["clip"].values)
    if bool(part["is_matched"].values):
        return say("recipe-and-size", parameters=int(part["parameters"]), rate=rate, clip=clip)
    return say("recipe", rate=rate, clip=clip)


def note(data: xr.Dataset) -> str:
    """The task, the recipe and sizes: what every caption ends with."""
    attrs = data.attrs
    layers = int(attrs["layers"])
    told = say(
        "note", task=literal(str(attrs["task"])), optimiser=str(attrs["optimiser"]), batch=int(attrs["batch"]),
        updates=int(attrs["updates"]), layers="one" if layers == 1 else str(layers), n=int(attrs["n"]),
        init=scheme_words(str(attrs["init"])), dtype=str(attrs["dtype"]), seeds=int(attrs["seeds"]),
        choosing=int(attrs["choosing"]),
    )  # fmt: skip
    return joined([told, baseline_words(data)])


def baseline_words(data: xr.Dataset) -> str:
    """The baseline, and what a network knows that has its loss."""
    value = f"{float(data.attrs['baseline']):.4g}"
    return say("note-baseline", value=value, means=literal(str(data.attrs["baseline_means"])))


def caption(data: xr.Dataset, results: Sequence[str], shown: str, warnings: Sequence[str] = ()) -> Caption:
    """A caption with the note that all have."""
    return Caption(joined(results), shown, note(data), [*warnings, *warnings_of(data.attrs)])


def number(value: float) -> str:
    """A loss, an openness: three digits."""
    return f"{value:.3g}".replace("-", "−")


# Captions


def rate_search_caption(data: xr.Dataset) -> Caption:
    """Caption of the search: the recipe that each cell ended lowest with."""
    results, warnings = [], []
    for label in labels_of(data):
        part = data.sel(contender=label)
        rate, clip = float(part["chosen_rate"]), str(part["chosen_clip"].values)
        loss = float(part["final_loss"].sel(rate=rate, clip=clip).mean())
        tried = part["final_loss"].notnull()
        rates = part["rate"].values[tried.any(["clip", "seed"]).values]
        if math.isfinite(loss):
            results.append(say(
                "search-best", cell=literal(label), rate=f"{rate:g}", clip=clip, loss=number(loss),
                seeds=data.sizes["seed"], share=percent(loss / float(data.attrs["baseline"])),
            ))  # fmt: skip
            if rate in (rates.min(), rates.max()):
                warnings.append(say("search-at-end", cell=literal(label)))
        else:
            results.append(say("search-none", cell=literal(label), runs=int(tried.sum()), rates=len(rates)))
    if data.sizes["clip"] == 1:
        warnings.append(say("search-one-clip", clip=str(data["clip"].values[0])))
    shown = say("search-shown", seeds=data.sizes["seed"])
    return caption(data, results, shown, warnings)


def percent(share: float) -> str:
    """A share in per cent."""
    return f"{100 * share:.3g} %"


def course_caption(data: xr.Dataset) -> Caption:
    """Caption of the course: how many runs of each cell came below the least threshold."""
    shown = say("course-shown", rows=rows_of_course(data))
    return caption(data, reached_sentences(of_one_size(data)), shown)


def rows_of_course(data: xr.Dataset) -> str:
    """The rows that the course has, as its message calls them."""
    skill, gradient = (bool(data[name].size and data[name].notnull().any()) for name in ("skill", "gradient_at_lag"))
    rows = {(True, True): "all", (True, False): "skill", (False, True): "gradient", (False, False): "loss"}
    return rows[skill, gradient]


def reached_sentences(data: xr.Dataset) -> list[str]:
    """For each contender how many runs came below the least threshold, by the looks at held-out sequences."""
    level = float(data.attrs["least_threshold"])
    return [reached_sentence(data.sel(contender=label), level, label) for label in labels_of(data)]


def reached_sentence(part: xr.Dataset, level: float, label: str) -> str:
    """Count of the runs of a contender that came below a loss: n of N, with recipe and interval."""
    return _reached(part, first_below(part, level), level, label)


def _reached(part: xr.Dataset, came: Array, level: float, label: str) -> str:
    found, of = int(np.isfinite(came).sum()), len(came)
    low, high = share_interval(found, of)
    median = f"{float(np.median(came[np.isfinite(came)])):.0f}" if found else ""
    return say(
        "cell-reached", cell=literal(label), recipe=recipe_words(part), loss=number(level), found=found, of=of,
        low=f"{low:.2f}", high=f"{high:.2f}", median=median, updates=int(part.attrs["updates"]),
    )  # fmt: skip


def first_below(part: xr.Dataset, level: float) -> Array:
    """Updates of the first look below a loss, of each seed; NaN where there is none."""
    below = part["held_out_loss"].transpose("seed", "check").values < level
    return np.where(below.any(axis=1), part["check"].values[below.argmax(axis=1)].astype(float), np.nan)


def thresholds_caption(data: xr.Dataset) -> Caption:
    """Caption of the thresholds: how many runs of each contender came below the least threshold, matched or not."""
    results = []
    for label in labels_of(data):
        part = data.sel(contender=label).isel(level=-1)
        results.append(_reached(part, part["updates_to"].values, float(part["loss_at_level"]), label))
    is_matched = data["is_matched"].values.astype(bool).any()
    first = literal(labels_of(data)[0])
    return caption(data, results, say("thresholds-shown", first=first) if is_matched else say("thresholds-shown-equal"))


def gradient_by_lag_caption(data: xr.Dataset) -> Caption:
    """Caption of gradients against lag: what is left at the task's median lag before and after training."""
    drawn, lag = of_one_size(data), int(data.attrs["lag_steps"][1])
    return caption(
        data,
        [_lag_sentence(drawn.sel(contender=label), lag, label) for label in labels_of(drawn)],
        say("lag-shown", sequences=int(data.attrs["sequences"])),
    )


def _lag_sentence(part: xr.Dataset, lag: int, label: str) -> str:
    values = part["gradient_by_lag"].sel(distance=lag)
    if bool(values.isnull().all()):
        return say("lag-none", cell=literal(label))
    before = bands(values.isel(probe=0))[1]
    low, after, high = bands(values.isel(probe=-1))
    return say(
        "lag-left", cell=literal(label), recipe=recipe_words(part), lag=lag, before=amount(float(before)),
        after=amount(float(after)), low=amount(float(low)), high=amount(float(high)), of=part.sizes["seed"],
        updates=int(part.attrs["updates"]),
    )  # fmt: skip


def gates_caption(data: xr.Dataset) -> Caption:
    """The gate and the place that training moved most, of each cell."""
    drawn = gated(data)
    results = [_moved_sentence(drawn.sel(contender=label), label) for label in labels_of(drawn)]
    return caption(data, results, say("gates-shown", sequences=int(data.attrs["sequences"])))


def _moved_sentence(part: xr.Dataset, label: str) -> str:
    medians = part["openness"].median("seed")
    moved = abs(medians.sel(moment="after") - medians.sel(moment="before"))
    gate, place = (str(part[dim].values[k]) for dim, k in zip(moved.dims, _largest(moved), strict=True))
    one = part["openness"].sel(gate=gate, place=place)
    low, after, high = bands(one.sel(moment="after"))
    return say(
        "gate-moved", cell=literal(label), recipe=recipe_words(part), gate=gate, place=literal(place),
        before=number(float(bands(one.sel(moment="before"))[1])), after=number(float(after)), low=number(float(low)),
        high=number(float(high)), of=part.sizes["seed"],
    )  # fmt: skip


def _largest(values: xr.DataArray) -> tuple[int, ...]:
    found = np.where(np.isfinite(values.values), values.values, -1.0)
    return tuple(int(k) for k in np.unravel_index(int(found.argmax()), found.shape))


def gates_in_words_caption(data: xr.Dataset) -> Caption:
    """The gate that differs most between words, of each cell."""
    drawn = gated(data)
    results = [_words_sentence(drawn.sel(contender=label), label) for label in labels_of(drawn)]
    return caption(data, results, say("words-shown"))


def _words_sentence(part: xr.Dataset, label: str) -> str:
    after = part["openness"].sel(moment="after").median("seed").dropna("gate", how="all")
    spread = after.max("step") - after.min("step")
    of_gate = after.isel(gate=int(spread.values.argmax()))
    low, high = int(of_gate.values.argmin()), int(of_gate.values.argmax())
    return say(
        "words-differ", cell=literal(label), recipe=recipe_words(part), gate=str(of_gate["gate"].values),
        low=number(float(of_gate[low])), high=number(float(of_gate[high])),
        lowest=literal(str(part["word"].values[low])), highest=literal(str(part["word"].values[high])),
        of=part.sizes["seed"],
    )  # fmt: skip


def early_steps_caption(data: xr.Dataset) -> Caption:
    """Caption of early steps: how many parameters learnt from the first steps from the start, later, or never."""
    drawn = cut_ones(data)
    results = [s for label in labels_of(drawn) for s in _early_sentences(drawn.sel(contender=[label]), label)]
    reasons = [literal(str(reason)) for reason in np.ravel(data.attrs.get("not_cut", [])) if str(reason)]
    share = percent(float(data.attrs["share"]))
    return caption(data, [*results, *reasons], say("early-shown", parts=data.sizes["part"], share=share))


def _early_sentences(data: xr.Dataset, label: str) -> list[str]:
    part = data.sel(contender=label)
    names = own_parameters(data, label)
    began = {name: middle(part["began"].sel(parameter=name).values) for name in names}
    later = {name: at for name, at in began.items() if at > 0}
    found = [say(
        "early-began", cell=literal(label), recipe=recipe_words(part), all=len(names), of=part.sizes["seed"],
        already=sum(at == 0 for at in began.values()), later=len(later), never=sum(map(math.isnan, began.values())),
        updates=int(part.attrs["updates"]),
    )]  # fmt: skip
    if later:
        entries = [
            say("early-entry", parameters=", ".join(sorted(n for n in later if later[n] == at)), update=f"{at:.0f}")
            for at in sorted(set(later.values()))
        ]
        found.append(say("early-order", cell=literal(label), order="; ".join(entries)))
    return found


def middle(began: Array) -> float:
    """The probe by which half of the runs or more had begun; NaN where fewer ever did."""
    return float(np.sort(began)[(len(began) - 1) // 2])  # NaN last


__all__ = ["joined", "note", "number", "percent", "reached_sentences", "recipe_words", "titled"]
