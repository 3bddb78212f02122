"""Tests of several rooms share what lies in this folder: pytest puts the folder of a conftest on the path."""

from hypothesis import settings

# The same examples in every run: what fails here fails everywhere. (`--hypothesis-profile=default` explores.)
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
