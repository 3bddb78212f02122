"""Comparisons whose runs are made up: everything that follows from runs, without training any."""

import zlib
from pathlib import Path

import numpy as np

import gatedsym as gs
from gatedsym.learning.comparison import carrying_out
from gatedsym.learning.comparison.asking import plan_comparison
from gatedsym.learning.comparison.measuring import MOMENTS, places_of
from gatedsym.learning.comparison.speed import Seconds
from gatedsym.learning.history import LAGS

BEST = {"rnn": 3e-3, "gru": 1e-2, "lstm": 1e-3}
"""The rate at which a made-up run of a cell ends lowest."""


GATES = {"rnn": [], "gru": ["z", "r"], "lstm": ["i", "f", "o"]}


def plan(cells=("rnn", "gru"), task=None, **options):
    chosen = {"updates": 40, "n": 3, "batch": 4, "seeds": 3, "clip": "1"} | options
    return plan_comparison(list(cells), task or gs.tasks.adding(T=12), **chosen)


def carried(comparison, folder, trial, tell):
    """The outcome of a run: a loss that falls the lower the nearer its rate is to the best one; the RNN's does not."""
    noise = np.random.default_rng(zlib.crc32(trial.words.encode()))
    cell, task = trial.contender.cell, comparison.task
    far = abs(np.log10(trial.rate / BEST.get(cell.name, 1e-2)))
    learns = cell.name != "rnn"
    end = task.baseline.value * (0.01 * 10**far if learns else 0.9 + 0.02 * far) * (1 + 0.001 * noise.random())
    tell(1.0)
    found = {"file": f"runs/{trial.contender.slug}-{trial.seed}-{trial.rate:g}.run", "final_loss": end, "reached": 40.0}
    return found | (_measured(trial, comparison, end, noise) if trial.is_judged else {})


def _measured(trial, comparison, end, noise):
    task, cell = comparison.task, trial.contender.cell
    check, probe = np.arange(0, 41, 4), np.array([0, 1, 5, 20, 40])
    gates = GATES[cell.name]
    parts = min(10, task.steps)
    falling = task.baseline.value * (end / task.baseline.value) ** (check / 40)
    decay = np.linspace(-0.5, -0.05, len(probe))
    return {
        "loss": np.linspace(1, end, 40), "gradient_norm": np.ones(40), "held_out_loss": falling, "metric": check / 40,
        "skill": np.tile((check / 40)[:, None], (1, len(task.cues))), "check": check, "probe": probe,
        "gradient_at_lag": np.outer(decay, [task.lags.shortest, task.lags.median, task.lags.longest]),
        "gradient_at_cue": np.outer(decay, np.ones(len(task.cues))), "spectral_radius": np.ones(len(probe)),
        "ended": "All 40 updates were made.", "gradient_by_lag": np.outer(decay, np.arange(task.steps + 1)),
        "gates": gates, "openness": noise.random((len(MOMENTS), len(gates), len(places_of(task)))),
        "openness_of_example": noise.random((len(MOMENTS), len(gates), task.steps)), "why_not_cut": "",
        "by_part": np.outer(decay, parts - 1.0 - np.arange(parts))[:, None, :].repeat(len(cell.parameters), axis=1),
    }  # fmt: skip


def results(monkeypatch, comparison, carry=carried):
    """The results of a comparison whose runs are made up, in this process."""
    labels = [c.label for c in comparison.all_contenders]
    seconds = Seconds(dict.fromkeys(labels, 0.002), dict.fromkeys(labels, 0.01), 1.0)
    monkeypatch.setattr(carrying_out, "measured_seconds", lambda *given: (seconds, "runs/seconds.json"))
    monkeypatch.setattr(carrying_out, "process_count", lambda calls: 0)
    return carrying_out.carry_out_all(comparison, Path("nowhere"), lambda fraction, text: None, carry=carry)


assert len(LAGS) == 3, "made-up gradients are given at the shortest, the median and the longest lag"
