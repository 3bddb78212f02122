"""The report: whole, linked, the same for the same input, and every number on it from its data."""

import errno
import hashlib
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlparse

import numpy as np
import pytest
import xarray as xr
from own_cache import with_shared_kernels

from gatedsym.cells import Cell
from gatedsym.errata import ERRATA
from gatedsym.errors import GatedsymError
from gatedsym.flow import fitted_rate, summary, white_noise
from gatedsym.report import write_report
from gatedsym.report.atlas import chosen_analyses
from gatedsym.report.citation import software_entry
from gatedsym.report.findings import find_gates, find_norms
from gatedsym.report.parts import Part, kept_pictures, kernels_digest
from gatedsym.runtime.jit.compile import load_module

OPTIONS = {"quick": True, "lags": 24, "derivation": None, "errata": None, "formats": ["svg"], "only": "1"}


class Page(HTMLParser):
    """Collects what a page refers to, and checks that its elements are closed in order."""

    VOID = frozenset({"meta", "link", "img", "br", "mspace"})

    def __init__(self, text):
        super().__init__()
        self.links, self.tags, self.open, self.images = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        values = dict(attrs)
        self.links += [values[k] for k in ("href", "src") if k in values]
        if tag == "img":
            self.images.append(values)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_report_holds_the_page_figures_data_provenance_and_citations(report):
    out, written = report
    names = {p.relative_to(out).as_posix() for p in written}
    assert {"index.html", "errata.html", "provenance.json", "figures.bib", "derivations/lstm.html"} <= names
    for kind in ("pdf", "svg", "png"):
        assert f"figures/gradient-norm.{kind}" in names
    for kind in ("csv", "nc"):
        assert f"data/gradient-norm.{kind}" in names
    assert {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} == names
    assert written[0] == out / "index.html"


def test_the_page_is_well_formed_and_needs_no_script_and_no_network(report):
    out, _ = report
    page = Page((out / "index.html").read_text("utf-8"))
    assert page.open == []
    assert "script" not in page.tags
    assert all(not urlparse(link).netloc for link in page.links)
    assert all(image["alt"] for image in page.images)
    assert len(page.images) == 5


def test_the_page_of_errata_is_well_formed_and_sets_every_erratum(report):
    out, _ = report
    text = (out / "errata.html").read_text("utf-8")
    page = Page(text)
    assert page.open == []
    assert "script" not in page.tags
    assert {link for link in page.links if not link.startswith(("#", "data:"))} == {"index.html"}
    for erratum in ERRATA:
        assert f'id="{erratum.name}"' in text
    assert page.tags.count("math") >= len(ERRATA)
    assert "counterexample" in text
    assert "proven" in text


def test_every_link_of_the_page_leads_somewhere(report):
    out, _ = report
    text = (out / "index.html").read_text("utf-8")
    targets = set(re.findall(r'id="([^"]+)"', text))
    for link in Page(text).links:
        if link.startswith("#"):
            assert link[1:] in targets
        elif not link.startswith("data:"):
            assert (out / link).is_file(), link


def test_nothing_on_the_page_is_left_unfilled(report):
    text = (report[0] / "index.html").read_text("utf-8")
    prose = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    prose = re.sub(r"<pre>.*?</pre>", "", prose, flags=re.S)
    for stray in ("{{", "{%", ">nan", " nan", "None", "Undefined", "  ,", " .</p>", "..", "&lt;sup"):
        assert stray not in prose


def test_medians_and_factors_on_the_page_are_those_of_the_data(report):
    out, _ = report
    data = xr.load_dataset(out / "data" / "gradient-norm.nc", engine="h5netcdf")
    at = {"cell": "lstm", "init": "xavier", "gain": 1.0, "retention": "0", "quantity": "h"}
    text = (out / "index.html").read_text("utf-8")
    exponent = f"{float(summary(data)['median'].sel(at).sel(lag=12)):.1f}".replace("-", "−")
    factor = f"{10 ** float(fitted_rate(data).sel(at)):.3f}"
    row = re.search(r"<tr[^>]*><td>LSTM</td><td[^>]*>bias 0</td>.*?</tr>", text[text.index('id="rates"') :], re.S)[0]
    assert f"<sup>{exponent}</sup>" in row
    assert f"<td>{factor}</td>" in row


