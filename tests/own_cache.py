"""A folder of kept files for some tests alone, in which only compiled code is everybody's.

Compiled code is kept under all that it depends on, so whoever compiles first, of all workers and rooms, compiles for
the others.
"""

import os
from contextlib import suppress

from gatedsym.files.cache import cache_directory


def folder_of_session(tmp_path_factory, name):
    """The path of a folder that all workers of a session share; what one puts there all have."""
    base = tmp_path_factory.getbasetemp()
    # Each worker of pytest-xdist has a folder of its own in that of the session.
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name


def with_shared_kernels(folder):
    """Make a folder for ``GATEDSYM_CACHE_DIR``; kernels, and modules with their text, lie where all others' do."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for kind in ("kernels", "modules"):
        shared = (cache_directory() / kind).resolve()
        shared.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another worker was before
            (folder / kind).symlink_to(shared, target_is_directory=True)
    return folder
