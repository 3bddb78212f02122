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

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from gatedsym.runtime.compile import merged, routine
from gatedsym.runtime.processor import VECTORS

_BITS = VECTORS.bits
_TIERS = ((8, 2), (4, 4), (2, 8), (1, 8)) if VECTORS.registers >= 32 else ((4, 2), (2, 4), (1, 8))
_LINE = 64  # bytes of a cache line
# outer_add copies blocks of its operands side by side, so that what a tile reads lies in the first cache.
_STEPS = 256  # of the summed index
_PANELS = 8  # of b
_LEFT_ROWS = 64  # columns of a
_LEFT_ROW = _LEFT_ROWS + 8  # their distance: a power of two would put all of a column into the same lines of the cache


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


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def _tile(typing: Any, rows: Any, vectors: Any, out: Any, out_row: Any, width: Any, a: Any, a_row: Any, a_step: Any,
          panels: Any, steps: Any) -> Any:  # fmt: skip
    """Add to one tile of `out` the product of `rows` rows of a, `steps` long, with `vectors` panels.

    Distances count numbers, not bytes. `width` is the number of columns that exist, if `vectors` is 1; a wider tile has
    all its columns and gets 0. `rows` and `vectors` are literal.
    """
    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None
    n = types.intp
    signature = types.void(rows, vectors, out, n, n, a, n, n, panels, n)

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        _, _, out_, out_row_, width_, a_, a_row_, a_step_, panels_, steps_ = arguments
        tile = _TileBuilder(builder, context.get_data_type(out.dtype), rows.literal_value, vectors.literal_value)
        mask = tile.mask(width_) if vectors.literal_value == 1 else None
        tile.emit(out_, out_row_, a_, a_row_, a_step_, panels_, steps_, mask)
        return context.get_dummy_value()

    return signature, codegen


def _make_sweep(tiers: tuple[tuple[int, int], ...]) -> Any:
    """A routine that adds a product to `count` rows of `columns` numbers, with tiles of these tiers."""
    rows, vectors = tiers[0]
    lower = _make_sweep(tiers[1:]) if len(tiers) > 1 else None

    def sweep(out: Any, count: int, columns: int, out_row: int, a: Any, a_row: int, a_step: int, panels: Any,
              steps: int, lanes: int) -> None:  # fmt: skip
        end = count // rows * rows
        column = 0
        while columns - column >= vectors * lanes:
            right = _ahead(panels, column * steps)
            for i in range(0, end, rows):
                _tile(rows, vectors, _ahead(out, i * out_row + column), out_row, 0, _ahead(a, i * a_row), a_row, a_step,
                      right, steps)  # fmt: skip
            column += vectors * lanes
        while column < columns:
            right = _ahead(panels, column * steps)
            for i in range(0, end, rows):
                _tile(rows, 1, _ahead(out, i * out_row + column), out_row, columns - column, _ahead(a, i * a_row),
                      a_row, a_step, right, steps)  # fmt: skip
            column += lanes
        if lower is not None and end < count:
            lower(_ahead(out, end * out_row), count - end, columns, out_row, _ahead(a, end * a_row), a_row, a_step,
                  panels, steps, lanes)  # fmt: skip

    return merged(sweep)


_sweep = routine(_make_sweep(_TIERS).py_func)


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
def _move(typing: Any, target: Any, source: Any, width: Any) -> Any:
    """Copy a vector, or its first `width` numbers if those are fewer, with zeros after them."""

    def codegen(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        target_, source_, width_ = arguments
        tile = _TileBuilder(builder, context.get_data_type(target.dtype), 1, 1)
        start = tile.constant(0)
        with builder.if_else(builder.icmp_signed(">=", width_, tile.constant(tile.lanes))) as (whole, part):
            with whole:
                tile.store(tile.load(source_, start, None), target_, start, None)
            with part:
                tile.store(tile.load(source_, start, tile.mask(width_)), target_, start, None)
        return context.get_dummy_value()

    return types.void(target, source, types.intp), codegen


@routine
def _copy_block(target: Any, target_step: int, target_vector: int, source: Any, source_step: int, steps: int,
                columns: int, lanes: int) -> None:  # fmt: skip
    """Copy a block of `steps` rows of `columns` numbers, in vectors that lie `target_vector` apart."""
    for k in range(steps):
        for start in range(0, columns, lanes):
            vector = _ahead(target, k * target_step + start // lanes * target_vector)
            _move(vector, _ahead(source, k * source_step + start), columns - start)


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
    _copy_block(_address(panels), lanes, steps * lanes, _address(b), b_row, steps, columns, lanes)
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
    _sweep(_address(out), rows, columns, out_row, _address(a), a_row, a_step, _address(panels), steps, lanes)


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
    left_column, left_row = np.int64(1), np.int64(_LEFT_ROW)
    panel_columns = _PANELS * lanes
    left, right = _aligned(_STEPS * _LEFT_ROW, a), _aligned(_STEPS * panel_columns, b)
    for start in range(0, steps, _STEPS):
        count = min(_STEPS, steps - start)
        for column in range(0, columns, panel_columns):
            width = min(panel_columns, columns - column)
            source = _ahead(_address(b), start * b_row + column)
            _copy_block(_address(right), lanes, count * lanes, source, b_row, count, width, lanes)
            for row in range(0, rows, _LEFT_ROWS):
                height = min(_LEFT_ROWS, rows - row)
                source = _ahead(_address(a), start * a_row + first + row)
                _copy_block(_address(left), left_row, lanes, source, a_row, count, height, lanes)
                target = _ahead(_address(out), row * out_row + column)
                _sweep(target, height, width, out_row, _address(left), left_column, left_row, _address(right), count,
                       lanes)  # fmt: skip
