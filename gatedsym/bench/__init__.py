"""Cells and sizes → measured times and memory, beside those of a peer."""
