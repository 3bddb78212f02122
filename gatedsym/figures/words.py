"""The words that figures share: how cells, initialisations, inputs and settings are called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.figures.caption import literal
from gatedsym.flow.matching import COUNTS
from gatedsym.messages import room

say = room("captions")

SCHEMES: Mapping[str, tuple[str, str]] = {
    # name: (for a panel, in mathtext), (for a caption, with symbols by name)
    "uniform": (r"$U(\pm 1/\sqrt{n})$", "<uniform>"),
    "xavier": ("Xavier", "Xavier"),
    "xavier-stacked": ("Xavier, stacked", "Xavier"),
    "orthogonal": ("orthogonal", "orthogonal"),
    "gaussian": (r"$N(0,1/n)$", "Gaussian"),
}


def scheme_label(scheme: str) -> str:
    """Name of an initialisation over a panel."""
    return SCHEMES.get(scheme, (scheme.replace("$", r"\$"), scheme))[0]


def scheme_words(scheme: str) -> str:
    """Name of an initialisation in a caption."""
    if say.has(f"scheme-{scheme}"):
        return say(f"scheme-{scheme}")
    return SCHEMES.get(scheme, (scheme, literal(scheme)))[1]


def scheme_name(scheme: str) -> str:
    """Name of an initialisation in a sentence: without what a caption adds in parentheses."""
    return scheme_words(scheme).split(" (")[0]


def cell_label(name: str) -> str:
    """RNN for rnn; names that hold an underscore or are long stay as they are."""
    return name.upper() if name.isalpha() and len(name) <= 4 else name


def retention_words(label: str) -> str:
    """A retention bias in a legend."""
    if label == "none":
        return say("retention-none")
    return label if label == "chrono" else say("retention-bias", bias=label)


def initialisation_words(attrs: Mapping[str, Any], schemes: Iterable[Any], more: str = "") -> str:
    """The start of the networks of a figure, as a sentence: initialisations of those that are drawn, and what is given.

    Parameters
    ----------
    attrs : mapping
        Of the dataset: ``cells``, and ``given``, those whose parameters are given.
    schemes : iterable of str
        Names of initialisations.
    more : str
        What else belongs to the initialisation, such as a gain; with the comma before it.
    """
    given = names_of(attrs, "given")
    drawn = [c for c in names_of(attrs, "cells") if c not in given]
    sentences = []
    if drawn or not given:
        names = listing([_scheme_told(attrs, str(s)) for s in schemes])
        cells = listing([cell_label(c) for c in drawn]) if given else ""
        said = say("initialisation", schemes=names, more=more)
        sentences.append(say("initialisation-of", cells=cells, schemes=names, more=more) if given else said)
    if given:
        by = [f" ({literal(words)})" if words else "" for words in _given_by(attrs)] or [""] * len(given)
        listed = listing([f"{cell_label(c)}{words}" for c, words in zip(given, by, strict=True)])
        sentences.append(say("initialisation-given", cells=listed))
    return " ".join(sentences)


def _scheme_told(attrs: Mapping[str, Any], scheme: str) -> str:
    """An initialisation in the note of a caption: of a person's own one the rules too."""
    own = names_of(attrs, "own_schemes")
    if scheme not in own:
        return scheme_words(scheme)
    rules, otherwise = (names_of(attrs, key)[own.index(scheme)] for key in ("own_rules", "own_otherwise"))
    return say("rules-of-scheme", name=literal(scheme), rules=literal(rules), otherwise=scheme_words(otherwise))


def gain_words(data: xr.Dataset) -> str:
    """The gain behind the initialisation of a figure that draws the first of its data; empty where all is at 1."""
    gains = np.atleast_1d(data["gain"].values)
    return say("more-gain", gain=f"{float(gains[0]):g}") if len(gains) > 1 or float(gains[0]) != 1 else ""


def drawn_attrs(data: xr.Dataset) -> dict[str, Any]:
    """Attributes of a dataset, those of cells and seeds cut to what it holds: it may be a selection."""
    attrs = dict(data.attrs)
    if "cell" in data.coords and "cells" in attrs:
        every, held = names_of(attrs, "cells"), {str(c) for c in np.ravel(data["cell"].values)}
        keep = [k for k, name in enumerate(every) if name in held]
        for key in ("cells", "compared_states", "main_inputs", "dimensions", "hidden_sizes", "matched_counts"):
            values = [str(v) for v in np.ravel(attrs.get(key, []))]
            if len(values) == len(every):
                attrs[key] = [values[k] for k in keep]
        given = names_of(attrs, "given")
        attrs["given"] = [name for name in given if name in held]
        if "given_by" in attrs:
            attrs["given_by"] = [words for name, words in zip(given, _given_by(attrs)) if name in held]
    if "seed" in data.sizes and "seeds" in attrs:
        attrs["seeds"] = data.sizes["seed"]
    return attrs


