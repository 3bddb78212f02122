"""Exact proofs about Programs: derived adjoints, tangents and Jacobians, activations, and the claims of derivations."""
