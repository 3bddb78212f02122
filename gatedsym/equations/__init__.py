"""Equations: the text of a cell, as papers print it, to a Recurrence."""

from gatedsym.equations.declare import declare
from gatedsym.equations.edit import constants_left, edit_equations
from gatedsym.equations.expression import complex_arrays, read_expression
from gatedsym.equations.read import read_equations
from gatedsym.equations.template import template, without_instructions

__all__ = [
    "complex_arrays",
    "constants_left",
    "declare",
    "edit_equations",
    "read_equations",
    "read_expression",
    "template",
    "without_instructions",
]
