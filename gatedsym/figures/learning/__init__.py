"""Figures of a comparison of cells on a task: datasets of `gatedsym.learning.comparison` → plots with captions."""

from gatedsym.figures.learning.course import learning_course
from gatedsym.figures.learning.early_steps import early_steps
from gatedsym.figures.learning.gates_in_words import gates_in_words
from gatedsym.figures.learning.gates_learnt import gates_learnt
from gatedsym.figures.learning.gradient_by_lag import gradient_by_lag
from gatedsym.figures.learning.rate_search import rate_search
from gatedsym.figures.learning.thresholds import thresholds

__all__ = [
    "early_steps",
    "gates_in_words",
    "gates_learnt",
    "gradient_by_lag",
    "learning_course",
    "rate_search",
    "thresholds",
]
