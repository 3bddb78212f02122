"""What is kept on disk is believed if it is whole, under its own key and nobody else's to write; else it is made again.

Every cache is held to the one rule: modules made from equations, compiled code, datasets, pictures and proofs.
"""

import importlib.util
import os
import re
import stat
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import gatedsym
from gatedsym.cells import Cell
from gatedsym.files import cache
from gatedsym.files.cache import CacheError, cache_directory, cache_path, read_kept, write_kept
from gatedsym.report.parts import Part, measured
from gatedsym.report.proven import require_proven
from gatedsym.runtime import load_module
from gatedsym.runtime.jit import compile as compiling

CELL = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h)"
KERNEL = """
from gatedsym.runtime import kernel

@kernel
def double(x, out):
    for i in range(x.size):
        out[i] = 2 * x[i]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def place_to_keep(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


def other_byte(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


# The rule itself.


@settings(max_examples=30)
@given(content=st.binary(max_size=300), key=st.text(max_size=20), data=st.data())
def test_a_kept_file_with_one_byte_changed_or_cut_off_is_not_believed(place_to_keep, content, key, data):
    path = place_to_keep / "a"
    write_kept(path, key, content)
    assert read_kept(path, key) == content
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    for damaged in (whole[:place], other_byte(whole, place), whole + b"\0", b""):
        path.write_bytes(damaged)
        assert read_kept(path, key) is None


@settings(max_examples=30)
@given(st.text(max_size=8), st.text(max_size=8), st.binary(max_size=20))
def test_a_kept_file_under_the_name_of_another_is_not_believed(place_to_keep, one, other, content):
    path = place_to_keep / "a"
    write_kept(path, one, content)
    assert (read_kept(path, other) is None) == (one != other)


def test_a_key_and_its_content_cannot_run_into_each_other(tmp_path):
    write_kept(tmp_path / "a", "key", b"content")
    assert read_kept(tmp_path / "a", "keyc") is None
    head = (tmp_path / "a").read_bytes()[: cache._HEAD]
    (tmp_path / "a").write_bytes(head + b"ontent")
    assert read_kept(tmp_path / "a", "keyc") is None


@pytest.mark.parametrize("mode", [0o666, 0o646, 0o606])
def test_a_file_that_everybody_may_write_to_is_not_believed(tmp_path, mode):
    write_kept(tmp_path / "a", "key", b"content")
    (tmp_path / "a").chmod(mode)
    assert read_kept(tmp_path / "a", "key") is None
    write_kept(tmp_path / "a", "key", b"content")
    assert read_kept(tmp_path / "a", "key") == b"content"


def test_a_link_a_folder_and_a_pipe_in_the_place_of_a_kept_file_are_not_read(tmp_path):
    write_kept(tmp_path / "real", "key", b"content")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe", "missing"):
        assert read_kept(tmp_path / name, "key") is None
    write_kept(tmp_path / "link", "key", b"new")
    assert (read_kept(tmp_path / "link", "key"), read_kept(tmp_path / "real", "key")) == (b"new", b"content")
    with pytest.raises(CacheError, match="GATEDSYM_CACHE_DIR"):
        write_kept(tmp_path / "folder", "key", b"new")


@pytest.mark.parametrize("mode", [0o777, 0o707, 0o757, 0o1777])
@pytest.mark.parametrize("kind", ["", "kernels"])
def test_a_folder_that_everybody_may_write_to_is_refused_with_a_mend(folder, mode, kind):
    path = cache_path("kernels", "a", "key")
    write_kept(path, "key", b"content")
    (folder / kind).chmod(mode)
    with pytest.raises(CacheError, match=r"may be written by everybody.*chmod go-w"):
        read_kept(cache_path("kernels", "a", "key"), "key")
    with pytest.raises(CacheError, match="may be written by everybody"):
        write_kept(cache_path("kernels", "a", "key"), "key", b"content")
    (folder / kind).chmod(0o755)
    assert read_kept(cache_path("kernels", "a", "key"), "key") == b"content"


def entry(mode=0o755, user=None, group=None):
    return SimpleNamespace(
        st_mode=stat.S_IFDIR | mode,
        st_uid=os.geteuid() if user is None else user,
        st_gid=os.getegid() if group is None else group,
    )


def test_a_foreign_owner_is_refused_and_the_administrator_is_not():
    assert "belongs to" in cache.distrust(entry(user=os.geteuid() + 4711))
    assert cache.distrust(entry(user=0)) == ""
    assert cache.distrust(entry()) == ""


def test_a_group_of_one_may_write_and_one_of_several_may_not(monkeypatch):
    import grp
    import pwd

    person = SimpleNamespace(pw_name="ann", pw_uid=os.geteuid(), pw_gid=os.getegid())
    monkeypatch.setattr(pwd, "getpwuid", lambda number: person)
    for name, members, accepted in (
        ("ann", [], True),
        ("ann", ["ann"], True),
        ("ann", ["ann", "ben"], False),
        ("staff", [], os.getegid() == os.geteuid()),  # others may have it as their first group
    ):
        monkeypatch.setattr(grp, "getgrgid", lambda number, n=name, m=members: SimpleNamespace(gr_name=n, gr_mem=m))
        assert (cache.distrust(entry(0o775)) == "") == accepted
        assert cache.distrust(entry(0o755)) == ""
    monkeypatch.setattr(grp, "getgrgid", lambda number: SimpleNamespace(gr_name="lab", gr_mem=[]))
    assert "group" in cache.distrust(entry(0o775, group=os.getegid() + 4711))


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can give a folder away")
def test_a_folder_of_somebody_else_is_refused(folder):
    cache_directory()
    os.chown(folder, 4711, 4711)
    with pytest.raises(CacheError, match="belongs to user 4711"):
        Cell(CELL, "foreign")
    os.chown(folder, 0, 0)


def test_no_folder_of_the_cache_is_left_open_by_an_umask(folder):
    before = os.umask(0)
    try:
        write_kept(folder / "pictures" / "one" / "a.svg", "key", b"content")
        assert {stat.S_IMODE(p.stat().st_mode) for p in (folder, *folder.rglob("*")) if p.is_dir()} == {0o700}
    finally:
        os.umask(before)


def test_a_folder_made_under_the_custom_of_own_groups_is_accepted(folder):
    before = os.umask(0o002)
    try:
        folder.mkdir(mode=0o775)
        assert cache_directory() == folder
    finally:
        os.umask(before)


# Every cache goes by it.


def test_no_room_reads_a_kept_file_by_itself():
    """Whoever knows the cache's folder could read from it; compile.py writes there what people may want to see."""
    root = Path(gatedsym.__file__).parent
    knowing = {
        p.relative_to(root).as_posix()
        for p in root.rglob("*.py")
        if re.search(r"\bcache_directory\(", p.read_text("utf-8"))
    }
    assert knowing == {"files/cache.py", "runtime/jit/compile.py"}
    text = (root / "runtime" / "jit" / "compile.py").read_text("utf-8")
    assert re.findall(r"\w+\.read_\w+\(|\bopen\(", text) == []


