"""Datasets of one session of tests are measured once, whichever worker asks first."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def shared_datasets(tmp_path_factory):
    base = tmp_path_factory.getbasetemp()
    # Each worker of pytest-xdist has a folder of its own in that of the session.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "datasets"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GATEDSYM_TEST_DATASETS", str(folder))
        yield
