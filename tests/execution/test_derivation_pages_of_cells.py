"""``cell.derivation(…)``, ``cell.diagram()``, ``cell.prove()``: what commands make, as objects that show themselves."""

import copy
import pickle

import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError

FORMATS = ("text", "latex", "markdown", "html")


@pytest.fixture(scope="module")
def mine():
    return gs.Cell("x, h in R^n; a in R^n  # <b>\nh' = tanh(a * h) + x", "mine")


def test_a_derivation_is_the_text_that_the_command_prints(capsys):
    from typer.testing import CliRunner

    from gatedsym.cli import app

    for format in FORMATS:
        printed = CliRunner().invoke(app, ["derive", "rnn", "--format", format]).output
        assert gs.cell("rnn").derivation(format).rstrip("\n") == printed.rstrip("\n")


def test_a_page_is_a_str_that_a_notebook_shows_typeset(mine):
    page = mine.derivation()
    assert isinstance(page, str)
    assert page.startswith("The gradient of mine")
    for shown in (page._repr_html_(), mine.derivation._repr_html_(), mine.derivation("html")._repr_html_()):
        assert shown.startswith("<iframe ")
        assert "&lt;math" in shown  # in an attribute: escaped once
        assert "<b>" not in shown
    assert mine.derivation("latex")._repr_html_() is None


def test_a_page_pickles_copies_and_is_saved(mine, tmp_path):
    page = mine.derivation("markdown")
    for again in (pickle.loads(pickle.dumps(page)), copy.deepcopy(page)):
        assert again == page
        assert again._repr_html_() == page._repr_html_()
    assert page.save(tmp_path / "page.md").read_text("utf-8") == page


def test_the_record_of_the_library_is_read_from_the_derivation_too(mine):
    lstm = gs.cell("lstm")
    assert lstm.derivation.title == lstm.record.title == "LSTM with a forget gate"
    assert mine.record is None
    with pytest.raises(AttributeError, match=r"mine is a cell of your own, of which the library says no title: call"):
        mine.derivation.title  # noqa: B018


def test_constants_of_a_cell_reach_its_derivation():
    assert gs.cell("rhn", L=2).derivation() != gs.cell("rhn", L=3).derivation()


def test_a_wrong_format_and_a_name_that_is_no_result_are_refused(mine):
    with pytest.raises(ArgumentError, match=r"format must be 'text', 'latex', 'markdown' or 'html', not 'pdf'\."):
        mine.derivation("pdf")
    with pytest.raises(ArgumentError, match=r"reads has to name results of the step \(h'\), not h\."):
        mine.derivation(reads=["h"])


def test_the_equations_of_a_cell_are_a_display_of_latex(mine):
    assert mine._repr_latex_() == ("$$\\begin{aligned}\nh_{t} &= \\tanh(a\\odot h_{t-1}) + x_{t}\n\\end{aligned}$$")


def test_a_diagram_shows_itself_and_is_what_the_command_draws(mine, tmp_path):
    from gatedsym.diagrams import Diagram

    whole, steps = mine.diagram(), mine.diagram(steps=True)
    assert whole._repr_html_().startswith('<img alt="The cell mine"')
    assert whole.render("svg") == Diagram(mine.recurrence).render("svg")
    assert steps.render("svg") == Diagram(mine.recurrence).render("svg", steps=True) != whole.render("svg")
    assert [path.name for path in steps.save(str(tmp_path / "drawn.svg"))] == ["drawn.svg"]
    assert (tmp_path / "drawn.svg").read_bytes() == steps.render("svg")
    assert repr(steps) == "<diagram of mine, equation by equation>"


@pytest.mark.parametrize("width", [0, -1.0, "wide", float("nan")])
def test_a_width_that_nothing_can_have_is_refused(mine, width):
    with pytest.raises(ArgumentError, match=r"width is .*: give the inches"):
        mine.diagram(width=width)


def test_proofs_of_a_cell_are_a_table_of_verdicts(mine):
    found = mine.prove()
    assert found.proven
    assert [verdict.word for verdict in found] == ["proven"] * len(found)
    assert found[1].statement == "the adjoint"
    assert str(found).splitlines()[0] == f"mine: {len(found)} proven"
    assert found._repr_html_().count("<tr>") == len(found) + 1
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_is_not_proven_is_not_called_so(mine):
    from dataclasses import replace

    from gatedsym.proofs.verdicts import Verdicts

    failed = replace(mine.prove()[1], proof=None, failure="not so: <entry>")
    found = Verdicts("mine", [failed, replace(failed, undecided=True)])
    assert not found.proven
    assert "mine: 1 undecided, 1 FAILED" in found._repr_html_()
    assert "not so: &lt;entry&gt;" in found._repr_html_()


@pytest.mark.long
def test_cells_with_weights_of_their_own_stacks_and_cells_without_state_show_all_of_it():
    trained = gs.Network("rnn", gs.tasks.adding(T=5), n=3).trained("trained", "those of <a> network")
    for cell in (trained, gs.stack(["rnn", "gru"]), gs.cell("linear_layer")):
        assert cell.derivation("html")._repr_html_().startswith("<iframe")
        assert cell.diagram()._repr_html_().startswith("<img")
        assert "<math" in cell._repr_html_()
    assert "<a>" not in trained._repr_html_()


def test_an_offer_that_nobody_announced_says_where_to():
    from gatedsym.offers import offered

    with pytest.raises(LookupError, match=r"nothing is offered as 'Cell\.fly': announce the module"):
        offered("Cell.fly")
