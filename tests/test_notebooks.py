"""The notebooks of the documentation: committed without outputs, and each runs from its first cell to its last."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "derivations" / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(path):
    return json.loads(path.read_text("utf-8"))["cells"]


def test_there_are_at_least_five():
    assert len(NOTEBOOKS) >= 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_committed_without_outputs_and_opens_with_a_title(path):
    first, *_ = cells(path)
    assert first["cell_type"] == "markdown"
    assert first["source"][0].startswith("# ")
    for cell in cells(path):
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            assert cell["execution_count"] is None
    assert json.loads(path.read_text("utf-8"))["metadata"]["kernelspec"]["name"] == "python3"


def run(path, folder):
    """The notebook, run by a kernel of its own."""
    nbclient = pytest.importorskip("nbclient", reason="the extra notebook is not installed")
    nbformat = pytest.importorskip("nbformat", reason="the extra notebook is not installed")
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    client = nbclient.NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}})
    return client.execute()


def errors(book):
    """What cells wrote to the error stream: warnings among them."""
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]


@pytest.mark.long
def test_the_first_notebook_runs_and_its_objects_show_themselves(tmp_path):
    """The others run where the site is built; a desk has one."""
    book = run(FOLDER / "first-look.ipynb", tmp_path)
    assert errors(book) == []
    shown = [o.data["text/html"] for c in book.cells for o in c.get("outputs", []) if "text/html" in o.get("data", {})]
    assert len(shown) >= 10
    for what in ("<math", "<iframe", "<img", "<table", "<progress"):
        assert any(what in html for html in shown), what
    assert not any("<script" in html for html in shown)
