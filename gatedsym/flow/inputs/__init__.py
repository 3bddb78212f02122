"""Inputs: noise, texts, tables, and the laws that further inputs have."""
