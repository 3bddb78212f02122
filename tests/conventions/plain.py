"""Cells of the library whose kernels run as plain Python: layouts are about numbers, and compiling takes seconds."""

import gatedsym as gs
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled


def plain_cell(name):
    """A cell of the library, not compiled."""
    cell = gs.cell(name)
    cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
    return cell
