"""What is kept is remade when anything changes that it depends on, and only then."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache

import pytest

import gatedsym
from gatedsym.cells import Cell
from gatedsym.files import fingerprint as fingerprints
from gatedsym.files.fingerprint import PACKAGE, Import, Sources, fingerprint, imports
from gatedsym.flow import white_noise
from gatedsym.library import load as library
from gatedsym.report import parts, proven
from gatedsym.report.atlas import atlas, chosen_analyses
from gatedsym.report.parts import Part

GENERATOR = ("gatedsym.equations", "gatedsym.codegen.module")
PROVER = ("gatedsym.proofs.cell",)
KERNELS = ("gatedsym.runtime",)
ANALYSES = sorted({a.measuring_module for a in atlas()[1]})
FIGURES = sorted({a.drawing_module for a in atlas()[1]})
FLOW, FIGURE = ("gatedsym.flow.analyses.gradient_norm", *KERNELS), ("gatedsym.figures.gradient_norm",)


@pytest.fixture(scope="module")
def sources():
    return Sources.of_package()


def touched(sources, path, by=b"\n"):
    return replace(sources, content={**sources.content, path: sources.content[path] + by})


@cache
def parsed(source):
    return ast.parse(source)


# The property


@pytest.mark.parametrize("roots", [GENERATOR, PROVER, FLOW], ids=lambda roots: roots[0])
@pytest.mark.long
def test_touching_a_file_changes_the_key_exactly_where_the_result_rests_on_it(sources, roots):
    before, behind = sources.fingerprint(*roots), set(sources.closure(*roots).files)
    changed = {p for p in sources.content if touched(sources, p).fingerprint(*roots) != before}
    assert changed == behind
    assert behind < set(sources.content)


@pytest.mark.parametrize(
    ("roots", "path"),
    [
        (PROVER, "gatedsym/proofs/specification.py"),
        (PROVER, "gatedsym/codegen/kernels.py"),
        (PROVER, "gatedsym/equations/grammar.lark"),
        (GENERATOR, "gatedsym/equations/grammar.lark"),
        (GENERATOR, "gatedsym/calculus/adjoint.py"),
        (FLOW, "gatedsym/flow/loss.py"),
        (FLOW, "gatedsym/flow/inputs/texts/alice.txt"),
        (FLOW, "gatedsym/flow/__init__.py"),
        (FLOW, "gatedsym/calculus/adjoint.py"),  # reached through imports inside functions
        (FIGURE, "gatedsym/figures/style.py"),
        (("gatedsym.report",), "gatedsym/report/templates/sections/vanish.html.j2"),
        (("gatedsym.learning.task_page",), "gatedsym/messages/en/learning.ftl"),
        (("gatedsym.typesetting.pages.derivation",), "gatedsym/messages/en/typesetting.ftl"),
    ],
)
def test_a_result_rests_on(sources, roots, path):
    assert touched(sources, path).fingerprint(*roots) != sources.fingerprint(*roots)


@pytest.mark.parametrize(
    ("roots", "path"),
    [
        (GENERATOR, "gatedsym/runtime/numerics/activations.py"),
        (GENERATOR, "gatedsym/typesetting/pages/adjoint.py"),
        (GENERATOR, "gatedsym/typesetting/pages/equations.py"),  # a module prints its own counts
        (GENERATOR, "gatedsym/typesetting/plain.py"),
        (PROVER, "gatedsym/typesetting/plain.py"),
        (FLOW, "gatedsym/typesetting/plain.py"),
        (PROVER, "gatedsym/figures/style.py"),
        (FLOW, "gatedsym/flow/analyses/paths.py"),
        (FLOW, "gatedsym/figures/gradient_norm.py"),
        (FLOW, "gatedsym/report/templates/style.css"),
        (FLOW, "gatedsym/execution/notebook.py"),  # how an object is shown is no part of a result
        (FIGURE, "gatedsym/figures/paths.py"),
        (KERNELS, "gatedsym/proofs/specification.py"),
        (("gatedsym.typesetting.pages.derivation",), "gatedsym/messages/en/learning.ftl"),
        (FLOW, "gatedsym/messages/en/typesetting.ftl"),
    ],
)
def test_a_result_does_not_rest_on(sources, roots, path):
    assert touched(sources, path).fingerprint(*roots) == sources.fingerprint(*roots)


def test_an_edit_of_an_analysis_or_a_figure_leaves_most_others_standing(sources):
    for modules in (ANALYSES, FIGURES):
        behind = {m: sources.closure(m).files for m in modules}
        for edited in modules:
            resting = [m for m in modules if sources.modules[edited] in behind[m]]
            assert edited in resting
            assert len(resting) < len(modules) / 2, edited


def test_a_file_that_moves_into_a_subfolder_stays_in(sources):
    moved = {
        path.replace("flow/loss.py", "flow/deeper/loss.py"): text.replace(b"flow.loss", b"flow.deeper.loss")
        for path, text in sources.content.items()
    }
    after = Sources({**moved, "gatedsym/flow/deeper/__init__.py": b""})
    path, root = "gatedsym/flow/deeper/loss.py", "gatedsym.flow.analyses.gradient_norm"
    assert path in after.closure(root).files
    assert touched(after, path).fingerprint(root) != after.fingerprint(root)


def test_a_data_file_that_is_new_counts(sources):
    more = replace(sources, content={**sources.content, "gatedsym/equations/deeper/words.txt": b"new"})
    assert more.fingerprint(*GENERATOR) != sources.fingerprint(*GENERATOR)
    assert more.fingerprint("gatedsym.calculus.names") == sources.fingerprint("gatedsym.calculus.names")


@pytest.mark.parametrize(("library", "roots", "counts"), [
    ("sympy", GENERATOR, True), ("lark", GENERATOR, True), ("numba", GENERATOR, False), ("numba", KERNELS, True),
    ("llvmlite", KERNELS, True), ("sympy", KERNELS, False), ("matplotlib", FIGURE, True),
    ("matplotlib", FLOW, False), ("xarray", FLOW, True),
])  # fmt: skip
def test_the_version_of_a_library_counts_where_it_is_used(sources, monkeypatch, library, roots, counts):
    before, known = sources.fingerprint(*roots), fingerprints.library_version
    monkeypatch.setattr(fingerprints, "library_version", lambda name: "new" if name == library else known(name))
    assert (sources.fingerprint(*roots) != before) is counts


def test_the_version_of_python_counts(sources, monkeypatch):
    before = sources.fingerprint("gatedsym.errors")
    monkeypatch.setattr("platform.python_version", lambda: "4.0.0")
    assert sources.fingerprint("gatedsym.errors") != before


def test_a_library_is_known_by_the_distribution_that_brings_it():
    assert fingerprints.library_version("numpy") == __import__("numpy").__version__
    assert fingerprints.library_version("_pytest").startswith("pytest ")
    assert fingerprints.library_version("no_such_library") == ""


def test_a_module_that_is_not_there_is_an_error():
    with pytest.raises(LookupError, match=r"no module 'gatedsym\.nowhere': name one that it has\.$"):
        fingerprint("gatedsym.nowhere")


def test_one_process_goes_by_one_state_of_the_sources(monkeypatch):
    before = fingerprint(*GENERATOR)
    monkeypatch.setattr(Sources, "of_package", lambda: pytest.fail("read again"))
    assert fingerprint(*GENERATOR) == before
    assert len(fingerprint("gatedsym.library.claims")) == 64


# What is kept


def goes_by(sources, monkeypatch):
    """Have the process go by other sources."""
    monkeypatch.setattr(fingerprints, "_sources", lambda: sources)
    fingerprint.cache_clear()


@pytest.fixture(autouse=True)
def own_fingerprints():
    yield
    fingerprint.cache_clear()


def kept_places(monkeypatch, sources):
    """Keys of what is kept of one cell: its module, its proof, a dataset and the pictures of it."""
    goes_by(sources, monkeypatch)
    made = Cell("h in R^n; U in R^(n x n)\nh' = tanh(U @ h)", "kept")
    part = Part(chosen_analyses("gradient-norm")[0], white_noise(), (made,))
    return {"module": made._kept_place, "proof": proven._place(made), "dataset": parts.part_key(part),
            "pictures": parts.kept_pictures(part, "neurips", "")}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "remade"),
    [
        ("gatedsym/proofs/specification.py", {"proof"}),
        ("gatedsym/proofs/engine/field.py", {"proof"}),
        ("gatedsym/equations/grammar.lark", {"module", "proof", "dataset", "pictures"}),
        ("gatedsym/runtime/numerics/activations.py", {"dataset", "pictures"}),  # a proof takes these by specification
        ("gatedsym/flow/loss.py", {"dataset", "pictures"}),
        ("gatedsym/figures/style.py", {"pictures"}),
        ("gatedsym/figures/paths.py", set()),
        ("gatedsym/report/findings.py", set()),
        ("gatedsym/typesetting/mathml.py", set()),
    ],
)
def test_an_edit_remakes_what_rests_on_it_and_nothing_else(sources, monkeypatch, path, remade):
    before = kept_places(monkeypatch, sources)
    after = kept_places(monkeypatch, touched(sources, path))
    assert {kind for kind in before if before[kind] != after[kind]} == remade


def test_a_library_cell_is_measured_anew_when_its_derivation_file_changes(tmp_path):
    known = library.derivation("lstm")
    path = tmp_path / "lstm.py"
    path.write_bytes(known.path.read_bytes())
    assert replace(known, path=path).digest == known.digest
    path.write_bytes(known.path.read_bytes() + b"# another initialisation\n")
    assert replace(known, path=path).digest != known.digest
    analysis = chosen_analyses("gradient-norm")[0]
    cells = [gatedsym.cell("lstm"), gatedsym.cell("lstm")]
    cells[1].record = replace(known, path=path)
    assert len({parts.part_key(Part(analysis, white_noise(), (c,))) for c in cells}) == 2


# What is found in the sources


@pytest.mark.long
def test_the_imports_found_are_those_that_the_parser_finds(sources):
    """Those besides stand in a text that the module holds, a program for another process, and do no harm."""
    for path in sources.modules.values():
        tree, found = parsed(sources.content[path]), set(imports(sources.content[path]))
        counted = set(_parsed(tree))
        assert counted <= found, path
        if found - counted:
            texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            assert found - counted <= {i for text in texts for i in imports(text.encode())}, path


def _parsed(node):
    """The imports below a node of the syntax tree that count."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative imports are not followed"
            yield from (Import(child.module, "" if a.name == "*" else a.name, a.asname or a.name) for a in child.names)
        elif isinstance(child, ast.Import):
            yield from (Import(a.name) for a in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _parsed(other)
        elif not (isinstance(child, ast.FunctionDef) and child.name.startswith("_repr_") and child.name.endswith("_")):
            yield from _parsed(child)


def test_statements_are_found_in_every_form():
    text = b"""
from a.b import c as d, e  # why
    from f import (
        g,  # of all
        h as i,
    )
import j.k, l as m
if TYPE_CHECKING:
    from never import this

    from never import that
else:
    import n
class C:
    def _repr_html_(self) -> str:
        from never import page

        return page
    def other(self):
        import o
"""
    expected = [("a.b", "c", "d"), ("a.b", "e", "e"), ("f", "g", "g"), ("f", "h", "i"), ("j.k", "", ""), ("l", "", ""),
                ("n", "", ""), ("o", "", "")]  # fmt: skip
    assert [(i.module, i.name, i.bound) for i in imports(text)] == expected


def test_modules_that_import_by_a_computed_name_are_known(sources):
    """Whoever keeps what these lead to names it as a root: the report does so for the analyses of its atlas.

    Nothing is kept of what bridges to other frameworks, tasks, sentences and offers of later rooms give; names of a
    room are for who types them: inside the package their homes are imported.
    """
    computed = re.compile(rb"\b(import_module|__import__|run_module|run_path)\(|^def __getattr__\(", re.M)
    found = {name for name, path in sources.modules.items() if computed.search(sources.content[path])}
    nothing_kept = {"gatedsym.flow.foreign", "gatedsym.learning.registry", "gatedsym.messages.later", "gatedsym.offers"}
    assert found == {"gatedsym.lazy", "gatedsym.flow.registry"} | nothing_kept


def test_every_name_taken_from_a_package_is_one_that_can_be_followed(sources):
    """What only a module's ``__getattr__`` gives would be followed nowhere: inside the package its home is named."""
    for module, path in sources.modules.items():
        for taken in imports(sources.content[path]):
            home = sources.modules.get(taken.module, "")
            if taken.name and home.endswith("/__init__.py") and f"{taken.module}.{taken.name}" not in sources.modules:
                tree = parsed(sources.content[home])
                bound = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
                bound |= {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
                bound |= {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets}
                assert taken.name in bound, f"{module} takes {taken.name} from {taken.module}"


def test_the_whole_package_is_imported_for_its_version_alone(sources):
    for module, path in sources.modules.items():
        if Import(PACKAGE) not in imports(sources.content[path]):
            continue
        tree = parsed(sources.content[path])
        names = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names
                 if a.name == PACKAGE}  # fmt: skip
        taken = {n.attr for n in ast.walk(tree)
                 if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id in names}  # fmt: skip
        assert taken <= {"__version__"}, module


# What kernels are made of


def test_generated_modules_and_kernels_take_compiled_code_from_the_runtime_alone(sources):
    """The key of compiled code stops at gatedsym.runtime: nothing that a kernel reads comes from outside."""
    import numba

    for module in (m for m in sources.modules if m.startswith("gatedsym.runtime.")):
        outside = {i.bound for i in imports(sources.content[sources.modules[module]])
                   if i.module.startswith(PACKAGE) and not i.module.startswith("gatedsym.runtime")}  # fmt: skip
        __import__(module)
        for value in vars(sys.modules[module]).values():
            if isinstance(value, numba.core.dispatcher.Dispatcher):
                assert value.py_func.__module__.startswith("gatedsym.runtime")
                if value.py_func.__module__ == module:
                    assert not outside & set(value.py_func.__code__.co_names), value.py_func.__qualname__


@pytest.mark.parametrize("name", ["lstm", "gru", "slstm"])
def test_generated_modules_import_nothing_but_the_runtime(name):
    from gatedsym.library.load import generated_folder

    text = (generated_folder() / f"{name}.py").read_bytes()
    assert {i.module for i in imports(text)} == {"gatedsym.runtime"}


# What real runs read

WATCH = """
import json, sys, threading
from pathlib import Path
from gatedsym import cells, figures, flow
from gatedsym.files import fingerprint
from gatedsym.proofs.cell import prove_cell

ROOT = str(Path(cells.__file__).resolve().parent)
EQUATIONS = '''
x in R^m; h in R^n; W_{z,h} in R^(n x m); U_{z,h} in R^(n x n)
z = sigmoid(W_z @ x + U_z @ h)
h' = z * h + (1 - z) * tanh(W_h @ x + U_h @ h)
'''

def asked(frame):
    # What runs while a module is imported is not asked for by the result, nor is what finds fingerprints.
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(ROOT) and (
            code.co_name == "<module>" or code.co_filename == fingerprint.__file__
        ):
            return False
        frame = frame.f_back
    return True

def called(frame, event, argument):
    path = frame.f_code.co_filename
    if event == "call" and path.startswith(ROOT) and path not in seen and asked(frame):
        seen.add(path)

def opened(event, arguments):
    path = str(arguments[0]) if event == "open" else ""
    if path.startswith(ROOT) and not path.endswith((".py", ".pyc")) and asked(sys._getframe()):
        if "__pycache__" not in path and Path(path).is_file():
            seen.add(path)

def watched(function):
    seen.clear()
    threading.setprofile(called)
    sys.setprofile(called)
    result = function()
    sys.setprofile(None)
    threading.setprofile(None)
    return result, sorted(Path(p).relative_to(Path(ROOT).parent).as_posix() for p in seen)

def measure():
    made = cells.cell("rnn")
    return flow.gradient_flow([made], flow.shipped_text("alice"), n=3, seeds=1, lags=4, batch=2)

seen = set()
sys.addaudithook(opened)
made, constructed = watched(lambda: cells.Cell(EQUATIONS, "kept"))
_, generated = watched(made._generate)
verdicts, proven = watched(lambda: list(prove_cell(made)))
assert all(v.proof is not None for v in verdicts)
measure()  # kernels are compiled before anything is watched
data, measured = watched(measure)
_, drawn = watched(lambda: figures.gradient_norm(data).render("svg"))
print(json.dumps({"generate": sorted({*constructed, *generated}), "prove": proven, "measure": measured, "draw": drawn}))
"""


@pytest.mark.long
def test_all_that_real_runs_read_counts(sources):
    done = subprocess.run([sys.executable, "-c", WATCH], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = {action: set(paths) for action, paths in json.loads(done.stdout).items()}
    assert found["generate"] >= {"gatedsym/equations/grammar.lark", "gatedsym/calculus/adjoint.py"}
    assert found["prove"] >= {"gatedsym/proofs/specification.py", "gatedsym/proofs/engine/decide.py"}
    assert found["measure"] >= {"gatedsym/flow/inputs/texts/alice.txt", "gatedsym/cells.py"}
    assert found["draw"] >= {"gatedsym/figures/style.py"}
    asking = {"gatedsym/cells.py", "gatedsym/execution/kept_modules.py", "gatedsym/expect.py"}
    asking |= {"gatedsym/files/cache.py", "gatedsym/files/write.py"}  # a Cell asks for the text, and keeps it
    assert found["generate"] - asking <= set(sources.closure(*GENERATOR).files)
    assert found["prove"] <= set(sources.closure(*PROVER).files)
    assert found["measure"] <= set(sources.closure(*FLOW).files)
    assert found["draw"] <= set(sources.closure(*FIGURE).files)
