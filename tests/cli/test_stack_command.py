"""``gatedsym stack`` writes what gs.stack makes; a + between names is a stack wherever a cell is asked for."""

import pytest
from typer.testing import CliRunner

import gatedsym as gs
from gatedsym.cli import app
from gatedsym.cli.arguments import read_cell
from gatedsym.errors import GatedsymError


def run(*words):
    return CliRunner().invoke(app, ["stack", *words])


def test_the_command_writes_the_text_of_the_stack(tmp_path):
    out = tmp_path / "two.txt"
    done = run("rnn", "mgu", "--classes", "5", "--weights", "--dropout", "0.3", "--residual", "--out", str(out))
    assert done.exit_code == 0, done.output
    same = gs.stack(["rnn", "mgu"], head=gs.head.classification(5, weights=True), dropout=0.3, residual=True)
    assert out.read_text("utf-8").strip() == same.source.strip()
    assert read_cell(str(out)).recurrence.outputs == same.recurrence.outputs


def test_what_is_shared_and_what_is_read_out_are_options():
    assert run("rnn", "rnn", "--share", "all").output.strip() == gs.stack(["rnn", "rnn"], share=True).source.strip()
    found = run("phased_lstm", "rnn", "--readout", "h", "--zoneout", "0.1", "--testing").output
    assert found.strip() == gs.stack(["phased_lstm", "rnn"], readout="h", zoneout=0.1, training=False).source.strip()
    some = run("gru", "gru", "--share", "U_*,b_*", "--targets", "2").output
    assert some.strip() == gs.stack(["gru", "gru"], share=["U_*", "b_*"], head=gs.head.regression(2)).source.strip()


def test_lines_of_ones_own_are_a_head(tmp_path):
    lines = tmp_path / "mine.txt"
    lines.write_text(
        "input y in R^n; v in R^n; input target in R; output loss\nloss = (dot(v, y) - target)^2\n", "utf-8"
    )
    assert "use mine: y = h'" in run("rnn", "--head", str(lines)).output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("rnn", "--classes", "3", "--targets", "2"), "one head"),
        (("rnn", "--weights"), "--weights belongs to --classes or --targets"),
        (("rnn", "--residual"), "no layer stands above"),
        (("rnn", "rnn", "--dropout", "2"), "dropout is 2.0"),
    ],
)
def test_what_does_not_fit_is_refused(words, message):
    assert message in str(run(*words).exception)


def test_a_plus_stands_between_layers():
    assert read_cell("rnn+mgu") == gs.stack(["rnn", "mgu"])
    with pytest.raises(GatedsymError, match="none on one side"):
        read_cell("rnn+")
    with pytest.raises(GatedsymError, match="no cell 'mguu'"):
        read_cell("rnn+mguu")
