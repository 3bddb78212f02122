"""Conventions of other frameworks: parameters of a cell to and from the arrays that they keep them in."""

from gatedsym.conventions.convert import export_parameters
from gatedsym.conventions.import_weights import import_parameters
from gatedsym.conventions.layers import Layer, find_layers
from gatedsym.conventions.save_weights import save_parameters
from gatedsym.conventions.table import Block, Framework, Layout, StackedArray, find_layout, frameworks, layouts
from gatedsym.conventions.weight_file import WeightFile, open_weights

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
