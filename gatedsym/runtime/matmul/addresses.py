"""Numbers by their address: what arrays become where routines are compiled once for all kinds of them."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from gatedsym.runtime.matmul.tiles import TileBuilder


@intrinsic  # type: ignore[untyped-decorator]
def address(typing: Any, array: Any) -> Any:
    """The address of an array's first number, one type for any rank and layout: what follows is compiled once."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(array)(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), codegen


@intrinsic  # type: ignore[untyped-decorator]
def ahead(typing: Any, address: Any, numbers: Any) -> Any:
    """The address so many numbers further on."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return address(address, types.intp), codegen


@intrinsic  # type: ignore[untyped-decorator]
def integer_of(typing: Any, address: Any) -> Any:
    """An address as a number."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ptrtoint(arguments[0], ir.IntType(64))

    return types.intp(address), codegen


@intrinsic  # type: ignore[untyped-decorator]
def itemsize_of(typing: Any, address: Any) -> Any:
    """Bytes of a number."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(address.dtype)))

    return types.intp(address), codegen


@intrinsic  # type: ignore[untyped-decorator]
def set_number(typing: Any, target: Any, source: Any) -> Any:
    """Copy a number."""

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        builder.store(builder.load(arguments[1]), arguments[0])
        return context.get_dummy_value()

    return types.void(target, source), codegen


@intrinsic  # type: ignore[untyped-decorator]
def move(typing: Any, target: Any, source: Any) -> Any:
    """Copy a vector."""

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        tile = TileBuilder(builder, context.get_data_type(target.dtype), 1, 1)
        start = tile.constant(0)
        tile.store(tile.load(arguments[1], start, None), arguments[0], start, None)
        return context.get_dummy_value()

    return types.void(target, source), codegen


@intrinsic  # type: ignore[untyped-decorator]
def move_part(typing: Any, target: Any, source: Any, width: Any) -> Any:
    """Copy the first `width` numbers of a vector, with zeros after them."""

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        target_, source_, width_ = arguments
        tile = TileBuilder(builder, context.get_data_type(target.dtype), 1, 1)
        start = tile.constant(0)
        tile.store(tile.load(source_, start, tile.mask(width_)), target_, start, None)
        return context.get_dummy_value()

    return types.void(target, source, types.intp), codegen


@intrinsic  # type: ignore[untyped-decorator]
def turn(typing: Any, target: Any, source: Any, source_step: Any) -> Any:
    """Set as many vectors as a vector has numbers to the columns of as many rows, `source_step` apart."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target_, source_, step = arguments
        tile = TileBuilder(builder, context.get_data_type(target.dtype), 1, 1)
        rows = [tile.load(source_, builder.mul(tile.constant(r), step), None) for r in range(tile.lanes)]
        for number, column in enumerate(tile.turned(rows)):
            tile.store(column, target_, tile.constant(number * tile.lanes), None)
        return context.get_dummy_value()

    return types.void(target, source, types.intp), codegen


@intrinsic  # type: ignore[untyped-decorator]
def clear(typing: Any, array: Any) -> Any:
    """Set every entry of a contiguous array to zero."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = context.make_array(array)(context, builder, arguments[0])
        size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(array.dtype)))
        cgutils.memset(builder, given.data, builder.mul(given.nitems, size), 0)
        return context.get_dummy_value()

    return types.void(array), codegen
