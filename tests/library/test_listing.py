"""The lists of the library: nothing is left out, and none needs the equations to be read."""

import importlib.util
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from gatedsym.cells import cell
from gatedsym.errors import ArgumentError, GatedsymError
from gatedsym.ir.interface import Layout
from gatedsym.library import listing
from gatedsym.library import load as library
from gatedsym.library.claims import Equivalence
from gatedsym.library.family_tree import family_tree


class Shapes(NamedTuple):
    states: tuple[Layout, ...]
    parameters: tuple[Layout, ...]


def shapes(parameters: dict[str, list[list[str]]]) -> Shapes:
    layouts = []
    for name, axes in parameters.items():
        split = tuple(map(tuple, axes))
        blocks = list(product(*split))
        layouts.append(Layout(name, split, tuple(f"{name}_{k}" for k in range(len(blocks)))))
    return Shapes((), tuple(layouts))


def test_every_cell_is_listed_once_under_its_family() -> None:
    lines = list(listing.listing())
    names = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(names) == sorted(library.names())
    assert lines[-1].startswith(f"{len(names)} cells")


def test_a_cell_without_a_second_source_is_marked() -> None:
    marked = {line.split()[0] for line in listing.listing() if line.endswith(" *")}
    assert marked == {n for n in library.names() if not library.derivation(n).has_second_source}


def test_a_listing_reads_no_equations() -> None:
    code = (
        "import sys; from gatedsym.library import listing; list(listing.listing()); list(listing.contradictions());"
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("parameters", "formula"),
    [
        ({"W": [["n"], ["m"]], "U": [["n"], ["n"]], "b": [["n"]]}, "n² + nm + n"),
        ({"W": [["n"], ["n", "m"]], "V": [["n"], ["n"]]}, "2n² + nm"),
        ({"W": [["4"], ["n"]], "a": []}, "4n + 1"),
        ({"W": [["rank"], ["n"]], "V": [["rank"], ["n"]]}, "2n·rank"),
        ({}, "0"),
    ],
)
def test_parameters_are_counted_by_their_shapes(parameters: dict[str, list[list[str]]], formula: str) -> None:
    assert listing.parameter_count(shapes(parameters)) == formula


@pytest.mark.parametrize("name", ["lstm_working_memory", "rhn", "mlstm"])
def test_a_cell_that_has_no_module_yet_is_listed_as_with_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_module = list(listing.page(name))
    monkeypatch.setattr(library, "generated_folder", lambda: tmp_path)
    assert list(listing.page(name)) == with_module


def test_the_count_of_the_lstm_is_that_of_its_arrays() -> None:
    m, n = 3, 5
    arrays = cell("lstm").init(m=m, n=n)
    assert listing.parameter_count(listing.read_layouts("lstm")) == "4n² + 4nm + 4n"
    assert sum(a.size for a in arrays.values()) == 4 * n**2 + 4 * n * m + 4 * n


def test_a_page_has_equations_with_their_comments_descent_and_claims() -> None:
    page = "\n".join(listing.page("cifg"))
    assert "f  = 1 - i" in page
    assert "# input gate" in page
    assert "an edit of lstm:" in page
    assert "cifg = lstm, where W_f of lstm is -W_i" in page
    assert "edited in" in "\n".join(listing.page("lstm"))


def test_a_page_of_no_cell_says_what_is_near() -> None:
    with pytest.raises(ArgumentError, match="did you mean 'lstm'"):
        list(listing.page("lstn"))


def test_contradictions_are_grouped_by_project_and_complete() -> None:
    lines = list(listing.contradictions())
    projects = [line for line in lines[:-1] if not line.startswith(" ")]
    assert projects == sorted(set(projects), key=str.lower)
    text = "\n".join(lines)
    for name in library.names():
        derivation = library.derivation(name)
        assert all(c.says in text and c.does in text for c in derivation.contradictions)
        assert all(c.agrees or c.text in text for c in derivation.comparisons)


def test_the_tree_says_equal_only_where_two_cells_are_one() -> None:
    """Where parameters are fixed, or lines replaced, on one side, one is a special case of the other."""
    members = {m.name: m for trees in family_tree().values() for tree in trees for m in tree.walk()}
    assert "gru" in members["nbrc"].relations["special case of"]
    assert "lstm" in members["lstm_working_memory"].relations["contains"]
    assert members["cifg"].equals == ("cifg_forget",)
    for member in members.values():
        claims = [c for c in library.derivation(member.name).claims if isinstance(c, Equivalence)]
        for other in member.equals:
            assert any(
                c.other_name == other and not (c.where or c.other_where or c.other_parameters or c.dimensions)
                for c in claims
            )
            assert sum(a.size for a in cell(other).init(m=3, n=5).values()) == sum(
                a.size for a in cell(member.name).init(m=3, n=5).values()
            )


@pytest.mark.parametrize(("old", "new"), sorted(library.MOVED.items()))
def test_a_derivation_file_with_an_older_name_of_a_module_is_told_the_newer(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(f"from {old} import anything\n", "utf-8")
    with pytest.raises(GatedsymError, match=f"{old} is {new} now, import from there"):
        library._load(path)
    assert importlib.util.find_spec(new)
