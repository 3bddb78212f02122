"""The command gatedsym: one function a command. Long work shows progress; each ends by naming what it wrote."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatedsym.streams import guard_streams

if TYPE_CHECKING:
    from gatedsym.cells import Cell

app = typer.Typer(
    name="gatedsym",
    help="From the typed equations of a recurrent cell to its derivation, proven gradients, kernels and figures.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

INTERRUPTED = 130
CELL_HELP = "A cell of the library, or a file with equations."


class Page(StrEnum):
    """Formats of a derivation."""

    text = "text"
    latex = "latex"
    markdown = "markdown"
    html = "html"


def main() -> None:
    """Run the command; a refusal is one sentence on standard error and exit status 1."""
    guard_streams()
    warnings.showwarning = _show_warning
    raise SystemExit(_run())


def _run() -> int:
    """The exit status of a command; whatever it refuses is told in a sentence."""
    from gatedsym.errors import GatedsymError

    try:
        app()
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else int(done.code is not None)
        if status == INTERRUPTED:  # Typer ends an interrupted command without a word
            _complain("interrupted; every file is whole: as it was, or new")
        return status
    except GatedsymError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain("interrupted; every file is whole: as it was, or new")
        return INTERRUPTED
    except (OSError, MemoryError) as error:
        _complain(_sentence(error))
    return 1


def _sentence(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return f"not enough memory ({error or 'no more to be had'}): choose smaller sizes"
    what = error.strerror or str(error)
    return f"{what}: {error.filename}" if error.filename else what


def _complain(text: str) -> None:
    from gatedsym.reading import printable

    lines = "\n".join(printable(line) for line in text.split("\n"))  # names of files may hold codes for terminals
    print(f"gatedsym: {lines}", file=sys.stderr)


def _show_warning(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
    from gatedsym.errors import EquationWarning

    name = "" if issubclass(category, EquationWarning) else f" ({category.__name__})"
    print(f"gatedsym: warning: {message}{name}", file=sys.stderr)


def _show_version(wanted: bool) -> None:
    if wanted:
        import gatedsym

        print(f"gatedsym {gatedsym.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Options that belong to no command."""


def read_cell(text: str) -> Cell:
    """A cell from a command's argument: a library name, or the path of a file with equations."""
    from gatedsym import library
    from gatedsym.cells import Cell, cell
    from gatedsym.errors import EquationError, GatedsymError
    from gatedsym.reading import MAX_EQUATIONS, decode, read_bytes

    path = Path(text)
    if text in library.names():
        return cell(text)
    if path.is_dir():
        raise GatedsymError(f"{text} is a folder; name a file with equations")
    if not path.exists():
        if path.suffix or len(path.parts) > 1:
            raise GatedsymError(f"no file {text}; name a file with equations, or one of {', '.join(library.names())}")
        library.derivation(text)  # says what is near
    content = read_bytes(text, MAX_EQUATIONS, "a cell's equations are shorter.")
    equations = decode(text, content).replace("\r\n", "\n").replace("\r", "\n")
    try:
        return Cell(equations, _identifier(path.stem))
    except EquationError as error:
        raise error.in_file(text) from None


def _identifier(stem: str) -> str:
    """A name for files and messages: the file's own, with what no identifier can hold spelled by number."""
    name = "".join(ch if ch.isascii() and ch.isalnum() else "_" if ch in "_- ." else f"u{ord(ch):x}" for ch in stem)
    return name if name.isidentifier() else f"cell_{name}"


Verbose = Annotated[bool, typer.Option("--verbose", help="Name every file that is written.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, and no word of what is written.")]


@dataclass(frozen=True)
class Told:
    """How much a command says of what it does.

    Attributes
    ----------
    verbose : bool
        Name every file, where otherwise a folder has one line.
    quiet : bool
        Say nothing but results, warnings and errors.
    """

    verbose: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        from gatedsym.errors import ArgumentError

        if self.verbose and self.quiet:
            raise ArgumentError("--verbose and --quiet contradict each other: give one of them.")

    def files(self, paths: Sequence[Path]) -> None:
        """Name what was written, a line for each folder: up to three files by name, more by their number."""
        folders: dict[Path, list[Path]] = {}
        for path in paths:
            folders.setdefault(path.parent, []).append(path)
        for folder, files in folders.items():
            if self.verbose:
                for path in files:
                    self.say(f"wrote {path}")
            elif len(files) <= 3:
                self.say(f"wrote {', '.join([str(files[0]), *(path.name for path in files[1:])])}")
            else:
                self.say(f"wrote {len(files)} files in {folder}")

    def say(self, line: str) -> None:
        """A line that is no result."""
        if not self.quiet:
            print(line)


