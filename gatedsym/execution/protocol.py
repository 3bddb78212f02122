"""The protocol of a recurrent cell, as execution asks for one: what it is and the kernels that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gatedsym.execution.kernels import Kernels
    from gatedsym.execution.memo import Memo
    from gatedsym.ir.interface import Interface, Layout
    from gatedsym.ir.program import Recurrence
    from gatedsym.library.load import Derivation


class RecurrentCell(Protocol):
    """A cell as those see it who run its kernels; `gatedsym.cells.Cell` is one.

    Attributes
    ----------
    name : str
    source : str
        The text of its equations.
    constants : mapping of str
        Values of named constants of the text.
    record : Derivation or None
        What the library says of it; None for a person's own.
    recurrence : Recurrence
    kernels : Kernels
    interface : Interface
        What its generated module says of itself.
    states, inputs, outputs, parameters : tuple of str
        Names.
    """

    name: str
    source: str
    constants: dict[str, Any]
    record: Derivation | None

    @property
    def recurrence(self) -> Recurrence: ...

    @property
    def kernels(self) -> Kernels: ...

    @property
    def interface(self) -> Interface: ...

    @property
    def memo(self) -> Memo: ...

    @property
    def states(self) -> tuple[str, ...]: ...

    @property
    def inputs(self) -> tuple[str, ...]: ...

    @property
    def outputs(self) -> tuple[str, ...]: ...

    @property
    def parameters(self) -> tuple[str, ...]: ...

    def layout_of(self, name: str) -> Layout:
        """Name, axes and parts of what a person calls `name`."""
        ...

    def parameter_shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of a parameter for given sizes of all dimensions."""
        ...
