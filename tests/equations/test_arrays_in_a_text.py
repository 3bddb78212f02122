"""Fixed arrays, identities and diagonal matrices in the text of a cell: what they are read as."""

from __future__ import annotations

import numpy as np
import pytest

from gatedsym.equations import read_equations
from gatedsym.errors import EquationError
from gatedsym.ir.evaluate import NUMPY, evaluate

HEAD = (
    "x in R^m; h, k in R^n; W in R^(n,m); V, U in R^(n,n); a in R^n; s in R\nk' = a * s + W @ x + V @ h + U @ h + k\n"
)
N, M = 4, 3


def value(right: str, head: str = HEAD) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The next state h' for random sources, and these."""
    program = read_equations(f"{head}h' = {right}").program
    random = np.random.default_rng(0)
    sizes = {"n": N, "m": M}
    given = {
        name: random.normal(size=tuple(sizes.get(d) or int(d) for d in program[name].dims))
        for name in program.sources
        if program[name].role in ("input", "state", "parameter")
    }
    return evaluate(program, given, NUMPY, sizes)["h'"], given


SHIFTED = np.roll(np.eye(N), 1, axis=0)
READ = [
    ("lower(n) @ h", lambda g: np.cumsum(g["h"])),
    ("cumsum(h)", lambda g: np.cumsum(g["h"])),
    ("roll(h, 1)", lambda g: np.roll(g["h"], 1)),
    ("roll(h, -2)", lambda g: np.roll(g["h"], -2)),
    ("shift(n) @ h", lambda g: SHIFTED @ g["h"]),
    ("shift(n, 2).T @ h", lambda g: np.roll(g["h"], -2)),
    ("upper(n) h + strictly_lower(n) h", lambda g: np.full(N, g["h"].sum())),
    ("arange(n) / n * h", lambda g: np.arange(N) / N * g["h"]),
    ("(I - V) @ h", lambda g: g["h"] - g["V"] @ g["h"]),
    ("(2 I + V.T - I/2) h", lambda g: 1.5 * g["h"] + g["V"].T @ g["h"]),
    ("I h", lambda g: g["h"]),
    ("I @ V @ h", lambda g: g["V"] @ g["h"]),
    ("(V * I) @ h", lambda g: np.diag(g["V"]) * g["h"]),
    ("eye(n) @ h - V @ eye(n) @ h", lambda g: g["h"] - g["V"] @ g["h"]),
    ("diag(a) @ h", lambda g: g["a"] * g["h"]),
    ("(diag(a) V + V diag(a)) @ h", lambda g: g["a"] * (g["V"] @ g["h"]) + g["V"] @ (g["a"] * g["h"])),
    ("(V - V.T - s I) @ h", lambda g: (g["V"] - g["V"].T - g["s"] * np.eye(N)) @ g["h"]),
    ("diag(tanh(a)) diag(a) h", lambda g: np.tanh(g["a"]) * g["a"] * g["h"]),
    ("(V + U + I) h", lambda g: (g["V"] + g["U"] + np.eye(N)) @ g["h"]),
]


@pytest.mark.parametrize(("right", "expected"), READ, ids=[right for right, _ in READ])
def test_it_is_read_as_a_reader_takes_it(right, expected):
    got, given = value(right)
    assert np.allclose(got, expected(given), rtol=1e-13)


LISTS = [
    ("[[0, 1], [-1, 0]] @ h", lambda h: np.array([h[1], -h[0]])),
    ("[0, 1; -1, 0] @ h", lambda h: np.array([h[1], -h[0]])),
    ("[1, 2] * h", lambda h: np.array([1, 2]) * h),
    ("[1; 2] * h", lambda h: np.array([1, 2]) * h),
    ("[c, -1/3] + h", lambda h: np.array([0.5, -1 / 3]) + h),
    ("h + A_1 @ h", lambda h: h + np.array([[1, 1], [0, 1]]) @ h),
]


@pytest.mark.parametrize(("right", "expected"), LISTS, ids=[right for right, _ in LISTS])
def test_a_bracket_of_numbers_is_an_array(right, expected):
    got, given = value(right, "h in R^2; c = 0.5; v in R^2\nA_1 = [[1, 1], [0, 1]]\ny = A_1 @ v + c\noutput y\n")
    assert np.allclose(got, expected(given["h"]), rtol=1e-14)


def test_no_parameter_stands_in_for_a_fixed_array():
    cell = read_equations("h in R^n; theta in R\nA = -hippo_a(n) / theta\nh' = A @ h + hippo_b(n)")
    assert [layout.name for layout in cell.parameters] == ["theta"]
    assert "A" not in cell.program.batched


def test_a_diagonal_is_no_matrix_in_a_product():
    program = read_equations("h, a in R^n\nh' = diag(a) @ h").program
    assert str(program) == "h'[j] = a[j]*h[j]"
    assert "delta" not in str(read_equations(f"{HEAD}h' = (I - V) @ h").program)


def test_a_name_of_the_text_s_own_stays_its_own():
    """Names that these functions have were parameters before, and still are."""
    own = "shift, upper, I, cumsum, roll in R^n; h in R^n; lower in R^(n,n)\n"
    cell = read_equations(f"{own}h' = shift * h + upper + I * cumsum + lower @ roll")
    assert [p.name for p in cell.parameters] == ["shift", "upper", "I", "cumsum", "roll", "lower"]
    assert read_equations("h in R^n\nshift = tanh(h)\nh' = shift * h").locals[0].name == "shift"
    assert read_equations("h in R^n\ndiag(v) = v * v\nh' = diag(h)").program.definitions["h'"]


def test_an_identity_that_was_meant_for_a_gate_is_told():
    with pytest.raises(EquationError) as caught:
        read_equations("x in R^m; h, c in R^n; W in R^(n,m)\ni = sigmoid(W x)\nc' = c + I * tanh(h)\nh' = i * c'")
    assert "'I' is the identity matrix" in caught.value.message
    assert "declare I" in caught.value.mend


def test_equal_fixed_arrays_are_one():
    program = read_equations("h in R^n\nh' = lower(n) @ h + cumsum(tanh(h))").program
    assert [t.name for t in program.tensors if t.role == "fixed"] == ["lower_n"]
