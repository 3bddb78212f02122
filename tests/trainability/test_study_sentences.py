"""Sentences, captions and verdicts of a study follow from its numbers."""

import pytest
import synthetic_runs as synthetic

from gatedsym.trainability import drawing
from gatedsym.trainability.claims import claims
from gatedsym.trainability.foretelling import areas, lead
from gatedsym.trainability.sentences import coverage, dead_at, five_sentences
from gatedsym.trainability.table import read_runs, runs_bytes, select

DATA = synthetic.gradient_counts_at_small_rates()


def test_five_sentences_say_that_the_gradient_foretells_less_at_the_large_rate():
    first, *others = five_sentences(DATA)
    assert first.startswith("A dead gradient is the fate of a recipe")
    assert "1.00 (1.00 to 1.00) at rate 0.0005" in first
    assert len(others) == 4
    assert all(sentence.endswith(".") for sentence in others)


def test_sentences_about_runs_that_were_not_made_say_so():
    assert "nothing can be said yet" in five_sentences(DATA)[4]
    assert all("nothing can be said yet" in s for s in five_sentences(select(DATA, panel="none")))


def test_a_dead_gradient_is_counted_at_each_rate():
    slow, fast = (dead_at(DATA, rate, -6.0) for rate in synthetic.RATES)
    assert slow[0] == 0
    assert fast[0] > 0
    assert slow[1] == (select(DATA, rate=synthetic.RATES[0])["gradient_before"].values < -6).sum()


def test_areas_of_the_gradient_and_of_rivals_stand_beside_each_other():
    found = areas(DATA)["area"].sel(family="recall")
    assert float(found.sel(predictor="gradient at the lag").isel(rate=0)) == 1.0
    assert abs(float(found.sel(predictor="readability").isel(rate=0)) - 0.5) < 0.25


def test_censored_runs_are_counted_apart_from_those_that_are_not_finite():
    rows = [synthetic.learnt(), {}, {}, {"ended": "not finite"}]
    assert "1 learnt, 2 are censored at the updates they had, 1 ended in numbers that are not finite" in coverage(
        synthetic.runs(rows)
    )


def test_runs_are_the_same_when_they_are_read_back(tmp_path):
    (tmp_path / "runs.nc").write_bytes(runs_bytes(DATA))
    again = read_runs(tmp_path / "runs.nc")
    assert all((again[name].values == DATA[name].values).all() for name in ("cell", "task", "ended", "seed"))
    assert again["gradient_before"].equals(DATA["gradient_before"])


def test_a_file_of_something_else_is_refused(tmp_path):
    import pytest

    from gatedsym.errors import DataError

    (tmp_path / "runs.nc").write_bytes(b"nothing")
    with pytest.raises(DataError, match="holds no runs of a study"):
        read_runs(tmp_path / "runs.nc")


def test_a_verdict_wants_runs_of_several_seeds():
    def verdict(seeds, share):
        rows = [
            {"cell": "rnn", "setting": "rnn uniform", "seed": seed}
            | (synthetic.learnt() if seed < share * seeds else {})
            for seed in range(seeds)
        ]
        return claims(synthetic.runs(rows))[0].verdict

    assert (verdict(1, 1), verdict(5, 1), verdict(5, 0)) == ("open", "depends", "holds")


def test_captions_count_the_runs_that_are_drawn():
    figure = drawing.trainability(DATA)
    learnt = int((DATA["ended"].values == "learnt").sum())
    assert figure.caption.plain.startswith(f"{learnt} of {DATA.sizes['run']} runs")
    assert len(figure.table) == DATA.sizes["run"]


def test_the_best_predictor_is_ahead_for_certain_only_where_the_interval_of_its_lead_says_so():
    low, high = lead(DATA, "recall", "gradient at the lag", "readability")
    assert 0 < low < high
    assert lead(DATA, "recall", "readability", "gradient at the lag") == pytest.approx((-high, -low))
    assert lead(DATA, "recall", "T alone", "T alone") == (0.0, 0.0)
    assert "its area under the curve is larger by" in five_sentences(DATA)[2]
    equal = DATA.assign(lyapunov=DATA["gradient_before"] / DATA["lag"])
    assert "not for certain better than" in five_sentences(equal)[2]
