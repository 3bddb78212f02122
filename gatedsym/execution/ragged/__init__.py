"""Sequences of unlike length, and episodes inside of them: computed without padding, shown with it."""
