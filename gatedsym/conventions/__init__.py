"""Conventions of other frameworks: parameters of a cell to and from the arrays that they keep them in."""

from gatedsym.conventions.convert import export_parameters, import_parameters
from gatedsym.conventions.table import Block, Framework, Layout, StackedArray, find_layout, frameworks, layouts

__all__ = [
    "Block",
    "Framework",
    "Layout",
    "StackedArray",
    "export_parameters",
    "find_layout",
    "frameworks",
    "import_parameters",
    "layouts",
]
