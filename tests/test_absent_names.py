"""A misspelt name of a room is answered in a sentence, with the nearest names and what to do."""

import inspect
import subprocess
import sys

import pytest

import gatedsym as gs
from gatedsym.lazy import lazy_names, nearest

ROOMS = {"gs": gs} | {f"gs.{name}": getattr(gs, name) for name in gs.__all__ if inspect.ismodule(getattr(gs, name))}
SLIPS = {
    "gs.Cel": "did you mean Cell or cell? ",
    "gs.netwrok": "did you mean Network? ",
    "gs.flow.lypunov": "did you mean lyapunov? ",
    "gs.figures.gradient_norms": "did you mean gradient_norm? ",
    "gs.tasks.ading": "did you mean adding? ",
    "gs.conventions.export_parameter": "did you mean export_parameters? ",
    "gs.sweep.product_point": "did you mean product_points? ",
    "gs.head.clasification": "did you mean classification? ",
    "gs.optimisers.adam": "did you mean Adam? ",
    "gs.trainability.read_run": "did you mean read_runs? ",
    "gs.rules.Uniformm": "did you mean Uniform? ",
    "gs.flow.x": "",
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_misspelt_name_is_answered_with_the_nearest_and_what_to_do(slip):
    room, _, name = slip.rpartition(".")
    with pytest.raises(AttributeError) as refused:
        getattr(ROOMS[room], name)
    assert str(refused.value) == f"{room} has no attribute {name!r}: {SLIPS[slip]}dir({room}) lists what it has."


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_lists_what_it_offers(room):
    assert set(ROOMS[room].__all__) <= set(dir(ROOMS[room]))
    assert not hasattr(ROOMS[room], "x")


def test_names_of_torch_are_answered_too():
    pytest.importorskip("torch", reason="gatedsym.torch needs PyTorch")
    import gatedsym.torch as gt

    with pytest.raises(AttributeError, match=r"^gatedsym\.torch has no attribute 'wach': did you mean watch\? dir\("):
        gt.wach  # noqa: B018
    assert set(gt.__all__) <= set(dir(gt))


def test_names_of_jax_are_answered_too():
    pytest.importorskip("jax", reason="gatedsym.jax needs jax")
    import gatedsym.jax as gj

    with pytest.raises(AttributeError, match=r"^gatedsym\.jax has no attribute 'layr': did you mean layer or Layer\?"):
        gj.layr  # noqa: B018


def test_a_module_that_was_not_imported_is_named_with_its_import():
    code = "import gatedsym as gs\ngs.torch"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.splitlines()
    assert said[-1] == "AttributeError: gatedsym.torch is loaded by its own name: write import gatedsym.torch first."


def test_of_names_that_are_much_farther_than_the_nearest_nothing_is_said():
    known = ["export_parameters", "import_parameters", "save_parameters"]
    assert nearest("export_parameter", known) == ["export_parameters"]
    assert nearest("ex_parameters", known) == ["export_parameters", "save_parameters"]
    assert nearest("units", known) == []


def test_python_adds_no_guess_of_its_own():
    said = subprocess.run(
        [sys.executable, "-c", "import gatedsym as gs\ngs.cel"], capture_output=True, text=True
    ).stderr
    assert said.splitlines()[-1].endswith("did you mean cell or Cell? dir(gs) lists what it has.")


def test_names_are_found_where_they_are_and_private_ones_are_not_sought():
    asked = []
    find, names = lazy_names(
        "gatedsym.offers",
        "gs.offers",
        homes={"Path": "pathlib"},
        modules={"js": "json"},
        registered=lambda: asked.append(1) or {"one": 1},
    )
    assert (find("Path").__name__, find("js").__name__) == ("Path", "json")
    with pytest.raises(AttributeError, match=r"^module 'gatedsym\.offers' has no attribute '_one'"):
        find("_one")
    assert asked == []
    assert find("one") == 1
    assert {"Path", "js", "one", "offer"} <= set(names())
