"""Arrays from files beside a text: their numbers are the cell's own from the first reading on."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import gatedsym as gs
from gatedsym.cells import Cell
from gatedsym.cli.entry import app
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.equations.array_files import with_arrays
from gatedsym.equations.fixed_arrays import MAX_VALUES
from gatedsym.errors import EquationError
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

CELL = 'x, h in R^{n}\nA = file("{name}")\nh\' = tanh(A @ h + x)'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def matrix(size: int) -> np.ndarray:
    return np.random.default_rng(size).standard_normal((size, size))


@pytest.mark.parametrize("dtype", ["f8", "f4", "i2"])
def test_the_numbers_of_a_file_are_those_of_the_cell(folder, dtype):
    values = (4 * matrix(3)).astype(dtype)
    np.save("A.npy", np.asfortranarray(values))
    program = read_equations(CELL.format(n=3, name="A.npy")).program
    (found,) = (t.array.values for t in program.tensors if t.array is not None)
    assert [float(v) for v in found] == values.astype(float).ravel().tolist()


def test_a_table_with_commas_is_read_and_one_column_is_a_vector(folder):
    (folder / "A.csv").write_text("0.5, 1\n-1e-3,2\n")
    assert with_arrays('A = file("A.csv")').startswith("A = [[0.5, 1], [-0.001, 2]]  # A.csv, sha256 ")
    (folder / "v.csv").write_text("1\n2\n")
    assert with_arrays("v = file('v.csv')").startswith("v = [1, 2]")
    assert with_arrays("v = file('v.csv') * h").startswith("v = [1, 2] * h")


def test_a_cell_needs_its_file_once(folder):
    """So keys of caches, pickles, variants and cells of the report hold the numbers themselves."""
    np.save("A.npy", matrix(3))
    cell = Cell(CELL.format(n=3, name="A.npy"))
    np.save("A.npy", 2 * matrix(3))
    assert Cell(CELL.format(n=3, name="A.npy")) != cell
    (folder / "A.npy").unlink()
    assert pickle.loads(pickle.dumps(cell)).recurrence.program == cell.recurrence.program
    assert cell.variant("linear", {"h'": "A @ h + x"}).source.count("sha256") == 1


def test_an_edit_may_name_a_file(folder):
    np.save("A.npy", matrix(2))
    cell = Cell("x, h in R^2\nA = [[0, 1], [1, 0]]\nh' = tanh(A @ h + x)")
    edited = cell.variant("edited", {"A": 'file("A.npy")'})
    assert edited == cell.variant("edited", {"A": with_arrays('file("A.npy")')})
    assert repr(float(matrix(2)[0, 0])) in edited.source


def test_more_numbers_than_a_reader_reads_are_a_list_above_the_kernels(folder):
    """Against NumPy; the tolerance is thousands of roundings."""
    np.save("A.npy", matrix(9))
    cell = gs.Cell(CELL.format(n=9, name="A.npy"))
    text = write_module(cell.recurrence)
    assert "A = [[" in text
    assert "… 81 numbers]" in text
    assert text.count(repr(float(matrix(9)[4, 4]))) == 1
    cell.kernels = Kernels(uncompiled(load_module(text, "listed"), NUMPY))
    x = np.random.default_rng(0).standard_normal((3, 2, 9))
    run, h = cell.forward({}, x), np.zeros((2, 9))
    for row in x:
        h = np.tanh(h @ matrix(9).T + row)
    assert np.allclose(run["h"][-1], h, rtol=0, atol=1e-12)


@pytest.mark.long
def test_a_list_above_the_kernels_is_proven(folder):
    np.save("v.npy", matrix(9)[:, :8].ravel())
    recurrence = read_equations("h in R^72\nv = file('v.npy')\nh' = tanh(v * h)")
    text = write_module(recurrence)
    assert prove_emitted(recurrence, load_module(text, "listed")).entries > 100
    digits = repr(float(matrix(9)[3, 3]))
    with pytest.raises(gs.errors.ProofError):
        prove_emitted(recurrence, load_module(text.replace(digits, "0.25", 1), "listed"))


def test_a_command_reads_beside_the_file_that_it_is_given(folder, monkeypatch):
    (folder / "cells").mkdir()
    np.save("cells/A.npy", matrix(2))
    (folder / "cells" / "mine.txt").write_text(CELL.format(n=2, name="A.npy"))
    told = CliRunner().invoke(app, ["derive", "cells/mine.txt"])
    assert told.exit_code == 0, told.output
    assert "sha256" in told.output


def saved(name: str, array: object, **how: object) -> None:
    with open(name, "wb") as file:
        np.save(file, array, **how)


BAD = {
    "objects": (lambda: saved("A.npy", np.array([{}]), allow_pickle=True), "holds object, no numbers"),
    "complex": (lambda: saved("A.npy", np.eye(2) * 1j), "two files"),
    "infinite": (lambda: saved("A.npy", np.array([[1, np.inf], [0, 0]])), "has inf at [0, 1]"),
    "many": (lambda: saved("A.npy", np.zeros((MAX_VALUES, 2))), "lists at most 1,024"),
    "one row": (lambda: saved("A.npy", np.zeros((1, 4))), "has the shape (1, 4)"),
    "three axes": (lambda: saved("A.npy", np.zeros((2, 2, 2))), "has the shape (2, 2, 2)"),
    "empty": (lambda: saved("A.npy", np.zeros((0, 2))), "has the shape (0, 2)"),
    "no array": (lambda: Path("A.npy").write_text("0 1"), "no array that numpy.save wrote"),
    "torn": (lambda: Path("A.npy").write_bytes(Path("A.npy").read_bytes()[:130]), "is damaged"),
    "none": (lambda: None, "there is no file A.npy"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_array_of_numbers_is_refused_in_a_sentence(folder, case):
    make, told = BAD[case]
    if case == "torn":
        saved("A.npy", np.eye(2))
    make()
    with pytest.raises(EquationError) as refusal:
        Cell(CELL.format(n=2, name="A.npy"))
    assert told in str(refusal.value)
    assert refusal.value.line == 2
    assert "^" in str(refusal.value)


@pytest.mark.parametrize("name", ["../A.npy", "/etc/passwd", "link.npy"])
def test_nothing_outside_of_the_folder_is_read(folder, name, monkeypatch):
    inner = folder / "inner"
    inner.mkdir()
    np.save(folder / "A.npy", matrix(2))
    (inner / "link.npy").symlink_to(folder / "A.npy")
    monkeypatch.chdir(inner)
    with pytest.raises(EquationError, match="outside of the folder of the text"):
        Cell(CELL.format(n=2, name=name))


def test_a_header_that_claims_more_than_there_is_takes_no_memory(folder):
    saved("A.npy", np.zeros(2))
    content = (folder / "A.npy").read_bytes().replace(b"(2,), ", b"(2000000000000,), ")
    (folder / "A.npy").write_bytes(content)
    with pytest.raises(EquationError):
        Cell(CELL.format(n=2, name="A.npy"))


def test_a_name_without_quotes_is_told_how_to_stand():
    with pytest.raises(EquationError, match=r'Write file\("A.npy"\)'):
        Cell("h in R^2\nA = file(A.npy)\nh' = A @ h")


def test_a_comment_names_no_file_and_a_function_of_that_name_is_the_texts():
    assert with_arrays('h\' = h  # file("A.npy")') == 'h\' = h  # file("A.npy")'
    assert read_equations("x, h in R^n\nfile(u) = u * u\nh' = file(h) + x").program
