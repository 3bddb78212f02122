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

from gatedsym.runtime.compile import merged, routine
from gatedsym.runtime.linked import linked
from gatedsym.runtime.processor import VECTORS

_BITS = VECTORS.bits
_TIERS = ((8, 2), (4, 4), (2, 8), (1, 8)) if VECTORS.registers >= 32 else ((4, 2), (2, 4), (1, 8))
_ALL = 1 << 62  # rows of a strip that holds every row
_HALVED = 4  # chains: a tile of so few is worth its code
_LINE = 64  # bytes of a cache line
# outer_add copies blocks of its operands: b in panels as `pack` makes them, a in strips, so that all a tile reads lies
# side by side, and in the first or second cache.
_STEPS = 255  # of the summed index
_PANELS = 32
_LEFT_ROWS = 128


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

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        return self.intrinsic(f"llvm.fmuladd.{self._suffix}", self.vector, [a, b, c])

    def emit(self, out: Any, out_row: Any, a: Any, a_row: Any, a_step: Any, b: Any, steps: Any, mask: Any) -> None:
        """The whole tile; `steps` is at least 1."""
        builder = self.builder
        places = {
            (r, v): builder.add(builder.mul(self.constant(r), out_row), self.constant(v * self.lanes))
            for r, v in self.cells
        }
        start = {cell: self.load(out, places[cell], mask) for cell in self.cells}
        a_rows = [builder.gep(a, [builder.mul(self.constant(r), a_row)]) for r in range(self.rows)]
        b_panel = builder.mul(steps, self.constant(self.lanes))
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
            sums[cell].add_incoming(start[cell], before)
            sums[cell].add_incoming(new[cell], loop)
        builder.cbranch(builder.icmp_signed("<", following, steps), loop, after)

        builder.position_at_end(after)
        for cell in self.cells:
            self.store(new[cell], out, places[cell], mask)