def _given_by(attrs: Mapping[str, Any]) -> list[str]:
    """Whose parameters those are that are given, in words, in the order of ``given``; none where no dataset says so."""
    return [str(words) for words in np.ravel(attrs.get("given_by", []))]


def is_given(attrs: Mapping[str, Any], cells: Iterable[Any]) -> bool:
    """Whether the parameters of all of some cells are given, so that no initialisation is theirs."""
    given = names_of(attrs, "given")
    return bool(given) and all(str(c) in given for c in cells)


def scheme_over(attrs: Mapping[str, Any], cells: Iterable[Any], scheme: str) -> str:
    """The words over a panel of some cells: the name of an initialisation, or that parameters are given."""
    return say("parameters-given") if is_given(attrs, cells) else scheme_label(scheme)


def names_of(attrs: Mapping[str, Any], key: str) -> list[str]:
    """A list of names among the attributes of a dataset, which a file may have made one name or nothing."""
    return [str(name) for name in np.ravel(attrs.get(key, [])) if str(name)]


def input_words(attrs: Mapping[str, Any]) -> str:
    """The input of the networks in words; a file's name in it is no markup."""
    laws = str(attrs.get("input_laws", ""))
    return literal(str(attrs["input_description"])) + (f" ({laws})" if laws else "")


def size_of_states(attrs: Mapping[str, Any]) -> str:
    """The hidden size, and the dimensions of the states of cells that have others."""
    cells, own = names_of(attrs, "cells"), [str(d) for d in np.ravel(attrs.get("dimensions", []))]
    others = [(c, d) for c, d in zip(cells, own) if d]
    if others and len(others) == len(cells):
        words = [f"{cell_label(c)}: {d}" for c, d in others]
        sizes = others[0][1] if len(cells) == 1 else "; ".join(words)
        return say("size-of-state", sizes=sizes, matched=matched_words(attrs))
    more = "".join(f"; {cell_label(c)}: {d}" for c, d in others)
    return say("size-hidden", n=str(attrs["n"]), others=more, matched=matched_words(attrs))


def own_sizes(attrs: Mapping[str, Any]) -> str:
    """The hidden sizes of cells that were matched to the first one, in parentheses behind that of the first; or ""."""
    sizes = [int(n) for n in np.ravel(attrs.get("hidden_sizes", []))]
    others = [(c, n) for c, n in zip(names_of(attrs, "cells"), sizes) if n != int(attrs["n"])]
    words = "; ".join(f"{cell_label(c)}: {n}" for c, n in others)
    return f" ({words}{matched_words(attrs)})" if words else ""


def matched_words(attrs: Mapping[str, Any], used: Mapping[str, int] | None = None) -> str:
    """The reason why cells have hidden sizes of their own, if they were matched, to stand behind the sizes.

    Parameters
    ----------
    attrs : mapping
        Of the dataset.
    used : mapping of str to int, optional
        Hidden sizes of cells, where an analysis makes some smaller than they were matched.
    """
    if "matched" not in attrs:
        return ""
    given = set(names_of(attrs, "given")) - {str(attrs["matched_to"])}
    matched = dict(zip(names_of(attrs, "cells"), map(int, np.ravel(attrs["hidden_sizes"]))))
    smaller = any(n != matched.get(cell, n) for cell, n in (used or {}).items())
    return say(
        "size-matched", counted=COUNTS[str(attrs["matched"])], cell=cell_label(str(attrs["matched_to"])),
        given="some" if given else "none", smaller="some" if smaller else "none",
    )  # fmt: skip


def used_sizes(data: xr.Dataset, sizes: Iterable[Any]) -> dict[str, int]:
    """The hidden sizes that an analysis used, by cell."""
    return {str(cell): int(n) for cell, n in zip(data["cell"].values, sizes)}


def stand_ins(attrs: Mapping[str, Any]) -> str:
    """The state that stands for h, the input that stands for x in cells without one of this name: a sentence, or ""."""
    cells, words = names_of(attrs, "cells"), []
    for letter, key in (("h", "compared_states"), ("x", "main_inputs")):
        found = [str(name) for name in np.ravel(attrs.get(key, []))]
        for cell, name in zip(cells, found):
            if name and name != letter:
                words.append(say("standing-in-for", name=name, cell=cell_label(cell), letter=letter))
    return f" {say('standing-in', listed=listing(words))}" if words else ""


