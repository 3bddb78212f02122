"""The words that figures share: how cells, initialisations, inputs and settings are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

SCHEMES: Mapping[str, tuple[str, str]] = {
    # name: (for a panel, in mathtext), (for a caption, with symbols by name)
    "uniform": (r"$U(\pm 1/\sqrt{n})$", "<uniform>"),
    "xavier": ("Xavier", "Xavier (uniform, each matrix by itself)"),
    "xavier-stacked": ("Xavier, stacked", "Xavier (uniform, on the stacked matrix)"),
    "orthogonal": ("orthogonal", "orthogonal"),
    "gaussian": (r"$N(0,1/n)$", "Gaussian"),
}


def scheme_label(scheme: str) -> str:
    """Name of an initialisation over a panel."""
    return SCHEMES.get(scheme, (scheme, scheme))[0]


def scheme_words(scheme: str) -> str:
    """Name of an initialisation in a caption."""
    return SCHEMES.get(scheme, (scheme, scheme))[1]


def cell_label(name: str) -> str:
    """RNN for rnn; names that hold an underscore or are long stay as they are."""
    return name.upper() if name.isalpha() and len(name) <= 4 else name


def retention_words(label: str) -> str:
    """A retention bias in a legend."""
    return {"none": "no gate", "chrono": "chrono"}.get(label, f"bias {label}")


def sizes_words(attrs: Mapping[str, Any]) -> str:
    """Sizes, input and loss of a dataset: the sentence that every caption carries."""
    plural = "s" if attrs["batch"] > 1 else ""
    return (
        f"Hidden size <n> = {attrs['n']}, {attrs['seeds']} seeds, {attrs['batch']} sequence{plural} for each; input: "
        f"{attrs['input_description']}; loss: {attrs['loss']}; zero initial state; {attrs['dtype']}."
        f"{attrs.get('given_parameters', '')}"
    )


def listing(words: list[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def plain_and_gated(data: xr.Dataset) -> tuple[list[str], list[str]]:
    """Cells that were run without a retention bias alone, and cells that were run with several settings of it."""
    cells = [str(c) for c in data["cell"].values]
    biased = [str(r) for r in data["retention"].values if str(r) != "none"]
    variable = data[next(iter(data.data_vars))]
    gated = [c for c in cells if biased and bool(variable.sel(cell=c, retention=biased).notnull().any())]
    return [c for c in cells if c not in gated], gated
