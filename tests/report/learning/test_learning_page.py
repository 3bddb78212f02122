"""The page of a comparison: whole, the same again, and what verify says of it."""

import json
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "learning" / "comparison"))
import made_up_runs

import gatedsym as gs
from gatedsym.errors import GatedsymError
from gatedsym.files.netcdf import netcdf, read_netcdf
from gatedsym.learning.comparison import carrying_out
from gatedsym.learning.comparison.datasets import datasets_of
from gatedsym.report.learning.page import render_page
from gatedsym.report.learning.record import is_comparison
from gatedsym.report.learning.verify import verify_comparison
from gatedsym.report.learning.write import Made, render, request_of, write_learning

SMALL = {"updates": 20, "n": 3, "batch": 4, "seeds": 1, "rates": 0.01, "clip": 1, "formats": ("svg",)}


@pytest.fixture(scope="module")
def content():
    """A page of made-up runs."""
    with pytest.MonkeyPatch.context() as patch:
        comparison = made_up_runs.plan(["gru", "rnn"])
        datasets = datasets_of(made_up_runs.results(patch, comparison))
        cells = tuple(gs.cell(name) for name in ("gru", "rnn"))
        request = request_of(comparison, cells, "neurips", ("svg", "pdf"))
        made = Made(comparison, request, cells, "gatedsym learn <gru> rnn --task adding")
        return render(made, datasets)


@pytest.mark.long
def test_the_page_names_recipe_runs_and_interval_of_each_cell(content):
    page = content["index.html"]
    assert "gru (rate 0.01, clip norm 1) came below a loss of 0.0167 in 3 of 3 runs" in page
    assert "rnn (rate 0.003, clip norm 1) came below a loss of 0.0167 in 0 of 3 runs" in page
    assert "0 of 3 (0.00–0.71)" in page
    assert "gatedsym learn &lt;gru&gt; rnn" in page
    assert page.count("<figure") == 6
    for name in ("figures/slides.pdf", "data/early-steps.nc", "figures/learning.tex", "figures.bib"):
        assert name in content
    assert all(f'src="figures/{name}.svg"' in page for name in ("rate-search", "thresholds", "gates-learnt"))


def test_a_section_without_a_figure_says_why(monkeypatch):
    datasets = datasets_of(made_up_runs.results(monkeypatch, made_up_runs.plan(["rnn"], match=False)))
    datasets["learning"].attrs["not_cut"] = ["rnn reads what is more than a step old."]
    page = render_page(datasets, {}, ("svg",), "gatedsym learn rnn", 0)
    assert "No cell here has a gate." in page
    assert "rnn reads what is more than a step old." in page


@pytest.mark.long
def test_the_record_holds_every_file_and_the_whole_request(content):
    record = json.loads(content["provenance.json"])
    assert record["files"].keys() == content.keys() - {"provenance.json"}
    assert record["request"]["cells"] == ["gru", "rnn"]
    assert record["task"]["name"] == "adding"
    assert record["request"]["rates"] == "auto"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying_out, "process_count", lambda calls: 0)
        out = tmp_path_factory.mktemp("learnt") / "page"
        files = write_learning(["rnn"], gs.tasks.adding(T=8), out, **SMALL)
        yield out, files


@pytest.fixture
def page(written, tmp_path):
    return Path(shutil.copytree(written[0], tmp_path / "copy"))


@pytest.mark.long
def test_the_same_asked_again_trains_nothing_and_writes_the_same_bytes(written):
    out, files = written
    before = {path: path.read_bytes() for path in [*files, *(out / "runs").iterdir()]}
    seen = []
    write_learning(["rnn"], gs.tasks.adding(T=8), out, **SMALL, told=lambda plan, estimate: seen.append(estimate.done))
    assert {path: path.read_bytes() for path in before} == before
    assert seen == [1.0]


@pytest.mark.long
def test_a_page_follows_from_its_runs(page):
    found = verify_comparison(page)
    assert is_comparison(page)
    assert found.follows
    assert {v.agreement for v in found.verdicts} == {"values"}
    assert len(found.verdicts) == len(json.loads((page / "provenance.json").read_bytes())["figures"]) + 1


@pytest.mark.long
def test_data_and_texts_that_were_changed_do_not_follow(page):
    path = page / "data" / "learning.nc"
    data = read_netcdf(path.read_bytes())
    data["held_out_loss"][0, 0, 1] += 0.1
    path.write_bytes(netcdf(data))
    (page / "figures" / "thresholds.txt").write_text("It learns everything.")
    found = verify_comparison(page)
    assert not found.follows
    assert [v.name for v in found.verdicts if v.agreement == "none"] == ["learning"]
    assert "figures/thresholds.txt" in found.changed


@pytest.mark.long
def test_losses_that_no_run_had_are_found_without_the_runs(page):
    path = page / "data" / "learning.nc"
    data = read_netcdf(path.read_bytes())
    data["loss"][0, 0, 3] += 0.1
    path.write_bytes(netcdf(data))
    shutil.rmtree(page / "runs")
    found = verify_comparison(page)
    (note,) = found.notes
    assert note.startswith("of the runs")
    assert next(v for v in found.verdicts if v.agreement == "none").detail.startswith("trained anew: update 4 differs")


@pytest.mark.parametrize("damage", [{"kind": "learning"}, {"request": {"updates": "many"}}, {"runs": [1]}])
def test_a_damaged_record_is_refused_in_a_sentence(damage, tmp_path):
    (tmp_path / "provenance.json").write_text(json.dumps({"kind": "learning"} | damage))
    with pytest.raises(GatedsymError, match=r"damaged, or of another version.*\.$"):
        verify_comparison(tmp_path)


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_is_trained(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(carrying_out, "measured_seconds", None)
    with pytest.raises(GatedsymError, match=r"cannot be written .*\.$"):
        write_learning(["rnn"], gs.tasks.adding(T=8), tmp_path / "file" / "page", **SMALL)
