"""Tests keep files in a folder of their own, compiled code where all tests do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from own_cache import with_shared_kernels


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GATEDSYM_CACHE_DIR", str(with_shared_kernels(tmp_path_factory.mktemp("cache"))))
        yield
