"""Compiled code is found again when nothing has changed, and never when something has."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gatedsym.runtime as runtime
from gatedsym.runtime import kernel, load_module
from gatedsym.runtime.jit import compile as compiling

KERNEL = """
from gatedsym.runtime import kernel

@kernel
def double(x, out):
    for i in range(x.size):
        out[i] = 2 * x[i]
"""

RUN = """
import sys
import numpy as np
sys.path.insert(0, sys.argv[1])
import module
out = np.zeros(3)
module.double(np.ones(3), out)
stats = module.double.stats
print(out[0], sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def _environment(cache: Path, **changes: str) -> dict[str, str]:
    return {**os.environ, "GATEDSYM_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1", **changes}


def _run(folder: Path, cache: Path, **changes: str) -> list[str]:
    """[value, hits, misses] of a fresh process that calls the kernel of folder/module.py."""
    command = [sys.executable, "-c", RUN, str(folder)]
    done = subprocess.run(command, env=_environment(cache, **changes), capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "source"
    place.mkdir()
    (place / "module.py").write_text(KERNEL)
    return place


@pytest.mark.long
def test_a_second_process_finds_the_code_and_an_edit_does_not(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert _run(folder, cache) == ["2.0", "0", "1"]
    assert _run(folder, cache) == ["2.0", "1", "0"]
    (folder / "module.py").write_text(KERNEL.replace("2 *", "3 *"))
    assert _run(folder, cache) == ["3.0", "0", "1"]
    (folder / "module.py").write_text(KERNEL)
    assert _run(folder, cache) == ["2.0", "1", "0"]


@pytest.mark.long
def test_another_vector_path_or_processor_does_not_find_the_code(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    _run(folder, cache, GATEDSYM_VECTORS="128")
    assert _run(folder, cache, GATEDSYM_VECTORS="scalar")[1:] == ["0", "1"]
    assert _run(folder, cache, GATEDSYM_VECTORS="128", NUMBA_CPU_NAME="generic")[1:] == ["0", "1"]
    assert _run(folder, cache, GATEDSYM_VECTORS="128")[1:] == ["1", "0"]


def test_the_key_follows_every_source_of_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiling._Locator(_plain, __file__).get_source_stamp()
    monkeypatch.setattr(compiling, "runtime_hash", lambda: "edited")
    compiling._environment_hash.cache_clear()
    after = compiling._Locator(_plain, __file__).get_source_stamp()
    compiling._environment_hash.cache_clear()
    assert before != after


def test_source_folders_are_left_alone(folder: Path, tmp_path: Path) -> None:
    _run(folder, tmp_path / "cache")
    assert sorted(p.name for p in folder.iterdir()) == ["module.py"]


@pytest.mark.long
def test_processes_that_compile_at_once_do_not_disturb_each_other(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    command = [sys.executable, "-c", RUN, str(folder)]
    running = [subprocess.Popen(command, env=_environment(cache), stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0].split()[0] for process in running] == ["2.0"] * 3
    assert _run(folder, cache) == ["2.0", "1", "0"]
    assert not list(cache.rglob("*.tmp"))


@pytest.mark.long
def test_a_damaged_file_is_compiled_anew(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    _run(folder, cache)
    (file,) = cache.rglob("*.nbc")
    file.write_bytes(file.read_bytes()[:-100])
    assert _run(folder, cache) == ["2.0", "0", "1"]
    assert _run(folder, cache) == ["2.0", "1", "0"]


def test_without_a_writable_place_kernels_still_run(folder: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert _run(folder, blocked / "cache")[0] == "2.0"


def test_signatures_of_one_kernel_have_files_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path))
    module = load_module(KERNEL, "doubling")
    for dtype in (np.float32, np.float64):
        out = np.zeros(2, dtype)
        module.double(np.ones(2, dtype), out)
        assert (out == 2).all()
    assert len(list(tmp_path.rglob("double-*.nbc"))) == 2


def _plain(x: Any) -> Any:
    return x


def test_a_module_made_from_text_is_imported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path))
    source = "value = [1]\n"
    first = load_module(source, "made")
    assert load_module(source, "made") is first
    assert load_module("value = [2]\n", "made").value == [2]
    assert first.value == [1]
    assert Path(str(first.__file__)).read_text() == source


def test_a_module_made_from_text_has_lines_in_tracebacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path))
    module = load_module("def fail():\n    return 1 / 0  # here\n", "failing")
    with pytest.raises(ZeroDivisionError) as caught:
        module.fail()
    assert "# here" in "".join(traceback.format_tb(caught.value.__traceback__))


def test_a_module_that_fails_to_import_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path))
    with pytest.raises(NameError):
        load_module("undefined_name\n", "broken")
    assert not [name for name in sys.modules if "gatedsym_module_broken" in name]


@pytest.mark.parametrize("name", ["", "a b", "../up", "a.b"])
def test_a_name_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        load_module("", name)


@pytest.mark.parametrize(("dtype", "word"), [(np.float32, "float"), (np.float64, "double")])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "exp", "log", "sech2", "softplus", "normal_cdf"])
def test_a_loop_over_an_activation_is_vectorised(name: str, dtype: type, word: str) -> None:
    function = getattr(runtime, name)

    @kernel
    def loop(x: Any, out: Any) -> None:
        for i in range(x.size):
            out[i] = function(x[i])

    loop(np.ones(4, dtype), np.ones(4, dtype))
    (text,) = loop.inspect_llvm().values()
    assert re.search(rf"fmul .*<\d+ x {word}>", text)


def test_a_loop_over_many_arrays_needs_no_comparison_of_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path))  # Numba shows no code that it has from a cache

    @kernel
    def loop(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any) -> None:
        for i in range(a.size):
            g[i] = a[i] * b[i] + c[i] * d[i]
            f[i] = g[i] * e[i]

    loop(*(np.ones(4) for _ in range(7)))
    (text,) = loop.inspect_llvm().values()
    assert re.search(r"fmul .*<\d+ x double>", text)
    assert "vector.memcheck" not in text


def test_sigmoid_of_both_signs_computes_one_exponential() -> None:
    sigmoid = runtime.sigmoid

    @kernel
    def one(x: Any, out: Any) -> None:
        for i in range(x.size):
            out[i] = sigmoid(x[i])

    @kernel
    def both(x: Any, out: Any) -> None:
        for i in range(x.size):
            out[i] = sigmoid(x[i]) * sigmoid(-x[i])

    counts = []
    for loop in (one, both):
        loop(np.ones(4), np.ones(4))
        (text,) = loop.inspect_llvm().values()
        counts.append(len(re.findall(r"call .*@llvm\.fmuladd\.f64\(", text)))
    polynomial = 10
    assert counts[0] > polynomial
    assert counts[1] < counts[0] + polynomial
