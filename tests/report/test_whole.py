"""The whole atlas for a cell that is in no library: every figure is there, or the page says why it is not."""

import json
import re

import pytest

from gatedsym.cells import Cell
from gatedsym.report import write_report
from gatedsym.report.atlas import atlas
from gatedsym.report.verify import verify_report

GATED = """x in R^m; s in R^n
A, P in R^(n,m); B, Q in R^(n,n); a, p in R^n
w = tanh(P @ x + Q @ s + p)
k = sigmoid(A @ x + B @ s + a)
s' = k * s + (1 - k) * w"""
PLAIN = "s in R^n; Q in R^(n,n)\ns' = Q @ tanh(s)"


# Each edit of an ablation is a cell of its own, whose kernels would be compiled here: its room tests it.
KEYS = [a.key for a in atlas()[1] if a.key != "ablation"]


def written(cell, out):
    write_report(
        [cell], out, quick=True, lags=20, n=16, seeds=2, only=KEYS, derivation=None, errata=None, formats=["svg"]
    )
    return (out / "index.html").read_text("utf-8"), json.loads((out / "provenance.json").read_text("utf-8"))


@pytest.mark.parametrize(("source", "name"), [(GATED, "keeper"), (PLAIN, "autonomous")])
@pytest.mark.long
def test_every_figure_of_the_atlas_is_shown_or_its_absence_explained(tmp_path, source, name):
    text, record = written(Cell(source, name), tmp_path / name)
    for analysis in atlas()[1]:
        if analysis.key not in KEYS or (analysis.input == "noise" and name == "autonomous"):
            continue
        assert analysis.question in text
        shown = f'src="figures/{analysis.key}.svg"' in text
        assert shown != (name in record["left_out"].get(analysis.key, {})), analysis.key
        if not shown:
            assert record["left_out"][analysis.key][name].endswith(".")
    prose = re.sub(r"<(style|pre)>.*?</\1>", "", text, flags=re.S)
    for stray in (">nan", " nan", r"\bNone\b(?! is ever decided)", "Undefined"):
        assert not re.search(stray, prose), stray
    assert [v.line() for v in verify_report(tmp_path / name) if not v.follows] == []
    if name == "keeper":
        without_layers = {"depth"}
        assert {key for key, reasons in record["left_out"].items() if "keeper" in reasons} <= without_layers
