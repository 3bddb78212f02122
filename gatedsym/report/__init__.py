"""Reports: figures with their data to a page that a person reads, offline, and can cite."""

from gatedsym.report.write import write_report

__all__ = ["write_report"]
