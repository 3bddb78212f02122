"""Unknown shapes to known ones: sizes and ranks that are sought, and what makes two of them one."""

from __future__ import annotations

from dataclasses import dataclass


class MisfitError(ValueError):
    """Two shapes that a text makes one and that cannot be."""


@dataclass(eq=False)
class Axis:
    """An axis whose length is sought.

    Attributes
    ----------
    size : str
        The dimension or number that a declaration gives it; empty where none does.
    same : Axis, optional
        The axis that this one turned out to be.
    blocks : tuple of Axis
        What stands along it, one after the other, of a stacked one.
    """

    size: str = ""
    same: Axis | None = None
    blocks: tuple[Axis, ...] = ()


@dataclass(eq=False)
class Shape:
    """A shape that is sought: of unknown rank, or its axes.

    Attributes
    ----------
    axes : tuple of Axis, optional
    same : Shape, optional
        The shape that this one turned out to be.
    """

    axes: tuple[Axis, ...] | None = None
    same: Shape | None = None

    @property
    def root(self) -> Shape:
        """The shape that stands for all that this one turned out to be."""
        shape = self
        while shape.same is not None:
            shape = shape.same
        return shape

    @property
    def known(self) -> tuple[Axis, ...] | None:
        """The axes, as far as there are any."""
        return self.root.axes

    @property
    def rank(self) -> int | None:
        """Number of axes; None where that is not known yet."""
        return None if self.known is None else len(self.known)


def scalar() -> Shape:
    """The shape of a number."""
    return Shape(())


def vector() -> Shape:
    """The shape of a vector of unknown length."""
    return Shape((Axis(),))


def matrix() -> Shape:
    """The shape of a matrix of unknown sizes."""
    return Shape((Axis(), Axis()))


def blocks_of(axis: Axis) -> tuple[Axis, ...]:
    """Blocks along an axis: itself, or those of a stacked one."""
    while axis.same is not None:
        axis = axis.same
    return tuple(inner for block in axis.blocks for inner in blocks_of(block)) if axis.blocks else (axis,)


def sizes_of(axis: Axis) -> tuple[str, ...]:
    """Names of the dimensions along an axis; empty ones where nothing names them."""
    return tuple(block.size for block in blocks_of(axis))


def unify_axes(one: Axis, other: Axis) -> None:
    """Make two axes one.

    Raises
    ------
    MisfitError
        For two sizes that declarations tell apart, and for blocks that do not meet.
    """
    left, right = blocks_of(one), blocks_of(other)
    if len(left) > 1 and len(right) == 1:
        left, right = right, left
    if len(left) == len(right):
        for a, b in zip(left, right, strict=True):
            _unify_sizes(a, b)
        return
    if len(left) > 1 or left[0].size or left[0] in right:
        raise MisfitError(f"{_told(left)} and {_told(right)}")
    left[0].blocks = right


def _unify_sizes(a: Axis, b: Axis) -> None:
    if a is b:
        return
    if a.size and b.size and a.size != b.size:
        raise MisfitError(f"{a.size} and {b.size}")
    if a.size:
        b.same = a
    else:
        a.same = b


def _told(blocks: tuple[Axis, ...]) -> str:
    return "+".join(block.size or "?" for block in blocks)


def unify(one: Shape, other: Shape) -> bool:
    """Make two shapes one; returns whether that says anything new.

    Raises
    ------
    MisfitError
        For different ranks or sizes.
    """
    a, b = one.root, other.root
    if a is b:
        return False
    if a.axes is None:
        a.same = b
        return True
    if b.axes is None:
        b.same = a
        return True
    if len(a.axes) != len(b.axes):
        raise MisfitError(f"{len(a.axes)} axes and {len(b.axes)}")
    for left, right in zip(a.axes, b.axes, strict=True):
        unify_axes(left, right)
    b.same = a
    return True


def unify_spread(small: Shape, large: Shape) -> None:
    """Make two shapes one where axes of length 1 may stand for any.

    Raises
    ------
    MisfitError
        For different ranks or sizes.
    """
    left, right = small.known or (), large.known or ()
    if len(left) != len(right):
        raise MisfitError(f"{len(left)} axes and {len(right)}")
    for a, b in zip(left, right, strict=True):
        if ("1",) not in (sizes_of(a), sizes_of(b)):
            unify_axes(a, b)
