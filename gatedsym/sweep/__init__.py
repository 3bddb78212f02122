"""Sweeps: points of a grid → records in a store, each made once, and all of them as one labelled dataset::

    points = gs.sweep.product_points(cell=["gru", "lstm"], task="adding", T=[20, 50], n=32, rate=[1e-3, 1e-2],
                                     updates=500, seed=range(5))
    data = gs.sweep.run(points, "learning", out="sweep")     # goes on where a killed one ended
    data = gs.sweep.run("grid.toml")                         # the same, typed in a file
    data["loss"].sel(cell="gru", T=50)                       # (task, n, rate, updates, seed)

A **point** is a plain dict of values that JSON can say, by axis. Where settings go together, the value of an axis is a
table with a name: ``task={"name": "adding", "lags": "uniform"}``, ``recipe={"name": "slow", "rate": 5e-4, "clip": 1}``.
A cell is a name of the library, layers (``"lstm+gru"``) or ``{"label": "mine", "equations": "…"}``.

An **experiment** is "learning", the name of a registered analysis, or a function of a module that maps a point to
numbers by name, or to a dataset; it must be importable, and give the same for the same point::

    @gs.sweep.experiment(weight=lambda point: point["updates"] * point["T"])
    def horizon(point):                                      # point["cell"], point["seed"], …
        history = gs.sweep.train_point(point)                # trained as the experiment "learning" does
        return {"learnt": …, "gradient": …}                  # or an xarray.Dataset with dimensions of its own

    data = gs.sweep.run(points, horizon, out="study")

Each record is kept in the folder under the digest of the experiment, the point, what the point's words stand for
(equations, data), and a fingerprint of the code. Runs are made by processes beside each other. A run that fails is a
record with a reason; a refusal (`GatedsymError`) stays one, anything else is tried anew by the next call.
"""

from typing import TYPE_CHECKING

from gatedsym.lazy import lazy_names
from gatedsym.sweep.entry import Behind, Experiment, experiment
from gatedsym.sweep.experiments.learning import train_point
from gatedsym.sweep.points import label, product_points
from gatedsym.sweep.registry import experiments
from gatedsym.sweep.running import run
from gatedsym.sweep.store import Store

__all__ = [
    "Behind",
    "Experiment",
    "Store",
    "experiment",
    "experiments",
    "label",
    "product_points",
    "run",
    "train_point",
]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.sweep")
