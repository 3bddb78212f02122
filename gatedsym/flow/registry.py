"""Analyses: a function that measures an ensemble → an entry of the registry, and what ``gatedsym.flow`` offers."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, Unpack, cast

from gatedsym.errors import ArgumentError
from gatedsym.flow.ensemble import Networks, why_no_flow
from gatedsym.flow.foreign import translate_arguments
from gatedsym.flow.matching import measure_matched
from gatedsym.flow.widths import each_width
from gatedsym.progress import asked_progress

if TYPE_CHECKING:
    import xarray as xr

    from gatedsym.cells import Cell

P = ParamSpec("P")
USUAL = Networks(match=None, gain=1.0, horizon=None, dtype="float64", progress=None)
"""Defaults that most analyses share."""
_FIRST = ("n", "seeds")
_GIVEN = """
cells : cells or names of the library
    Or recurrent modules of torch, whose own weights are analysed then.
x : Series, name, path, or array (T, B, m)
    What the networks read: each seed reads windows of its own from a series, every seed all of an array. Cells without
    input read nothing. A tensor is an array; beside modules that are batch first, arrays are (B, T, m).
"""


class WhyNotApplicable(Protocol):
    """The reason why an analysis makes no sense of a cell, as one sentence; "" where it does."""

    def __call__(self, cell: Cell, /) -> str: ...


@dataclass(frozen=True)
class Analysis:
    """An entry of the registry.

    Attributes
    ----------
    name : str
        Of the function in ``gatedsym.flow`` and of its figure in ``gatedsym.figures``.
    dataset : callable
        That function: ``dataset(cells, x, **options)`` measures networks and labels what was measured.
    why_not_applicable : callable
        Of a cell of which the analysis makes no sense the reason, as one sentence; else "".
    """

    name: str
    dataset: Callable[..., xr.Dataset]
    why_not_applicable: WhyNotApplicable


def analysis(
    why_not_applicable: WhyNotApplicable = why_no_flow, **defaults: Unpack[Networks]
) -> Callable[[Callable[P, xr.Dataset]], Callable[P, xr.Dataset]]:
    """Enter a function into the registry under its own name.

    The function takes ``**networks: Unpack[Networks]`` and finds in it every argument that has a default here or in
    `USUAL`; its signature and its docstring then list each of them. It is called with one hidden size at a time:
    datasets of several are joined along ``n``. It is not told of ``match``, by which its cells have sizes of their own.

    Parameters
    ----------
    why_not_applicable : callable
        Of which cells the analysis makes no sense.
    defaults
        Of the arguments that analyses share.
    """

    def entered(function: Callable[P, xr.Dataset]) -> Callable[P, xr.Dataset]:
        signature = _whole_signature(inspect.signature(function), {**USUAL, **defaults})

        @wraps(function)
        def called(*args: P.args, **options: P.kwargs) -> xr.Dataset:
            if options.get("lengths") is not None and "lengths" not in signature.parameters:
                raise ArgumentError(
                    f"{function.__name__} takes no lengths=: it goes by steps that all sequences have. Give sequences "
                    "of one length, or ask gradient_norm, paths or gate_statistics, which take them."
                )
            try:
                bound = signature.bind(*args, **options)
            except TypeError as error:
                raise TypeError(f"{function.__name__}() {error}") from None
            translate_arguments(bound.arguments, signature.parameters)
            bound.apply_defaults()
            by = bound.arguments.pop("match", None)
            measure = function if by is None else partial(measure_matched, function, by)
            with asked_progress(bound.arguments.get("progress"), function.__name__.replace("_", " ")) as told:
                if "progress" in bound.arguments:
                    bound.arguments["progress"] = told
                return each_width(measure, bound.args, bound.kwargs)

        called.__signature__ = signature  # type: ignore[attr-defined]
        called.__doc__ = _whole_docstring(function.__doc__, signature)
        called.analysis = Analysis(function.__name__, called, why_not_applicable)  # type: ignore[attr-defined]
        return cast("Callable[P, xr.Dataset]", called)

    return entered


@cache
def analyses() -> Mapping[str, Analysis]:
    """All analyses by name: those of the modules of gatedsym.flow.analyses, in the order of their names."""
    import gatedsym.flow.analyses as room

    found: dict[str, Analysis] = {}
    for module in pkgutil.iter_modules(room.__path__):
        held = vars(importlib.import_module(f"{room.__name__}.{module.name}")).values()
        entries = (getattr(one, "analysis", None) for one in held if inspect.isfunction(one))
        found |= {entry.name: entry for entry in entries if isinstance(entry, Analysis)}
    return dict(sorted(found.items()))


def _whole_signature(signature: inspect.Signature, defaults: Mapping[str, Any]) -> inspect.Signature:
    """A signature with the arguments of `Networks` in place of ``**networks``: sizes first, the others last."""
    named = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    if len(named) == len(signature.parameters):
        return signature
    shared = {
        name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=_spelt(kind))
        for name, kind in Networks.__annotations__.items()
        if name in defaults and name not in signature.parameters
    }
    given = [p for p in named if p.kind is not p.KEYWORD_ONLY]
    own = [p for p in named if p.kind is p.KEYWORD_ONLY]
    sizes = [shared.pop(name) for name in _FIRST if name in shared]
    return signature.replace(parameters=[*given, *sizes, *own, *shared.values()])


def _spelt(kind: Any) -> str:
    """A type as it stands in the source."""
    return str(getattr(kind, "__forward_arg__", kind))


def _whole_docstring(docstring: str | None, signature: inspect.Signature) -> str | None:
    """A docstring whose parameters are all there: those that it does not describe are described as everywhere."""
    if docstring is None or Networks.__doc__ is None:  # Python was told to drop docstrings
        return docstring
    summary, *sections = re.split(r"\n(?=\w[\w ]*\n---+\n)", inspect.cleandoc(docstring))
    title = "Parameters\n----------\n"
    own = "".join(s.removeprefix(title) for s in sections if s.startswith(title))
    shared = inspect.cleandoc(Networks.__doc__).partition("----------\n")[2]
    entries = _entries(_GIVEN) | _entries(shared) | _entries(own)
    listed = dict.fromkeys(entries[name] for name in signature.parameters if name in entries)
    others = [s for s in sections if not s.startswith(title)]
    return "\n".join([summary, title + "\n".join(listed) + "\n", *others]) + "\n"


def _entries(text: str) -> dict[str, str]:
    """The entries of a list of parameters, ``lags, batch : int`` under each of its names."""
    entries = [entry.rstrip() for entry in re.split(r"\n(?=\S)", text.strip("\n"))]
    return {name: e for e in entries for name in re.split(r"[\n:]", e)[0].strip().split(", ")}