def damages(path):
    """A file that was cut off, has another byte at each of some places, is empty, or is another's."""
    whole = path.read_bytes()
    places = np.random.default_rng(0).integers(0, len(whole), 8)
    yield from (whole[: len(whole) // 2], whole[:-1], b"", b"\0" * len(whole))
    yield from (other_byte(whole, int(place)) for place in places)


def test_a_module_made_from_equations_is_made_again_when_its_file_is_not_whole(folder):
    text = Cell(CELL, "kept_cell").kernels.module.__loader__.get_source("")
    (path,) = (folder / "cells").iterdir()
    for damaged in damages(path):
        path.write_bytes(damaged)
        again = Cell(CELL, "kept_cell")
        assert again.kernels.module.__loader__.get_source("") == text
    assert path.read_bytes().endswith(text.encode())


def test_a_planted_module_is_not_run(folder, tmp_path):
    module = load_module("value = 1\n", "planted")
    ran = tmp_path / "ran"
    trap = f"open({str(ran)!r}, 'w')\nvalue = 2\n"
    path = Path(module.__file__)
    for planted in (path, Path(importlib.util.cache_from_source(str(path))), path.with_suffix(".code")):
        planted.parent.mkdir(exist_ok=True)
        planted.write_bytes(trap.encode())
    compiling._modules.clear()
    assert load_module("value = 1\n", "planted").value == 1
    assert not ran.exists()
    assert path.read_text() == "value = 1\n"


def test_compiled_code_is_compiled_again_when_its_file_is_not_whole(folder):
    out = np.zeros(2)
    load_module(KERNEL, "kept_doubling").double(np.ones(2), out)
    (path,) = folder.rglob("double-*.nbc")
    for damaged in list(damages(path))[:6]:
        path.write_bytes(damaged)
        compiling._modules.clear()
        double = load_module(KERNEL, "kept_doubling").double
        double(np.ones(2), out)
        assert (out == 2).all()
        assert sum(double.stats.cache_misses.values()) == 1


def test_a_dataset_is_measured_again_when_its_file_is_not_whole(folder, monkeypatch):
    module = "gatedsym.flow.analyses.gradient_norm"
    analysis = SimpleNamespace(key="some", measure="gradient_norm.some", measuring_module=module)
    calls = []

    def computed(part, progress):
        calls.append(part)
        return xr.Dataset({"value": ("k", [1.5, 2.5])})

    monkeypatch.setattr("gatedsym.report.parts.computed", computed)
    part = Part(analysis, gatedsym.flow.white_noise(), ())
    assert measured(part, lambda f: None)["value"].values.tolist() == [1.5, 2.5]
    (path,) = (folder / "datasets").iterdir()
    for k, damaged in enumerate(damages(path), start=2):
        path.write_bytes(damaged)
        assert measured(part, lambda f: None)["value"].values.tolist() == [1.5, 2.5]
        assert len(calls) == k
    measured(part, lambda f: None)
    assert len(calls) == k


def test_a_mark_that_says_proven_is_not_believed_when_it_was_put_there(folder, monkeypatch):
    from gatedsym.proofs import cell as proofs

    proved = []
    monkeypatch.setattr(proofs, "prove_cell", lambda cell: proved.append(cell.name) or [])
    mine = Cell(CELL, "mine_marked")
    require_proven([mine])
    (path,) = (folder / "proofs").iterdir()
    for k, damaged in enumerate((b"proven\n", *damages(path)), start=2):
        path.write_bytes(damaged)
        require_proven([mine])
        assert len(proved) == k
    require_proven([mine])
    assert len(proved) == k


def test_a_picture_is_drawn_again_when_its_file_is_not_whole(tmp_path):
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from gatedsym.figures import Figure
    from gatedsym.figures.caption import Caption

    drawing = Drawing()
    drawing.add_subplot().plot([0, 1], [0, 1])
    figure = Figure("one", "One", drawing, xr.Dataset(), pd.DataFrame({"x": [1.0]}), Caption("One."))
    (first, *_) = figure.content(tmp_path / "one", ["svg"], keep=tmp_path / "keep").values()
    path = tmp_path / "keep" / "one.svg"
    for damaged in (first, *list(damages(path))[:6]):
        path.write_bytes(damaged)
        assert next(iter(figure.content(tmp_path / "one", ["svg"], keep=tmp_path / "keep").values())) == first
        assert path.read_bytes() != damaged
