"""Verdicts on claims about training follow from the runs."""

import pytest
import synthetic_runs as synthetic

from gatedsym.trainability.claims import less_data


def few_data(gru, lstm):
    """Runs that read few sequences, with their best metrics."""
    rows = [
        {
            "panel": "few data",
            "task": "digits",
            "samples": 256,
            "cell": cell,
            "setting": f"{cell} 1",
            "best_metric": metric,
        }
        for cell, metrics in (("gru", gru), ("lstm", lstm))
        for metric in metrics
    ]
    return synthetic.runs(rows)


@pytest.mark.parametrize(
    ("gru", "lstm", "verdict"),
    [
        ((0.8, 0.82, 0.9), (0.5, 0.6, 0.7), "holds"),
        ((0.5, 0.6, 0.7), (0.8, 0.82, 0.9), "fails"),
        ((0.6, 0.7, 0.9), (0.5, 0.65, 0.8), "level"),
        ((0.9,), (0.5,), "open"),
    ],
)
def test_fewer_data_are_needed_where_every_run_is_ahead_and_nothing_is_shown_where_runs_overlap(gru, lstm, verdict):
    assert less_data(few_data(gru, lstm)).verdict == verdict
