"""The machine that times belong to: its processor, and whether others keep it busy."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from gatedsym.runtime.jit.processor import VECTORS
from gatedsym.runtime.threads.pool import usable_cores

_CPU_TABLE = Path("/proc/cpuinfo")
BUSY = 0.5
"""Other processes that want to run, for each usable core, from which times are doubtful."""


def processor() -> str:
    """The processor's name with the width of the vectors that kernels use."""
    vectors = f"{VECTORS.name}-bit vectors" if VECTORS.bits else "no vectors"
    return f"{_name()} ({vectors})"


def _name() -> str:
    if _CPU_TABLE.is_file():
        for line in _CPU_TABLE.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def warn_if_busy() -> str:
    """One sentence if other processes take the cores, else "".

    Threads that wait for each other in a busy loop, as OpenMP's do, then wait for a thread that does not run, and times
    are a hundred times too long.
    """
    if not hasattr(os, "getloadavg"):
        return ""
    load, cores = os.getloadavg()[0], usable_cores()
    if load < BUSY * cores:
        return ""
    return (
        f"{load:.1f} other processes want the {cores} usable cores: times are doubtful, those of several threads most;"
        " wait until the machine is idle, or take fewer --threads"
    )
