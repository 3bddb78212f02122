"""Programs → text: the kernels of a cell as a Python module, proven as emitted, and the derivation as a page."""
