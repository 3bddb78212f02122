"""Tasks, ``gs.tasks``: a name and its settings → batches, and what is known of them before training."""

from typing import TYPE_CHECKING

from gatedsym.lazy import lazy_names
from gatedsym.learning.batches import Batch
from gatedsym.learning.lags import LagLaw, LagRange
from gatedsym.learning.registry import find_task, tasks
from gatedsym.learning.skill import Cue, Measures
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.learning.tasks.adding import adding
from gatedsym.learning.tasks.associative_recall import associative_recall
from gatedsym.learning.tasks.copy import copy
from gatedsym.learning.tasks.digits import digits
from gatedsym.learning.tasks.file import file
from gatedsym.learning.tasks.france import france
from gatedsym.learning.tasks.recall import recall
from gatedsym.learning.tasks.reviews import reviews
from gatedsym.learning.tasks.selective_copy import selective_copy
from gatedsym.learning.tasks.temporal_order import temporal_order
from gatedsym.learning.tasks.text import text

__all__ = [
    "Batch",
    "Cue",
    "Definition",
    "LagLaw",
    "LagRange",
    "Level",
    "Measures",
    "Task",
    "adding",
    "associative_recall",
    "copy",
    "digits",
    "file",
    "find_task",
    "france",
    "recall",
    "reviews",
    "selective_copy",
    "tasks",
    "temporal_order",
    "text",
]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.tasks", registered=tasks)
