"""The callers of kernels: a person's arrays checked, run forward and backward, and what comes back."""
