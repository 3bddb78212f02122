"""The rooms of gatedsym/ stand in the order of the way: none imports one below it, no files form a circle."""

import importlib.util
import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "derivations" / "docs"


def load_drawer():
    """The script that draws the rooms; the order stands in it."""
    spec = importlib.util.spec_from_file_location("draw_rooms", DOCS / "draw_rooms.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["draw_rooms"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


rooms = load_drawer()
NAMES = [room.name for room in rooms.ROOMS]


@pytest.fixture(scope="module")
def modules():
    return rooms.find_modules()


@pytest.fixture(scope="module")
def arrows(modules):
    return rooms.find_arrows(modules)


def test_no_room_imports_one_that_stands_below_it(arrows):
    assert len(arrows) > 1000
    assert not [str(arrow) for arrow in rooms.arrows_up(arrows)]


def test_no_files_import_each_other_in_a_circle(arrows):
    assert " → ".join(rooms.find_circle(arrows)) == ""


def test_every_module_stands_in_a_room_and_every_room_has_modules(modules):
    assert {rooms.room_of(module).name for module in modules} == set(NAMES)


def package(folder, **texts):
    """Modules of a package of that name, from texts by dotted names with __ for the dots."""
    for name, text in texts.items():
        path = folder / "gatedsym" / Path(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text, "utf-8")
    return rooms.find_arrows(rooms.find_modules(folder / "gatedsym"))


IMPORTS = {
    "at the top": "from gatedsym.flow.numerics import vectors\n",
    "by its whole name": "import gatedsym.flow.numerics.vectors\n",
    "inside a function": "def late():\n    from gatedsym.flow.numerics.vectors import norm\n",
    "for types alone": "if TYPE_CHECKING:\n    from gatedsym.flow.numerics.vectors import norm as norm\n",
    "where it may fail": "try:\n    import gatedsym.flow.numerics.vectors\nexcept ImportError:\n    pass\n",
}


@pytest.mark.parametrize("text", IMPORTS.values(), ids=IMPORTS)
def test_an_arrow_up_is_named_with_both_its_files(text, tmp_path):
    arrows = package(tmp_path, calculus__adjoint=text, flow__numerics__vectors="")
    assert [str(arrow) for arrow in rooms.arrows_up(arrows)] == [
        "gatedsym.calculus.adjoint imports gatedsym.flow.numerics.vectors"
    ]


def test_an_arrow_down_is_none_up(tmp_path):
    arrows = package(tmp_path, flow__lag="from gatedsym.calculus import adjoint\n", calculus__adjoint="")
    assert len(arrows) == 1
    assert not rooms.arrows_up(arrows)


def test_the_engine_stands_before_the_proofs_of_cells(tmp_path):
    arrows = package(
        tmp_path,
        proofs__engine__field="from gatedsym.proofs.cell import prove\n",
        proofs__cell="from gatedsym.proofs.engine.field import one\n",
    )
    assert [arrow.importer for arrow in rooms.arrows_up(arrows)] == ["gatedsym.proofs.engine.field"]


@pytest.mark.parametrize("indent", ["", "def late():\n    "])
def test_a_circle_is_named_with_its_files(indent, tmp_path):
    arrows = package(
        tmp_path,
        ir__one="from gatedsym.ir.two import b\n",
        ir__two="from gatedsym.ir import three\n",
        ir__three=f"{indent}from gatedsym.ir.one import a\n",
        ir__four="from gatedsym.ir.one import a\n",
    )
    circle = rooms.find_circle(arrows)
    assert circle[0] == circle[-1]
    assert set(circle) == {"gatedsym.ir.one", "gatedsym.ir.two", "gatedsym.ir.three"}
    assert all(rooms.Arrow(one, other) in arrows for one, other in pairwise(circle))


def test_a_module_without_a_room_is_refused():
    with pytest.raises(LookupError, match=r"gatedsym\.helpers stands in no room: add it to ROOMS"):
        rooms.room_of("gatedsym.helpers")


def drawn_sizes():
    """Files and lines of each room as the committed picture has them."""
    lines = (DOCS / "rooms.txt").read_text("utf-8").splitlines()
    found = [re.search(r"(\d+) files?, +([\d,]+) lines", line) for line in lines]
    return {room: rooms.Size(int(f[1]), int(f[2].replace(",", ""))) for room, f in zip(rooms.ROOMS, found, strict=True)}


AGAIN = "draw it again: python derivations/docs/draw_rooms.py"


def test_the_picture_shows_the_rooms_and_arrows_of_today(arrows):
    sizes = drawn_sizes()
    assert (DOCS / "rooms.txt").read_text("utf-8") == rooms.draw_text(sizes, arrows), AGAIN
    assert (DOCS / "rooms.svg").read_text("utf-8") == rooms.draw_picture(sizes, arrows), AGAIN


def test_the_sizes_in_the_picture_are_about_those_of_today(modules):
    """A picture that every new line made stale would be drawn by nobody: a sixth, or two files, may have changed."""
    for room, size in rooms.measure_rooms(modules).items():
        drawn = drawn_sizes()[room]
        assert drawn.files == pytest.approx(size.files, rel=1 / 6, abs=2), (room.name, AGAIN)
        assert drawn.lines == pytest.approx(size.lines, rel=1 / 6, abs=200), (room.name, AGAIN)


def test_the_picture_is_a_drawing_that_a_page_can_show():
    from xml.etree import ElementTree

    words = "".join(ElementTree.parse(DOCS / "rooms.svg").getroot().itertext())
    for room in rooms.ROOMS:
        assert room.name in words
        assert room.does in words
