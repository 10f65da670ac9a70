"""Readings become grades by a standard that is data, in force on that date, with stricter local layers.

One package per medium: `commonshed.assess.air`, `commonshed.assess.water`, `commonshed.assess.noise`.
"""

from commonshed.assess.source import Readings, Source

__all__ = ["Readings", "Source"]
