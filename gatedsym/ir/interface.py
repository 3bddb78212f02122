"""The contract of a generated module: one typed table on its cell and its kernels, read and checked once.

A module holds it as a literal, which `gatedsym.ir.interface_table` reads. The proof holds every entry of it against the
equations (`gatedsym.proofs.interface`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import product
from typing import Literal

from gatedsym.ir.domain import Domain

Dims = tuple[str, ...]
"""Names of dimensions; one of digits is its own size. In scratch memory also of a `CallSize`."""

Group = Literal["inputs", "states", "outputs", "parameters", "locals"]
GROUPS: tuple[Group, ...] = ("inputs", "states", "outputs", "parameters", "locals")


class Kind(StrEnum):
    """The meaning of a kernel's array."""

    PARAMETER = "parameter"
    INPUT = "input"
    STATE = "state"
    OUTPUT = "output"
    RESIDUAL = "residual"  # of the forward pass, for all other kernels
    LOCAL = "local"  # a value that an equation defines
    WORK = "work"  # of no use when the kernel is done, but for the adjoints that `gradients` takes
    ADJOINT = "adjoint"  # total, of a state or an input
    COTANGENT = "cotangent"  # given, of a result
    SUM = "sum"  # of what steps and sequences add to a gradient
    GRADIENT = "gradient"
    EXPONENTS = "exponents"
    SQUARES = "squares"
    TANGENT = "tangent"
    NEW_TANGENT = "new_tangent"
    JACOBIAN = "jacobian"


class Rows(StrEnum):
    """The axes of a kernel's array in front of those of its tensors; T steps, B rows of the batch, K directions."""

    NONE = "none"
    STEPS = "steps"  # (T, B)
    HISTORY = "history"  # (T + delay, B)
    BATCH = "batch"  # (B,)
    SHARES = "shares"  # one for each share of the batch
    DIRECTIONS = "directions"  # (B, K)
    HISTORY_DIRECTIONS = "history directions"  # (delay, B, K)


ROWS: Mapping[Kind, tuple[Rows, ...]] = {
    Kind.PARAMETER: (Rows.NONE,),
    Kind.INPUT: (Rows.HISTORY,),
    Kind.STATE: (Rows.HISTORY,),
    Kind.OUTPUT: (Rows.STEPS,),
    Kind.RESIDUAL: (Rows.STEPS,),
    Kind.LOCAL: (Rows.STEPS,),
    Kind.WORK: (Rows.STEPS, Rows.BATCH, Rows.DIRECTIONS),
    Kind.ADJOINT: (Rows.HISTORY,),
    Kind.COTANGENT: (Rows.STEPS, Rows.HISTORY),
    Kind.SUM: (Rows.SHARES, Rows.NONE),
    Kind.GRADIENT: (Rows.NONE,),
    Kind.EXPONENTS: (Rows.HISTORY, Rows.DIRECTIONS),
    Kind.SQUARES: (Rows.HISTORY,),
    Kind.TANGENT: (Rows.HISTORY_DIRECTIONS,),
    Kind.NEW_TANGENT: (Rows.DIRECTIONS,),
    Kind.JACOBIAN: (Rows.STEPS,),
}
"""How the arrays of each kind may lie; the first is meant where a table says nothing."""


class Number(StrEnum):
    """A number that a kernel takes before the sizes of dimensions."""

    STEPS = "steps"
    B0 = "b0"
    B1 = "b1"
    D0 = "d0"
    D1 = "d1"
    SEGMENT = "segment"
    SHARE = "share"
    INPUTS = "inputs"
    CHUNK = "chunk"
    CHUNKS = "chunks"
    TEAM = "team"


class Role(StrEnum):
    """The part that a gate has in a state: to keep it, or to write to it."""

    RETAIN = "retain"
    WRITE = "write"


class CallSize(StrEnum):
    """Sizes that a call has, in scratch memory."""

    ROWS = "#rows"
    DIRECTIONS = "#directions"
    SEGMENT = "#segment"


@dataclass(frozen=True)
class Dimension:
    """A dimension that a person may or may not choose.

    Attributes
    ----------
    name : str
    formula : str, optional
        Of other dimensions or a number: the size where the caller gives none.
    fixed : bool
        Whether the caller may choose no other.
    """

    name: str
    formula: str | None = None
    fixed: bool = False

    @property
    def is_free(self) -> bool:
        """Whether nobody but the caller says how large it is."""
        return self.formula is None and not self.name.isdigit()


@dataclass(frozen=True)
class Layout:
    """Arrangement of tensors of the Program in an array that the user sees.

    ``W in R^(n, n+m)`` is two tensors of the Program, ``W_1`` with dims (n, n) and ``W_2`` with dims (n, m). Where an
    axis is not a sum, there is one part, named like the whole.

    Attributes
    ----------
    name : str
    axes : tuple of tuple of str
        For each axis the dimensions whose sizes add up to its length.
    parts : tuple of str
        Tensor names in row-major order of the blocks.
    """

    name: str
    axes: tuple[Dims, ...]
    parts: tuple[str, ...]

    @property
    def is_divided(self) -> bool:
        """Whether it is several parts."""
        return len(self.parts) > 1

    @property
    def dims(self) -> frozenset[str]:
        """Every dimension that one of its axes has."""
        return frozenset(d for axis in self.axes for d in axis)

    @property
    def part_dims(self) -> dict[str, Dims]:
        """The dimensions of each part."""
        return dict(zip(self.parts, product(*self.axes), strict=True))


