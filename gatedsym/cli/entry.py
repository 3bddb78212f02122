"""Entry and exit of the command gatedsym: words of a command line → the command they name → an exit status."""

from __future__ import annotations

import warnings
from typing import Annotated

import typer

from gatedsym.cli.bench import bench
from gatedsym.cli.cells import cells
from gatedsym.cli.check import check
from gatedsym.cli.derive import derive
from gatedsym.cli.flow import flow
from gatedsym.cli.generate import generate
from gatedsym.cli.learn import learn
from gatedsym.cli.messages import complain, show_warning
from gatedsym.cli.new import new
from gatedsym.cli.prove import prove
from gatedsym.cli.report import report
from gatedsym.cli.stack import stack
from gatedsym.cli.streams import guard_streams
from gatedsym.cli.sweep import sweep
from gatedsym.cli.tasks import tasks
from gatedsym.cli.trainability import trainability
from gatedsym.cli.verify import verify
from gatedsym.version import __version__

NAME = "gatedsym"
INTERRUPTED = 130

app = typer.Typer(
    name=NAME,
    help="From the typed equations of a recurrent cell to its derivation, proven gradients, kernels and figures.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    report,
    flow,
    verify,
    cells,
    derive,
    prove,
    check,
    generate,
    new,
    stack,
    tasks,
    learn,
    sweep,
    trainability,
    bench,
):  # in the order of --help
    app.command()(command)


def main() -> None:
    """Run the command; a refusal is one sentence on standard error and exit status 1."""
    guard_streams()
    warnings.showwarning = show_warning
    raise SystemExit(_run())


def _run() -> int:
    """Exit status of a command; whatever it refuses is told in a sentence."""
    from gatedsym.errors import GatedsymError

    try:
        app(prog_name=NAME)  # also for python -m gatedsym, and for what completes its words
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else int(done.code is not None)
        if status == INTERRUPTED:  # Typer ends an interrupted command without a word
            complain("interrupted; every file is whole: as it was, or new.")
        return status
    except GatedsymError as error:
        complain(str(error))
    except KeyboardInterrupt:
        complain("interrupted; every file is whole: as it was, or new.")
        return INTERRUPTED
    except (OSError, MemoryError) as error:
        complain(_sentence(error))
    return 1


def _sentence(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return f"not enough memory ({error or 'no more to be had'}): choose smaller sizes."
    what = error.strerror or str(error)
    return f"{what}: {error.filename}" if error.filename else what


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"{NAME} {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Options that belong to no command."""
