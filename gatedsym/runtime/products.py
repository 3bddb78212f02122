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

from gatedsym.memory import aligned
from gatedsym.runtime.compile import inlined, merged, routine
from gatedsym.runtime.linked import linked
from gatedsym.runtime.processor import PATHS, VECTORS
from gatedsym.runtime.team import rows, share, wait

_BITS = VECTORS.bits
_TIERS = ((8, 2), (4, 4), (2, 8), (1, 8)) if VECTORS.registers >= 32 else ((4, 2), (2, 4), (1, 8))
_ROWS = 96  # that take a panel before the next panel comes: what they add to stays in the second cache
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
           steps: int) -> None:  # fmt: skip
    """Set rows of `columns` numbers to those at `start` plus the product of as many rows of a with panels.

    Rows of a are `steps` long. Rows come in `strips` strips of `height` rows; all distances (of rows,
    steps, strips) count numbers. `start` may be `out`; a row of distance 0 is the start of every row.
    """
    if steps == 0:
        for strip in range(strips):
            for row in range(height):
                _copy_row(_ahead(out, strip * out_strip + row * out_row),
                          _ahead(start, strip * start_strip + row * start_row), columns)  # fmt: skip
        return
    _tiles(out, strips, height, columns, out_row, out_strip, start, start_row, start_strip, a, a_row, a_step, a_strip,
           panels, steps)  # fmt: skip


