"""Emits the LLVM of products: register tiles of fused multiply-adds, and the loops over them.

A tile is `rows` x `vectors` vector registers. The tiers below are tried from the tallest on: what is left of the rows
goes to the next. The lower a tile, the more vectors it has abreast: a multiply-add takes about four cycles, so some
eight chains must be under way to keep the units busy, even for a single row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from gatedsym.runtime.jit.processor import VECTORS

TIERS = ((8, 2), (4, 4), (2, 8), (1, 8)) if VECTORS.registers >= 32 else ((4, 2), (2, 4), (1, 8))
_DEPTH = 192  # steps of the panels of a tall tile that lie in the first cache together
_HALVED = 4  # chains: a tile of so few is worth its code


class TileBuilder:
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


class SweepBuilder:
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
        for high, vectors in TIERS:
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
        tile = TileBuilder(builder, self.scalar, rows, vectors)
        width = ir.Constant(i64, vectors * tile.lanes)
        needed = width if vectors > 1 else ir.Constant(i64, 1)
        with _while(
            builder, lambda: builder.icmp_signed("<=", builder.add(builder.load(column), needed), self.columns)
        ):
            here = builder.load(column)
            mask = tile.mask(builder.sub(self.columns, here)) if vectors == 1 else None
            if rows == TIERS[0][0]:
                with _counting(builder, ir.Constant(i64, 0), self.steps, _DEPTH) as step:
                    self._rows(tile, begin, end, here, step, mask)
            else:  # there is one tile: nothing is read twice
                self._rows(tile, begin, end, here, None, mask)
            builder.store(builder.add(here, width), column)

    def _rows(self, tile: TileBuilder, begin: Any, end: Any, column: Any, step: Any, mask: Any) -> None:
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
