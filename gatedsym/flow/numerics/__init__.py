"""Numerics of the analyses: intervals, spectra, orthogonal rows, adjoints and tangents along a trajectory."""
