"""A compiled kernel, run on one part of its arrays after the other without coming back to Python in between.

From Python a call with a dozen arrays takes microseconds, and as many views some more: as long as a small kernel takes.
Here one compiled loop makes the views and calls the kernel by its address, so nothing of the kernel is compiled again.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from gatedsym.runtime.jit.compile import kernel
from gatedsym.runtime.matmul.addresses import address as address_in_memory
from gatedsym.runtime.matmul.addresses import integer_of
from gatedsym.runtime.threads.team import wait

AS_IT_IS, PER_STEP, PER_EPISODE, PER_GROUP, A_FEW = range(5)
"""The parts of an array that a piece takes; the first number of its row in `codes`. The others:

delay, base
    Blocks of the past in front, of an array with a row for each step; and the row of a step that it begins with. Of an
    array with rows for each group, how many they are, and nothing.
"""

STEPS, ROWS, FIRST, SKIPPED, GROUP, BEFORE, SEGMENT, SHARE, INPUTS, TABLE_WIDTH = range(10)
"""The columns of the table of pieces."""

_INTEGER = ir.IntType(64)


def _item(builder: Any, array: Any, context: Any, kind: Any, *place: Any) -> Any:
    """Emit the load of an integer of a contiguous array of two axes."""
    held = context.make_array(kind)(context, builder, array)
    row, column = place
    width = cgutils.unpack_tuple(builder, held.shape)[1]
    return builder.load(builder.gep(held.data, [builder.add(builder.mul(row, width), column)]))


def _constant(value: int) -> Any:
    return ir.Constant(_INTEGER, value)


def _part(context: Any, builder: Any, kind: Any, value: Any, view: tuple[Any, Any, Any]) -> Any:
    """Emit the part of an array from a row on, with its length, and that of its second axis; -1 for as it is."""
    first, length, second = view
    given = context.make_array(kind)(context, builder, value)
    if kind.ndim < 2:
        return value
    shape = cgutils.unpack_tuple(builder, given.shape)
    row = given.itemsize
    for side in shape[2:]:
        row = builder.mul(row, side)
    is_whole = builder.icmp_signed("<", length, _constant(0))
    is_turned = builder.icmp_signed(">=", second, _constant(0))
    across = builder.select(is_turned, second, shape[1])
    lead = builder.select(is_whole, shape[0], length)
    step = builder.mul(row, builder.select(is_turned, _constant(1), shape[1]))
    skipped = builder.select(is_whole, _constant(0), builder.mul(first, step))
    data = builder.ptrtoint(given.data, _INTEGER)
    found = context.make_array(kind)(context, builder, value)
    found.data = builder.inttoptr(builder.add(data, skipped), given.data.type)
    found.shape = cgutils.pack_array(builder, [lead, across, *shape[2:]])
    strides = cgutils.unpack_tuple(builder, given.strides)
    found.strides = cgutils.pack_array(builder, [builder.mul(row, across), row, *strides[2:]])
    found.nitems = builder.sdiv(builder.mul(lead, builder.mul(across, row)), given.itemsize)
    return found._getvalue()


@intrinsic  # type: ignore[untyped-decorator]
def _call(
    typing: Any,
    address: Any,
    piece: Any,
    b0: Any,
    b1: Any,
    table: Any,
    middle: Any,
    team: Any,
    sizes: Any,
    arrays: Any,
    views: Any,
    room: Any,
) -> Any:
    """Call a kernel, by its address, on a piece: a row of the table; the views of its arrays have been found."""
    kinds = [types.int64] * (3 + len(middle)) + [*team, *[types.int64] * len(sizes), *arrays, *room]

    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        where, number, low, high, facts, columns, members, sides, given, found, rest = values
        taken = [_item(builder, facts, context, table, number, _constant(STEPS)), low, high]
        taken += [_item(builder, facts, context, table, number, c) for c in cgutils.unpack_tuple(builder, columns)]
        taken += cgutils.unpack_tuple(builder, members)
        taken += cgutils.unpack_tuple(builder, sides)
        for place, (kind, value) in enumerate(zip(arrays, cgutils.unpack_tuple(builder, given), strict=True)):
            view = tuple(
                _item(builder, found, context, views, _constant(place), column) for column in map(_constant, range(3))
            )
            taken.append(_part(context, builder, kind, value, view))
        taken += cgutils.unpack_tuple(builder, rest)
        shape = context.call_conv.get_function_type(types.none, kinds)
        callee = builder.inttoptr(where, shape.as_pointer())
        status, _ = context.call_conv.call_function(builder, callee, types.none, kinds, taken)
        with cgutils.if_unlikely(builder, status.is_error):
            context.call_conv.return_status_propagate(builder, status)
        return context.get_dummy_value()

    return types.none(address, piece, b0, b1, table, middle, team, sizes, arrays, views, room), codegen


@kernel
def run_pieces(
    address: Any,
    member: Any,
    table: Any,
    order: Any,
    codes: Any,
    middle: Any,
    team: Any,
    sizes: Any,
    arrays: Any,
    views: Any,
    room: Any,
) -> None:
    """Run a kernel on some pieces, in order.

    Parameters
    ----------
    address : int
        Of the kernel that is compiled for these arrays.
    member : array
        Of a team: those of one take the same pieces, each some of their rows, and begin each together.
    table : array (pieces, `TABLE_WIDTH`) of int
    order : array of int
        Rows of the table.
    codes : array (arrays, 3) of int
    middle : tuple of int
        The columns of the table with what the kernel takes between its rows and its team.
    team : tuple
        The member, or nothing.
    sizes, arrays : tuple
        As the kernel takes them; arrays in full.
    views : array (arrays, 3) of int
        Is written to.
    room : tuple
        The scratch, or nothing.
    """
    size, part = member[0], member[1]
    for number in range(len(order)):
        piece = order[number]
        steps, rows, first = table[piece, STEPS], table[piece, ROWS], table[piece, FIRST]
        for place in range(len(codes)):
            code, delay = codes[place, 0], codes[place, 1]
            views[place, 0], views[place, 1], views[place, 2] = 0, -1, -1
            if code == PER_STEP:
                views[place, 0] = first + delay * table[piece, SKIPPED] - codes[place, 2]
                views[place, 1], views[place, 2] = steps + delay, rows
            elif code == PER_EPISODE:
                views[place, 0], views[place, 1] = table[piece, BEFORE], rows
            elif code == PER_GROUP:
                views[place, 0], views[place, 1] = table[piece, GROUP] * delay, delay
            elif code == A_FEW:
                views[place, 1], views[place, 2] = min(steps, table[piece, SEGMENT]), rows
        b0, b1 = 0, rows
        if size > 1:
            share = table[piece, SHARE]
            shares = (rows + share - 1) // share
            b0, b1 = min(rows, share * (shares * part // size)), min(rows, share * (shares * (part + 1) // size))
            member[2], member[3] = 0, rows
            wait(integer_of(address_in_memory(member)))
        _call(address, piece, b0, b1, table, middle, team, sizes, arrays, views, room)


def address_of(compiled: Any, arguments: tuple[Any, ...]) -> int:
    """The address of a kernel for arguments of these types; it is compiled if need be."""
    from numba import typeof

    kinds = tuple(typeof(argument) for argument in arguments)
    if kinds not in compiled.overloads:
        compiled.compile(kinds)
    found = compiled.overloads[kinds]
    return int(found.library.get_pointer_to_function(found.fndesc.llvm_func_name))
