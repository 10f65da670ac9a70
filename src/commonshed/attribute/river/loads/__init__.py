"""Loads: the mass that passed a section in a period, from flow and from a few samples of concentration.

No method is right for every river, so several stand beside each other, each with its interval.

>>> from commonshed.attribute.river.loads import loads
>>> found = loads(source, quantity="tp", period="2016")  # doctest: +SKIP
>>> [(load.section, load.method, load.tonnes, load.low, load.high) for load in found.loads]  # doctest: +SKIP
"""

from commonshed.attribute.river.loads.assessment import LoadAssessment, loads
from commonshed.attribute.river.loads.gaps import Gap
from commonshed.attribute.river.loads.section import METHODS, Load, Method

__all__ = ["METHODS", "Gap", "Load", "LoadAssessment", "Method", "loads"]
