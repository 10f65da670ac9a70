"""Rivers: how much passes a section, whose it is, and when a spill arrives.

Each question has a module or package of its own: `commonshed.attribute.river.loads` …
"""

from commonshed.attribute.river.loads import METHODS, Gap, Load, LoadAssessment, loads

__all__ = ["METHODS", "Gap", "Load", "LoadAssessment", "loads"]
