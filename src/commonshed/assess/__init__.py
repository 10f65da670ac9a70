"""Readings become grades by a standard that is data, in force on that date, with stricter local layers.

One package per medium: `commonshed.assess.air` now, water and noise later.
"""

__all__ = ["air"]
