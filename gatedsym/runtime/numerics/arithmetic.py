"""Scalar building blocks of the activations that Numba's Python has no word for: typed constants, fused sums, bits.

All are LLVM instructions or intrinsics without branches, in the type of their argument (float32 or float64), so a loop
over them is vectorised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_MANTISSA = {"float": 23, "double": 52}
_BIAS = {"float": 127, "double": 1023}
_INTEGER = {"float": ir.IntType(32), "double": ir.IntType(64)}
# sqrt(1/2) as bits, cut to a few digits: where logarithms divide one binade from the next.
_ROOT_HALF = {"float": 0x3F3504F3, "double": 0x3FE6A09E << 32}


def _llvm_intrinsic(name: str, arity: int, meaning: str) -> Any:
    """An LLVM intrinsic on `arity` numbers of one type."""

    def function(typing: Any, *arguments: Any) -> Any:
        kind = arguments[0]
        if kind not in (types.float32, types.float64) or any(a != kind for a in arguments):
            return None

        def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            number = values[0].type
            suffix = "f64" if isinstance(number, ir.DoubleType) else "f32"
            function_type = ir.FunctionType(number, [number] * arity)
            callee = cgutils.get_or_insert_function(builder.module, function_type, f"llvm.{name}.{suffix}")
            return builder.call(callee, values)

        return kind(*arguments), codegen

    # Numba reads the number of arguments from the signature.
    parameters = ", ".join("xyz"[:arity])
    shapes = {1: lambda typing, x: function(typing, x), 2: lambda typing, x, y: function(typing, x, y),
              3: lambda typing, x, y, z: function(typing, x, y, z)}  # fmt: skip
    shape = shapes[arity]
    shape.__name__ = name
    shape.__doc__ = f"{name}({parameters}): {meaning}"
    return intrinsic(shape)


fused = _llvm_intrinsic("fmuladd", 3, "x * y + z, rounded once where the processor can do it in one instruction.")
copysign = _llvm_intrinsic("copysign", 2, "the magnitude of x with the sign of y.")
larger_or_nan = _llvm_intrinsic(
    "maximum", 2, "the larger of two numbers, NaN if one is; LLVM vectorises loops over it."
)
absolute_value = _llvm_intrinsic("fabs", 1, "|x|.")
largest_integer = _llvm_intrinsic("floor", 1, "the largest integer not above x, as a number of x's type.")


@intrinsic  # type: ignore[untyped-decorator]
def like(typing: Any, x: Any, value: Any) -> Any:
    """`value` as a number of x's type: a bare 0.5 would turn float32 arithmetic into float64."""
    if x not in (types.float32, types.float64):
        return None

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.cast(builder, arguments[1], value, x)

    return x(x, value), codegen


def polynomial(single: Sequence[float], double: Sequence[float]) -> Any:
    """A function that evaluates a polynomial by Horner's rule; coefficients for each type, lowest first."""

    @intrinsic  # type: ignore[untyped-decorator]
    def evaluate(typing: Any, x: Any) -> Any:
        if x not in (types.float32, types.float64):
            return None

        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            (value,) = arguments
            coefficients = [ir.Constant(value.type, c) for c in (double if x == types.float64 else single)]
            suffix = "f64" if x == types.float64 else "f32"
            function_type = ir.FunctionType(value.type, [value.type] * 3)
            multiply_add = cgutils.get_or_insert_function(builder.module, function_type, f"llvm.fmuladd.{suffix}")
            total = coefficients[-1]
            for coefficient in reversed(coefficients[:-1]):
                total = builder.call(multiply_add, [total, value, coefficient])
            return total

        return x(x), codegen

    return evaluate


