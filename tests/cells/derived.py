"""The modules that are generated beside a cell's own when they are first used, run as plain Python."""

from __future__ import annotations

from gatedsym.cells import Cell
from gatedsym.execution import line_adjoints
from gatedsym.execution.kernels import Kernels
from gatedsym.execution.tangent_cells import TangentCell, tangent_cell
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled


def plain_tangent(cell: Cell, parameters: bool = True, inputs: bool = True) -> TangentCell:
    """The tangent cell that `cell` uses from now on, its kernels not compiled."""
    tangent = tangent_cell(cell, parameters, inputs)
    tangent.kernels = Kernels(uncompiled(tangent.kernels.module, NUMPY))
    return tangent


def plain_lines(cell: Cell) -> None:
    """Let `cell` compute the adjoints of its lines from now on by a kernel that is not compiled."""
    kernels = line_adjoints.kernels_of(cell)
    cell.memo.keep(line_adjoints.KERNEL, Kernels(uncompiled(kernels.module, NUMPY)))
