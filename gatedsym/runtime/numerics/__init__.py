"""Elementwise functions, numbers and rows as scalar arithmetic that LLVM vectorises."""
