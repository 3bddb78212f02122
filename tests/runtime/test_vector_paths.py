"""Vector paths: whole cells give the same numbers on each, and for Arm the tiles are vector multiply-adds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gatedsym.runtime.jit.processor import PATHS

_CELL = """
import sys
import numpy as np
import gatedsym as gs
from gatedsym.runtime.jit.processor import VECTORS
assert VECTORS.name == sys.argv[1]
dtypes = sys.argv[3:]
cell, random = gs.cell("gru"), np.random.default_rng(0)
found = {}
for dtype in dtypes:
    params = cell.init(m=5, n=19, dtype=dtype)
    run = cell.forward(params, random.normal(size=(7, 11, 5)).astype(dtype), keep="adjoint")
    grads = cell.backward(params, run, {"h": random.normal(size=(7, 11, 19)).astype(dtype)})
    found[dtype] = np.concatenate([run["h"].ravel(), grads.x.ravel(), *(g.ravel() for g in grads.params.values())])
np.savez(sys.argv[2], **found)
"""

_ASSEMBLY = """
import llvmlite.binding as llvm
from llvmlite import ir
from gatedsym.runtime.matmul.tiles import SweepBuilder
llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()
for scalar in (ir.FloatType(), ir.DoubleType()):
    module = ir.Module()
    number, pointer = ir.IntType(64), scalar.as_pointer()
    kinds = [pointer if letter == "p" else number for letter in "pnnnnnpnnpnnnpn"]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), "sweep")
    builder = ir.IRBuilder(function.append_basic_block())
    SweepBuilder(builder, scalar, function.args).emit()
    builder.ret_void()
    machine = llvm.Target.from_triple("aarch64-unknown-linux-gnu").create_target_machine(opt=3)
    print(machine.emit_assembly(llvm.parse_assembly(str(module))))
"""


def _run(code: str, path: str, *given: str) -> str:
    environment = {**os.environ, "GATEDSYM_VECTORS": path}
    done = subprocess.run(
        [sys.executable, "-c", code, path, *given], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_a_cell_gives_the_same_numbers_on_every_path(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    dtypes = ("float32", "float64") if request.config.getoption("--every-path") else ("float32",)
    first = None
    for path in sorted(PATHS):
        file = tmp_path / f"{path}.npz"
        _run(_CELL, path, str(file), *dtypes)
        found = np.load(file)
        if first is None:
            first = found
        for dtype in dtypes:
            scale = np.finfo(dtype).eps * np.abs(first[dtype]).max()
            np.testing.assert_allclose(found[dtype], first[dtype], rtol=0, atol=4 * scale)


def test_tiles_for_arm_are_vector_multiply_adds() -> None:
    pytest.importorskip("llvmlite.binding")
    assembly = _run(_ASSEMBLY, "neon")
    single, double = (len(re.findall(rf"\bfmla\s+v\d+\.{kind}", assembly)) for kind in ("4s", "2d"))
    tall = 8 * 2  # multiply-adds of the tallest tile
    assert single >= tall
    assert double >= tall
    assert not re.search(r"\bfmadd\b", assembly)
