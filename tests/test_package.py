"""What importing costs: nothing heavy is loaded before it is used."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from gatedsym.report.citation import software_entry

ROOT = Path(__file__).parents[1]

HEAVY = ("numpy", "sympy", "numba", "matplotlib", "xarray", "scipy", "lark", "rich", "fluent", "babel")


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sorted(m for m in sys.modules if '.' not in m)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import gatedsym") & set(HEAVY)


def test_the_command_line_loads_nothing_heavy_before_a_command_runs() -> None:
    assert not loaded_by("import gatedsym.cli") & (set(HEAVY) - {"rich"})


def test_a_library_cell_runs_without_sympy() -> None:
    code = "import gatedsym as gs; lstm = gs.cell('lstm'); lstm.init(m=2, n=3)"
    assert "sympy" not in loaded_by(code)


def test_the_package_names_what_it_offers() -> None:
    import gatedsym as gs

    for name in gs.__all__:
        assert getattr(gs, name) is not None


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_citation_says_what_the_project_says(project: dict) -> None:
    """CITATION.cff, pyproject.toml and the BibTeX entry that reports carry: one name, one version, one licence."""
    import gatedsym

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == project["version"] == gatedsym.__version__
    assert citation["title"].split(":")[0] == project["name"]
    assert f"title   = {{{citation['title'].replace('gatedsym', '{gatedsym}', 1)}}}" in software_entry()
    assert citation["abstract"] == project["description"]
    assert citation["keywords"] == project["keywords"]
    assert citation["license"] == project["license"]
    assert citation["authors"] == project["authors"]


def test_what_the_project_names_is_there(project: dict) -> None:
    (licence,) = project["license-files"]
    assert (ROOT / licence).read_text("utf-8").startswith(f"{project['license']} License")
    assert (ROOT / project["readme"]).exists()
    assert (ROOT / "gatedsym" / "py.typed").exists()
    assert "Typing :: Typed" in project["classifiers"]


def test_what_checks_a_change_runs_everything() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]
    ran = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    assert ran["everything"] == [".ci/run"]
    assert ran["fast"][-1] == "pytest -m fast"
