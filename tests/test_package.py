"""What importing costs: nothing heavy is loaded before it is used."""

import subprocess
import sys

HEAVY = ("numpy", "sympy", "numba", "matplotlib", "xarray", "scipy", "lark", "rich")


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
