"""A report on small networks, written once; numbers are kept in a folder of the test's own."""

import sys
from pathlib import Path

import pytest
from own_cache import folder_of_session, with_shared_kernels

sys.path.insert(0, str(Path(__file__).parents[1] / "flow"))


@pytest.fixture(scope="session")
def report_cells():
    from plain_cells import plain_cells

    return plain_cells()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    folder = folder_of_session(tmp_path_factory, "cache-of-reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GATEDSYM_CACHE_DIR", str(with_shared_kernels(folder)))
        yield


@pytest.fixture(scope="session")
def report(report_cells, tmp_path_factory, own_cache):
    from gatedsym.report import write_report

    out = tmp_path_factory.mktemp("whole") / "report"
    return out, write_report(
        report_cells, out, quick=True, lags=24, only="1", derivation=lambda cell: f"<p>{cell.name}</p>"
    )


@pytest.fixture(scope="session")
def rendered():
    """Pages of made-up data."""
    from made_up import made_up_page

    return lambda names, **options: made_up_page(names, **options)[0]