def complex_pairs(*groups: Iterable[Layout]) -> dict[str, tuple[str, str]]:
    """The complex arrays of a cell: ``z`` for ``z_re`` and ``z_im``, which stand in one group and are alike."""
    layouts = [{ly.name: ly for ly in group} for group in groups]
    names = {name for group in layouts for name in group}
    found = {}
    for group in layouts:
        for name, layout in group.items():
            whole, other = name.removesuffix("_re"), f"{name.removesuffix('_re')}_im"
            if whole not in names and other in group and group[other].axes == layout.axes:
                found[whole] = (name, other)
    return found


@dataclass(frozen=True)
class Gate:
    """A gate of a state.

    Attributes
    ----------
    state : str
    gate : str
        The value that lets through: ``f``, or ``one_minus_z``.
    bias : str
        The parameter that shifts the gate's pre-activation; "" if there is none.
    sign : int
        +1 if a larger bias opens the gate, -1 if it closes it.
    role : Role
    """

    state: str
    gate: str
    bias: str
    sign: int
    role: Role


@dataclass(frozen=True)
class Member:
    """A tensor that an array of a kernel holds, by its name in the Program."""

    name: str
    dims: Dims


@dataclass(frozen=True)
class Argument:
    """An array that a kernel takes.

    Attributes
    ----------
    name : str
        As in the kernel's signature.
    kind : Kind
    members : tuple of Member
        What it holds: one tensor, or several side by side. None of exponents and squares.
    rows : Rows
    columns : tuple of Member
        Of gradients of matrices: the tensors that meet `members`, which are the rows then.
    """

    name: str
    kind: Kind
    members: tuple[Member, ...]
    rows: Rows
    columns: tuple[Member, ...] = ()

    @property
    def tensor(self) -> str:
        """The name of what it holds, the first of several; "" of exponents and squares."""
        return self.members[0].name if self.members else ""

    @property
    def tensors(self) -> tuple[str, ...]:
        """The names of what it holds side by side."""
        return tuple(member.name for member in self.members)

    @property
    def is_flat(self) -> bool:
        """Whether its last axis has the entries of its members one behind the other."""
        return self.kind in (Kind.RESIDUAL, Kind.WORK)


Terms = tuple[Dims, ...]
"""A sum of products of sizes."""


@dataclass(frozen=True)
class ScratchArray:
    """A piece of scratch memory: an array with so many numbers."""

    size: Terms


@dataclass(frozen=True)
class PackedOperand:
    """A piece of scratch memory: the packed matrices of a product."""

    rows: Terms
    columns: Terms


@dataclass(frozen=True)
class OuterBlocks:
    """A piece of scratch memory: what `outer_add` needs."""


ScratchPiece = ScratchArray | PackedOperand | OuterBlocks


@dataclass(frozen=True)
class Scratch:
    """The memory that a kernel needs for itself, its last argument."""

    name: str
    pieces: tuple[ScratchPiece, ...]


@dataclass(frozen=True)
class KernelSignature:
    """The arguments of a kernel, in order: numbers, sizes of dimensions, arrays, scratch memory."""

    numbers: tuple[Number, ...]
    sizes: tuple[str, ...]
    arrays: tuple[Argument, ...]
    scratch: Scratch | None = None

    def of_kind(self, *kinds: Kind) -> Iterator[Argument]:
        """Its arrays of some kinds, in order."""
        return (a for a in self.arrays if a.kind in kinds)


@dataclass(frozen=True)
class GradientBlock:
    """The place where ``gradients`` leaves the gradient of one parameter: a row and a column of an array meet there."""

    tensor: str
    array: str
    row: str
    column: str


@dataclass(frozen=True)
class Interface:
    """All that a generated module says.

    Attributes
    ----------
    cell : str
    equations : str
        The hash of the text that it was made from.
    dimensions : tuple of Dimension
    inputs, states, outputs, parameters, locals : tuple of Layout
    delays : mapping of str to int
        Rows of the past in front of each state and input.
    biases : tuple of str
        Parameters that are added and multiply nothing.
    gates : tuple of Gate
    kernels : mapping of str to KernelSignature
    gradients : tuple of GradientBlock
    domains : mapping of str to Domain
        The numbers that the entries of an input may be, of inputs whose declaration says it.
    fan_in : mapping of str to tuple of tuple of int
        The sets of axes that a weight is summed over, of weights for which that is not the last axis alone, or one of
        the same size.
    """

    cell: str
    equations: str
    dimensions: tuple[Dimension, ...]
    inputs: tuple[Layout, ...]
    states: tuple[Layout, ...]
    outputs: tuple[Layout, ...]
    parameters: tuple[Layout, ...]
    locals: tuple[Layout, ...]
    delays: Mapping[str, int]
    biases: tuple[str, ...]
    gates: tuple[Gate, ...]
    kernels: Mapping[str, KernelSignature]
    gradients: tuple[GradientBlock, ...]
    domains: Mapping[str, Domain] = field(default_factory=dict)
    fan_in: Mapping[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)

    def layouts(self, *groups: Group) -> tuple[Layout, ...]:
        """The layouts of some groups, all of them if none is named."""
        found: list[Layout] = []
        for group in groups or GROUPS:
            found += getattr(self, group)
        return tuple(found)

    @cached_property
    def part_domains(self) -> dict[str, Domain]:
        """The domain of every part of an input that has one."""
        return {p: self.domains[ly.name] for ly in self.inputs if ly.name in self.domains for p in ly.parts}

    @cached_property
    def pairs(self) -> dict[str, tuple[str, str]]:
        """Complex arrays, each with the names of its real and its imaginary part."""
        return complex_pairs(*(self.layouts(group) for group in GROUPS))

    @cached_property
    def part_dims(self) -> dict[str, Dims]:
        """The dimensions of every part of every layout."""
        return {part: dims for layout in self.layouts() for part, dims in layout.part_dims.items()}