def _named(text: str, what: str) -> tuple[str, ...]:
    """Names from a text with commas; one that names nothing is refused."""
    from gatedsym.errors import ArgumentError

    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if text and not found:
        raise ArgumentError(f"no {what} is named in {text!r}: give names with commas between them.")
    return found


@contextmanager
def _progress(total: float, what: str, quiet: bool = False) -> Iterator[Callable[[float, str], None]]:
    """A bar on standard error, or a line each ten percent where that is no terminal; nothing where it is quiet."""
    if quiet:
        yield lambda done, text: None
        return
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description:28}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done, text: bar.update(task, completed=done, description=text or what)
        return
    told, start = [-1], time.perf_counter()

    def tell(done: float, text: str) -> None:
        tenth = int(10 * done / total) if total else 10
        if tenth > told[0]:
            told[0] = tenth
            left = (time.perf_counter() - start) * (total - done) / done if done else 0.0
            estimate = f", about {left:.0f} s left" if left >= 1 else ""
            print(f"{10 * tenth:3d} %  {text or what}{estimate}", file=sys.stderr)

    yield tell


ALPHABET_HELP = "For a text: its symbols in the order of their features, or a file with them (text, JSON)."
INPUT_HELP = "text or words (the text that ships), noise, none, a text, CSV or NPY file, or words:FILE."


