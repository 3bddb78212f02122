"""Parameters of a cell by the paper's names ↔ few tensors, one for each family: W for W_i, W_f, W_g and W_o.

Optimisers and parameter groups meet as few tensors as there can be; kernels and people see the paper's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.torch.arrays import array_of, tensor_of
from gatedsym.typing import Array


@dataclass(frozen=True)
class Family:
    """Parameters that lie in one tensor.

    Attributes
    ----------
    name : str
        Of the tensor: the stem that its members share, or the name of the only one.
    members : tuple of str
        The paper's names, in the order in which they are stacked.
    shape : tuple of int
        Of each member.
    """

    name: str
    members: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def stacked_shape(self) -> tuple[int, ...]:
        """The shape of the tensor: a member's, or with an axis in front that counts the members."""
        return self.shape if len(self.members) == 1 else (len(self.members), *self.shape)

    def split(self, tensor: torch.Tensor) -> dict[str, torch.Tensor]:
        """The members, views of the tensor."""
        parts = (tensor,) if len(self.members) == 1 else tensor.unbind(0)
        return dict(zip(self.members, parts, strict=True))

    def split_array(self, array: Array) -> Iterable[tuple[str, Array]]:
        """The members, views of an array that lies like the tensor."""
        return zip(self.members, (array,) if len(self.members) == 1 else array, strict=True)

    def stack_arrays(self, parts: Mapping[str, Array]) -> Array:
        """An array of the family, from its members."""
        found = [parts[name] for name in self.members]
        return np.array(found[0]) if len(found) == 1 else np.stack(found)

    def stack(self, parts: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """A tensor of the family, from its members."""
        found = [parts[name] for name in self.members]
        return found[0] if len(found) == 1 else torch.stack(found)


def families_of(cell: RecurrentCell, sizes: Mapping[str, int]) -> tuple[Family, ...]:
    """The families of a cell's parameters: of one stem and one shape, in the order of the paper's names.

    Parameters
    ----------
    cell : Cell
    sizes : mapping of str to int
        Of all its dimensions.
    """
    groups: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for layout in cell.interface.parameters:
        shape = axes_shape(layout.axes, sizes)
        groups.setdefault((layout.name.rpartition("_")[0] or layout.name, shape), []).append(layout.name)
    stems = [stem for (stem, _), members in groups.items() if len(members) > 1]
    alone = {members[0] for members in groups.values() if len(members) == 1}
    found = []
    for (stem, shape), members in groups.items():
        clear = len(members) > 1 and stems.count(stem) == 1 and stem not in alone
        name = stem if clear else "_".join((members[0], *(m.rpartition("_")[2] for m in members[1:])))
        found.append(Family(name, tuple(members), shape))
    return tuple(found)


def as_parameters(families: Sequence[Family], tensors: Sequence[torch.Tensor], sizes: Mapping[str, int]) -> Parameters:
    """The parameters by the paper's names, as `Cell.forward` takes them: they share the tensors' memory."""
    pairs = zip(families, tensors, strict=True)
    return Parameters({n: a for family, tensor in pairs for n, a in family.split_array(array_of(tensor))}, sizes)


def as_tensors(families: Sequence[Family], parameters: Mapping[str, Array]) -> list[torch.Tensor]:
    """A tensor for each family, from parameters by the paper's names."""
    return [tensor_of(family.stack_arrays(parameters)) for family in families]
