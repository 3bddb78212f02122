"""Analyses: each measures any cell, and makes one labelled dataset."""
