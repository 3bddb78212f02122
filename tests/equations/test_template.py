"""The file to start from: its instructions tell how to write a cell and are no part of one."""

from __future__ import annotations

from gatedsym.equations import read_equations, template, without_instructions


def test_the_instructions_of_the_template_are_not_the_cells():
    text = without_instructions(template("my cell"))
    assert "Edit them" not in text
    assert "Also in the language" not in text
    assert "alpha = 0.95" not in text
    assert "# what stays" in text
    assert read_equations(text).program == read_equations(template("my cell")).program


def test_comments_of_ones_own_stay():
    own = template("mine").replace("# A prime", "# After Smith (1990), equation 3.\n# A prime")
    assert "# After Smith (1990), equation 3." in without_instructions(own)
    text = "h in R^n  # state\n\n\n# Jones\nh' = tanh(h)\n"
    assert without_instructions(text) == text
