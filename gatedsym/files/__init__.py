"""Files, written whole or not at all, read within limits, and kept under a key of what made them."""
