"""The documentation's site: every page stands in it, every public name is told, and links lead to what is there."""

import importlib.util
import re
from pathlib import Path

import pytest

import gatedsym as gs

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "derivations" / "docs"
PUBLIC = {
    "gatedsym": "gatedsym",
    "flow": "gatedsym.flow",
    "figures": "gatedsym.figures",
    "tasks": "gatedsym.learning.catalogue",
    "parts": "gatedsym.composition.head gatedsym.learning.optimisers gatedsym.conventions",
    "sweep": "gatedsym.sweep",
    "torch": "gatedsym.torch",
    "jax": "gatedsym.jax",
}
"""Pages of the reference and the modules whose names they tell."""


@pytest.fixture(scope="module")
def site_pages():
    """The extension of the site."""
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    spec = importlib.util.spec_from_file_location("site_pages", DOCS / "site_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_the_site_takes_nothing_from_elsewhere():
    """No page asks for a script, a style or a font of another machine."""
    for path in (DOCS / "conf.py", DOCS / "site_pages.py", *DOCS.glob("site/*")):
        assert not re.findall(r"https?://", path.read_text("utf-8")), path
