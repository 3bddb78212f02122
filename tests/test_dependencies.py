"""What the code imports is what pyproject.toml declares: no more, no less, and with floors that a test can install."""

import ast
import importlib.util
import re
import sys
import tomllib
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MAY_USE = {
    "gatedsym/bench": ("bench",),
    "gatedsym/checking/worker.py": ("torch",),
    "gatedsym/torch": ("torch",),
    "gatedsym/conventions": ("weights",),
    "gatedsym/jax": ("jax",),
    "gatedsym/learning": ("learn",),
    "gatedsym/progress.py": ("notebook",),
    "gatedsym/sweep": ("sweep",),
    "gatedsym": (),
    "derivations/docs": ("docs", "notebook", "torch"),
    "derivations": (),
    "generated": (),
    "tests": ("test", "learn", "sweep", "docs", "notebook", "torch", "jax", "weights", "bench", "peers"),
}
"""The extras that the files of a folder may import from, beside the dependencies; the first folder that fits counts."""
NOT_IMPORTED = {
    "dask": ("gatedsym/sweep/cluster.py", "dask scheduler"),
    "furo": ("derivations/docs/conf.py", 'html_theme = "furo"'),
    "myst-nb": ("derivations/docs/conf.py", '"myst_nb"'),
    "h5netcdf": ("gatedsym/files/netcdf.py", 'engine="h5netcdf"'),
    "pytest-xdist": ("tests/conftest.py", "xdist_group"),
    "ruff": (".ci/run", "ruff check"),
    "mypy": (".ci/run", "mypy"),
}
"""Requirements that no file imports, with the file and the words in it that need them."""
NAMED_OTHERWISE = {"sklearn": "scikit-learn"}
"""Distributions of extras whose modules have another name."""
IMPORTING_CALLS = ("import_module", "importorskip", "find_spec", "__import__")


def plain(name):
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirements):
    return {plain(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def declared(*extras):
    return required(PROJECT["dependencies"]).union(*(required(PROJECT["optional-dependencies"][e]) for e in extras))


def imported_modules(text):
    """Top-level names of what a file imports, inside functions and by calls with a name too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in IMPORTING_CALLS and isinstance(node.args[0].value, str):
                yield node.args[0].value.split(".")[0]


@cache
def modules_of(path):
    text = path.read_text("utf-8")
    if path.is_relative_to(ROOT / "generated"):  # 100,000 lines of which a dozen kinds are statements: none hides
        return tuple(re.findall(r"^[ \t]*(?:from|import)[ \t]+(\w+)", text, re.M))
    return tuple(imported_modules(text))


@cache
def shared_by_tests():
    """Names of files and folders that a test imports from another: pytest puts their folders on the path."""
    return {path.stem for path in (ROOT / "tests").rglob("*") if path.suffix == ".py" or path.is_dir()}


def is_ours(module, path):
    return module == "gatedsym" or (path.is_relative_to(ROOT / "tests") and module in shared_by_tests())


def foreign_distributions(path, providers):
    """(module, distributions that have it) of everything that a file takes from elsewhere."""
    for module in sorted(set(modules_of(path))):
        if module not in sys.stdlib_module_names and not is_ours(module, path):
            # What is not installed here (a peer) has the name of its module.
            yield module, {plain(name) for name in providers.get(module, [NAMED_OTHERWISE.get(module, module)])}


def undeclared(path, extras, providers):
    known = declared(*extras)
    return [module for module, names in foreign_distributions(path, providers) if not names & known]


@pytest.fixture(scope="module")
def providers():
    return packages_distributions()


def folder_of(path):
    return next(folder for folder in MAY_USE if path.is_relative_to(ROOT / folder))


def files():
    return [path for folder in ("gatedsym", "derivations", "generated", "tests")
            for path in sorted((ROOT / folder).rglob("*.py"))]  # fmt: skip


def test_every_import_is_declared(providers):
    found = {path.relative_to(ROOT): undeclared(path, MAY_USE[folder_of(path)], providers) for path in files()}
    assert not {path: modules for path, modules in found.items() if modules}


def test_every_requirement_is_used(providers):
    used = {name for path in files() for _, names in foreign_distributions(path, providers) for name in names}
    assert sorted(declared(*PROJECT["optional-dependencies"]) - used - set(NOT_IMPORTED)) == []
    for name, (path, words) in NOT_IMPORTED.items():
        assert name not in used, f"{name} is imported: no exception for it is needed."
        assert words in (ROOT / path).read_text("utf-8"), (name, path)


@pytest.mark.parametrize(
    "text",
    [
        "import leftpad",
        "def late():\n    from leftpad.core import pad",
        "import pytest\npytest.importorskip('leftpad')",
    ],
)
def test_an_import_that_nothing_declares_is_found(text, tmp_path, providers):
    path = tmp_path / "one.py"
    path.write_text(f"import sys\nimport numpy\n{text}\n", "utf-8")
    assert undeclared(path, ("test",), providers) == ["leftpad"]


def test_an_extra_counts_where_its_folder_may_use_it(tmp_path, providers):
    path = tmp_path / "one.py"
    path.write_text("import torch, yaml\n", "utf-8")
    assert undeclared(path, ("bench",), providers) == ["yaml"]
    assert undeclared(path, (), providers) == ["torch", "yaml"]


@pytest.fixture(scope="module")
def floors():
    """The script that names the oldest versions."""
    loader = SourceFileLoader("floors", str(ROOT / ".ci" / "floors"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("floors", loader))
    loader.exec_module(module)
    return module


def test_every_requirement_has_a_floor(floors, capsys):
    extras = PROJECT["optional-dependencies"]
    floors.main(list(extras))
    named = capsys.readouterr().out.split()
    assert "sympy==1.14" in named
    assert {plain(line.split("==")[0]) for line in named} == declared(*extras)


def test_a_requirement_without_a_floor_is_refused(floors):
    with pytest.raises(SystemExit, match="write name>=version"):
        list(floors.floors(["numpy", "scipy>=1.13"]))


def test_each_requirement_is_declared_once():
    for requirements in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        assert len(required(requirements)) == len(requirements)
    assert not declared() & required(PROJECT["optional-dependencies"]["test"])
