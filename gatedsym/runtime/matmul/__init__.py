"""Small dense products over packed operands."""
