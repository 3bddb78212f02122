"""Proofs about a whole cell, its emitted kernels included: beside the way, since they read both ends of it."""
