"""A cell and the parameters that a module of another framework has → a cell that starts from them, at its own size."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatedsym.flow.matching import SizedCell
from gatedsym.flow.trained import TrainedCell
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.kernels import Kernels


class GivenCell(TrainedCell):
    """A cell whose parameters an object in this process has, rather than a file.

    It runs the kernels of the cell whose equations it has, and has the hidden size of its parameters, whatever size an
    analysis gives the cells beside it.

    Parameters
    ----------
    cell : Cell
        The equations.
    params : mapping of str to array
        Its parameters, complete, of the shapes that `Cell.shapes` tells. They are copied: the object may be trained
        further.
    name : str
        Of the new cell.
    given_by : str
        Whose parameters they are, as a noun phrase for captions: ``LSTM(3, 4) of torch``.
    batch_first : bool
        Whether the object reads and gives (batch, time, feature).
    framework : str
        What the object comes from, ``torch``.
    kind : object
        The framework's own words for the numbers that the object computes with: type and device.
    sizes : mapping of str to int, optional
        Of dimensions; those that the shapes of parameters show need not be named.
    gives : str
        The state or output that is the object's output; "" where that is the state by which cells are compared.

    Attributes
    ----------
    origin : Cell
    given_by, batch_first, framework, kind, gives
        As given.

    Examples
    --------
    >>> import gatedsym as gs
    >>> net = gs.Network("gru", gs.tasks.adding(T=5), n=3)
    >>> cell = net.trained("mine", "a network before its training")
    >>> cell.hidden_size, cell.named("other").name, cell.variant("open", {"z": "0.5"}).states
    (3, 'other', ('h',))
    """

    def __init__(
        self,
        cell: Cell,
        params: Mapping[str, Array],
        name: str,
        *,
        given_by: str,
        batch_first: bool = False,
        framework: str = "",
        kind: Any = None,
        sizes: Mapping[str, int] | None = None,
        gives: str = "",
    ) -> None:
        self.__dict__.update(cell.__getstate__())
        self.origin, self.name = cell, name
        self.given_by, self.batch_first, self.framework, self.kind = given_by, batch_first, framework, kind
        self.gives = gives
        self._start_from(params, "", f"The parameters of {name} are those of {given_by}.", sizes)
        self.file_digest = self.parameters_digest

    def __getstate__(self) -> dict[str, Any]:
        """The parts that make the cell, and what is known of the object that its parameters come from."""
        own = ("origin", "given_by", "batch_first", "framework", "kind", "gives")
        return {**super().__getstate__(), **{name: self.__dict__[name] for name in own}}

    @cached_property
    def kernels(self) -> Kernels:
        """Those of the cell whose equations it has."""
        return self.origin.kernels

    @property
    def hidden_size(self) -> int | None:
        """n of the parameters, where the cell has it."""
        return self.given_sizes.get("n")

    @property
    def provenance(self) -> str:
        """Whose parameters these are, with the first digits of their SHA-256, for captions."""
        return f"{self.given_by}, SHA-256 {self.parameters_digest[:12]}"

    def variant(self, name: str, edits: Mapping[str, str], lines: str = "") -> Cell:
        """The edited cell with what is left of the parameters, at the same size.

        Parameters
        ----------
        name, edits, lines
            As `Cell.variant` takes them.

        Returns
        -------
        Cell
        """
        edited = super().variant(name, edits, lines)
        if isinstance(edited, TrainedCell):
            return self._with(edited, name, edited.params)
        return edited if self.hidden_size is None else SizedCell(edited, self.hidden_size)

    def named(self, name: str) -> GivenCell:
        """The same under another name, `name`."""
        return self._with(self.origin, name, self.params)

    def _with(self, cell: Cell, name: str, params: Mapping[str, Array]) -> GivenCell:
        """Another cell or name, with parameters of the same object."""
        known = {d.name for d in cell.interface.dimensions if not d.name.isdigit()}
        return GivenCell(
            cell, params, name, given_by=self.given_by, batch_first=self.batch_first, framework=self.framework,
            kind=self.kind, gives=self.gives, sizes={d: size for d, size in self.given_sizes.items() if d in known},
        )  # fmt: skip


__all__ = ["GivenCell"]
