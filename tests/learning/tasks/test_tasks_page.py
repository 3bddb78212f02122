"""The page of tasks, and the command that tells one: what they say is what the tasks are."""

import importlib.util
from pathlib import Path

import pytest
from typer.testing import CliRunner

import gatedsym as gs
from gatedsym.cli import app
from gatedsym.errors import GatedsymError
from gatedsym.learning.settings import read_settings, read_value, task_from_words
from gatedsym.learning.task_page import list_lines, task_lines

DOCS = Path(__file__).parents[3] / "derivations" / "docs"


def test_the_page_is_what_the_tasks_say_today():
    pytest.importorskip("sklearn", reason="digits are scikit-learn's: pip install gatedsym[learn]")
    spec = importlib.util.spec_from_file_location("list_tasks", DOCS / "list_tasks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "tasks.md").read_text("utf-8") == module.page(), (
        "write it again: python derivations/docs/list_tasks.py"
    )


def test_the_list_names_every_task():
    lines = list(list_lines())
    for name in gs.tasks.tasks():
        assert any(line.startswith(f"{name} ") for line in lines)


def run(*words):
    return CliRunner().invoke(app, ["tasks", *words])


def test_the_command_tells_a_task_in_full():
    shown = run("adding", "--length", "20", "--with", "definition=hochreiter", "--with", "lags=geometric")
    assert shown.exit_code == 1  # T=20 is too short; the sentence is the exception's
    assert "need T=24 steps" in str(shown.exception)
    shown = run("adding", "--length", "30", "--with", "lags=fixed", "--with", "cues=0,28").stdout
    task = gs.tasks.adding(T=30, lags="fixed", cues=(0, 28))
    batch = task.batch(0, 1, dtype="float64")
    assert shown.splitlines() == list(task_lines(task))
    assert f"{task.baseline.value:.4g} = {task.baseline.formula}" in shown
    assert "lags        1 … 29 steps, median 1" in shown
    assert f"asked at step 29: {batch.targets[-1, 0, 0]:.3f}" in shown
    assert "Arjovsky, Shah, Bengio 2016" in shown
    assert "← second mark" in shown


@pytest.mark.parametrize(
    "name", ["copy", "france", "associative_recall", "temporal_order", "reviews", "text", "recall"]
)
def test_an_example_shows_what_the_batch_holds(name):
    task = gs.tasks.find_task(name)()
    batch = task.batch(0, 1)
    text = "\n".join(task_lines(task))
    if task.symbols:
        words = [task.symbols[k] for k in batch.tokens[: batch.lengths[0], 0]]
        assert "".join(text.split()).count("".join("".join(words).split()))
    step = batch.answers[0, 0] if len(task.cues) else 0
    assert task.classes[batch.targets[step, 0]] in text.split("asked at", 1)[1]


def test_settings_are_read_and_never_run():
    assert read_settings(["T=50", "lags = fixed"]) == {"T": "50", "lags": "fixed"}
    assert [read_value(t) for t in ("50", "0.25", "0,98", "fixed", "1e-3", "__import__('os')")] == [
        50, 0.25, (0, 98), "fixed", 0.001, "__import__('os')",
    ]  # fmt: skip
    assert task_from_words("france", {"filler": "8,20"}).options["filler"] == (8, 20)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["addition"], "there is no task 'addition': take one of adding"),
        (["nowhere.csv", "--with", "targets=y"], "there is no file nowhere.csv"),
        (["nowhere.csv"], "the task file: missing a required argument: 'targets'"),
        (["france", "--length", "5"], "france has no length T: leave --length out."),
        (["adding", "--length", "5", "--with", "T=6"], "are the same setting: give one of them."),
        (["adding", "--with", "T"], "'T' is no setting: write name=value, such as T=50."),
        (["adding", "--with", "T=5", "--with", "T=6"], "T is set twice: give one value."),
        (["adding", "--with", "speed=9"], "the task adding: got an unexpected keyword argument 'speed'"),
        (["--length", "5"], "settings are those of a task: name one"),
    ],
)
def test_what_is_no_task_is_refused_in_a_sentence(words, said):
    refused = run(*words)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, GatedsymError)
    assert said in str(refused.exception)
    assert str(refused.exception).endswith(".")


def test_a_file_of_ones_own_is_told_like_a_task(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("a,b,y\n" + "".join(f"{k % 7},{k / 3},{k * k / 10}\n" for k in range(60)), "utf-8")
    shown = run(str(path), "--with", "targets=y", "--length", "8").stdout
    assert "mine.csv, 60 rows, inputs a, b; asked for y at every step." in shown
    assert "up to 8 steps of 2 numbers" in shown
