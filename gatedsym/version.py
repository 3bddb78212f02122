"""The version of gatedsym."""

__version__ = "0.1.0"