@intrinsic  # type: ignore[untyped-decorator]
def _address(typing: Any, array: Any) -> Any:
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
        self.out, self.count, self.columns, self.out_row = arguments[:4]
        self.a, self.a_row, self.a_step, self.strip, self.panels, self.steps = arguments[4:]

    def emit(self) -> None:
        """All tiers, each with the rows that the taller ones left."""
        builder, i64 = self.builder, ir.IntType(64)
        begin = ir.Constant(i64, 0)
        for rows, vectors in _TIERS:
            end = builder.and_(self.count, ir.Constant(i64, -rows))
            with builder.if_then(builder.icmp_signed("<", begin, end)):
                self._tier(rows, vectors, begin, end)
            begin = end

    def _tier(self, rows: int, vectors: int, begin: Any, end: Any) -> None:
        column = cgutils.alloca_once_value(self.builder, ir.Constant(ir.IntType(64), 0))
        self._band(rows, vectors, begin, end, column)
        # A low tile that is narrow, too, has few chains under way: its columns are halved before they are taken singly.
        if rows * vectors // 2 <= _HALVED:
            self._band(rows, vectors // 2, begin, end, column)
        self._band(rows, 1, begin, end, column)

    def _band(self, rows: int, vectors: int, begin: Any, end: Any, column: Any) -> None:
        """Tiles of one shape, from `column` on, while the columns fill them; single vectors take what is left."""
        builder, i64 = self.builder, ir.IntType(64)
        tile = _TileBuilder(builder, self.scalar, rows, vectors)
        width = ir.Constant(i64, vectors * tile.lanes)
        needed = width if vectors > 1 else ir.Constant(i64, 1)
        with _while(
            builder, lambda: builder.icmp_signed("<=", builder.add(builder.load(column), needed), self.columns)
        ):
            here = builder.load(column)
            right = builder.gep(self.panels, [builder.mul(here, self.steps)])
            mask = tile.mask(builder.sub(self.columns, here)) if vectors == 1 else None
            row = cgutils.alloca_once(builder, i64)
            builder.store(begin, row)
            with _while(builder, lambda: builder.icmp_signed("<", builder.load(row), end)):
                i = builder.load(row)
                first = builder.and_(i, builder.neg(self.strip))
                inside = builder.mul(builder.sub(i, first), self.a_row)
                left = builder.gep(self.a, [builder.add(builder.mul(first, self.steps), inside)])
                target = builder.gep(self.out, [builder.add(builder.mul(i, self.out_row), here)])
                tile.emit(target, self.out_row, left, self.a_row, self.a_step, right, self.steps, mask)
                builder.store(builder.add(i, ir.Constant(i64, rows)), row)
            builder.store(builder.add(here, width), column)


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


@intrinsic  # type: ignore[untyped-decorator]
def _tiles(typing: Any, out: Any, count: Any, columns: Any, out_row: Any, a: Any, a_row: Any, a_step: Any, strip: Any,
           panels: Any, steps: Any) -> Any:  # fmt: skip
    """Add a product to `out`, as `_sweep` says."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _SweepBuilder(builder, context.get_data_type(out.dtype), arguments).emit()
        return context.get_dummy_value()

    n = types.intp
    return types.void(out, n, n, n, a, n, n, n, panels, n), codegen


@linked("pnnnpnnnpn")
def _sweep(out: Any, count: int, columns: int, out_row: int, a: Any, a_row: int, a_step: int, strip: int, panels: Any,
           steps: int) -> None:  # fmt: skip
    """Add the product of `count` rows of a, `steps` long (at least 1), with panels to rows of `columns` numbers.

    `out_row`, `a_row` and `a_step` are distances, counted in numbers. `strip` rows of a, a power of two, lie together,
    then come the next.
    """
    _tiles(out, count, columns, out_row, a, a_row, a_step, strip, panels, steps)


@merged
def _lanes(itemsize: int) -> int:
    return max(1, _BITS // (8 * itemsize))


@merged
def _has_rows(array: Any) -> bool:
    """True if each row's numbers lie side by side."""
    return bool(array.size == 0 or array.shape[1] == 1 or array.strides[1] == array.itemsize)


@merged
def _aligned(size: int, like: Any) -> Any:
    """An array of `size` numbers, the first of which lies on a cache line, so that no vector straddles two."""
    whole = np.empty(size + _LINE // like.itemsize, like.dtype)
    skipped = (-whole.ctypes.data) % _LINE // like.itemsize
    return whole[skipped : skipped + size]


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


@routine
def pack(b: Any) -> Any:
    """Arrange the right operand of `multiply_add` in panels as wide as a vector, the last one padded with zeros.

    Parameters
    ----------
    b : array (K, N), each row contiguous

    Returns
    -------
    array (ceil(N / W), K, W)
        W is the number of lanes of a vector of b's type.

    Raises
    ------
    ValueError
        If b's rows are not contiguous.
    """
    if not _has_rows(b):
        raise ValueError("pack: the rows of b must be contiguous; copy what is not")
    steps, columns = b.shape
    lanes = _lanes(b.itemsize)
    count = (columns + lanes - 1) // lanes
    panels = _aligned(count * steps * lanes, b)
    b_row = b.strides[0] // b.itemsize
    _copy_panels((_address(panels), lanes, _address(b), b_row, steps, columns, lanes))
    return panels.reshape((count, steps, lanes))


@routine
def multiply_add(out: Any, a: Any, panels: Any) -> None:
    """Add ``a @ b`` to `out`; each entry is one chain of multiply-adds upwards in k, whatever M and N are.

    Parameters
    ----------
    out : array (M, N), each row contiguous
    a : array (M, K), each row contiguous
    panels : array
        ``pack(b)`` of a b with shape (K, N).

    Raises
    ------
    ValueError
        If the shapes do not fit, or rows are not contiguous.
    """
    rows, steps = a.shape
    columns, lanes = out.shape[1], panels.shape[2]
    if out.shape[0] != rows or panels.shape[1] != steps or panels.shape[0] != (columns + lanes - 1) // lanes:
        raise ValueError("multiply_add: out must be (M, N), a (M, K) and panels the packed form of an array (K, N)")
    if not (_has_rows(out) and _has_rows(a)):
        raise ValueError("multiply_add: the rows of out and of a must be contiguous; copy what is not")
    if steps == 0:
        return
    out_row, a_row, a_step = out.strides[0] // out.itemsize, a.strides[0] // a.itemsize, np.int64(1)
    panel = _address(panels)
    _sweep((_address(out), rows, columns, out_row, _address(a), a_row, a_step, _ALL, panel, steps))


@merged
def outer_add(out: Any, first: int, a: Any, b: Any) -> None:
    """Add ``a[:, first:first + R].T @ b`` to `out`; each entry is one chain of multiply-adds upwards in s.

    Parameters
    ----------
    out : array (R, N), each row contiguous
    first : int
        The column of `a` that belongs to the first row of `out`.
    a : array (S, ·), each row contiguous
    b : array (S, N), each row contiguous

    Raises
    ------
    ValueError
        If the shapes do not fit, or rows are not contiguous.
    """
    # Numba compiles a function anew for each literal among its arguments: this keeps a literal from reaching it.
    _outer_add(out, np.int64(first), a, b)


@routine
def _outer_add(out: Any, first: int, a: Any, b: Any) -> None:
    steps, (rows, columns) = a.shape[0], out.shape
    if b.shape[0] != steps or b.shape[1] != columns or first < 0 or first + rows > a.shape[1]:
        raise ValueError("outer_add: out must be (R, N), a (S, first + R or more) and b (S, N)")
    if not (_has_rows(out) and _has_rows(a) and _has_rows(b)):
        raise ValueError("outer_add: the rows of out, a and b must be contiguous; copy what is not")
    out_row, a_row, b_row = out.strides[0] // out.itemsize, a.strides[0] // a.itemsize, b.strides[0] // b.itemsize
    lanes = _lanes(b.itemsize)
    strip = max(lanes, _TIERS[0][0])  # of columns of a: both are powers of two, so no tile reads from two strips
    panel_columns = _PANELS * lanes
    left, right = _aligned(_STEPS * _LEFT_ROWS, a), _aligned(_STEPS * min(panel_columns, columns + lanes), b)
    strips, panels, one = _address(left), _address(right), np.int64(1)
    for start in range(0, steps, _STEPS):
        count = min(_STEPS, steps - start)
        for column in range(0, columns, panel_columns):
            width = min(panel_columns, columns - column)
            source = _ahead(_address(b), start * b_row + column)
            _copy_panels((panels, lanes, source, b_row, count, width, lanes))
            for row in range(0, rows, _LEFT_ROWS):
                height = min(_LEFT_ROWS, rows - row)
                source = _ahead(_address(a), start * a_row + first + row)
                _copy_panels((strips, strip, source, a_row, count, height, lanes))
                target = _ahead(_address(out), row * out_row + column)
                _sweep((target, height, width, out_row, strips, one, strip, strip, panels, count))