@intrinsic  # type: ignore[untyped-decorator]
def nearest(typing: Any, x: Any) -> Any:
    """The integer nearest to x, as a number of x's type, for |x| below 2**21.

    The sum with 1.5 * 2**52 (2**23) has no room for a fraction, so the addition itself rounds.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        magic = ir.Constant(value.type, 1.5 * 2.0 ** _MANTISSA[str(value.type)])
        return builder.fsub(builder.fadd(value, magic), magic)

    return x(x), codegen


@intrinsic  # type: ignore[untyped-decorator]
def power_of_two(typing: Any, n: Any) -> Any:
    """2**n for a number n that is an integer between -1022 and 1023 (-126 and 127).

    The sum with 1.5 * 2**52 + bias leaves n + bias in the lowest bits; they are shifted into the exponent's place.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        kind = str(value.type)
        integer = _INTEGER[kind]
        magic = ir.Constant(value.type, 1.5 * 2.0 ** _MANTISSA[kind] + _BIAS[kind])
        bits = builder.bitcast(builder.fadd(value, magic), integer)
        return builder.bitcast(builder.shl(bits, ir.Constant(integer, _MANTISSA[kind])), value.type)

    return n(n), codegen


@intrinsic  # type: ignore[untyped-decorator]
def upper_half(typing: Any, x: Any) -> Any:
    """x with the lower half of its digits set to zero: its square is exact."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        kind = str(value.type)
        integer = _INTEGER[kind]
        cleared = (_MANTISSA[kind] + 2) // 2
        mask = ir.Constant(integer, -(1 << cleared))
        return builder.bitcast(builder.and_(builder.bitcast(value, integer), mask), value.type)

    return x(x), codegen


def _binade(builder: Any, value: Any, lowest: int) -> tuple[Any, Any]:
    """(bits of value counted from the binade that begins at the bits `lowest`, number of that binade)."""
    kind = str(value.type)
    integer = _INTEGER[kind]
    shifted = builder.sub(builder.bitcast(value, integer), ir.Constant(integer, lowest))
    return shifted, builder.ashr(shifted, ir.Constant(integer, _MANTISSA[kind]))


@intrinsic  # type: ignore[untyped-decorator]
def log_exponent(typing: Any, x: Any) -> Any:
    """The k, as a number of x's type, for which x * 2**-k lies between sqrt(1/2) and sqrt(2); x positive and normal."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        _, number = _binade(builder, value, _ROOT_HALF[str(value.type)])
        return builder.sitofp(number, value.type)

    return x(x), codegen


@intrinsic  # type: ignore[untyped-decorator]
def log_mantissa(typing: Any, x: Any) -> Any:
    """x * 2**-k between sqrt(1/2) and sqrt(2), with the k of `log_exponent`."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        kind = str(value.type)
        integer = _INTEGER[kind]
        shifted, _ = _binade(builder, value, _ROOT_HALF[kind])
        within = builder.and_(shifted, ir.Constant(integer, (1 << _MANTISSA[kind]) - 1))
        return builder.bitcast(builder.add(within, ir.Constant(integer, _ROOT_HALF[kind])), value.type)

    return x(x), codegen


@intrinsic  # type: ignore[untyped-decorator]
def stored_exponent(typing: Any, x: Any) -> Any:
    """The exponent in the bits of x, without bias: of a normal x the e with 1 <= |x| * 2**-e < 2."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        kind = str(value.type)
        integer = _INTEGER[kind]
        bits = builder.bitcast(value, integer)
        mantissa = ir.Constant(integer, _MANTISSA[kind])
        field = builder.and_(builder.lshr(bits, mantissa), ir.Constant(integer, 2 * _BIAS[kind] + 1))
        exponent = builder.sub(field, ir.Constant(integer, _BIAS[kind]))
        return exponent if kind == "double" else builder.sext(exponent, ir.IntType(64))

    return types.int64(x), codegen


@intrinsic  # type: ignore[untyped-decorator]
def by_type(typing: Any, x: Any, choices: Any) -> Any:
    """The first of two numbers if x is a float32, the second if it is a float64; in x's type."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        chosen = builder.extract_value(arguments[1], 0 if x == types.float32 else 1)
        return context.cast(builder, chosen, types.float64, x)

    return x(x, choices), codegen
