"""Datasets of one session of tests are measured once, whichever worker asks first."""

import pytest
from own_cache import folder_of_session


@pytest.fixture(scope="session", autouse=True)
def shared_datasets(tmp_path_factory):
    folder = folder_of_session(tmp_path_factory, "datasets")
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GATEDSYM_TEST_DATASETS", str(folder))
        yield
