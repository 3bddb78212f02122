"""Work on a cell grows with what is written, not with its square: calls are counted, so that every machine agrees."""

from __future__ import annotations

import cProfile
import math
from collections.abc import Callable

import pytest
from sympy.core.cache import clear_cache

from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.typesetting.pages.derivation import derivation, render
from gatedsym.typesetting.pages.paths import elementwise_factor


def states(count: int) -> str:
    """States that feed each other in a ring."""
    lines = ["x in R^m; W in R^(n,m)"]
    lines += [f"s{k} in R^n; U{k} in R^(n,n); b{k} in R^n" for k in range(count)]
    rings = [f"U{k} @ s{(k + 1) % count} + s{(k + 3) % count} * b{k}" for k in range(count)]
    rings[-1] += " + W @ x"
    return "\n".join([*lines, *(f"s{k}' = tanh({ring})" for k, ring in enumerate(rings))])


def gates(count: int) -> str:
    """Gates that stand in one sum."""
    lines = ["x in R^m; h in R^n"]
    lines += [f"W{k} in R^(n,m); U{k} in R^(n,n); b{k} in R^n" for k in range(count)]
    lines += [f"g{k} = sigmoid(W{k} @ x + U{k} @ h + b{k})" for k in range(count)]
    return "\n".join([*lines, "h' = h * g0 * g1 + " + " + ".join(f"g{k}" for k in range(count))])


def chain(count: int) -> str:
    """Lines of which each reads the one before."""
    lines = ["x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n", "a0 = W @ x + U @ h"]
    lines += [f"a{k} = tanh(a{k - 1} + b * h)" for k in range(1, count)]
    return "\n".join([*lines, f"h' = a{count - 1}"])


def wide(count: int) -> str:
    """One sum of functions."""
    terms = " + ".join(f"tanh({k + 1} * h + b)" for k in range(count))
    return f"x in R^m; h in R^n; W in R^(n,m); b in R^n\nh' = {terms} + W @ x"


def product(count: int) -> str:
    """One product of functions: every derivative has all factors but one."""
    biases = "; ".join(f"b{k} in R^n" for k in range(count))
    factors = " * ".join(f"sigmoid(h + b{k})" for k in range(count))
    return f"x in R^m; h in R^n; W in R^(n,m); {biases}\nh' = W @ x + {factors}"


def delays(count: int) -> str:
    """A state that is read at many steps before."""
    terms = " + ".join(f"h_{{t-{k}}} * 0.5" for k in range(2, count + 2))
    return f"x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh_t = tanh(W @ x_t + U @ h_{{t-1}} + {terms})"


def module(text: str) -> str:
    """The module of a cell."""
    return write_module(read_equations(text, name="cell"))


def page(text: str) -> str:
    """The page that derives a cell's gradient."""
    return render(derivation(read_equations(text, name="cell")), "html")


def calls_and_size(write: Callable[[str], str], text: str) -> tuple[int, int]:
    """How many functions run while a cell is read and written down, and how long that is."""
    clear_cache()
    elementwise_factor.cache_clear()
    profile = cProfile.Profile()
    written = profile.runcall(lambda: write(text))
    return sum(entry.callcount for entry in profile.getstats()), len(written)


@pytest.mark.parametrize(
    ("write", "shape"), [*((module, shape) for shape in (states, gates, chain, wide, product, delays)), (page, chain)]
)
@pytest.mark.long
def test_reading_and_writing_a_cell_grow_no_faster_than_what_is_written(
    write: Callable[[str], str], shape: Callable[[int], str]
) -> None:
    write(shape(3))  # what is loaded at first use is not counted
    (few, short), (many, long) = (calls_and_size(write, shape(count)) for count in (20, 40))
    growth, size = math.log2(many / few), math.log2(long / short)
    assert growth < max(1.15, size + 0.1), f"calls grow with the power {growth:.2f}, the text with {size:.2f}"
