"""The command gatedsym: a file a command. Long work shows progress; each ends by naming what it wrote."""

from gatedsym.cli.entry import app, main

__all__ = ["app", "main"]
