"""gatedsym: from the typed equations of a recurrent cell to proven gradients, kernels and figures.

Names are loaded when they are first used, so that importing this is instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatedsym.lazy import lazy_names
from gatedsym.offers import announce
from gatedsym.version import __version__ as __version__

if TYPE_CHECKING:
    from gatedsym import conventions as conventions
    from gatedsym import figures as figures
    from gatedsym import flow as flow
    from gatedsym import sweep as sweep
    from gatedsym import trainability as trainability
    from gatedsym.bidirectional import Bidirectional as Bidirectional
    from gatedsym.cells import Cell as Cell
    from gatedsym.cells import cell as cell
    from gatedsym.checking import check as check
    from gatedsym.composition import head as head
    from gatedsym.composition import masks as masks
    from gatedsym.composition import stack as stack
    from gatedsym.equations import declare as declare
    from gatedsym.errors import EquationError as EquationError
    from gatedsym.errors import EquationWarning as EquationWarning
    from gatedsym.errors import GatedsymError as GatedsymError
    from gatedsym.errors import LearningWarning as LearningWarning
    from gatedsym.errors import PrecisionWarning as PrecisionWarning
    from gatedsym.execution.scheme import Scheme as Scheme
    from gatedsym.execution.workspace import Workspace as Workspace
    from gatedsym.flow import gradient_flow as gradient_flow
    from gatedsym.flow.matching import match as match
    from gatedsym.ir.cell_texts import register as register
    from gatedsym.learning import catalogue as tasks
    from gatedsym.learning import optimisers as optimisers
    from gatedsym.learning.network import Network as Network
    from gatedsym.learning.training import learn as learn
    from gatedsym.library import rules as rules

_HOMES = {
    "Bidirectional": "gatedsym.bidirectional",
    "Cell": "gatedsym.cells",
    "cell": "gatedsym.cells",
    "check": "gatedsym.checking.inspection",
    "masks": "gatedsym.composition",
    "stack": "gatedsym.composition",
    "declare": "gatedsym.equations",
    "EquationError": "gatedsym.errors",
    "EquationWarning": "gatedsym.errors",
    "PrecisionWarning": "gatedsym.errors",
    "GatedsymError": "gatedsym.errors",
    "LearningWarning": "gatedsym.errors",
    "gradient_flow": "gatedsym.flow",
    "match": "gatedsym.flow.matching",
    "Scheme": "gatedsym.execution.scheme",
    "Workspace": "gatedsym.execution.workspace",
    "register": "gatedsym.ir.cell_texts",
    "Network": "gatedsym.learning.network",
    "learn": "gatedsym.learning.training",
}

_ROOMS = {
    "conventions": "gatedsym.conventions",
    "figures": "gatedsym.figures",
    "flow": "gatedsym.flow",
    "head": "gatedsym.composition.head",
    "optimisers": "gatedsym.learning.optimisers",
    "rules": "gatedsym.library.rules",
    "sweep": "gatedsym.sweep",
    "tasks": "gatedsym.learning.catalogue",
    "trainability": "gatedsym.trainability",
}

announce(
    {
        "Cell.derivation": "gatedsym.execution.derivation_pages",
        "Cell.diagram": "gatedsym.diagrams.diagram",
        "Cell.prove": "gatedsym.proofs.verdicts",
        "Figure.bibtex": "gatedsym.report.citation",
        "History.figure": "gatedsym.figures.learning.training",
        "Task.lines": "gatedsym.learning.task_page",
    }
)

__all__ = [
    "Bidirectional",
    "Cell",
    "EquationError",
    "EquationWarning",
    "GatedsymError",
    "LearningWarning",
    "Network",
    "PrecisionWarning",
    "Scheme",
    "Workspace",
    "cell",
    "check",
    "conventions",
    "declare",
    "figures",
    "flow",
    "gradient_flow",
    "head",
    "learn",
    "masks",
    "match",
    "optimisers",
    "register",
    "rules",
    "stack",
    "sweep",
    "tasks",
    "trainability",
]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs", homes=_HOMES, modules=_ROOMS)
