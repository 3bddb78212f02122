"""A pass that is right is never accused, whatever its style: ``pytest --right-passes 1000`` checks a thousand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from right_passes import draw_style, right_pass

import gatedsym as gs


@pytest.mark.long
def test_right_passes_are_right(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for number in range(request.config.getoption("--right-passes")):
        text, cell, style = right_pass(number)
        path = tmp_path / f"pass_{number}.py"
        path.write_text(text, "utf-8")
        answer = gs.check(cell, path)
        assert answer.verdict == "right", f"{style}\n{answer}"
        assert any("mean over the batch" in note for note in answer.notes) is style.mean, style


def test_the_styles_that_are_drawn_are_many() -> None:
    styles = [draw_style(number) for number in range(1000)]
    assert len({(s.cell, s.rows, s.turned, s.kind, s.axes, s.passed, s.names) for s in styles}) > 500
    for name in ("cell", "rows", "kind", "axes", "single", "mean", "wrapped"):
        assert min(Counter(getattr(s, name) for s in styles).values()) > 50, name


def test_the_other_sign_of_z_is_another_cell_and_no_slip(tmp_path: Path) -> None:
    number = next(n for n in range(1000) if draw_style(n).cell == "gru_cho_sign")
    text, _, _ = right_pass(number)
    path = tmp_path / "pass.py"
    path.write_text(text, "utf-8")
    answer = gs.check("gru", path)
    assert answer.right
    assert answer.verdict == "convention"
    assert "it is gru_cho_sign rather than gru" in str(answer)
