"""Protocol of a network, as far as its gradient and its evaluation need it."""

from __future__ import annotations

from typing import Protocol

from gatedsym.cells import Cell
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.workspace import Workspace
from gatedsym.learning.feeding import Feeding, Form
from gatedsym.learning.flat import FlatLayout
from gatedsym.learning.head_call import HeadCall
from gatedsym.learning.readout import Readout
from gatedsym.typing import Array


class Trainable(Protocol):
    """A cell with a readout and one vector of parameters; `gatedsym.learning.network.Network` is one.

    Attributes
    ----------
    cell, head : Cell
        The recurrent part, and the readout with its loss.
    cell_params, head_params : Parameters
        Views of the vector.
    head_value : str
        What the readout calls its logits or predictions.
    form : Form
    feeding : Feeding
    readout : Readout
    layout : FlatLayout
    grad : array (P,)
    workspaces : (Workspace, Workspace)
        Of the cell and of the readout.
    head_call : HeadCall, optional
        The readout of the last shape.
    seed : int
    dtype : str
    """

    cell: Cell
    head: Cell
    cell_params: Parameters
    head_params: Parameters
    head_value: str
    form: Form
    feeding: Feeding
    readout: Readout
    layout: FlatLayout
    grad: Array
    workspaces: tuple[Workspace, Workspace]
    head_call: HeadCall | None
    seed: int
    dtype: str


__all__ = ["Trainable"]
