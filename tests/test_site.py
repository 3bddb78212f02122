"""The documentation's site: every page stands in it, every public name is told, and links lead to what is there."""

import importlib.util
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import gatedsym as gs

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "derivations" / "docs"
PUBLIC = {
    "gatedsym": "gatedsym",
    "flow": "gatedsym.flow",
    "figures": "gatedsym.figures",
    "tasks": "gatedsym.learning.catalogue",
    "parts": "gatedsym.composition.head gatedsym.learning.optimisers gatedsym.library.rules gatedsym.conventions",
    "sweep": "gatedsym.sweep",
    "trainability": "gatedsym.trainability",
    "torch": "gatedsym.torch",
    "jax": "gatedsym.jax",
}
"""Pages of the reference and the modules whose names they tell."""


def extension(name):
    """An extension of the site, as a module."""
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site_pages():
    """README and the like as pages."""
    return extension("site_pages")


@pytest.fixture(scope="module")
def reference_pages():
    """Docstrings as a reference."""
    return extension("reference_pages")


def pages():
    return {
        path.relative_to(DOCS).with_suffix("").as_posix()
        for kind in ("md", "ipynb")
        for path in DOCS.rglob(f"*.{kind}")
    }


def test_every_page_stands_in_the_table_of_contents_once(site_pages):
    index = (DOCS / "index.md").read_text("utf-8")
    listed = re.findall(r"^([\w/-]+)$", "\n".join(re.findall(r"```{toctree}\n(.*?)```", index, re.S)), re.M)
    assert len(listed) == len(set(listed))
    assert set(listed) | set(site_pages.unlisted(index)) == pages() - {"index"}


def test_a_page_that_nobody_listed_stands_under_further_pages(site_pages):
    index = (DOCS / "index.md").read_text("utf-8")
    app = type("App", (), {})()
    source = [index.replace("\nlatex\n", "\n")]
    site_pages.fill_page(app, "index", source)
    assert ":caption: Further pages" in source[0]
    assert "\nlatex\n" in source[0]


def test_every_room_of_public_names_has_its_page():
    for page, modules in PUBLIC.items():
        told = re.findall(r"^\.\. automodule:: (\S+)$", (DOCS / "reference" / f"{page}.md").read_text("utf-8"), re.M)
        assert told == modules.split(), page
    rooms = {getattr(gs, name).__name__ for name in gs.__all__ if type(getattr(gs, name)).__name__ == "module"}
    assert rooms <= set(" ".join(PUBLIC.values()).split())


def test_links_of_pages_that_stand_elsewhere_lead_to_files(site_pages):
    found = 0
    for name in site_pages.ELSEWHERE:
        for target in re.findall(r"\]\(((?!https?:)[^)\s#]+)", site_pages.page_of(name)):
            if "/" in target or target.endswith(".md"):
                assert (DOCS / target).exists(), (name, target)
                found += 1
    assert found > 20
    assert "](torch.md)" in site_pages.page_of("readme")
    assert "](changelog.md)" in site_pages.page_of("contributing")


def test_brackets_before_parentheses_are_no_link(site_pages, tmp_path, monkeypatch):
    (tmp_path / "one.md").write_text("`W [h](x)` and [the page](two.md)", "utf-8")
    (tmp_path / "two.md").touch()
    monkeypatch.setattr(site_pages, "ELSEWHERE", {"one": tmp_path / "one.md", "two": tmp_path / "two.md"})
    assert site_pages.page_of("one") == "`W [h](x)` and [the page](two.md)"


def test_the_reference_tells_what_a_person_types_and_leaves_out_what_rooms_need(reference_pages):
    def left_out(thing):
        return reference_pages.leave_out(None, "class", "", thing, False, None)

    assert [left_out(one) for one in (gs.Cell.kernels, gs.Network.facts)] == [True, True]
    assert [left_out(one) for one in (gs.Cell.forward, gs.Cell.states)] == [None, None]


def test_classes_that_calls_give_back_are_told_without_how_they_are_made(reference_pages):
    def signature(name):
        room, _, own = name.rpartition(".")
        return reference_pages.made_by_calls(
            None, "class", name, getattr(importlib.import_module(room), own), None, "(a)", None
        )

    assert signature("gatedsym.execution.results.Run") == ("", None)
    assert signature("gatedsym.cells.Cell") is None
    assert signature("gatedsym.flow.given.GivenCell") is None  # its parameters are told


def test_a_short_name_in_backticks_leads_to_the_name_that_ends_with_it(reference_pages):
    def target(word):
        python = SimpleNamespace(
            objects=["gatedsym.Cell", "gatedsym.Cell.forward", "gatedsym.flow.given.GivenCell"],
            resolve_xref=lambda env, page, builder, kind, name, node, shown: name,
        )
        env = SimpleNamespace(domains={"py": python})
        node = {"refdomain": "py", "reftarget": word, "refdoc": "page"}
        return reference_pages.link_short_name(SimpleNamespace(builder=None), env, node, None)

    assert target("Cell.forward") == "gatedsym.Cell.forward"
    assert target("Cell") == "gatedsym.Cell"
    assert target("forward") is target("Nothing") is target("n + 1") is None  # an argument has such a name too


def test_the_site_takes_nothing_from_elsewhere():
    """No page asks for a script, a style or a font of another machine."""
    for path in (DOCS / "conf.py", DOCS / "site_pages.py", DOCS / "reference_pages.py", *DOCS.glob("site/*")):
        assert not re.findall(r"https?://", path.read_text("utf-8")), path


@pytest.mark.parametrize(
    ("mode", "kernel", "left", "warned"),
    [("force", True, "force", 0), ("force", False, "off", 1), ("off", False, "off", 0), ("off", True, "off", 0)],
)
def test_without_a_kernel_the_site_is_built_with_notebooks_as_they_are(mode, kernel, left, warned, monkeypatch):
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    spec = importlib.util.spec_from_file_location("conf", DOCS / "conf.py")
    conf = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec.loader.exec_module(conf)
    said = []
    monkeypatch.setattr(conf, "find_spec", lambda name: kernel or None)
    monkeypatch.setattr(conf, "getLogger", lambda name: SimpleNamespace(warning=said.append))
    config = SimpleNamespace(nb_execution_mode=mode)
    conf.leave_notebooks_as_they_are(None, config)
    assert config.nb_execution_mode == left
    assert ["pip install -e '.[notebook]'" in line for line in said] == [True] * warned
