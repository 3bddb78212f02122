"""Conventions of other frameworks: parameters of a cell to and from the arrays that they keep them in."""

from typing import TYPE_CHECKING

from gatedsym.conventions.convert import export_parameters
from gatedsym.conventions.import_weights import import_parameters
from gatedsym.conventions.layers import Layer, find_layers
from gatedsym.conventions.save_weights import save_parameters
from gatedsym.conventions.table import Block, Framework, Layout, StackedArray, find_layout, frameworks, layouts
from gatedsym.conventions.weight_file import WeightFile, open_weights
from gatedsym.lazy import lazy_names

__all__ = [
    "Block",
    "Framework",
    "Layer",
    "Layout",
    "StackedArray",
    "WeightFile",
    "export_parameters",
    "find_layers",
    "find_layout",
    "frameworks",
    "import_parameters",
    "layouts",
    "open_weights",
    "save_parameters",
]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.conventions")
