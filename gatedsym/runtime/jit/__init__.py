"""Kernels compiled with Numba for this processor, and the code kept."""
