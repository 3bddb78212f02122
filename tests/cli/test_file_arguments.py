"""Whatever stands in the place of a file that a command reads is refused in a sentence, at once, before any work."""

import os
import signal

import pytest
from typer.testing import CliRunner

from gatedsym.cli import app
from gatedsym.errors import GatedsymError

SECONDS = 20
"""Far more than a refusal takes; a pipe that is waited for, or a device that is read on, takes for ever."""

COMMANDS = {
    "a cell": ("derive", "{}"),
    "a cell to prove": ("prove", "{}"),
    "a cell in a report": ("report", "rnn", "{}"),
    "a cell to measure": ("flow", "{}"),
    "an input": ("report", "rnn", "--input", "{}"),
    "words": ("report", "rnn", "--input", "words:{}"),
    "an input to measure": ("flow", "rnn", "--input", "{}"),
    "weights": ("report", "lstm", "--weights", "{}"),
    "a report": ("verify", "{}"),
}
SUFFIXES = {"weights": (".npz", ".safetensors"), "an input": (".txt", ".csv", ".npy")}
THINGS = ("pipe", "folder", "zero", "circle", "binary", "empty", "missing", "huge", "long", "unreadable")


def put(folder, thing, suffix):
    """A path at which something else than a whole file stands."""
    path = folder / f"odd{suffix}"
    if thing == "pipe":
        os.mkfifo(path)
    elif thing == "folder":
        path.mkdir()
    elif thing == "zero":
        path.symlink_to("/dev/zero")
    elif thing == "circle":
        path.symlink_to(path)
    elif thing == "binary":
        path.write_bytes(bytes(range(128, 256)) * 9)
    elif thing == "empty":
        path.write_bytes(b"")
    elif thing == "huge":
        with path.open("wb") as file:
            file.truncate(2**40)  # takes no room
    elif thing == "unreadable":
        path.write_bytes(b"secret")
        path.chmod(0)
    return folder / ("n" * 300 + suffix) if thing == "long" else path


@pytest.fixture
def in_time():
    def late(*arguments):
        raise AssertionError("waited for ever")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("what", COMMANDS)
def test_what_is_no_whole_file_is_refused_in_a_sentence(tmp_path, monkeypatch, what, thing):
    if thing == "unreadable" and os.geteuid() == 0:
        pytest.skip("the administrator reads everything")
    monkeypatch.chdir(tmp_path)
    for suffix in SUFFIXES.get(what, (".txt",)):
        path = put(tmp_path, thing, suffix)
        words = [word.format(path) for word in COMMANDS[what]]
        with pytest.raises((GatedsymError, OSError)) as caught:
            CliRunner().invoke(app, words, catch_exceptions=False)
        assert str(caught.value).splitlines()[0]
        assert not (tmp_path / "report").exists()
        assert not (tmp_path / "flow").exists()


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize("thing", ["pipe", "folder", "zero", "binary", "huge"])
def test_a_record_that_is_no_whole_file_is_refused_in_a_sentence(tmp_path, thing):
    put(tmp_path, thing, "").rename(tmp_path / "provenance.json")
    with pytest.raises(GatedsymError, match=r"provenance\.json"):
        CliRunner().invoke(app, ["verify", str(tmp_path)], catch_exceptions=False)
