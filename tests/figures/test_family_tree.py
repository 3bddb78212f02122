"""The family tree: every cell once, below the cell that it is an edit of; a picture in which nothing meets."""

import itertools
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gatedsym.errors import ArgumentError
from gatedsym.figures import family_tree as picture
from gatedsym.figures.style import drawing_style
from gatedsym.library import load as library
from gatedsym.library.family_tree import Member, family_tree, printed_tree


def member(name: str, year: int, *children: Member, equals: tuple[str, ...] = ()) -> Member:
    return Member(name, "lstm", name, year, "", equals, children)


def test_every_cell_stands_in_the_tree_once_below_its_origin() -> None:
    members = [m for roots in family_tree().values() for root in roots for m in root.walk()]
    assert sorted(m.name for m in members) == sorted(library.names())
    below = {child.name: m.name for m in members for child in m.children}
    for name in library.names():
        variant = library.derivation(name).variant
        assert below.get(name) == (variant.of if variant is not None else None)


def test_the_printed_tree_says_edit_and_equivalence() -> None:
    from rich.console import Console

    console = Console(width=160, no_color=True)
    with console.capture() as captured:
        console.print(printed_tree(), soft_wrap=True)
    (line,) = (text for text in captured.get().splitlines() if " cifg " in text)
    assert "f = 1 - i" in line
    assert "= cifg_forget" in line


@pytest.mark.long
def test_no_two_labels_meet_and_no_line_crosses_a_label() -> None:
    bands, years = picture.lay_out(family_tree())
    with drawing_style():
        drawing = picture._drawing(bands, years)
        renderer = FigureCanvasAgg(drawing).get_renderer()
        (axes,) = drawing.axes
        boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in axes.texts]
    edge = drawing.bbox
    for text, box in boxes:
        assert box.x0 >= edge.x0, text
        assert box.x1 <= edge.x1, text
    for (first, a), (second, b) in itertools.combinations(boxes, 2):
        assert not (a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1), (first, second)
    middle = axes.transData.transform
    branches = [line for line in axes.lines if len(line.get_xdata()) == 3]
    assert branches
    for line in branches:
        points = [tuple(middle(p)) for p in zip(line.get_xdata(), line.get_ydata(), strict=True)]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            for text, box in boxes:
                inside = (
                    max(min(x0, x1), box.x0) < min(max(x0, x1), box.x1) + 1e-9
                    and max(min(y0, y1), box.y0) < min(max(y0, y1), box.y1) + 1e-9
                )
                assert not inside, text


def test_a_younger_origin_has_its_older_edit_on_the_left() -> None:
    tree = {"lstm": (member("glu", 2017, member("gtu", 2016), member("later", 2020)),)}
    ((band,), years) = picture.lay_out(tree)
    older = next(p for p in band.placed if p.member.name == "gtu")
    assert older.leftwards
    assert older.x == years[2016]
    assert older.extent[0] < older.x


def test_trees_that_fit_share_rows() -> None:
    early, late = member("a", 1990, member("b", 1991)), member("c", 2020)
    far = [member(f"cell_{year}", year) for year in range(2000, 2010)]
    ((band,), _) = picture.lay_out({"lstm": (early, late, *far)})
    assert {p.member.name: p.row for p in band.placed}["c"] == 0


def test_the_same_library_gives_the_same_bytes(tmp_path: Path) -> None:
    tree = {"lstm": (member("a", 1990, member("b", 1997), equals=("c",)), member("c", 2000))}
    for kind in ("svg", "pdf"):
        first, second = tmp_path / f"one.{kind}", tmp_path / f"two.{kind}"
        assert picture.draw_family_tree(tree, first) == [first]
        picture.draw_family_tree(tree, second)
        assert first.read_bytes() == second.read_bytes()


def test_a_picture_needs_a_format_that_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"\.svg"):
        picture.draw_family_tree({}, tmp_path / "tree.gif")
