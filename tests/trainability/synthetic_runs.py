"""Datasets of runs that nobody made, in which gradient and outcome are related as a test wants it."""

import numpy as np
import xarray as xr

from gatedsym.trainability.table import LAGS, MEASURED, SCHEMA, WHOLE, WORDS
from gatedsym.trainability.training import SHARES

RATES = (5e-4, 2e-2)


def runs(rows):
    """A dataset with a row for each mapping; what a mapping leaves out has a plain value."""
    plain = dict.fromkeys(WORDS, "") | dict.fromkeys(WHOLE, 1) | dict.fromkeys(MEASURED, np.nan)
    plain |= {
        "panel": "rates", "setting": "gru 0", "task": "recall 50", "cell": "gru", "scheme": "uniform", "clip": "norm 1",
        "retention": "0", "ended": "updates", "n": 32, "asked": 2500, "lag": 49, "steps": 50, "rate": RATES[0],
        "gradient_before": -5.0, "best_loss": 1.0, "baseline": 1.0, "samples": 0,
    }  # fmt: skip
    full = [plain | row for row in rows]
    kinds = dict.fromkeys(WORDS, str) | dict.fromkeys(WHOLE, np.int32) | dict.fromkeys(MEASURED, np.float32)
    data = {
        name: ("run", np.array([row[name] for row in full], kind)) for name, kind in (kinds | {"rate": float}).items()
    }
    data["updates_to"] = (("run", "share"), np.full((len(full), len(SHARES)), np.nan, np.float32))
    data["gradient_at_lag"] = (("run", "lag_name"), np.full((len(full), len(LAGS)), -5.0, np.float32))
    attrs = {"schema": SCHEMA, "dead": -6.0, "planned": len(full), "planned_again": 0, "made": len(full),
             "optimiser": "Adam", "grid": "", "every": 50}  # fmt: skip
    return xr.Dataset(data, {"share": list(SHARES), "lag_name": list(LAGS)}, attrs)


def learnt(updates=500.0):
    """What a run that learnt says of itself."""
    return {"updates_to_target": updates, "ended": "learnt", "best_loss": 0.05}


def gradient_counts_at_small_rates():
    """Recall of four cells and two lags: the gradient decides at the small rate, a coin at the large one."""
    generator, rows = np.random.default_rng(3), []
    for cell in ("rnn", "gru", "lstm", "mgu"):
        for lag in (24, 49):
            for rate in RATES:
                for seed in range(10):
                    gradient = generator.uniform(-12, 0)
                    there = gradient > -6 if rate == RATES[0] else bool(generator.random() < 0.5)
                    rows.append(
                        {"cell": cell, "setting": f"{cell} 0", "lag": lag, "task": f"recall {lag + 1}", "rate": rate,
                         "seed": seed, "gradient_before": gradient, "readability": 0.1 * generator.random(),
                         "lyapunov": -0.2 + 0.01 * generator.random()} | (learnt() if there else {})
                    )  # fmt: skip
    return runs(rows)
