"""Cells given as text: the same kernels as the library's, kept in the cache directory by content; variants."""

import subprocess
import sys

import numpy as np
import pytest
from reference.problems import small

import gatedsym as gs
from gatedsym.library.load import generated_folder

LEAKY = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n)
alpha = 0.75

h' = alpha * h + (1 - alpha) * tanh(W @ x + U @ h)
"""

UNCOUPLED = """
x, h in R^n
w, u in R^n

h' = tanh(w * x + u * h)
"""


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def modules(cache):
    return sorted(p.name for p in (cache / "cells").iterdir())


def test_the_text_of_a_library_cell_gives_the_bits_of_the_library_cell():
    problem = small("lstm")
    typed = gs.Cell(problem.cell.source, name="lstm")
    grads = typed.backward(problem.params, problem.forward(), problem.cotangents)
    expected = problem.backward()
    assert np.array_equal(grads.x, expected.x)
    assert all(np.array_equal(grads.params[k], expected.params[k]) for k in expected.params)


def test_a_module_is_kept_once_for_equal_text_and_again_for_another_text_name_or_constant(empty_cache):
    assert gs.Cell(LEAKY, name="leaky").states == ("h",)
    (first,) = modules(empty_cache)
    assert gs.Cell(LEAKY, name="leaky").parameters == ("W", "U")
    assert modules(empty_cache) == [first]
    others = [
        gs.Cell(LEAKY.replace("0.75", "0.5"), name="leaky"),
        gs.Cell(LEAKY, name="slow"),
        gs.Cell(LEAKY, name="leaky", alpha=0.9),
    ]
    for number, cell in enumerate(others, 2):
        assert cell.states == ("h",)
        assert len(modules(empty_cache)) == number


def test_nothing_is_written_where_the_library_keeps_its_kernels(empty_cache):
    folder = generated_folder()
    before = sorted(folder.iterdir()) if folder.is_dir() else []
    assert gs.Cell(LEAKY, name="lstm").states == ("h",)
    assert (sorted(folder.iterdir()) if folder.is_dir() else []) == before


def test_a_cell_that_shares_the_name_of_a_library_cell_is_not_mistaken_for_it():
    assert gs.Cell(LEAKY, name="lstm").states == ("h",)
    assert gs.cell("lstm").states == ("h", "c")


@pytest.mark.long
def test_two_processes_that_generate_and_compile_at_once_agree(empty_cache, tmp_path):
    program = (
        "import sys, numpy as np, gatedsym as gs\n"
        "cell = gs.Cell(open(sys.argv[1]).read(), name='uncoupled')\n"
        "run = cell.forward(cell.init(n=3), np.ones((4, 2, 3)))\n"
        "print(run['h'].tobytes().hex())\n"
    )
    text = tmp_path / "uncoupled.txt"
    text.write_text(UNCOUPLED)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    (first, first_error), (second, second_error) = (p.communicate(timeout=120) for p in both)
    assert (first_error, second_error) == ("", "")
    assert first == second
    assert len(bytes.fromhex(first.strip())) == 8 * 5 * 2 * 3
    assert len(modules(empty_cache)) == 1
    assert not [p for p in empty_cache.rglob("*") if p.suffix == ".tmp" or p.name.startswith(".")]


def test_a_constant_changes_what_is_computed():
    x = np.ones((3, 1, 2))
    slow = gs.Cell(LEAKY, name="leaky", alpha=1)
    params = slow.init(m=2, n=3)
    start = np.array([[0.5, -0.25, 1.0]])
    assert np.array_equal(slow.forward(params, x, initial={"h": start})["h"], np.tile(start, (4, 1, 1)))


def test_a_variant_is_the_cell_with_edited_equations_and_without_unused_parameters():
    """CIFG: f = 1 - i, so it is the LSTM whose forget gate has the input gate's parameters with the other sign."""
    problem = small("lstm")
    cifg = problem.cell.variant("cifg", {"f": "1 - i"})
    assert set(problem.cell.parameters) - set(cifg.parameters) == {"W_f", "U_f", "b_f"}
    params = {k: problem.params[k] for k in cifg.parameters}
    coupled = {**problem.params, **{f"{k}_f": -problem.params[f"{k}_i"] for k in "WUb"}}
    run = cifg.forward(params, problem.x, initial=problem.initial)
    expected = problem.cell.forward(coupled, problem.x, initial=problem.initial)
    for name in expected:
        np.testing.assert_allclose(run[name], expected[name], rtol=1e-13, atol=1e-15)


def test_a_variant_leaves_its_cell_alone():
    lstm = gs.cell("lstm")
    source = lstm.source
    assert "b_f" not in lstm.variant("no_bias", {"f": "sigmoid(W_f @ x + U_f @ h)"}).parameters
    assert lstm.source == source
    assert "b_f" in lstm.parameters