def sizes_words(attrs: Mapping[str, Any]) -> str:
    """Sizes, input and loss of a dataset: the sentence that every caption carries."""
    size, seeds, sequences = size_of_states(attrs), seeds_words(attrs), sequences_words(attrs)
    read, loss, dtype = input_words(attrs), str(attrs["loss"]), str(attrs["dtype"])
    ends = np.ravel(attrs.get("lengths", []))
    if not len(ends):
        said = say("sizes", size=size, seeds=seeds, sequences=sequences, input=read, loss=loss, dtype=dtype)
        return sentences(said, stand_ins(attrs))
    said = say(
        "sizes-of-lengths", size=size, seeds=seeds, sequences=sequences, first=str(min(ends)), last=str(max(ends)),
        input=read, loss=loss, dtype=dtype,
    )  # fmt: skip
    return sentences(said, stand_ins(attrs))


def seeds_words(attrs: Mapping[str, Any]) -> str:
    """The number of networks of a dataset."""
    return say("seeds", count=int(attrs["seeds"]))


def sequences_words(attrs: Mapping[str, Any]) -> str:
    """The number of sequences of a dataset."""
    return say("sequences", count=int(attrs["batch"]))


def sentences(*said: str) -> str:
    """Sentences after each other, those that are there."""
    return " ".join(s.strip() for s in said if s.strip())


def steps_words(attrs: Mapping[str, Any]) -> str:
    """The steps of each sequence of a dataset over time: ``200 steps``, or the fewest and the most."""
    ends = np.ravel(attrs.get("lengths", []))
    if not len(ends):
        return say("steps-of-sequence", count=int(attrs["steps"]))
    return say("steps-of-lengths", first=str(min(ends)), last=str(max(ends)))


def warnings_of(attrs: Mapping[str, Any]) -> list[str]:
    """Warnings of a dataset: sentences for the warnings of a caption."""
    found = [str(attrs.get(name, "")) for name in ("input_warning", "declared_derivatives")]
    return [literal(warning) for warning in found if warning]


def amount(exponent: float) -> str:
    """A number given by its log10: 0.032, a power of ten, or what is said of one that is not finite."""
    if math.isnan(exponent):
        return say("not-finite")
    if math.isinf(exponent):
        return say("exactly-zero") if exponent < 0 else say("infinite")
    if 2 <= exponent < 3:
        return f"{10**exponent:.0f}"
    return f"{10**exponent:.2g}" if -3 < exponent < 2 else f"<10:{round(exponent, 1):g}>"


def percent(share: float) -> str:
    """A share: 70 %, less than 1 %."""
    if math.isnan(share):
        return say("not-finite")
    return say("share-tiny") if 0 < share < 0.01 else f"{100 * share:.3g} %".replace("-", "−")


def times(rate: float) -> str:
    """The factor of a step, given by its log10."""
    if math.isnan(rate):
        return say("no-factor")
    return say("factor-of-step", factor=f"{10**rate:.3f}" if 10**rate >= 0.01 else amount(rate))


def factor_words(rate: float) -> str:
    """A factor given by its log10, in three digits, or a power of ten."""
    return f"{10**rate:.3g}" if -3 < rate < 3 else amount(rate)


def setting_words(cell: str, retention: str) -> str:
    """LSTM with bias 1; LSTM with chrono biases; RNN."""
    if retention == "none":
        return cell_label(cell)
    if retention == "chrono":
        return say("setting-chrono", cell=cell_label(cell))
    return say("setting-bias", cell=cell_label(cell), bias=retention_words(retention))


def setting_label(cell: str, retention: str) -> str:
    """RNN; LSTM, bias 1: beside a row or over a panel."""
    if retention == "none":
        return cell_label(cell)
    return say("label-of-setting", cell=cell_label(cell), retention=retention_words(retention))


def retaining_words(labels: Iterable[str]) -> str:
    """The retention biases of a figure, as a sentence, or "" if none of its cells has one."""
    biases = [retention_words(label) for label in dict.fromkeys(labels) if label != "none"]
    return say("note-retaining", listed=listing(biases)) if biases else ""


def listing(words: list[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else say("listing", first=", ".join(words[:-1]), last=words[-1])


def in_rows(cells: Iterable[str]) -> str:
    """The cells of a figure that has a row for each: RNN and LSTM (rows); LSTM, where there is one."""
    labels = [cell_label(c) for c in cells]
    return say("in-rows", cells=listing(labels)) if len(labels) > 1 else listing(labels)


def plain_and_gated(data: xr.Dataset) -> tuple[list[str], list[str]]:
    """Cells that were run without a retention bias alone, and cells that were run with several settings of it."""
    cells = [str(c) for c in data["cell"].values]
    biased = [str(r) for r in data["retention"].values if str(r) != "none"]
    variable = data[next(iter(data.data_vars))]
    gated = [c for c in cells if biased and bool(variable.sel(cell=c, retention=biased).notnull().any())]
    return [c for c in cells if c not in gated], gated