def test_provenance_names_what_made_the_figures(report):
    out, _ = report
    record = json.loads((out / "provenance.json").read_text("utf-8"))
    assert set(record["cells"]) == {"rnn", "lstm", "gru"}
    assert all(len(c["equations_sha256"]) == 64 for c in record["cells"].values())
    assert len(record["runtime_sha256"]) == 64
    headline = record["figures"]["gradient-norm"]
    assert headline["seeds"] == [0, 1, 2]
    assert headline["sizes"]["n"] == 32
    assert headline["settings"]["retention"] == ["0", "1", "2", "chrono", "none"]
    assert "numpy" in record["libraries"]
    assert headline["data_sha256"] in (out / "figures" / "gradient-norm.svg").read_text("utf-8")


@pytest.mark.long
def test_every_figure_has_a_bibtex_entry(report):
    out, _ = report
    bib = (out / "figures.bib").read_text("utf-8")
    keys = re.findall(r"^@\w+\{([^,]+),$", bib, re.M)
    assert keys[0] == "gatedsym"
    assert {f"gatedsym-{p.stem}" for p in (out / "figures").glob("*.pdf")} == set(keys[1:])
    assert bib.count("{") == bib.count("}")


def test_an_unchanged_rerun_computes_nothing_and_writes_the_same_bytes(report, report_cells, tmp_path, monkeypatch):
    _, written = report

    def refuse(*args, **options):
        raise AssertionError("computed again")

    for cell in report_cells:
        monkeypatch.setattr(type(cell), "forward", refuse)
    again = write_report(
        report_cells, tmp_path / "again", quick=True, lags=24, only="1", derivation=lambda cell: f"<p>{cell.name}</p>"
    )
    assert [p.read_bytes() for p in written] == [p.read_bytes() for p in again]


@pytest.mark.long
def test_an_unchanged_report_is_kept_whole_and_one_that_asks_for_something_else_is_made(
    report_cells, tmp_path, monkeypatch
):
    # Other tests keep reports too, and this one asks for what they may have asked for.
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(with_shared_kernels(tmp_path / "cache")))
    options = OPTIONS | {"input": "noise"}
    first = write_report(report_cells, tmp_path / "first", **options)
    monkeypatch.setattr("gatedsym.report.write.render_report", lambda *a, **o: pytest.fail("made anew"))
    again = write_report(report_cells, tmp_path / "again", **options)
    assert [p.relative_to(tmp_path / "first") for p in first] == [p.relative_to(tmp_path / "again") for p in again]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    changes = ({"width": 6.0}, {"lags": 23}, {"command": "another"}, {"formats": ["png"]}, {"input": white_noise(5)},
               {"derivation": lambda cell: ""}, {"only": "truncation"}, {"n": 4})  # fmt: skip
    for change in changes:
        with pytest.raises(pytest.fail.Exception, match="made anew"):
            write_report(report_cells, tmp_path / "other", **options | change)
    with pytest.raises(pytest.fail.Exception, match="made anew"):
        write_report(report_cells[:2], tmp_path / "other", **options)
    monkeypatch.setattr("gatedsym.report.kept.fingerprint", lambda *modules: "an edit")
    with pytest.raises(pytest.fail.Exception, match="made anew"):
        write_report(report_cells, tmp_path / "other", **options)


