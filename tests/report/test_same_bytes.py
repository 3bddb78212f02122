"""The same report, byte for byte, from processes that hash strings differently and keep nothing in common."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
import sys
sys.path.insert(0, sys.argv[1])
from plain_cells import plain_cells
from gatedsym.report import write_report
plain = plain_cells()
options = {"input": "noise", "quick": True, "lags": 8, "derivation": None, "errata": None}
write_report(plain[:2], "numbers", only="gradient-norm", **options)
write_report(["rnn", "gru"], "symbols", only="3", **options)
"""


def written(folder, seed):
    (folder / seed).mkdir()
    environment = {**os.environ, "PYTHONHASHSEED": seed, "GATEDSYM_CACHE_DIR": str(folder / seed / "cache")}
    cells = str(Path(__file__).parents[1] / "flow")
    subprocess.run([sys.executable, "-c", WRITE, cells], cwd=folder / seed, env=environment, check=True)
    found = [p for name in ("numbers", "symbols") for p in (folder / seed / name).rglob("*") if p.is_file()]
    return {p.relative_to(folder / seed).as_posix(): p.read_bytes() for p in found}


@pytest.mark.long
def test_reports_of_processes_with_other_hash_seeds_have_the_same_bytes(tmp_path):
    one, two = (written(tmp_path, seed) for seed in ("1", "2"))
    assert {Path(name).suffix for name in one} >= {".pdf", ".svg", ".png", ".csv", ".nc", ".tex", ".txt", ".json"}
    assert [name for name in one if one[name] != two.get(name)] == []
    assert one.keys() == two.keys()
