"""A person's file: tables and arrays with targets, and a sentence for each that cannot be learnt."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError

RANDOM = np.random.default_rng(0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(path, header, rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", "utf-8")


@pytest.fixture
def series(folder):
    """One long sequence of two inputs; y is their sum a step ago."""
    x = RANDOM.standard_normal((200, 2)) * [3, 0.1] + [5, -1]
    y = np.concatenate([[0.5], x[:-1].sum(axis=1)])
    table(folder / "series.csv", "a,b,y", np.column_stack([x, y]))
    return x, y


@pytest.fixture
def labelled(folder):
    """Twenty sequences of three to seven steps, each of a class in words."""
    rows, found = [], []
    for k in range(20):
        length = 3 + k % 5
        x = RANDOM.standard_normal((length, 2))
        kind = ["up", "down", "none"][k % 3]
        rows += [[f"s{k:02d}", *values, kind] for values in x]
        found.append((x, kind))
    table(folder / "labelled.csv", "id,u,v,class", rows)
    return found


def test_a_long_sequence_is_cut_into_windows_of_standardised_numbers(series):
    x, y = series
    task = gs.tasks.file("series.csv", targets="y", T=10)
    assert (task.steps, task.features, task.outputs, task.loss) == (10, 2, 1, "squared error")
    train = slice(0, 160)
    wanted = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
    goal = (y - y[train].mean()) / y[train].std()
    batch = task.batch(0, 300, dtype="float64")
    starts = [int(np.argmin(np.abs(wanted - batch.inputs[0, b]).sum(axis=1))) for b in range(300)]
    assert max(starts) == 150
    for b, s in enumerate(starts):
        assert batch.inputs[:, b] == pytest.approx(wanted[s : s + 10])
        assert batch.targets[:, b, 0] == pytest.approx(goal[s : s + 10])
    judged = task.batch(0, 300, held_out=True, dtype="float64")
    assert {int(np.argmin(np.abs(wanted - judged.inputs[0, b]).sum(axis=1))) for b in range(300)} == set(
        range(160, 191)
    )
    assert task.baseline.value == pytest.approx(1)
    assert not task.higher


def test_targets_may_be_asked_for_at_the_end_alone(series):
    batch = gs.tasks.file("series.csv", targets="y", T=10, at="end").batch(0, 5)
    assert batch.times.tolist() == [9]
    assert batch.weights.sum() == 5


def test_sequences_of_a_table_stay_whole_and_keep_their_lengths(labelled):
    task = gs.tasks.file("labelled.csv", targets="class", sequence="id", at="end")
    assert task.classes == ("down", "none", "up")
    assert task.features == 2
    batch = task.batch(0, 400, dtype="float64")
    judged = task.batch(0, 400, held_out=True, dtype="float64")
    rows = np.concatenate([x for x, _ in labelled])
    seen = [set(), set()]
    for side, one in enumerate((batch, judged)):
        for b in range(400):
            length = one.lengths[b]
            kind = task.classes[one.targets[length - 1, b]]
            fits = [k for k, (x, name) in enumerate(labelled) if len(x) == length and name == kind]
            shapes = one.inputs[:length, b] - one.inputs[0, b]
            scale = next(
                k for k in fits if np.allclose(shapes, (labelled[k][0] - labelled[k][0][0]) / _spread(task, labelled))
            )
            seen[side].add(scale)
            assert not one.inputs[length:, b].any()
    assert len(seen[0]) == 16
    assert len(seen[1]) == 4
    assert not seen[0] & seen[1]
    assert len(rows) == sum(len(x) for x, _ in labelled)
    assert (batch.weights.sum(axis=0) == 1).all()


def _spread(task, labelled):
    spans = task.generate.parts.training
    ends = np.cumsum([len(x) for x, _ in labelled])
    starts = ends - [len(x) for x, _ in labelled]
    of = {int(s): k for k, s in enumerate(starts)}
    return np.concatenate([labelled[of[int(a)]][0] for a, _ in spans]).std(axis=0)


def test_baselines_are_those_of_the_data_to_train_on(labelled):
    task = gs.tasks.file("labelled.csv", targets="class", sequence="id", at="end")
    spans = task.generate.parts.training
    ends = np.cumsum([len(x) for x, _ in labelled])
    kinds = [labelled[int(np.searchsorted(ends, a, side="right"))][1] for a, _ in spans]
    shares = np.array([kinds.count(k) for k in task.classes]) / len(kinds)
    assert task.baseline.value == pytest.approx(-(shares * np.log(shares)).sum())


def test_arrays_have_targets_among_their_features_or_beside_them(folder):
    values = RANDOM.standard_normal((30, 12, 4))
    np.save("x.npy", values)
    np.save("labels.npy", np.arange(12) % 3)
    np.save("goals.npy", RANDOM.standard_normal((30, 12)))
    inside = gs.tasks.file("x.npy", targets=[3, 4])
    assert (inside.features, inside.outputs, inside.steps) == (2, 2, 30)
    classes = gs.tasks.file("x.npy", targets="labels.npy")
    assert classes.classes == ("0", "1", "2")
    assert classes.batch(0, 4).times.tolist() == [29]
    assert gs.tasks.file("x.npy", targets="goals.npy").batch(0, 4).targets.shape == (30, 4, 1)
    flat = gs.tasks.file("x.npy", targets=1, at="end").batch(1, 6)
    assert flat.times.tolist() == [29]


def test_whole_numbers_of_a_table_are_what_a_person_says(folder):
    table(folder / "whole.csv", "a,y", [(k / 7, k % 3) for k in range(40)])
    with pytest.raises(GatedsymError, match=r"whole numbers, which can be classes or numbers: say kind='classes'"):
        gs.tasks.file("whole.csv", targets="y")
    assert gs.tasks.file("whole.csv", targets="y", kind="classes").classes == ("0", "1", "2")
    assert gs.tasks.file("whole.csv", targets=2, kind="numbers").loss == "squared error"


REFUSED = {
    "there is no file absent.csv": ("absent.csv", {"targets": "y"}),
    "is neither a table (.csv, .tsv) nor an array (.npy)": ("a.xlsx", {"targets": "y"}),
    "has no column 'z' (targets): take one of a, b, y.": ("series.csv", {"targets": "z"}),
    "has no column 9 (targets)": ("series.csv", {"targets": 9}),
    "has no column 'who' (sequence)": ("series.csv", {"targets": "y", "sequence": "who"}),
    "of which the last 40 are held out, and windows of 50": ("series.csv", {"targets": "y", "T": 50}),
    "has no column of numbers beside its targets": ("series.csv", {"targets": ["a", "b", "y"]}),
    "are to be classes, and have fractions": ("series.csv", {"targets": "y", "kind": "classes"}),
    "3 columns of gap.csv": ("gap.csv", None),
    "column class of labelled.csv holds words": ("labelled.csv", {"targets": "class", "kind": "numbers"}),
    "has 20 sequences, which are given whole: leave T out.": (
        "labelled.csv", {"targets": "class", "sequence": "id", "T": 5},
    ),
    "rows of sequence a of apart.csv stand apart": ("apart.csv", {"targets": "y", "sequence": "id"}),
    "has 3 sequences, too few to hold one out": ("few.csv", {"targets": "y", "sequence": "id"}),
    "the targets of same.csv are all the same": ("same.csv", {"targets": "y", "kind": "numbers"}),
    "holds 1 values that are not finite (first in row 2)": ("nan.csv", {"targets": "y"}),
    "is empty": ("empty.csv", {"targets": "y"}),
    "two columns named y": ("twice.csv", {"targets": "y"}),
    "at must be 'every' or 'end'": ("series.csv", {"targets": "y", "at": "last"}),
    "which does not fit x.npy of shape (6, 5, 2)": ("x.npy", {"targets": "odd.npy"}),
    "must be features of x.npy, by number from 1 to 2": ("x.npy", {"targets": 3}),
    "all 2 features of x.npy are targets": ("x.npy", {"targets": [1, 2]}),
    "is not a NumPy array file": ("broken.npy", {"targets": 1}),
    "names a column, and x.npy is an array": ("x.npy", {"targets": 1, "sequence": "id"}),
    "must be a column, or several": ("series.csv", {"targets": []}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "options"), [v for v in REFUSED.values() if v[1]], ids=[k for k, v in REFUSED.items() if v[1]]
)
def test_what_cannot_be_learnt_is_refused_in_a_sentence(path, options, folder, series, labelled, request):
    table(folder / "apart.csv", "id,x,y", [(w, k / 3, k / 7) for k, w in enumerate("aabbaa" + "b" * 10)])
    table(folder / "few.csv", "id,x,y", [(w, k / 3, k / 7) for k, w in enumerate("aabbcc")])
    table(folder / "same.csv", "x,y", [(k / 3, 1) for k in range(40)])
    table(folder / "nan.csv", "x,y", [(k / 3, "nan" if k == 1 else k / 7) for k in range(40)])
    table(folder / "twice.csv", "x,y,y", [(k / 3, k / 7, k / 5) for k in range(40)])
    (folder / "empty.csv").write_text("", "utf-8")
    (folder / "a.xlsx").write_text("x", "utf-8")
    (folder / "broken.npy").write_bytes(b"\x93NUMPY nothing")
    np.save("x.npy", RANDOM.standard_normal((6, 5, 2)))
    np.save("odd.npy", np.zeros(7))
    with pytest.raises(GatedsymError) as told:
        gs.tasks.file(path, **options)
    assert request.node.callspec.id in str(told.value)
    assert str(told.value).endswith(".")
