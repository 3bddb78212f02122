"""Programs → text: the kernels of a cell as a Python module."""