@app.command()
def report(
    cells: Annotated[list[str] | None, typer.Argument(help=CELL_HELP, show_default="rnn lstm gru")] = None,
    input: Annotated[str, typer.Option(help=INPUT_HELP)] = "text",
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("report"),
    quick: Annotated[bool, typer.Option("--quick", help="Small networks, few seeds: for a look.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every figure of the atlas.")] = False,
    only: Annotated[
        str | None, typer.Option(help="Figures by name, or by their number in the atlas: paths,truncation or 2,6.")
    ] = None,
    width: Annotated[str, typer.Option(help="neurips, icml, ieee-column, …, or inches.")] = "neurips",
    format: Annotated[str, typer.Option(help="Of the figures: pdf, svg, png, and pgf where TeX is installed.")] = "",
    weights: Annotated[
        Path | None, typer.Option(help="Parameters of a network trained elsewhere: .npz or .safetensors.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="Whose weights: pytorch, keras, …, if their names do not say.")
    ] = None,
    layer: Annotated[
        str | None, typer.Option(help="Which layer of the file of weights, where several fit: encoder.rnn:0.")
    ] = None,
    alphabet: Annotated[str | None, typer.Option(help=ALPHABET_HELP)] = None,
    lags: Annotated[
        int | None, typer.Option("--length", "--lags", help="The longest lag, in steps.", show_default="200, quick 100")
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(help="Hidden size n, of every analysis.", show_default="its own: mostly 64")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Independent networks, of every analysis.", show_default="its own: 2 to 20")
    ] = None,
    init: Annotated[str, typer.Option(help="Initialisations, comma-separated: xavier,orthogonal.")] = "",
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Measure where the gradient goes; write figures, data and a page to read."""
    from gatedsym.errors import ArgumentError
    from gatedsym.figures.figure import FORMATS
    from gatedsym.report.proven import require_proven
    from gatedsym.report.write import write_report

    if everything and only is not None:
        raise ArgumentError("--all and --only contradict each other: give one of them.")

    told = Told(verbose, quiet)
    formats = tuple(f.strip() for f in format.split(",") if f.strip()) or FORMATS
    with _progress(1.0, "measuring", quiet) as tell:
        written = write_report(
            _read_cells(cells, input), out, input=input, quick=quick, only=only, everything=everything, lags=lags,
            n=hidden, seeds=seeds, init=_named(init, "initialisation"), weights=weights, layout=layout, layer=layer,
            alphabet=alphabet, width=_width(width), formats=formats, command=" ".join(["gatedsym", *sys.argv[1:]]),
            progress=tell,
            check=lambda found: require_proven(found, lambda name: tell(0.0, f"proving {name}")),
        )  # fmt: skip
    told.files(written)
    told.say(f"open {written[0]} in a browser")


def _read_cells(names: Sequence[str] | None, input: str = "text") -> list[Cell]:
    """The cells of a report; a person's own stand beside the three that everybody knows, if these have an input."""
    from gatedsym import library
    from gatedsym.report.write import DEFAULT_CELLS

    found = [read_cell(c) for c in (names or DEFAULT_CELLS)]
    if input != "none" and not any(c in library.names() for c in names or DEFAULT_CELLS):
        own = {c.name for c in found}
        found = [*(read_cell(c) for c in DEFAULT_CELLS if c not in own), *found]
    return found


def _width(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


@app.command()
def flow(
    cells: Annotated[list[str], typer.Argument(help=CELL_HELP)],
    input: Annotated[str, typer.Option(help=INPUT_HELP)] = "text",
    alphabet: Annotated[str | None, typer.Option(help=ALPHABET_HELP)] = None,
    length: Annotated[int, typer.Option(help="The longest lag, in steps.")] = 200,
    hidden: Annotated[int, typer.Option(help="Hidden size n.")] = 64,
    init: Annotated[str, typer.Option(help="Initialisations, comma-separated.")] = "uniform,xavier",
    seeds: Annotated[int, typer.Option(help="Independent networks.")] = 20,
    width: Annotated[str, typer.Option(help="neurips, icml, ieee-column, …, or inches.")] = "neurips",
    out: Annotated[Path, typer.Option(help="Folder for the figure and its data.")] = Path("flow"),
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Measure the norm of the gradient against the lag; write the figure and its data, print the rates."""
    from gatedsym.figures import gradient_norm
    from gatedsym.figures.style import width_of
    from gatedsym.flow import gradient_flow, read_input
    from gatedsym.flow.rates import rate_lines
    from gatedsym.report.write import require_writable

    told = Told(verbose, quiet)
    width_of(_width(width))
    require_writable(out)
    found, series = [read_cell(c) for c in cells], read_input(input, alphabet)
    schemes = _named(init, "initialisation")
    with _progress(1.0, "measuring", quiet) as tell:
        data = gradient_flow(
            found, series, n=hidden, seeds=seeds, lags=length, init=schemes, progress=lambda f: tell(f, "gradient norm")
        )
    for line in rate_lines(data):
        print(line)
    if data.attrs["input_warning"]:
        _complain(f"warning: {data.attrs['input_warning']}")
    told.files(gradient_norm(data, width=_width(width)).save(out / "gradient-norm"))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A folder that gatedsym report wrote.")],
    input: Annotated[str | None, typer.Option(help="Where the data lies now, if it was moved.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Where the weights lie now, if they were moved.")] = None,
) -> None:
    """Recompute a report's data and say which figures still follow from the code; exit status 1 if one does not."""
    from gatedsym.report.verify import verify_folder

    with _progress(1.0, "recomputing") as tell:
        found = verify_folder(folder, input=input, weights=weights, progress=tell)
    for verdict in found.verdicts:
        print(verdict.line())
    of_figures = {name for v in found.verdicts for name in v.changed}
    others = [name for name in found.changed if name not in of_figures]
    for what, names in (("not as written", others), ("not of the report", found.unknown)):
        if names:
            print(f"{what}: {', '.join(names)}")
    for note in found.notes:
        print(note)
    print(f"{sum(v.follows for v in found.verdicts)} of {len(found.verdicts)} figures follow from the code")
    if not found.follows:
        raise typer.Exit(1)


@app.command("cells")
def list_cells(
    cell: Annotated[str | None, typer.Argument(help="A cell of the library, to print in full.")] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Which cell is an edit of which.")] = False,
    contradictions: Annotated[
        bool, typer.Option("--contradictions", help="Where others' words, code and papers part.")
    ] = False,
    errata: Annotated[
        bool, typer.Option("--errata", help="Errors that texts repeat, each shown by proof or numbers.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="With --tree: a figure instead, FILE.svg, .pdf or .png.")] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """List the cells of the library, or print one in full."""
    from gatedsym import listing
    from gatedsym.errors import GatedsymError

    told = Told(verbose, quiet)
    if out is not None and not tree:
        raise GatedsymError("--out is for the family tree: write --tree --out FILE.svg")
    if sum((cell is not None, tree, contradictions, errata)) > 1:
        raise GatedsymError("a cell, --tree, --contradictions and --errata are lists of their own: ask for one of them")
    if tree:
        _show_tree(out, told)
        return
    if errata:
        _show_errata()
        return
    for line in listing.contradictions() if contradictions else listing.page(cell) if cell else listing.listing():
        print(line)


def _show_errata() -> None:
    """Every erratum with what is shown of it, computed now."""
    from gatedsym.errata import ERRATA, show
    from gatedsym.errata.text import printed

    start = time.perf_counter()
    for number, erratum in enumerate(ERRATA, 1):
        for line in printed(number, show(erratum)):
            print(line)
        print(flush=True)
    print(f"{len(ERRATA)} errata shown in {time.perf_counter() - start:.1f} s")


def _show_tree(out: Path | None, told: Told) -> None:
    """The family tree on the terminal, or as a figure."""
    from gatedsym.lineage import family_tree, printed_tree

    if out is not None:
        from gatedsym.figures.family_tree import draw_family_tree

        told.files(draw_family_tree(family_tree(), out))
        return
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=160, no_color=True)
    console.print(printed_tree(), soft_wrap=True)


@app.command()
def derive(
    cell: Annotated[str, typer.Argument(help=CELL_HELP)],
    format: Annotated[Page, typer.Option(help="How to write it.")] = Page.text,
    out: Annotated[Path | None, typer.Option(help="File to write; else the terminal.")] = None,
    diagram: Annotated[bool, typer.Option("--diagram", help="Draw the cell: CELL-diagram.svg and .pdf.")] = False,
    steps: Annotated[bool, typer.Option("--steps", help="With --diagram: a panel for each equation.")] = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Derive a cell's gradient, step by step, each line with its reason; or draw the cell."""
    from gatedsym.codegen.derivation import derivation, render
    from gatedsym.errors import GatedsymError
    from gatedsym.files import write_atomically
    from gatedsym.library import heading

    told = Told(verbose, quiet)
    if steps and not diagram:
        raise GatedsymError("--steps belongs to --diagram: write gatedsym derive CELL --diagram --steps")
    if diagram and format is not Page.text:
        raise GatedsymError("--format is for the derivation; a diagram's format is the suffix of --out: svg, pdf, png")
    found = read_cell(cell)
    if diagram:
        from gatedsym.diagrams import Diagram

        told.files(Diagram(found.recurrence).save(out, steps=steps))
        return
    title, reference = heading(found)
    text = render(derivation(found.recurrence, title=title, reference=reference), format.value)
    if out is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    write_atomically(out, text)
    told.files([out])


@app.command()
def prove(
    cells: Annotated[list[str] | None, typer.Argument(help=CELL_HELP, show_default="all of the library")] = None,
    equivalences: Annotated[
        bool, typer.Option("--equivalences", help="Prove and list only which cells are one, and in which limit.")
    ] = False,
) -> None:
    """Prove derivations, claims and emitted kernels; exit status 1 unless all is proven."""
    from gatedsym import library
    from gatedsym.proofs.cell import prove_functions
    from gatedsym.proofs.many import prove_cells

    start = time.perf_counter()
    words: list[str] = []
    subjects = [read_cell(c) for c in (cells or library.names())]
    if equivalences:
        _prove_relations(subjects)
        return
    groups: list[tuple[str, Any]] = [] if cells else [("functions", prove_functions())]
    for name, verdicts in chain(groups, prove_cells(subjects)):
        print(name)
        for verdict in verdicts:
            words.append(verdict.word)
            told = verdict.proof or f"{verdict.statement}: {verdict.failure}"
            print(f"  {verdict.word}  {told}", flush=True)
    _end_of_proofs(words, time.perf_counter() - start)


def _prove_relations(subjects: Sequence[Cell]) -> None:
    """Equivalences and limits, one line each."""
    from gatedsym.proofs.equivalences import prove_relations

    start = time.perf_counter()
    words: list[str] = []
    for line, verdict in (pair for cell in subjects for pair in prove_relations(cell)):
        words.append(verdict.word)
        if verdict.proof is None:
            print(f"{verdict.word}  {line}: {verdict.statement}: {verdict.failure}", flush=True)
        else:
            print(f"{verdict.word}  {line} ({', '.join(verdict.proof.notes)})", flush=True)
    if not words:
        names = ", ".join(cell.name for cell in subjects)
        print(f"{names}: no equivalence and no limit is stated; the derivation files of the library state theirs")
        return
    _end_of_proofs(words, time.perf_counter() - start)


def _end_of_proofs(words: Sequence[str], seconds: float) -> None:
    """How many statements are proven, and the exit status: 1 if one is refuted or left undecided."""
    undecided, failed = words.count("undecided"), words.count("FAILED")
    others = "".join(f", {n} {word}" for n, word in ((undecided, "undecided"), (failed, "failed")) if n)
    print(f"{words.count('proven')} of {len(words)} statements proven{others} in {seconds:.1f} s")
    if others:
        raise typer.Exit(1)


@app.command()
def generate(
    cells: Annotated[list[str] | None, typer.Argument(help=CELL_HELP, show_default="all of the library")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what drifted, exit status 1.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder; else generated/.")] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Regenerate the kernels from the derivations, or say what drifted."""
    from gatedsym import library
    from gatedsym.generating import find_drift, generate

    told = Told(verbose, quiet)
    found = [read_cell(c) for c in (cells or library.names())]
    folder = out or library.generated_folder()
    whole = not cells
    if not check:
        told.files(generate(found, folder, prune=whole and out is None))
        told.say(f"{len(found)} modules in {folder} are as their derivations say")
        return
    drift = find_drift(found, folder, whole=whole)
    for item in drift:
        print(f"{item.kind}: {item.path}")
        print(item.diff)
    serious = [d for d in drift if d.kind != "versions"]
    if serious:
        _complain(f"{len(serious)} of the modules in {folder} drifted: run gatedsym generate, or undo the edit")
        raise typer.Exit(1)
    print(f"{len(found)} modules in {folder} are as their derivations say")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the cell, an identifier.")],
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Write a file with a cell to edit, NAME.txt."""
    from gatedsym.equations import template
    from gatedsym.errors import GatedsymError
    from gatedsym.files import write_atomically

    told = Told(verbose, quiet)
    path = Path(f"{name}.txt")
    if not name.isidentifier() or not name.isascii():
        raise GatedsymError(f"{name!r} is no identifier: use letters, digits and _, such as my_cell")
    if path.exists():
        raise GatedsymError(f"{path} is there already; choose another name, or move it")
    write_atomically(path, template(name))
    told.files([path])
    told.say(f"edit it, then: gatedsym derive {path}; gatedsym prove {path}; gatedsym report rnn {path}")


@app.command()
def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Four points, under a minute.")] = False,
    grid: Annotated[str, typer.Option(help="default: 24 points; full: all 216 sizes.")] = "default",
    against: Annotated[
        str | None,
        typer.Option(
            help="Peers: torch, jax, onnxruntime; torch-eager, torch-compiled (any cell in torch operations).",
            show_default="torch,jax,onnxruntime; none with --cells",
        ),
    ] = None,
    cells: Annotated[str, typer.Option(help="Cells of the library, to time beside the LSTM: gru,slstm.")] = "",
    threads: Annotated[int | None, typer.Option(help="For every library.", show_default="all usable cores")] = None,
    scaling: Annotated[bool, typer.Option("--scaling", help="Instead: time against length and batch.")] = False,
    first_use: Annotated[bool, typer.Option("--first-use", help="Instead: what a first call costs.")] = False,
    tangents: Annotated[bool, typer.Option("--tangents", help="Instead: n tangents at once, and jax's.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the tables and the figure.")] = Path("bench"),
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Time cells against other libraries, each in a process of its own, interleaved."""
    from gatedsym.bench.outcome import choose_grid, measure_grid, measure_table
    from gatedsym.errors import ArgumentError
    from gatedsym.files import write_atomically

    told = Told(verbose, quiet)
    kinds = [k for k, wanted in (("scaling", scaling), ("first-use", first_use), ("tangents", tangents)) if wanted]
    if len(kinds) + (quick and grid != "default") > 1:
        raise ArgumentError("--quick and --grid, and each further table, are measurements of their own: ask for one")
    if kinds:
        with _progress(1.0, kinds[0], quiet) as tell:
            outcome = measure_table(kinds[0], out, threads=threads, progress=tell)
    else:
        named = [c.strip() for c in cells.split(",") if c.strip()]
        chosen = choose_grid("quick" if quick else grid, named, against)
        print(chosen.announcement(), file=sys.stderr)
        with _progress(1.0, "timing", quiet) as tell:
            outcome = measure_grid(chosen, out, threads=threads, progress=tell)
    print(outcome.text)
    for path, content in outcome.files.items():
        write_atomically(path, content)
    told.files(list(outcome.files))
