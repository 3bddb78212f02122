"""Scratch memory of kernels, and right operands of products packed in it.

An operand (K, N) is packed in panels as wide as a vector: what a tile reads at successive steps lies side by side.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from gatedsym.runtime.jit.compile import inlined, merged
from gatedsym.runtime.jit.linked import linked
from gatedsym.runtime.jit.processor import PIECE, VECTORS
from gatedsym.runtime.matmul.addresses import ahead, clear, move, move_part, set_number, turn
from gatedsym.runtime.memory import aligned
from gatedsym.runtime.threads.team import share

_BITS = VECTORS.bits


@merged
def lanes_of(itemsize: int) -> int:
    return max(1, _BITS // (8 * itemsize))


@linked("pnpnnnn")
def copy_panels(target: Any, width: int, source: Any, source_step: int, steps: int, columns: int, lanes: int) -> int:
    """Copy a block of `steps` rows of `columns` numbers into panels `width` numbers wide, one after another.

    `width` is a multiple of `lanes`. The last vector is filled up with zeros.
    """
    whole = columns // lanes * lanes
    next_panel = width * (steps - 1)
    for k in range(steps):
        row, given = ahead(target, k * width), ahead(source, k * source_step)
        column, end = 0, width
        while column < whole:
            move(row, ahead(given, column))
            row, column = ahead(row, lanes), column + lanes
            if column == end:
                row, end = ahead(row, next_panel), end + width
        if whole < columns:
            move_part(row, ahead(given, whole), columns - whole)
    return 0


@linked("3nn2t")
def _pack_block(panels: Any, count: int, steps: int, lanes: int, far: int, near: int, one: int, row: int, column: int,
           block: Any, rows: int, columns: int, row_step: int, column_step: int, team: int) -> int:  # fmt: skip
    """Copy what a member needs of a block into panels; 0 if the block reaches beyond them."""
    if row < 0 or column < 0 or row + rows > steps or column + columns > count * lanes:
        return 0
    begin, end = share(team, count)
    skipped = max(0, begin * lanes - column)
    columns = min(columns, end * lanes - column) - skipped
    column, source = column + skipped, ahead(block, skipped * column_step)
    target = ahead(panels, row * lanes)
    if column_step == 1:
        for k in range(rows):
            given, place, c = ahead(source, k * row_step), column, 0
            while c < columns:
                inside = place % lanes
                entry = ahead(target, (place - inside) * steps + k * lanes + inside)
                if inside == 0 and columns - c >= lanes:
                    move(entry, ahead(given, c))
                    c, place = c + lanes, place + lanes
                else:
                    set_number(entry, ahead(given, c))
                    c, place = c + 1, place + 1
        return 1
    c, turned = 0, rows // lanes * lanes if row_step == 1 else 0
    while c < columns:
        inside = (column + c) % lanes
        entry, given = ahead(target, (column + c - inside) * steps + inside), ahead(source, c * column_step)
        abreast, first = 1, 0
        if inside == 0 and columns - c >= lanes:
            for k in range(0, turned, lanes):
                turn(ahead(entry, k * lanes), ahead(given, k), column_step)
            abreast, first = lanes, turned
        for beside in range(abreast):
            for k in range(first, rows):
                set_number(ahead(entry, k * lanes + beside), ahead(given, beside * column_step + k * row_step))
        c += abreast
    return 1


@intrinsic  # type: ignore[untyped-decorator]
def allocate(typing: Any, scratch: Any, shape: Any) -> Any:
    """An array of this shape from the front of a kernel's scratch, not set, and what is left of the scratch.

    Raises
    ------
    ValueError
        If the scratch memory is too small.
    """
    array = types.Array(scratch.dtype, len(shape), "C")

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = context.make_array(scratch)(context, builder, arguments[0])
        integer, sides = ir.IntType(64), cgutils.unpack_tuple(builder, arguments[1])
        lengths = [context.cast(builder, v, t, types.intp) for v, t in zip(sides, shape.types, strict=True)]
        size = ir.Constant(integer, 1)
        for length in lengths:
            size = builder.mul(size, length)
        used = builder.and_(builder.add(size, ir.Constant(integer, PIECE - 1)), ir.Constant(integer, -PIECE))
        left = builder.sub(given.nitems, used)
        with builder.if_then(builder.icmp_signed("<", left, ir.Constant(integer, 0)), likely=False):
            context.call_conv.return_user_exc(builder, ValueError, ("the scratch memory is too small",))
        taken = _new_view(context, builder, array, given.data, lengths)
        rest = _new_view(context, builder, scratch, builder.gep(given.data, [used]), [left])
        return context.make_tuple(builder, signature.return_type, [taken, rest])

    return types.Tuple([array, scratch])(scratch, shape), codegen


def _new_view(context: Any, builder: Any, kind: Any, data: Any, lengths: list[Any]) -> Any:
    """Emit a C-contiguous array over memory that somebody else owns."""
    array = context.make_array(kind)(context, builder)
    size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [size]
    for length in reversed(lengths[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(array, data, lengths, strides, size, meminfo=None)
    return array._getvalue()


@inlined
def packed_panels(steps: int, columns: int, scratch: Any) -> Any:
    """Take a right operand of `multiply`, to be filled by `pack_block`, from the front of `scratch`.

    Parameters
    ----------
    steps, columns : int
        The operand's shape, (K, N).
    scratch : flat array
        At least `processor.panels_size` numbers.

    Returns
    -------
    array (ceil(N / W), K, W)
        As wide as a vector of W numbers. What is beyond column N is zero, the rest not set.
    array
        What is left of the scratch.

    Raises
    ------
    ValueError
        If the scratch memory is too small.
    """
    lanes = lanes_of(scratch.itemsize)
    taken, rest = allocate(scratch, ((columns + lanes - 1) // lanes, steps, lanes))
    if columns % lanes:
        clear(taken[len(taken) - 1 :])
    return taken, rest


@inlined
def pack_block(panels: Any, row: int, column: int, block: Any, team: Any = None) -> None:
    """Set the entries from (row, column) on of an operand that `packed_panels` made to those of a block.

    Parameters
    ----------
    panels : array
    row, column : int
    block : array (R, C)
    team : array, optional
        A member sets what lies in its own share of the panels.

    Raises
    ------
    ValueError
        If the block does not fit.
    """
    if _pack_block((panels, row, column, block, team)) == 0:
        raise ValueError("pack_block: the block reaches beyond the panels.")


@inlined
def pack_side_by_side(panels: Any, blocks: Any, team: Any = None) -> None:
    """As `pack_block`, for a tuple of blocks that make the columns of an operand, all of one type."""
    column = 0
    for block in blocks:
        pack_block(panels, 0, column, block, team)
        column += block.shape[1]


@inlined
def pack_stacked(panels: Any, blocks: Any, team: Any = None) -> None:
    """As `pack_block`, for a tuple of blocks that stand one under the other, all of one type."""
    row = 0
    for block in blocks:
        pack_block(panels, row, 0, block, team)
        row += block.shape[0]


def pack(b: Any) -> Any:
    """The panels of an array (K, N), for callers that are not compiled."""
    lanes = VECTORS.lanes(b.itemsize)
    count, steps = -(-b.shape[1] // lanes), b.shape[0]
    found = aligned(count * steps * lanes * b.itemsize).view(b.dtype).reshape((count, steps, lanes))
    found.fill(0)
    pack_block(found, 0, 0, b)
    return found