@merged
def _lanes(itemsize: int) -> int:
    return max(1, _BITS // (8 * itemsize))


@merged
def _has_rows(array: Any) -> bool:
    """True if each row's numbers lie side by side."""
    return bool(array.size == 0 or array.shape[1] == 1 or array.strides[1] == array.itemsize)


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
def _copy_panels(target: Any, width: int, source: Any, source_step: int, steps: int, columns: int, lanes: int) -> None:
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


@linked("pnnnpnnnnn")
def _place(panels: Any, steps: int, row: int, column: int, block: Any, row_step: int, column_step: int, rows: int,
           columns: int, lanes: int) -> None:  # fmt: skip
    """Copy a block whose entries lie `row_step` and `column_step` apart into panels of `steps` rows."""
    target = _ahead(panels, row * lanes)
    if column_step == 1:
        for k in range(rows):
            given, place, c = _ahead(block, k * row_step), column, 0
            while c < columns:
                inside = place % lanes
                entry = _ahead(target, (place - inside) * steps + k * lanes + inside)
                if inside == 0 and columns - c >= lanes:
                    _move(entry, _ahead(given, c))
                    c, place = c + lanes, place + lanes
                else:
                    _set(entry, _ahead(given, c))
                    c, place = c + 1, place + 1
        return
    c, turned = 0, rows // lanes * lanes if row_step == 1 else 0
    while c < columns:
        inside = (column + c) % lanes
        entry, given = _ahead(target, (column + c - inside) * steps + inside), _ahead(block, c * column_step)
        abreast, first = 1, 0
        if inside == 0 and columns - c >= lanes:
            for k in range(0, turned, lanes):
                _turn(_ahead(entry, k * lanes), _ahead(given, k), column_step)
            abreast, first = lanes, turned
        for beside in range(abreast):
            for k in range(first, rows):
                _set(_ahead(entry, k * lanes + beside), _ahead(given, beside * column_step + k * row_step))
        c += abreast


@routine
def panels(steps: int, columns: int, room: Any, team: Any = None) -> Any:
    """Take a right operand of `multiply`, to be filled by `place`, from the front of `room`.

    Parameters
    ----------
    steps, columns : int
        The operand's shape, (K, N).
    room : flat array
        At least `processor.panels_size` numbers; the same for all members of a team.
    team : array, optional
        See `runtime.team`. A member fills and reads its own share of the panels.

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
    count = (columns + lanes - 1) // lanes
    size = count * steps * lanes
    if size > room.size:
        raise ValueError("panels: the room is too small")
    taken = room[:size]
    if columns % lanes and share(team, count)[1] == count:
        for entry in range((count - 1) * steps * lanes, size):
            taken[entry] = 0
    return taken.reshape((count, steps, lanes)), room[size:]


@routine
def blank(panels: Any, team: Any = None) -> None:
    """Set an operand that `panels` made to zero, where `place` will leave gaps."""
    first, last = share(team, panels.shape[0])
    flat, size = panels.reshape(panels.size), panels.shape[1] * panels.shape[2]
    for entry in range(first * size, last * size):
        flat[entry] = 0


@merged
def place(panels: Any, row: int, column: int, block: Any, team: Any = None) -> None:
    """Set the entries from (row, column) on of an operand that `panels` made to those of a block.

    Parameters
    ----------
    panels : array
    row, column : int
    block : array (R, C)
        Either its rows or its columns lie together.
    team : array, optional
        A member sets what lies in its own share of the panels.

    Raises
    ------
    ValueError
        If the block does not fit.
    """
    _place_block(panels, np.int64(row), np.int64(column), block, team)


@routine
def _place_block(panels: Any, row: int, column: int, block: Any, team: Any) -> None:
    (count, steps, lanes), (rows, columns) = panels.shape, block.shape
    if row < 0 or column < 0 or row + rows > steps or column + columns > count * lanes:
        raise ValueError("place: the block reaches beyond the panels")
    row_step, column_step = block.strides[0] // block.itemsize, block.strides[1] // block.itemsize
    first, last = share(team, count)
    begin, end = max(column, first * lanes), min(column + columns, last * lanes)
    if begin < end:
        source = _ahead(address(block), (begin - column) * column_step)
        _place((address(panels), steps, row, begin, source, row_step, column_step, rows, end - begin, lanes))


def pack(b: Any) -> Any:
    """The panels of an array (K, N), for callers that are not compiled."""
    lanes = VECTORS.lanes(b.itemsize)
    count, steps = -(-b.shape[1] // lanes), b.shape[0]
    found = aligned(count * steps * lanes * b.itemsize).view(b.dtype).reshape((count, steps, lanes))
    found.fill(0)
    place(found, 0, 0, b)
    return found


# Products of a step. In a team every member comes to each product: it multiplies all rows of the team with its own
# share of the panels, after all rows have been written (hence the first wait) and before any is read (the second).


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
    _multiply(out, out, out.strides[0] // out.itemsize, a, b0, b1, panels, team)


@inlined
def multiply(out: Any, row: Any, a: Any, b0: int, b1: int, panels: Any, team: Any = None) -> None:
    """``out[b0:b1] = row + a[b0:b1] @ b`` with a flat `row`; the rest as in `multiply_add`."""
    _multiply(out, row, np.int64(0), a, b0, b1, panels, team)


@inlined
def _multiply(out: Any, start: Any, start_row: int, a: Any, b0: int, b1: int, panels: Any, team: Any) -> None:
    if not (_has_rows(out) and _has_rows(a) and _fits(out.shape[1], start, a.shape[1], panels)):
        _refuse()
    out_row, a_row, none = out.strides[0] // out.itemsize, a.strides[0] // a.itemsize, np.int64(0)
    first, last = rows(team, b0, b1)
    if first < 0 or last > out.shape[0] or last > a.shape[0]:
        _refuse()
    target, given = _ahead(address(out), first * out_row), _ahead(address(start), first * start_row)
    wait(team)
    _sweep_share(target, np.int64(1), last - first, out_row, none, given, start_row, none,
                 _ahead(address(a), first * a_row), a_row, none, out.shape[1], panels, team)  # fmt: skip
    wait(team)


@routine
def multiply_add_steps(out: Any, a: Any, b0: int, b1: int, panels: Any, team: Any = None) -> None:
    """``out[t, b0:b1] += a[t, b0:b1] @ b`` for every t; several steps take a panel before the next panel comes.

    Parameters
    ----------
    out : (T, B, N) array, C-contiguous
    a : (T, B, K) array, C-contiguous
    b0, b1, panels, team
        As in `multiply_add`.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    _multiply_steps(out, out, out.shape[2], a, b0, b1, panels, team)


@routine
def multiply_steps(out: Any, row: Any, a: Any, b0: int, b1: int, panels: Any, team: Any = None) -> None:
    """``out[t, b0:b1] = row + a[t, b0:b1] @ b`` for every t, with a flat `row`; the rest as in `multiply_add_steps`."""
    _multiply_steps(out, row, np.int64(0), a, b0, b1, panels, team)


@inlined
def _multiply_steps(out: Any, start: Any, start_row: int, a: Any, b0: int, b1: int, panels: Any, team: Any) -> None:
    (steps, batch, columns), summed = out.shape, a.shape[2]
    first, last = rows(team, b0, b1)
    fits = a.shape[0] == steps and a.shape[1] == batch and first >= 0 and last <= batch
    if not (fits and _fits(columns, start, summed, panels)):
        _refuse()
    target, left = _ahead(address(out), first * columns), _ahead(address(a), first * summed)
    given = _ahead(address(start), first * start_row)
    at_once = max(1, _ROWS // max(1, last - first))
    wait(team)
    for step in range(0, steps, at_once):
        strips, height = min(at_once, steps - step), last - first
        if height == batch:  # then the rows of all steps lie together
            strips, height = 1, strips * batch
        _sweep_share(
            _ahead(target, step * batch * columns), strips, height, columns, batch * columns,
            _ahead(given, step * batch * start_row), start_row, batch * start_row,
            _ahead(left, step * batch * summed), summed, batch * summed, columns, panels, team,
        )  # fmt: skip
    wait(team)


@inlined
def _sweep_share(out: Any, strips: int, height: int, out_row: int, out_strip: int, start: Any, start_row: int,
                 start_strip: int, a: Any, a_row: int, a_strip: int, columns: int, panels: Any,
                 team: Any) -> None:  # fmt: skip
    """What a member computes of a product: its share of the columns."""
    count, steps, lanes = panels.shape
    first, last = share(team, count)
    column = first * lanes
    width = min(last * lanes, columns) - column
    if width > 0 and height > 0:
        own = _ahead(address(panels), column * steps)
        _sweep((_ahead(out, column), strips, height, width, out_row, out_strip, _ahead(start, column), start_row,
                start_strip, a, a_row, np.int64(1), a_strip, own, steps))  # fmt: skip


@inlined
def _fits(columns: int, start: Any, steps: int, panels: Any) -> bool:
    """True if `panels` are those of an array (steps, columns), and `start` has as many columns."""
    whole = panels.shape[1] == steps and panels.shape[0] == (columns + panels.shape[2] - 1) // panels.shape[2]
    return bool(whole and start.shape[-1] == columns)


@routine
def _refuse() -> None:
    raise ValueError("multiply: out must have N columns, a K, both with contiguous rows; panels must be of a (K, N)")


@merged
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
    # Numba compiles a function anew for each literal among its arguments: this keeps a literal from reaching it.
    _outer_add(out, np.int64(first), a, b, room)


@routine
def _outer_add(out: Any, first: int, a: Any, b: Any, room: Any) -> None:
    steps, (rows, columns) = a.shape[0], out.shape
    if b.shape[0] != steps or b.shape[1] != columns or first < 0 or first + rows > a.shape[1]:
        raise ValueError("outer_add: out must be (R, N), a (S, first + R or more) and b (S, N)")
    if not (_has_rows(out) and _has_rows(a) and _has_rows(b)):
        raise ValueError("outer_add: the rows of out, a and b must be contiguous; copy what is not")
    out_row, a_row, b_row = out.strides[0] // out.itemsize, a.strides[0] // a.itemsize, b.strides[0] // b.itemsize
    lanes = _lanes(b.itemsize)
    strip = max(lanes, _TIERS[0][0])  # columns of a that lie together
    panel_columns = _PANELS * lanes
    if room.size < OUTER_SIZE:
        raise ValueError("outer_add: the room is too small")
    strips, one, none = address(room), np.int64(1), np.int64(0)
    panels = _ahead(strips, _STEPS * _LEFT_ROWS)
    for start in range(0, steps, _STEPS):
        count = min(_STEPS, steps - start)
        for column in range(0, columns, panel_columns):
            width = min(panel_columns, columns - column)
            source = _ahead(address(b), start * b_row + column)
            _copy_panels((panels, lanes, source, b_row, count, width, lanes))
            for row in range(0, rows, _LEFT_ROWS):
                height = min(_LEFT_ROWS, rows - row)
                source = _ahead(address(a), start * a_row + first + row)
                _copy_panels((strips, strip, source, a_row, count, height, lanes))
                target = _ahead(address(out), row * out_row + column)
                whole = height // strip
                _sweep((target, whole, strip, width, out_row, strip * out_row, target, out_row, strip * out_row,
                        strips, one, strip, strip * count, panels, count))  # fmt: skip
                if whole * strip < height:
                    target, rest = _ahead(target, whole * strip * out_row), _ahead(strips, whole * strip * count)
                    _sweep((target, one, height - whole * strip, width, out_row, none, target, out_row, none, rest, one,
                            strip, none, panels, count))  # fmt: skip
