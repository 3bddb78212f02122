"""The README shows what the program does today."""

import re
from pathlib import Path

import gatedsym
from gatedsym.library.load import derivation, generated_folder

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_kernel_in_the_readme_stands_in_the_generated_module() -> None:
    shown = [block for block in blocks("python") if "for t in range" in block]
    assert len(shown) == 1
    generated = (generated_folder() / "lstm.py").read_text(encoding="utf-8")
    flat = "\n".join(line.strip() for line in generated.splitlines())
    assert "\n".join(line.strip() for line in shown[0].strip().splitlines()) in flat


def test_the_equations_in_the_readme_are_those_of_the_lstm() -> None:
    (shown,) = [block for block in blocks("") if "c' = f * c" in block]

    def words(text: str) -> str:
        return re.sub(r"\s+|;", "", re.sub(r"#.*", "", text))

    assert words(shown) == words(derivation("lstm").equations)


def test_the_citation_has_the_version() -> None:
    assert f"version = {{{gatedsym.__version__}}}" in blocks("bibtex")[0]


def test_files_that_the_readme_names_exist() -> None:
    root = README.parent
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (root / target).exists(), target
