"""Errata: errors about recurrent cells that texts repeat, each typed in and shown by proof or by numbers."""

from gatedsym.errata.entries import ERRATA
from gatedsym.errata.erratum import Erratum
from gatedsym.errata.show import Finding, NotShownError, Shown, show

__all__ = ["ERRATA", "Erratum", "Finding", "NotShownError", "Shown", "show"]
