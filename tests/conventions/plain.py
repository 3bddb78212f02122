"""Cells of the library whose kernels run as plain Python: layouts are about numbers, and compiling takes seconds."""

from plain_kernels import as_python

import gatedsym as gs


def plain_cell(name):
    """A cell of the library, not compiled."""
    return as_python(gs.cell(name))
