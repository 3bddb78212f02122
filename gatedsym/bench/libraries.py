"""The peers by name: what each needs to be installed, and what makes it ready for a point."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from gatedsym.errors import ArgumentError

if TYPE_CHECKING:
    from gatedsym.bench.answer import Library
    from gatedsym.bench.points import Point
    from gatedsym.bench.problem import Problem

OURS = "gatedsym"
NEEDS: Mapping[str, tuple[str, ...]] = {
    "torch": ("torch",),
    "jax": ("jax",),
    "onnxruntime": ("onnxruntime", "onnx"),
    "torch-eager": ("torch",),
    "torch-compiled": ("torch",),
}
"""Peers, and the distributions each needs. The last two are the cell in torch operations, whatever the cell."""


def read_peers(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Those peers that are installed, and for each other one what to install.

    Raises
    ------
    ArgumentError
        For a name that is no peer's.
    """
    there, skipped = [], {}
    for name in dict.fromkeys(names):
        if name not in NEEDS:
            raise ArgumentError(f"no peer {name!r} to compare with; there are {', '.join(NEEDS)}.")
        missing = [needed for needed in NEEDS[name] if importlib.util.find_spec(needed) is None]
        if missing:
            skipped[name] = f"{' and '.join(missing)} not installed: pip install {' '.join(missing)}"
        else:
            there.append(name)
    return there, skipped


def versions(peers: Sequence[str]) -> dict[str, str]:
    """The versions of gatedsym, of what its kernels are compiled with, and of the peers."""
    return {name: version(name) for name in (OURS, "numba", "llvmlite", *dict.fromkeys(NEEDS[p][0] for p in peers))}


def make_ready(library: str, problem: Problem) -> Library:
    """A library ready for a problem. Only in a process of its own: each brings its threads."""
    if library == "torch":
        from gatedsym.bench.torch_layer import TorchLayer

        return TorchLayer(problem)
    if library == "jax":
        from gatedsym.bench.jax_scan import JaxScan

        return JaxScan(problem)
    if library == "onnxruntime":
        from gatedsym.bench.onnx_operator import OnnxOperator

        return OnnxOperator(problem)
    if library == "torch-gatedsym":
        from gatedsym.bench.our_layer import OurLayer

        return OurLayer(problem)
    if library in ("torch-cells", "torch-hoisted"):
        from gatedsym.bench.torch_loops import TorchCells, TorchHoisted

        return TorchCells(problem) if library == "torch-cells" else TorchHoisted(problem)
    if library.startswith("torch-"):
        from gatedsym.bench.torch_program import TorchProgram

        return TorchProgram(problem, compiled=library == "torch-compiled")
    from gatedsym.bench.ours import Ours

    return Ours(problem)


def make_updates_ready(library: str, point: Point) -> dict[str, Callable[[], Any]]:
    """Calls that make an update of training, and for gatedsym its parts."""
    from gatedsym.bench.updates import UPDATE, our_updates

    if library == OURS:
        return our_updates(point)
    from gatedsym.bench.torch_update import torch_update

    return {UPDATE: torch_update(point, loop=library != "torch")}


def make_tangents_ready(library: str, problem: Problem) -> Callable[[], Any]:
    """Calls that carry n directions of h along the trajectory of a problem, which is computed before."""
    if library == "jax":
        from gatedsym.bench.jax_scan import tangents_by_jax

        return tangents_by_jax(problem)
    from gatedsym.bench.ours import our_tangents

    return our_tangents(problem)
