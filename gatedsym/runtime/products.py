"""Small dense products: register tiles of fused multiply-adds over operands that are packed once.

Every entry of a result is one chain ``acc = a * b + acc``, fused where the processor can, that starts at the value the
entry had and runs through the summed index upwards. That holds in every shape of tile and for every vector width, so a
row's result does not depend on how many rows were multiplied with it, and results are bitwise the same for any division
of the batch.

A tile is `rows` x `vectors` vector registers. The tiers below are tried from the tallest on: what is left of the rows
goes to the next. The lower a tile, the more vectors it has abreast: a multiply-add takes about four cycles, so some
eight chains must be under way to keep the units busy, even for a single row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from gatedsym.memory import aligned
from gatedsym.runtime.compile import inlined, merged, routine
from gatedsym.runtime.linked import linked
from gatedsym.runtime.processor import PATHS, PIECE, VECTORS
from gatedsym.runtime.team import rows, share, wait

_BITS = VECTORS.bits
_TIERS = ((8, 2), (4, 4), (2, 8), (1, 8)) if VECTORS.registers >= 32 else ((4, 2), (2, 4), (1, 8))
_ROWS = 96  # that take a panel before the next panel comes: what they add to stays in the second cache
_NEAR = 3 << 18  # bytes of panels that the second cache holds beside the rest, about
_ABREAST = 8  # vectors of a piece of the columns: a multiple of what tiles are wide
_DEPTH = 192  # steps of the panels of a tall tile that lie in the first cache together
_HALVED = 4  # chains: a tile of so few is worth its code
_LINE = 64  # bytes of a cache line
# outer_add copies blocks of its operands: b in panels, a in strips, so that all a tile reads lies
# side by side, and in the first or second cache.
_STEPS = 255  # of the summed index
_PANELS = 32
_LEFT_ROWS = 128
OUTER_SIZE = _STEPS * (_LEFT_ROWS + _PANELS * max(path.lanes(4) for path in PATHS.values()))
"""Numbers that `outer_add` needs for its blocks, in any type."""


class _TileBuilder:
    """Emits the LLVM of one register tile: load the result's tile, run through the steps, store it."""

    def __init__(self, builder: Any, scalar: Any, rows: int, vectors: int) -> None:
        bits = 64 if isinstance(scalar, ir.DoubleType) else 32
        self.builder, self.scalar, self.bits = builder, scalar, bits
        self.rows, self.vectors = rows, vectors
        self.lanes = VECTORS.lanes(bits // 8)
        self.vector = ir.VectorType(scalar, self.lanes)
        self.cells = [(r, v) for r in range(rows) for v in range(vectors)]

    def constant(self, value: int) -> Any:
        return ir.Constant(ir.IntType(64), value)

    def intrinsic(self, name: str, result: Any, arguments: list[Any]) -> Any:
        function_type = ir.FunctionType(result, [a.type for a in arguments])
        function = cgutils.get_or_insert_function(self.builder.module, function_type, name)
        return self.builder.call(function, arguments)

    def mask(self, width: Any) -> Any:
        """True in the first `width` lanes."""
        i64 = ir.IntType(64)
        numbers = ir.Constant(ir.VectorType(i64, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", numbers, self.splat(width))

    def splat(self, value: Any) -> Any:
        """A vector with `value` in every lane."""
        undefined = ir.Constant(ir.VectorType(value.type, self.lanes), ir.Undefined)
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        first = self.builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
        return self.builder.shuffle_vector(first, undefined, zeros)

    def _address(self, pointer: Any, offset: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(pointer, [offset]), self.vector.as_pointer())

    @property
    def _suffix(self) -> str:
        return f"v{self.lanes}f{self.bits}"

    def load(self, pointer: Any, offset: Any, mask: Any) -> Any:
        address = self._address(pointer, offset)
        if mask is None:
            value = self.builder.load(address)
            value.align = self.bits // 8
            return value
        align, zero = ir.Constant(ir.IntType(32), self.bits // 8), ir.Constant(self.vector, [0.0] * self.lanes)
        return self.intrinsic(f"llvm.masked.load.{self._suffix}.p0", self.vector, [address, align, mask, zero])

    def store(self, value: Any, pointer: Any, offset: Any, mask: Any) -> None:
        address = self._address(pointer, offset)
        if mask is None:
            self.builder.store(value, address).align = self.bits // 8
            return
        align = ir.Constant(ir.IntType(32), self.bits // 8)
        self.intrinsic(f"llvm.masked.store.{self._suffix}.p0", ir.VoidType(), [value, address, align, mask])

    def turned(self, rows: list[Any]) -> list[Any]:
        """The columns of a square of vectors: whoever shuffles both halves into each other often enough transposes."""
        half = self.lanes // 2
        for _ in range(self.lanes.bit_length() - 1):
            pairs = [(rows[r], rows[r + half]) for r in range(half)]
            rows = [self._interleaved(*pair, begin) for pair in pairs for begin in (0, half)]
        return rows

    def _interleaved(self, a: Any, b: Any, begin: int) -> Any:
        """Numbers of two vectors in turn, half a vector of each."""
        places = [begin + n // 2 + (self.lanes if n % 2 else 0) for n in range(self.lanes)]
        return self.builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), places))

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        return self.intrinsic(f"llvm.fmuladd.{self._suffix}", self.vector, [a, b, c])

    def _places(self, row_step: Any) -> dict[tuple[int, int], Any]:
        builder = self.builder
        return {
            (r, v): builder.add(builder.mul(self.constant(r), row_step), self.constant(v * self.lanes))
            for r, v in self.cells
        }

    def emit(self, out: Any, out_row: Any, start: Any, start_row: Any, a: Any, a_row: Any, a_step: Any, b: Any,
             high: Any, steps: Any, mask: Any) -> None:  # fmt: skip
        """The whole tile over `steps`, at least 1, of panels that are `high`; chains begin with what is at `start`."""
        builder = self.builder
        given = self._places(start_row)
        first = {cell: self.load(start, given[cell], mask) for cell in self.cells}
        a_rows = [builder.gep(a, [builder.mul(self.constant(r), a_row)]) for r in range(self.rows)]
        b_panel = builder.mul(high, self.constant(self.lanes))
        panels = [builder.gep(b, [builder.mul(self.constant(v), b_panel)]) for v in range(self.vectors)]

        before, loop, after = builder.basic_block, builder.append_basic_block(), builder.append_basic_block()
        builder.branch(loop)
        builder.position_at_end(loop)
        step = builder.phi(ir.IntType(64))
        step.add_incoming(self.constant(0), before)
        sums = {cell: builder.phi(self.vector) for cell in self.cells}
        offset_a, offset_b = builder.mul(step, a_step), builder.mul(step, self.constant(self.lanes))
        right = [self.load(panel, offset_b, None) for panel in panels]
        left = [self.splat(builder.load(builder.gep(row, [offset_a]))) for row in a_rows]
        new = {(r, v): self.multiply_add(left[r], right[v], sums[r, v]) for r, v in self.cells}
        following = builder.add(step, self.constant(1))
        step.add_incoming(following, loop)
        for cell in self.cells:
            sums[cell].add_incoming(first[cell], before)
            sums[cell].add_incoming(new[cell], loop)
        builder.cbranch(builder.icmp_signed("<", following, steps), loop, after)

        builder.position_at_end(after)
        places = self._places(out_row)
        for cell in self.cells:
            self.store(new[cell], out, places[cell], mask)


@intrinsic  # type: ignore[untyped-decorator]
def address(typing: Any, array: Any) -> Any:
    """Where an array's first number lies. One type for arrays of any rank and layout: what follows is compiled once."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(array)(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), codegen


@intrinsic  # type: ignore[untyped-decorator]
def _ahead(typing: Any, address: Any, numbers: Any) -> Any:
    """The address so many numbers further on."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return address(address, types.intp), codegen


class _SweepBuilder:
    """Emits the loops over the tiles of a product.

    Loops in LLVM, and not in Python for Numba to compile: that takes a tenth of the time.
    """

    def __init__(self, builder: Any, scalar: Any, arguments: Any) -> None:
        self.builder, self.scalar = builder, scalar
        self.out, self.strips, self.height, self.columns, self.out_row, self.out_strip = arguments[:6]
        self.start, self.start_row, self.start_strip = arguments[6:9]
        self.a, self.a_row, self.a_step, self.a_strip, self.panels, self.steps = arguments[9:]

    def emit(self) -> None:
        """All tiers, each with the rows of every strip that the taller ones left."""
        builder, i64 = self.builder, ir.IntType(64)
        begin = ir.Constant(i64, 0)
        for high, vectors in _TIERS:
            end = builder.and_(self.height, ir.Constant(i64, -high))
            with builder.if_then(builder.icmp_signed("<", begin, end)):
                self._tier(high, vectors, begin, end)
            begin = end

    def _tier(self, rows: int, vectors: int, begin: Any, end: Any) -> None:
        column = cgutils.alloca_once_value(self.builder, ir.Constant(ir.IntType(64), 0))
        self._band(rows, vectors, begin, end, column)
        # A low tile that is narrow, too, has few chains under way: its columns are halved before they are taken singly.
        if rows * vectors // 2 <= _HALVED:
            self._band(rows, vectors // 2, begin, end, column)
        self._band(rows, 1, begin, end, column)

    def _band(self, rows: int, vectors: int, begin: Any, end: Any, column: Any) -> None:
        """Tiles of one shape, from `column` on, while the columns fill them; single vectors take what is left.

        All rows take a piece of a panel before the next piece comes: it is read from the first cache.
        """
        builder, i64 = self.builder, ir.IntType(64)
        tile = _TileBuilder(builder, self.scalar, rows, vectors)
        width = ir.Constant(i64, vectors * tile.lanes)
        needed = width if vectors > 1 else ir.Constant(i64, 1)
        with _while(
            builder, lambda: builder.icmp_signed("<=", builder.add(builder.load(column), needed), self.columns)
        ):
            here = builder.load(column)
            mask = tile.mask(builder.sub(self.columns, here)) if vectors == 1 else None
            if rows == _TIERS[0][0]:
                with _counting(builder, ir.Constant(i64, 0), self.steps, _DEPTH) as step:
                    self._rows(tile, begin, end, here, step, mask)
            else:  # there is one tile: nothing is read twice
                self._rows(tile, begin, end, here, None, mask)
            builder.store(builder.add(here, width), column)

    def _rows(self, tile: _TileBuilder, begin: Any, end: Any, column: Any, step: Any, mask: Any) -> None:
        """All rows times a piece of some panels, `_DEPTH` steps from `step` on; or times all of it."""
        builder, i64 = self.builder, ir.IntType(64)
        right = builder.gep(self.panels, [builder.mul(column, self.steps)])
        given, given_row, given_strip, a = self.start, self.start_row, self.start_strip, self.a
        count = self.steps
        if step is not None:
            right = builder.gep(right, [builder.mul(step, ir.Constant(i64, tile.lanes))])
            a = builder.gep(a, [builder.mul(step, self.a_step)])
            rest = builder.sub(self.steps, step)
            whole = ir.Constant(i64, _DEPTH)
            count = builder.select(builder.icmp_signed("<", rest, whole), rest, whole)
            # The chains of the first piece begin where they are told to, those of the next with what the first left.
            first = builder.icmp_signed("==", step, ir.Constant(i64, 0))
            given = builder.select(first, given, self.out)
            given_row = builder.select(first, given_row, self.out_row)
            given_strip = builder.select(first, given_strip, self.out_strip)
        with _counting(builder, ir.Constant(i64, 0), self.strips, 1) as strip:
            above = builder.gep(self.out, [builder.add(builder.mul(strip, self.out_strip), column)])
            start = builder.gep(given, [builder.add(builder.mul(strip, given_strip), column)])
            beside = builder.gep(a, [builder.mul(strip, self.a_strip)])
            with _counting(builder, begin, end, tile.rows) as row:
                out = builder.gep(above, [builder.mul(row, self.out_row)])
                begins = builder.gep(start, [builder.mul(row, given_row)])
                left = builder.gep(beside, [builder.mul(row, self.a_row)])
                tile.emit(out, self.out_row, begins, given_row, left, self.a_row, self.a_step, right, self.steps,
                          count, mask)  # fmt: skip


@contextmanager
def _while(builder: Any, condition: Callable[[], Any]) -> Iterator[None]:
    """The body is emitted as a loop that runs while what `condition` emits is true."""
    test, body, after = (builder.append_basic_block(name) for name in ("while", "body", "after"))
    builder.branch(test)
    builder.position_at_end(test)
    builder.cbranch(condition(), body, after)
    builder.position_at_end(body)
    yield
    builder.branch(test)
    builder.position_at_end(after)


@contextmanager
def _counting(builder: Any, begin: Any, end: Any, by: int) -> Iterator[Any]:
    """The body is emitted as a loop over a number that runs from `begin` to below `end`."""
    number = cgutils.alloca_once(builder, ir.IntType(64))
    builder.store(begin, number)
    with _while(builder, lambda: builder.icmp_signed("<", builder.load(number), end)):
        here = builder.load(number)
        yield here
        builder.store(builder.add(here, ir.Constant(ir.IntType(64), by)), number)


@intrinsic  # type: ignore[untyped-decorator]
def _tiles(typing: Any, out: Any, strips: Any, height: Any, columns: Any, out_row: Any, out_strip: Any, start: Any,
           start_row: Any, start_strip: Any, a: Any, a_row: Any, a_step: Any, a_strip: Any, panels: Any,
           steps: Any) -> Any:  # fmt: skip
    """Set `out` to a product added to what is at `start`, as `_sweep` says."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _SweepBuilder(builder, context.get_data_type(out.dtype), arguments).emit()
        return context.get_dummy_value()

    n = types.intp
    return types.void(out, n, n, n, n, n, start, n, n, a, n, n, n, panels, n), codegen


@intrinsic  # type: ignore[untyped-decorator]
def _set(typing: Any, target: Any, source: Any) -> Any:
    """Copy a number."""

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        builder.store(builder.load(arguments[1]), arguments[0])
        return context.get_dummy_value()

    return types.void(target, source), codegen


@inlined
def _copy_row(out: Any, row: Any, columns: int) -> None:
    for column in range(columns):
        _set(_ahead(out, column), _ahead(row, column))


@linked("pnnnnnpnnpnnnpn")
def _sweep(out: Any, strips: int, height: int, columns: int, out_row: int, out_strip: int, start: Any,
           start_row: int, start_strip: int, a: Any, a_row: int, a_step: int, a_strip: int, panels: Any,
           steps: int) -> int:  # fmt: skip
    """Set rows of `columns` numbers to those at `start` plus the product of as many rows of a with panels.

    Rows of a are `steps` long. Rows come in `strips` strips of `height` rows; all distances (of rows,
    steps, strips) count numbers. `start` may be `out`; a row of distance 0 is the start of every row.
    """
    if steps == 0:
        for strip in range(strips):
            for row in range(height):
                _copy_row(_ahead(out, strip * out_strip + row * out_row),
                          _ahead(start, strip * start_strip + row * start_row), columns)  # fmt: skip
        return 0
    _tiles(out, strips, height, columns, out_row, out_strip, start, start_row, start_strip, a, a_row, a_step, a_strip,
           panels, steps)  # fmt: skip
    return 0


@merged
def _lanes(itemsize: int) -> int:
    return max(1, _BITS // (8 * itemsize))


@intrinsic  # type: ignore[untyped-decorator]
def _itemsize(typing: Any, address: Any) -> Any:
    """Bytes of a number."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(address.dtype)))

    return types.intp(address), codegen


@intrinsic  # type: ignore[untyped-decorator]
def _move(typing: Any, target: Any, source: Any) -> Any:
    """Copy a vector."""

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        tile = _TileBuilder(builder, context.get_data_type(target.dtype), 1, 1)
        start = tile.constant(0)
        tile.store(tile.load(arguments[1], start, None), arguments[0], start, None)
        return context.get_dummy_value()

    return types.void(target, source), codegen


@intrinsic  # type: ignore[untyped-decorator]
def _move_part(typing: Any, target: Any, source: Any, width: Any) -> Any:
    """Copy the first `width` numbers of a vector, with zeros after them."""

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        target_, source_, width_ = arguments
        tile = _TileBuilder(builder, context.get_data_type(target.dtype), 1, 1)
        start = tile.constant(0)
        tile.store(tile.load(source_, start, tile.mask(width_)), target_, start, None)
        return context.get_dummy_value()

    return types.void(target, source, types.intp), codegen


@linked("pnpnnnn")
def _copy_panels(target: Any, width: int, source: Any, source_step: int, steps: int, columns: int, lanes: int) -> int:
    """Copy a block of `steps` rows of `columns` numbers into panels `width` numbers wide, one after another.

    `width` is a multiple of `lanes`. The last vector is filled up with zeros.
    """
    whole = columns // lanes * lanes
    next_panel = width * (steps - 1)
    for k in range(steps):
        row, given = _ahead(target, k * width), _ahead(source, k * source_step)
        column, end = np.int64(0), width
        while column < whole:
            _move(row, _ahead(given, column))
            row, column = _ahead(row, lanes), column + lanes
            if column == end:
                row, end = _ahead(row, next_panel), end + width
        if whole < columns:
            _move_part(row, _ahead(given, whole), columns - whole)
    return 0


@intrinsic  # type: ignore[untyped-decorator]
def _turn(typing: Any, target: Any, source: Any, source_step: Any) -> Any:
    """Set as many vectors as a vector has numbers to the columns of as many rows, `source_step` apart."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target_, source_, step = arguments
        tile = _TileBuilder(builder, context.get_data_type(target.dtype), 1, 1)
        rows = [tile.load(source_, builder.mul(tile.constant(r), step), None) for r in range(tile.lanes)]
        for number, column in enumerate(tile.turned(rows)):
            tile.store(column, target_, tile.constant(number * tile.lanes), None)
        return context.get_dummy_value()

    return types.void(target, source, types.intp), codegen


@linked("3nn2t")
def _place(panels: Any, count: int, steps: int, lanes: int, far: int, near: int, one: int, row: int, column: int,
           block: Any, rows: int, columns: int, row_step: int, column_step: int, team: int) -> int:  # fmt: skip
    """Copy what a member needs of a block into panels; 0 if the block reaches beyond them."""
    if row < 0 or column < 0 or row + rows > steps or column + columns > count * lanes:
        return 0
    begin, end = share(team, count)
    skipped = max(0, begin * lanes - column)
    columns = min(columns, end * lanes - column) - skipped
    column, source = column + skipped, _ahead(block, skipped * column_step)
    target = _ahead(panels, row * lanes)
    if column_step == 1:
        for k in range(rows):
            given, place, c = _ahead(source, k * row_step), column, 0
            while c < columns:
                inside = place % lanes
                entry = _ahead(target, (place - inside) * steps + k * lanes + inside)
                if inside == 0 and columns - c >= lanes:
                    _move(entry, _ahead(given, c))
                    c, place = c + lanes, place + lanes
                else:
                    _set(entry, _ahead(given, c))
                    c, place = c + 1, place + 1
        return 1
    c, turned = 0, rows // lanes * lanes if row_step == 1 else 0
    while c < columns:
        inside = (column + c) % lanes
        entry, given = _ahead(target, (column + c - inside) * steps + inside), _ahead(source, c * column_step)
        abreast, first = 1, 0
        if inside == 0 and columns - c >= lanes:
            for k in range(0, turned, lanes):
                _turn(_ahead(entry, k * lanes), _ahead(given, k), column_step)
            abreast, first = lanes, turned
        for beside in range(abreast):
            for k in range(first, rows):
                _set(_ahead(entry, k * lanes + beside), _ahead(given, beside * column_step + k * row_step))
        c += abreast
    return 1


@intrinsic  # type: ignore[untyped-decorator]
def take(typing: Any, room: Any, shape: Any) -> Any:
    """An array of this shape from the front of a kernel's room, not set, and what is left of the room.

    Raises
    ------
    ValueError
        If the room is too small.
    """
    array = types.Array(room.dtype, len(shape), "C")

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = context.make_array(room)(context, builder, arguments[0])
        integer, sides = ir.IntType(64), cgutils.unpack_tuple(builder, arguments[1])
        lengths = [context.cast(builder, v, t, types.intp) for v, t in zip(sides, shape.types, strict=True)]
        size = ir.Constant(integer, 1)
        for length in lengths:
            size = builder.mul(size, length)
        used = builder.and_(builder.add(size, ir.Constant(integer, PIECE - 1)), ir.Constant(integer, -PIECE))
        left = builder.sub(given.nitems, used)
        with builder.if_then(builder.icmp_signed("<", left, ir.Constant(integer, 0)), likely=False):
            context.call_conv.return_user_exc(builder, ValueError, ("the room is too small",))
        taken = _new_view(context, builder, array, given.data, lengths)
        rest = _new_view(context, builder, room, builder.gep(given.data, [used]), [left])
        return context.make_tuple(builder, signature.return_type, [taken, rest])

    return types.Tuple([array, room])(room, shape), codegen


def _new_view(context: Any, builder: Any, kind: Any, data: Any, lengths: list[Any]) -> Any:
    """Emit a C-contiguous array over memory that somebody else owns."""
    array = context.make_array(kind)(context, builder)
    size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [size]
    for length in reversed(lengths[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(array, data, lengths, strides, size, meminfo=None)
    return array._getvalue()


@intrinsic  # type: ignore[untyped-decorator]
def _zero(typing: Any, array: Any) -> Any:
    """Set every entry of a contiguous array to zero."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = context.make_array(array)(context, builder, arguments[0])
        size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(array.dtype)))
        cgutils.memset(builder, given.data, builder.mul(given.nitems, size), 0)
        return context.get_dummy_value()

    return types.void(array), codegen


@inlined
def panels(steps: int, columns: int, room: Any) -> Any:
    """Take a right operand of `multiply`, to be filled by `place`, from the front of `room`.

    Parameters
    ----------
    steps, columns : int
        The operand's shape, (K, N).
    room : flat array
        At least `processor.panels_size` numbers.

    Returns
    -------
    array (ceil(N / W), K, W)
        As wide as a vector of W numbers. What is beyond column N is zero, the rest not set.
    array
        What is left of the room.

    Raises
    ------
    ValueError
        If the room is too small.
    """
    lanes = _lanes(room.itemsize)
    taken, rest = take(room, ((columns + lanes - 1) // lanes, steps, lanes))
    if columns % lanes:
        _zero(taken[len(taken) - 1 :])
    return taken, rest


@inlined
def blank(panels: Any) -> None:
    """Set an operand that `panels` made to zero, where `place` will leave gaps."""
    _zero(panels)


@inlined
def place(panels: Any, row: int, column: int, block: Any, team: Any = None) -> None:
    """Set the entries from (row, column) on of an operand that `panels` made to those of a block.

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
    if _place((panels, row, column, block, team)) == 0:
        raise ValueError("place: the block reaches beyond the panels")


def pack(b: Any) -> Any:
    """The panels of an array (K, N), for callers that are not compiled."""
    lanes = VECTORS.lanes(b.itemsize)
    count, steps = -(-b.shape[1] // lanes), b.shape[0]
    found = aligned(count * steps * lanes * b.itemsize).view(b.dtype).reshape((count, steps, lanes))
    found.fill(0)
    place(found, 0, 0, b)
    return found


@intrinsic  # type: ignore[untyped-decorator]
def _integer(typing: Any, address: Any) -> Any:
    """An address as a number."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ptrtoint(arguments[0], ir.IntType(64))

    return types.intp(address), codegen


@inlined
def _sweep_in_turns(out: Any, height: int, width: int, out_row: int, start: Any, start_row: int, a: Any, a_row: int,
                    panels: Any, high: int, lanes: int, step: int) -> None:  # fmt: skip
    """One strip, its columns in pieces that come from the other end at every other step.

    Where panels are more than the second cache holds, what one step has read last is what the next reads first.
    """
    piece = _ABREAST * lanes
    count = (width + piece - 1) // piece
    for number in range(count):
        column = (count - 1 - number if step % 2 == 1 else number) * piece
        target, given, own = _ahead(out, column), _ahead(start, column), _ahead(panels, column * high)
        columns = min(piece, width - column)
        _sweep((target, 1, height, columns, out_row, 0, given, start_row, 0, a, a_row, 1, 0, own, high))


@linked("333nn3t")
def _product(out: Any, out_steps: int, out_rows: int, out_columns: int, out_strip: int, out_row: int, out_entry: int,
             start: Any, start_steps: int, start_rows: int, start_columns: int, start_strip: int, start_row: int,
             start_entry: int, a: Any, a_steps: int, a_rows: int, summed: int, a_strip: int, a_row: int, a_entry: int,
             b0: int, b1: int, panels: Any, count: int, high: int, lanes: int, far: int, near: int, one: int,
             team: int) -> int:  # fmt: skip
    """``out[t, rows] = start[t, rows] + a[t, rows] @ b`` for every t; 0 if the shapes do not fit.

    In a team every member comes to each product: it multiplies all rows of the team with its own share of the panels,
    after all rows have been written (hence the first wait) and before any is read (the second).
    """
    first, last = rows(team, b0, b1)
    fits = out_steps == a_steps and high == summed and 0 <= count * lanes - out_columns < lanes  # divisions are slow
    fits = fits and first >= 0 and last <= out_rows and last <= a_rows and start_columns == out_columns
    if fits and first < last and out_steps > 0:  # an empty array's distances say nothing
        fits = (out_columns < 2 or (out_entry == 1 and start_entry == 1)) and (summed < 2 or a_entry == 1)
    if not fits:
        return 0
    wait(team)
    begin, end = share(team, count)
    column = begin * lanes
    width, strips, height = min(end * lanes, out_columns) - column, out_steps, last - first
    if width > 0 and height > 0:
        target, left = _ahead(out, first * out_row + column), _ahead(a, first * a_row)
        given, own = _ahead(start, first * start_row + column), _ahead(panels, column * high)
        together = out_strip == height * out_row and a_strip == height * a_row and start_strip == height * start_row
        if strips > 1 and together:  # the rows of all steps lie side by side
            strips, height = 1, strips * height
        if strips == 1 and width * high * _itemsize(out) > _NEAR:
            step = _integer(a) // max(1, _itemsize(a) * a_rows * a_row)
            _sweep_in_turns(target, height, width, out_row, given, start_row, left, a_row, own, high, lanes, step)
            wait(team)
            return 1
        at_once = max(1, _ROWS // height) if strips > 1 else 1
        for strip in range(0, strips, at_once):
            _sweep((_ahead(target, strip * out_strip), min(at_once, strips - strip), height, width, out_row, out_strip,
                    _ahead(given, strip * start_strip), start_row, start_strip, _ahead(left, strip * a_strip), a_row, 1,
                    a_strip, own, high))  # fmt: skip
    wait(team)
    return 1


@inlined
def multiply_add(out: Any, a: Any, b0: int, b1: int, panels: Any, team: Any = None) -> None:
    """``out[b0:b1] += a[b0:b1] @ b``; each entry is one chain of multiply-adds upwards in k, whatever the shapes are.

    Parameters
    ----------
    out : array (B, N), each row contiguous
    a : array (B, K), each row contiguous
    b0, b1 : int
        0 <= b0 <= b1 <= B; in a team its rows take their place.
    panels : array
        What `panels` and `place` make of an array b (K, N).
    team : array, optional
        See `runtime.team`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or rows are not contiguous.
    """
    if _product((out, out, a, b0, b1, panels, team)) == 0:
        _refuse()


@inlined
def multiply(out: Any, row: Any, a: Any, b0: int, b1: int, panels: Any, team: Any = None) -> None:
    """``out[b0:b1] = row + a[b0:b1] @ b`` with a flat `row`; the rest as in `multiply_add`."""
    if _product((out, row, a, b0, b1, panels, team)) == 0:
        _refuse()


@inlined
def multiply_add_steps(out: Any, a: Any, b0: int, b1: int, panels: Any, team: Any = None) -> None:
    """``out[t, b0:b1] += a[t, b0:b1] @ b`` for every t; several steps take a panel before the next panel comes.

    Parameters
    ----------
    out : (T, B, N) array, each row contiguous
    a : (T, B, K) array, each row contiguous
    b0, b1, panels, team
        As in `multiply_add`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or rows are not contiguous.
    """
    if _product((out, out, a, b0, b1, panels, team)) == 0:
        _refuse()


@inlined
def multiply_steps(out: Any, row: Any, a: Any, b0: int, b1: int, panels: Any, team: Any = None) -> None:
    """``out[t, b0:b1] = row + a[t, b0:b1] @ b`` for every t, with a flat `row`; the rest as in `multiply_add_steps`."""
    if _product((out, row, a, b0, b1, panels, team)) == 0:
        _refuse()


@routine
def _refuse() -> None:
    raise ValueError("multiply: out must have N columns, a K, both with contiguous rows; panels must be of a (K, N)")


@linked("2n221")
def _outer(out: Any, rows: int, columns: int, out_row: int, out_entry: int, first: int, a: Any, steps: int,
           a_columns: int, a_row: int, a_entry: int, b: Any, b_steps: int, b_columns: int, b_row: int, b_entry: int,
           room: Any, room_size: int, one_entry: int) -> int:  # fmt: skip
    """Add a product of all steps to `out`, as `outer_add` says; 0 if the shapes do not fit."""
    fits = b_steps == steps and b_columns == columns and first >= 0 and first + rows <= a_columns
    if fits and steps > 0 and rows > 0:  # an empty array's distances say nothing
        fits = (columns < 2 or (out_entry == 1 and b_entry == 1)) and (a_columns < 2 or a_entry == 1)
    if not fits or room_size < OUTER_SIZE:
        return 0
    lanes = _lanes(_itemsize(b))
    strip = max(lanes, _TIERS[0][0])  # columns of a that lie together
    panel_columns = _PANELS * lanes
    strips, panels = room, _ahead(room, _STEPS * _LEFT_ROWS)
    for start in range(0, steps, _STEPS):
        count = min(_STEPS, steps - start)
        for column in range(0, columns, panel_columns):
            width = min(panel_columns, columns - column)
            _copy_panels((panels, lanes, _ahead(b, start * b_row + column), b_row, count, width, lanes))
            for row in range(0, rows, _LEFT_ROWS):
                height = min(_LEFT_ROWS, rows - row)
                _copy_panels((strips, strip, _ahead(a, start * a_row + first + row), a_row, count, height, lanes))
                target = _ahead(out, row * out_row + column)
                whole = height // strip
                _sweep((target, whole, strip, width, out_row, strip * out_row, target, out_row, strip * out_row,
                        strips, 1, strip, strip * count, panels, count))  # fmt: skip
                if whole * strip < height:
                    target, rest = _ahead(target, whole * strip * out_row), _ahead(strips, whole * strip * count)
                    _sweep((target, 1, height - whole * strip, width, out_row, 0, target, out_row, 0, rest, 1, strip, 0,
                            panels, count))  # fmt: skip
    return 1


@inlined
def outer_add(out: Any, first: int, a: Any, b: Any, room: Any) -> None:
    """Add ``a[:, first:first + R].T @ b`` to `out`; each entry is one chain of multiply-adds upwards in s.

    Parameters
    ----------
    out : array (R, N), each row contiguous
    first : int
        The column of `a` that belongs to the first row of `out`.
    a : array (S, ·), each row contiguous
    b : array (S, N), each row contiguous
    room : flat array
        At least `OUTER_SIZE` numbers.

    Raises
    ------
    ValueError
        If the shapes do not fit, or rows are not contiguous.
    """
    if _outer((out, first, a, b, room)) == 0:
        raise ValueError(
            "outer_add: out must be (R, N), a (S, first + R or more), b (S, N), all rows contiguous, with room"
        )
