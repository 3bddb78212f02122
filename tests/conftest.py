"""Tests of several rooms share what lies in this folder: pytest puts the folder of a conftest on the path."""
