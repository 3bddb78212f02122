"""A grid that a person typed is the points that it says, or is refused in a sentence that names what is known."""

import pytest
from typer.testing import CliRunner

from gatedsym import cell, sweep
from gatedsym.cli import app
from gatedsym.errors import ArgumentError, DataError, GatedsymError
from gatedsym.sweep.cells import read_cell
from gatedsym.sweep.grid import check_points, read_grid

MINE = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = tanh(W @ x + U @ h + b)\n"
LEARNING = {"experiment": "learning", "cell": "gru", "task": "recall", "T": 5, "n": 4}


def test_every_combination_is_a_point_and_tables_share_what_stands_above_them():
    grid = read_grid({**LEARNING, "seeds": 2, "grid": [{"rate": [1e-3, 1e-2]}, {"rate": 0.1, "seeds": [7]}]})
    assert grid.experiment.name == "learning"
    assert [(p["rate"], p["seed"]) for p in grid.points] == [(1e-3, 0), (1e-2, 0), (1e-3, 1), (1e-2, 1), (0.1, 7)]


def test_a_cell_without_a_gate_that_retains_takes_part_once():
    grid = read_grid({**LEARNING, "cell": ["gru", "rnn"], "retention": ["none", 0, 1.0, "chrono"]})
    assert [(p["cell"], p["retention"]) for p in grid.points] == [
        ("gru", None), ("gru", 0), ("gru", 1.0), ("gru", "chrono"), ("rnn", None),
    ]  # fmt: skip


def test_a_file_with_equations_stands_in_the_points_as_its_text(tmp_path):
    (tmp_path / "my cell.txt").write_text(MINE, "utf-8")
    (tmp_path / "grid.toml").write_text(
        'experiment = "gradient_norm"\ncell = ["my cell.txt", "gru", "gru+rnn", "gru+my cell.txt"]\n', "utf-8"
    )
    cells = [p["cell"] for p in read_grid(tmp_path / "grid.toml").points]
    assert cells[:3] == [{"label": "my_cell", "equations": MINE}, "gru", "gru+rnn"]
    assert read_cell(cells[0]).source == MINE
    assert read_cell(cells[3]).states == sweep_stack(tmp_path).states


def sweep_stack(folder):
    from gatedsym.composition.named import read_cell as named_cell

    return named_cell("gru+my cell.txt", folder)


def test_files_of_data_stand_beside_the_grid_like_files_of_equations(tmp_path):
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "grid.toml").write_text(
        'experiment = "gradient_norm"\ncell = "rnn"\ninput = ["text", "mine.csv"]\n', "utf-8"
    )
    assert [p["input"] for p in read_grid(tmp_path / "grid.toml").points] == ["text", str(tmp_path / "mine.csv")]


def test_equal_equations_have_one_key_and_others_another():
    def key(text):
        point = {"cell": {"label": "mine", "equations": text}}
        return sweep.experiments()["gradient_norm"].key(point)

    assert key(MINE) == key(MINE)
    assert key(MINE).asked != key(MINE.replace("tanh", "sigmoid")).asked
    assert key(MINE).code == key(MINE.replace("tanh", "sigmoid")).code


def look_at(table):
    grid = read_grid(table)
    check_points(grid.experiment, grid.points)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cel": "gru"}, "learning has no 'cel': choose from cell, n, "),
        ({"experiment": "magic"}, "there is no experiment 'magic': take one of learning, "),
        ({"experiment": "lyapunov", "task": "recall"}, "lyapunov has no 'task': choose from cell, input, "),
        ({"cell": "grv"}, "cell grv: .*gru"),
        ({"cell": "there/is/none.txt"}, "no file there/is/none.txt"),
        ({"task": "recal"}, "there is no task 'recal': take one of adding, "),
        ({"task": {"name": "recall", "lag": 3}}, "the task recall: .*'lag'"),
        ({"init": "xavierr"}, "init must be 'uniform', .* not 'xavierr'"),
        ({"retention": "chronos"}, "retention='chronos' must be a finite number"),
        ({"n": 0}, "n=0 must be an integer of at least 1"),
        ({"n": "8"}, "n='8' must be an integer"),
        ({"rate": -1.0}, "rate=-1 must be a positive number"),
        ({"clip": "values"}, "clip='values': give a positive limit"),
        ({"optimiser": "adamw"}, "optimiser='adamw': give"),
        ({"recipe": {"name": "slow", "rates": 1}}, "learning has no 'rates': choose from"),
        ({"seeds": 0}, "seeds = 0: give how many"),
        ({"seeds": 2, "seed": 1}, "seed and seeds are the same axis"),
        ({"seeds": [1.5]}, "seed=1.5 must be an integer"),
        ({"rate": []}, "rate has no value"),
        ({"grid": 3}, r"grid must be tables: write \[\[grid\]\]"),
        ({"seeds": 10**9}, "points, and at most 1,000,000 are taken"),
    ],
)
def test_a_name_or_value_that_is_not_known_is_refused(change, said):
    with pytest.raises(GatedsymError, match=said):
        look_at({**LEARNING, **change})


def test_a_file_that_is_no_grid_is_refused_by_name(tmp_path):
    for text, said in (("cell = [", "grid.toml is not TOML"), ("cell = 'gru'", "grid.toml: the grid names no exper")):
        (tmp_path / "grid.toml").write_text(text, "utf-8")
        with pytest.raises(GatedsymError, match=said):
            read_grid(tmp_path / "grid.toml")
    with pytest.raises(DataError, match="there is no file"):
        read_grid(tmp_path / "none.toml")


def test_axes_of_points_of_a_persons_own_function_are_as_the_person_likes():
    assert read_grid([{"colour": "red"}], lambda point: {}).points == ({"colour": "red"},)
    with pytest.raises(ArgumentError, match="experiment is missing"):
        read_grid([{"colour": "red"}])


def test_the_command_counts_without_measuring(tmp_path):
    (tmp_path / "grid.toml").write_text(
        'experiment = "lyapunov"\ncell = ["gru", "rnn"]\nretention = [0.0, 1.0]\nn = 8\nseeds = 3\n', "utf-8"
    )
    done = CliRunner().invoke(app, ["sweep", str(tmp_path / "grid.toml"), "--out", str(tmp_path / "s"), "--count"])
    assert done.exit_code == 0
    assert done.output.splitlines()[0] == "lyapunov: 9 points"
    assert done.output.splitlines()[-1] == "0 records there; 9 runs to make"
    assert not (tmp_path / "s" / "results.nc").exists()


def test_the_key_of_a_point_of_the_library_rests_on_what_its_file_says():
    text = sweep.experiments()["learning"].behind(LEARNING).texts["cell"]
    assert cell("gru").record.digest in text
