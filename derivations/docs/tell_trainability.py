"""The runs of the study of trainability → a page that tells what they say, trainability.md, and its figures.

    gatedsym trainability --grid derivations/docs/trainability/grid.toml --out FOLDER     # the runs: hours
    python derivations/docs/tell_trainability.py FOLDER                                    # the page: seconds

Without a folder the page is written anew from the runs that are committed; a test in `tests/trainability/` holds it to
them.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import xarray as xr

from gatedsym.figures.caption import Text
from gatedsym.trainability.claims import claims, committed_times, verdict_words
from gatedsym.trainability.page import RUNS, study_figures
from gatedsym.trainability.sentences import cost, coverage, five_sentences, robust_cases, say
from gatedsym.trainability.table import read_runs

HERE = Path(__file__).parent
FOLDER = HERE / "trainability"
PAGE = HERE / "trainability.md"

MAKING = """\
## How it is made

```sh
gatedsym trainability --grid derivations/docs/trainability/grid.toml --out FOLDER
python derivations/docs/tell_trainability.py FOLDER
```

The first command goes on where it was stopped, and makes each run once; `--as-is` makes none, and tells what those
say that there are. The grid was written before the first run and [stands beside this page](trainability/grid.toml);
the runs are [one file](trainability/runs.nc), which `gs.trainability.read_runs` reads. `gatedsym verify FOLDER` writes
the folder anew from its runs, and makes some of these anew from nothing.

## Your own cells

`gatedsym trainability lstm mine.txt --quick` is the same for cells of your own, library or typed a minute ago:
initialisations, biases where a gate retains the state, recall and adding, rates and seeds. It says beforehand how long
it will take. A grid of your own has three tables, as `gatedsym/trainability/grid.py` shows: settings, tasks, and
panels that multiply them.
"""


def page(data: xr.Dataset) -> str:
    """The page of some runs."""
    return "\n".join([*_lines(data), ""])


def _lines(data: xr.Dataset) -> Iterator[str]:
    yield f"# {say('page-title')}"
    yield ""
    for number, sentence in enumerate(five_sentences(data), 1):
        yield f"{number}. {_plain(sentence)}"
    yield from ("", coverage(data), "", cost(data), "")
    for figure in study_figures(data):
        yield f"![{figure.title}](trainability/{figure.name}.png)"
        yield from ("", f"*{figure.caption.plain.replace('*', '·')}*", "")
    yield from (f"## {say('page-claims')}", "")
    for claim in claims(data, committed_times()):
        yield f"**{claim.title}** {verdict_words(claim)}."
        yield ""
        yield from (f"- {_plain(finding)}" for finding in claim.findings)
        yield ""
    robust = robust_cases(data)
    if robust:
        yield from (f"## {say('page-robust')}", "", *(f"- {_plain(case)}" for case in robust), "")
    yield from (f"## {say('page-known')}", "", say("study-known"), "", MAKING, "")
    yield "This page is written by `python derivations/docs/tell_trainability.py`."


def _plain(sentence: str) -> str:
    return Text(sentence).plain


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def main() -> None:
    """Take the runs of a folder, if one is named, and write page and figures."""
    if len(sys.argv) > 1:
        shutil.copyfile(Path(sys.argv[1]) / RUNS, FOLDER / RUNS)
    data = read_runs(FOLDER / RUNS)
    for figure in study_figures(data):
        _write(FOLDER / f"{figure.name}.png", figure.render("png"))
    _write(PAGE, page(data).encode())


if __name__ == "__main__":
    main()
