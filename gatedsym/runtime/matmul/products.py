"""Small dense products, over operands that are packed once.

Every entry of a result is one chain ``acc = a * b + acc``, fused where the processor can, that starts at a given value
and runs through the summed index upwards. That holds in every shape of tile and for every vector width, so a row's
result does not depend on how many rows were multiplied with it, and results are bitwise the same for any division of
the batch.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from gatedsym.runtime.jit.compile import inlined, routine
from gatedsym.runtime.jit.linked import linked
from gatedsym.runtime.jit.processor import PATHS
from gatedsym.runtime.matmul.addresses import ahead, integer_of, itemsize_of, set_number
from gatedsym.runtime.matmul.packing import copy_panels, lanes_of
from gatedsym.runtime.matmul.tiles import TIERS, SweepBuilder
from gatedsym.runtime.threads.team import rows, share, wait

_ROWS = 96  # that take a panel before the next panel comes: what they add to stays in the second cache
_NEAR = 3 << 18  # bytes of panels that the second cache holds beside the rest, about
_ABREAST = 8  # vectors of a piece of the columns: a multiple of what tiles are wide
# outer_add copies blocks of its operands: b in panels, a in strips, so that all a tile reads lies side by side, and in
# the first or second cache.
_STEPS = 255  # of the summed index
_PANELS = 32
_LEFT_ROWS = 128
OUTER_SIZE = _STEPS * (_LEFT_ROWS + _PANELS * max(path.lanes(4) for path in PATHS.values()))
"""Numbers that `outer_add` needs for its blocks, in any type."""


@intrinsic  # type: ignore[untyped-decorator]
def _tiles(typing: Any, out: Any, strips: Any, height: Any, columns: Any, out_row: Any, out_strip: Any, start: Any,
           start_row: Any, start_strip: Any, a: Any, a_row: Any, a_step: Any, a_strip: Any, panels: Any,
           steps: Any) -> Any:  # fmt: skip
    """Set `out` to a product added to what is at `start`, as `_sweep` says."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        SweepBuilder(builder, context.get_data_type(out.dtype), arguments).emit()
        return context.get_dummy_value()

    n = types.intp
    return types.void(out, n, n, n, n, n, start, n, n, a, n, n, n, panels, n), codegen


@inlined
def _copy_row(out: Any, row: Any, columns: int) -> None:
    for column in range(columns):
        set_number(ahead(out, column), ahead(row, column))


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
                _copy_row(ahead(out, strip * out_strip + row * out_row),
                          ahead(start, strip * start_strip + row * start_row), columns)  # fmt: skip
        return 0
    _tiles(out, strips, height, columns, out_row, out_strip, start, start_row, start_strip, a, a_row, a_step, a_strip,
           panels, steps)  # fmt: skip
    return 0


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
        target, given, own = ahead(out, column), ahead(start, column), ahead(panels, column * high)
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
        target, left = ahead(out, first * out_row + column), ahead(a, first * a_row)
        given, own = ahead(start, first * start_row + column), ahead(panels, column * high)
        together = out_strip == height * out_row and a_strip == height * a_row and start_strip == height * start_row
        if strips > 1 and together:  # the rows of all steps lie side by side
            strips, height = 1, strips * height
        if strips == 1 and width * high * itemsize_of(out) > _NEAR:
            step = integer_of(a) // max(1, itemsize_of(a) * a_rows * a_row)
            _sweep_in_turns(target, height, width, out_row, given, start_row, left, a_row, own, high, lanes, step)
            wait(team)
            return 1
        at_once = max(1, _ROWS // height) if strips > 1 else 1
        for strip in range(0, strips, at_once):
            _sweep((ahead(target, strip * out_strip), min(at_once, strips - strip), height, width, out_row, out_strip,
                    ahead(given, strip * start_strip), start_row, start_strip, ahead(left, strip * a_strip), a_row, 1,
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
    raise ValueError("multiply: out must have N columns, a K, both with contiguous rows; panels must be of a (K, N).")


@linked("2n221")
def _outer(out: Any, rows: int, columns: int, out_row: int, out_entry: int, first: int, a: Any, steps: int,
           a_columns: int, a_row: int, a_entry: int, b: Any, b_steps: int, b_columns: int, b_row: int, b_entry: int,
           scratch: Any, scratch_size: int, one_entry: int) -> int:  # fmt: skip
    """Add a product of all steps to `out`, as `outer_add` says; 0 if the shapes do not fit."""
    fits = b_steps == steps and b_columns == columns and first >= 0 and first + rows <= a_columns
    if fits and steps > 0 and rows > 0:  # an empty array's distances say nothing
        fits = (columns < 2 or (out_entry == 1 and b_entry == 1)) and (a_columns < 2 or a_entry == 1)
    if not fits or scratch_size < OUTER_SIZE:
        return 0
    lanes = lanes_of(itemsize_of(b))
    strip = max(lanes, TIERS[0][0])  # columns of a that lie together
    panel_columns = _PANELS * lanes
    strips, panels = scratch, ahead(scratch, _STEPS * _LEFT_ROWS)
    for start in range(0, steps, _STEPS):
        count = min(_STEPS, steps - start)
        for column in range(0, columns, panel_columns):
            width = min(panel_columns, columns - column)
            copy_panels((panels, lanes, ahead(b, start * b_row + column), b_row, count, width, lanes))
            for row in range(0, rows, _LEFT_ROWS):
                height = min(_LEFT_ROWS, rows - row)
                copy_panels((strips, strip, ahead(a, start * a_row + first + row), a_row, count, height, lanes))
                target = ahead(out, row * out_row + column)
                whole = height // strip
                _sweep((target, whole, strip, width, out_row, strip * out_row, target, out_row, strip * out_row,
                        strips, 1, strip, strip * count, panels, count))  # fmt: skip
                if whole * strip < height:
                    target, rest = ahead(target, whole * strip * out_row), ahead(strips, whole * strip * count)
                    _sweep((target, 1, height - whole * strip, width, out_row, 0, target, out_row, 0, rest, 1, strip, 0,
                            panels, count))  # fmt: skip
    return 1


@inlined
def outer_add(out: Any, first: int, a: Any, b: Any, scratch: Any) -> None:
    """Add ``a[:, first:first + R].T @ b`` to `out`; each entry is one chain of multiply-adds upwards in s.

    Parameters
    ----------
    out : array (R, N), each row contiguous
    first : int
        The column of `a` that belongs to the first row of `out`.
    a : array (S, ·), each row contiguous
    b : array (S, N), each row contiguous
    scratch : flat array
        At least `OUTER_SIZE` numbers.

    Raises
    ------
    ValueError
        If the shapes do not fit, or rows are not contiguous.
    """
    if _outer((out, first, a, b, scratch)) == 0:
        raise ValueError(
            "outer_add: out must be (R, N), a (S, first + R or more), b (S, N), all rows contiguous, with scratch."
        )
