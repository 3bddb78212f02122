"""The registry: which figures a report has, who takes part in them, and why somebody does not."""

import re
from importlib.resources import files

import pytest

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.flow import white_noise
from gatedsym.report.atlas import Asked, atlas, chosen_analyses
from gatedsym.report.making import measured_or_reason
from gatedsym.report.parts import report_parts
from gatedsym.report.write import write_report

STATELESS = "x in R^m; W in R^(n,m)\noutput y\ny = tanh(W @ x)"
TYPED = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = tanh(W @ x + U @ h + b)"


def test_every_analysis_has_a_module_a_figure_a_text_and_a_chapter():
    sections, analyses = atlas()
    templates = files("gatedsym.report") / "templates"
    for analysis in analyses:
        assert callable(analysis.measured_by.dataset)
        assert callable(analysis.drawn_by)
        assert (templates / "parts" / f"{analysis.key}.html.j2").is_file()
        assert analysis.section in {s.id for s in sections}
    assert len({a.key for a in analyses}) == len(analyses)
    for section in sections:
        assert (templates / "sections" / f"{section.id}.html.j2").is_file()


def test_what_a_person_may_ask_of_an_analysis_is_among_its_options_in_any_case():
    """So that a record of a report has the same options, whatever was asked for."""
    for analysis in atlas()[1]:
        plain, asked = analysis.sizes(Asked()), analysis.sizes(Asked(lags=30, n=8, seeds=2))
        assert plain.keys() == asked.keys()
        assert analysis.sizes(Asked(quick=True)).keys() == analysis.sizes(Asked(quick=True, lags=30)).keys()


def test_figures_are_chosen_by_number_and_by_name():
    assert {a.number for a in chosen_analyses("1")} == {1}
    assert [a.key for a in chosen_analyses("clipping, truncation")] == ["truncation", "clipping"]
    assert {a.key for a in chosen_analyses(everything=True)} == {a.key for a in atlas()[1]}
    assert all(a.default for a in chosen_analyses())


@pytest.mark.parametrize("only", ["77", "gradient", "1,nothing", ""])
def test_an_unknown_figure_is_refused_with_the_known_ones(only):
    with pytest.raises(ArgumentError, match="figure"):
        chosen_analyses(only)


def test_a_cell_without_state_is_left_out_with_a_reason_and_the_others_are_shown(report_cells, tmp_path):
    stateless = Cell(STATELESS, "stateless")
    parts = report_parts([report_cells[0], stateless], white_noise(), chosen_analyses("1"), Asked(quick=True, lags=24))
    assert [[c.name for c in p.cells] for p in parts] == [["rnn"]] * len(parts)
    assert all("stateless has no state" in p.reasons["stateless"] for p in parts)
    out = tmp_path / "r"
    write_report(
        [stateless], out, input="noise", quick=True, lags=8, only="1", derivation=None, errata=None, formats=["svg"]
    )
    text = (out / "index.html").read_text("utf-8")
    assert "stateless has no state" in text
    assert "<img" not in text


def test_a_cell_that_an_analysis_refuses_while_it_runs_is_left_out_with_the_sentence(report_cells, monkeypatch):
    part = report_parts(report_cells, white_noise(), chosen_analyses("truncation"), Asked(quick=True, lags=8))[0]

    def measured(part, progress):
        if any(c.name == "lstm" for c in part.cells):
            raise ArgumentError("lstm: no fixed point was found.")
        return "the data"

    monkeypatch.setattr("gatedsym.report.making.measured", measured)
    left, data = measured_or_reason(part, lambda fraction: None)
    assert data == "the data"
    assert left.reasons == {"lstm": "lstm: no fixed point was found."}


def test_a_report_on_one_figure_reads_well(report_cells, tmp_path):
    out = tmp_path / "r"
    write_report(
        report_cells, out, input="noise", quick=True, lags=24, only="truncation", derivation=None, errata=None,
        formats=["svg"],
    )  # fmt: skip
    text = (out / "index.html").read_text("utf-8")
    assert re.findall(r'<img src="([^"]+)"', text) == ["figures/truncation.svg"]
    assert r"\includegraphics" in text
    assert "@misc{gatedsym-truncation" in text
