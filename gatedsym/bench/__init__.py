"""Cells and sizes → measured times, beside those of other libraries that compute the same."""
