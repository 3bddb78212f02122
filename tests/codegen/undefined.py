"""The text of a generated module → the names that it uses and nothing defines."""

from __future__ import annotations

import symtable

BUILTINS = frozenset({"range", "min", "max"})
"""What generated code takes from Python itself."""


def undefined_names(text: str) -> list[str]:
    """Names that functions of a module read and that are no argument, local, import or definition, sorted.

    Numba and Python tell of such a name when the kernel runs; the text is never run here.
    """
    module = symtable.symtable(text, "generated", "exec")
    known = BUILTINS | {s.get_name() for s in module.get_symbols() if s.is_assigned() or s.is_imported()}
    known |= {child.get_name() for child in module.get_children()}
    tables = [module, *module.get_children()]
    read = {s.get_name() for table in tables for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return sorted(read - known)
