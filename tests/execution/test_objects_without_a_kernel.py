"""Objects show themselves where no kernel runs, and where no library of notebooks is installed."""

import subprocess
import sys

import pytest

WITHOUT_NOTEBOOKS = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("IPython", "ipykernel", "ipywidgets", "jupyter_client", "nbclient", "nbformat"):
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, Absent())
import gatedsym as gs
cell, task = gs.cell("rnn"), gs.tasks.recall(T=5)
"""


def shown_by(code):
    """The answer of a process without a library of notebooks."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_NOTEBOOKS + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.long
def test_cells_pages_drawings_and_tasks_show_themselves_without_a_library_of_notebooks():
    done = shown_by(
        "shown = (cell, cell.derivation, cell.derivation('html'), cell.diagram(), task)\n"
        "print(*(('<' in one._repr_html_()) for one in shown), '$$' in cell._repr_latex_())"
    )
    assert done.stdout.split() == ["True"] * 6


@pytest.mark.long
def test_runs_gradients_flows_figures_and_histories_show_themselves_without_a_library_of_notebooks():
    done = shown_by(
        "import numpy as np\n"
        "params = cell.init(m=2, n=3)\n"
        "run = cell.forward(params, np.ones((4, 1, 2)))\n"
        "grads = cell.backward(params, run, {'h': np.ones((4, 1, 3))})\n"
        "flow = gs.gradient_flow(['rnn'], 'noise', n=2, seeds=2, lags=3, progress=True)\n"
        "net = gs.Network('rnn', task, n=3)\n"
        "history = gs.learn(net, task, updates=2)\n"
        "shown = (run, grads, flow, gs.figures.gradient_norm(flow), net, history, cell.prove())\n"
        "print(*(('<' in one._repr_html_()) for one in shown))"
    )
    assert done.stdout.split() == ["True"] * 7
    assert "100 %  gradient norm" in done.stderr  # lines, where there is no notebook to show a bar