def test_an_interrupted_run_leaves_the_old_report(report, report_cells, monkeypatch):
    out, written = report
    before = {p: p.read_bytes() for p in written}

    def interrupt(fraction, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(report_cells, out, input="noise", progress=interrupt, **OPTIONS)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


@pytest.mark.long
def test_progress_rises_from_0_to_1(report_cells, tmp_path):
    told = []
    write_report(report_cells, tmp_path / "r", input="noise", progress=lambda f, s: told.append((f, s)), **OPTIONS)
    fractions = [f for f, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0
    assert fractions[-1] == 1
    assert "gradient-norm" in {s for _, s in told}


@pytest.mark.parametrize("chosen", [["rnn"], ["lstm"], ["lstm", "gru"]])
@pytest.mark.long
def test_reports_on_plain_cells_alone_and_gated_cells_alone_read_well(report_cells, tmp_path, chosen):
    cells = [c for c in report_cells if c.name in chosen]
    write_report(cells, tmp_path / "r", input="noise", **OPTIONS)
    text = (tmp_path / "r" / "index.html").read_text("utf-8")
    assert Page(text).open == []
    assert ('id="timescale-table"' in text) == (chosen != ["rnn"])
    assert "Where a cell without such a bias wins" not in text


@pytest.mark.long
def test_a_persons_own_text_is_read_and_named(report_cells, tmp_path):
    path = tmp_path / "诗_1 & 2.txt"
    path.write_text("床前明月光,疑是地上霜。举头望明月,低头思故乡。" * 3, encoding="utf-8")
    write_report(report_cells[:1], tmp_path / "r", input=path, **OPTIONS)
    assert "诗_1 &amp; 2.txt" in (tmp_path / "r" / "index.html").read_text("utf-8")
    assert r"\_1 \& 2.txt" in (tmp_path / "r" / "figures" / "gradient-norm.tex").read_text("utf-8")


def test_data_too_short_for_the_lag_is_refused_before_anything_is_written(report_cells, tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("ab" * 5)
    with pytest.raises(GatedsymError, match="10 steps"):
        write_report(report_cells, tmp_path / "r", input=path, **OPTIONS)
    assert not (tmp_path / "r").exists()


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(report_cells, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GatedsymError, match="cannot be written"):
        write_report(report_cells, tmp_path / "file" / "r", input="noise", **OPTIONS)
    assert os.listdir(tmp_path) == ["file"]


def test_settings_whose_bands_overlap_are_level():
    lag = np.arange(5)
    values = np.full((2, 1, 1, 3, 4, 1, 5), np.nan)
    values[0, :, :, 2] = np.array([-1.0, -1.1, -0.9, -1.0])[:, None, None]
    values[1, :, :, 0] = np.array([-1.05, -1.2, -0.95, -1.0])[:, None, None]
    values[1, :, :, 1] = -3.0
    coords = {"cell": ["rnn", "lstm"], "init": ["xavier"], "gain": [1.0], "retention": ["1", "0", "none"],
              "seed": np.arange(4), "quantity": ["h"], "lag": lag}  # fmt: skip
    flow = xr.Dataset({"log10_norm": (tuple(coords), values)}, coords=coords, attrs={"seeds": 4, "horizon": 4, "n": 8})
    over = find_norms(flow)["wins"][0]["over"][0]
    assert [g["retention"] for g in over["level"]] == ["1"]
    assert [g["retention"] for g in over["behind"]] == ["0"]
    assert over["ahead"] == []


def test_the_page_names_the_gates_that_stand_lowest_and_highest_and_the_one_most_often_decided():
    shape, dims = (2, 1, 1, 1, 2, 2, 3), ("cell", "init", "gain", "retention", "seed", "gate", "time")
    mean, share = np.full(shape, np.nan), np.zeros(shape)
    mean[0, ..., 0, :], mean[0, ..., 1, :], mean[1, ..., 1, :] = 0.2, 0.5, 0.7
    share[0, ..., 1, 0] = 0.3  # a third of the steps
    coords = {"cell": ["lstm", "gru"], "retention": ["1"], "gate": ["i", "z"]}
    data = xr.Dataset({"mean": (dims, mean), "left": (dims, share), "right": (dims, 0 * share)}, coords=coords)
    found = find_gates(data)
    assert [(found[k]["cell"], found[k]["gate"]) for k in ("lowest", "highest")] == [("LSTM", "i"), ("GRU", "z")]
    assert (found["decided"]["gate"], found["decided"]["words"]) == ("z", "bias 1")
    assert found["decided"]["share"] == pytest.approx(0.1)
    assert find_gates(data.where(False)) == {"gates": 0, "lowest": None, "highest": None, "decided": None}


def test_numbers_of_other_kernels_are_not_taken_for_those_of_this_cell(report_cells):
    one, other = (
        SimpleNamespace(
            name="rnn",
            source="the same",
            constants={},
            inputs=(),
            kernels=SimpleNamespace(module=load_module(text, "kept")),
        )
        for text in ("INTERFACE = {}  # one\n", "INTERFACE = {}  # the other\n")
    )
    assert kernels_digest(one) == hashlib.sha256(b"INTERFACE = {}  # one\n").hexdigest()
    analysis = chosen_analyses("gradient-norm")[0]
    first, again, second = (Part(analysis, white_noise(), (c,)) for c in (one, one, other))
    assert kept_pictures(first, "neurips", "") != kept_pictures(second, "neurips", "")
    assert kept_pictures(first, "neurips", "") == kept_pictures(again, "neurips", "")
    assert kept_pictures(first, "neurips", "") != kept_pictures(first, "neurips", "another command")


def test_two_cells_of_one_name_are_refused_in_a_sentence(tmp_path):
    with pytest.raises(GatedsymError, match="same name"):
        write_report(["rnn", "rnn"], tmp_path / "r", **OPTIONS)


@pytest.mark.long
def test_a_cell_whose_gradients_are_nowhere_finite_is_reported_as_such(report_cells, tmp_path):
    class Endless(type(report_cells[0])):
        name = "endless"

        def backward(self, *arguments):
            found = super().backward(*arguments)
            for value in (*found.params.values(), found.x):
                value[:] = np.inf
            return found

    write_report([Endless()], tmp_path / "r", input="noise", **OPTIONS)
    text = (tmp_path / "r" / "index.html").read_text("utf-8")
    assert Page(text).open == []
    assert "nothing that was measured of endless is finite" in text.replace("Nothing", "nothing")


@pytest.mark.long
def test_a_cell_without_input_is_reported_by_its_states_alone(tmp_path):
    source = "h in R^n; U in R^(n x n); b in R^n\nh' = tanh(U @ h + b)"
    write_report([Cell(source, "alone")], tmp_path / "r", **OPTIONS)
    text = (tmp_path / "r" / "index.html").read_text("utf-8")
    assert "alone has no input and runs by itself" in text
    assert "alone reads" not in text
    with xr.open_dataset(tmp_path / "r" / "data" / "gradient-norm.nc", engine="h5netcdf") as data:
        assert "x" not in data["quantity"].values
        assert np.isfinite(data["log10_norm"].sel(quantity="h")).all()
    record = json.loads((tmp_path / "r" / "provenance.json").read_text("utf-8"))
    assert record["figures"]["gradient-norm"]["input"]["name"] == "nothing"
    assert "gradient-norm-noise" not in record["figures"]


@pytest.mark.long
def test_an_interruption_after_some_figures_leaves_the_old_report(report, report_cells, monkeypatch):
    out, written = report
    before = {p: p.read_bytes() for p in written}

    def interrupt(fraction, text):
        if text == "clipping":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(report_cells, out, input="noise", progress=interrupt, **OPTIONS)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_measured(report_cells, tmp_path):
    def measured(fraction, text):
        raise AssertionError("measured")

    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GatedsymError, match="cannot be written"):
        write_report(report_cells, tmp_path / "file", input="noise", progress=measured, **OPTIONS)


@pytest.mark.long
def test_nothing_is_replaced_before_all_is_on_the_disk_and_the_page_comes_last(report_cells, tmp_path, monkeypatch):
    order, replace = [], os.replace

    def record(temporary, path):
        # All other files of the report lie ready, or are in place.
        order.append((Path(path).name, len([p for p in (tmp_path / "r").rglob("*") if p.is_file()])))
        replace(temporary, path)

    monkeypatch.setattr("gatedsym.files.write.os.replace", record)
    write_report(report_cells[:1], tmp_path / "r", input=white_noise(), **OPTIONS)
    inside = [entry for entry in order if entry[1]]
    assert inside[-1][0] == "index.html"
    assert {count for _, count in inside} == {len(inside)}


@pytest.mark.long
def test_a_disk_that_fills_up_leaves_the_old_report_and_no_temporary_file(report, report_cells, monkeypatch):
    out, written = report
    before = {p: p.read_bytes() for p in written}

    calls, chmod = [], os.chmod

    def change_until_full(*arguments):
        calls.append(arguments)
        if len(calls) > 9:
            raise OSError(errno.ENOSPC, "No space left on device")
        chmod(*arguments)

    monkeypatch.setattr("gatedsym.files.write.os.chmod", change_until_full)
    for folder in (out, out.parent / "new" / "r"):
        calls.clear()
        with pytest.raises(GatedsymError, match="No space left on device"):
            write_report(report_cells, folder, **OPTIONS)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert not (out.parent / "new").exists()


def test_the_readme_cites_the_software_as_every_report_does():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    shown = re.search(r"```bibtex\n(.*?)```", readme, re.S)
    assert shown is not None
    assert shown[1] == software_entry()
